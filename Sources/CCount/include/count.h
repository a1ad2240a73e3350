// SPDX-License-Identifier: Apache-2.0
#pragma once

/// How many blocks this program and its libraries have asked for.
unsigned long possim_allocations(void);
