// SPDX-License-Identifier: MIT
// Numbers of encodings (CFString.h), and the mark of constant strings.
#ifndef DARWIN_CF_STRING_H
#define DARWIN_CF_STRING_H

#include "object.h"

enum {
	STRING_UTF16 = 0x100,
	STRING_LATIN1 = 0x201,
	STRING_ASCII = 0x600,
	STRING_UTF8 = 0x08000100,
	STRING_UTF16_LITTLE = 0x14000100
};

extern uint64_t darwin_CFConstantStringClassReference[16];

#endif
