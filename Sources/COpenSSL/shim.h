// SPDX-License-Identifier: Apache-2.0
#pragma once
// The single-block DES functions are pure and free of allocation; OpenSSL 3 keeps them but marks
// them deprecated in favour of EVP, whose providers do not offer single DES by default.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/des.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
