// SPDX-License-Identifier: Apache-2.0
#pragma once
// The words of PKCS #11 v2.40 alone. The module is loaded at run time, by the path in the
// configuration; libp11-kit itself is neither needed nor linked, so pkg-config is not asked.
#include <p11-kit-1/p11-kit/pkcs11.h>
