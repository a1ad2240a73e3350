// SPDX-License-Identifier: Apache-2.0
#pragma once
// A TLS server and its certificates, for the simulated hosts; and the start of TLS in a terminal.
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
