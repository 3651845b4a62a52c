// SPDX-License-Identifier: MIT
// Classes of characters: Darwin's masks of <_ctype.h>.
#ifndef DARWIN_WIDE_CLASSES_H
#define DARWIN_WIDE_CLASSES_H

#include <stdint.h>
#include <wchar.h>

enum {
	RUNE_ALPHA = 0x100,
	RUNE_CONTROL = 0x200,
	RUNE_DIGIT = 0x400,
	RUNE_GRAPH = 0x800,
	RUNE_LOWER = 0x1000,
	RUNE_PUNCT = 0x2000,
	RUNE_SPACE = 0x4000,
	RUNE_UPPER = 0x8000,
	RUNE_HEX = 0x10000,
	RUNE_BLANK = 0x20000,
	RUNE_PRINT = 0x40000
};

// All that the current locale says of a character.
uint32_t wide_classes_of(wint_t character);

#endif
