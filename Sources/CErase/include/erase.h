// SPDX-License-Identifier: Apache-2.0
#pragma once
// Memory that is given back is erased: see erase.c.
#include <stdbool.h>

/// Whether the erasing allocator is the one in use.
bool posd_erases_memory(void);
