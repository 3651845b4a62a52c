// SPDX-License-Identifier: MIT
// OpenSSL (Debian's package libssl3): its functions are called by their names, and each is found when it is first called
// (darwin/loader/late.c), so that nothing of it is loaded for programs that need none of it.
#ifndef DARWIN_LIBCRYPTO_H
#define DARWIN_LIBCRYPTO_H

// Digests of CommonCrypto are OpenSSL's old functions, whose contexts lie in the program's memory.
#define OPENSSL_SUPPRESS_DEPRECATED

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdbool.h>

// To ask before the first call, where a program can be told that something is not there. False, after a line that says so: it is not installed.
bool libcrypto_there(void);
bool libssl_there(void);
// With the legacy provider (ciphers that are not used any more), made at the first call; NULL: it is not there.
OSSL_LIB_CTX *libcrypto_legacy(void);

#endif
