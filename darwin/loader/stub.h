// SPDX-License-Identifier: MIT
// Small pieces of code made at run time: what a missing symbol is bound to, and what prints a call before it is made.
#ifndef DARWIN_STUB_H
#define DARWIN_STUB_H

#include "system.h"

// Called, it says which symbol of which library the image lacks, and aborts. The strings are kept.
void *stub_missing(const char *image, const char *symbol, const char *library);
// Called, it prints the call to standard error and makes it. One for each symbol.
void *stub_trace(const struct system_symbol *symbol);

#endif
