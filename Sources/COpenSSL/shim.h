// SPDX-License-Identifier: Apache-2.0
#pragma once
// The single-block DES functions are pure and free of allocation; OpenSSL 3 keeps them but marks
// them deprecated in favour of EVP, whose providers do not offer single DES by default.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/des.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
