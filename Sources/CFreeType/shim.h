// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ft2build.h>
#include FT_FREETYPE_H
