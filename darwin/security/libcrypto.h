// SPDX-License-Identifier: MIT
// Debian's libcrypto (package libssl3), loaded when something first needs it.
#ifndef DARWIN_LIBCRYPTO_H
#define DARWIN_LIBCRYPTO_H

#include <stdbool.h>
#include <stddef.h>

// Fills in addresses of functions. False, after a line that says so: the library or one of them is not there.
bool libcrypto_find(void **functions, const char *const *names, size_t count);

#endif
