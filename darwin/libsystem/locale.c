// SPDX-License-Identifier: MIT
// Classes of characters in the C locale, the only one. Facts: Libc's <_ctype.h> and <runetype.h>: isalpha and its kin look into
// _DefaultRuneLocale in place; ___maskrune and its kin answer for what lies beyond its table.
#include <stddef.h>
#include <stdint.h>
#include <wctype.h>

enum {
	ALPHA = 0x100,
	CONTROL = 0x200,
	DIGIT = 0x400,
	GRAPH = 0x800,
	LOWER = 0x1000,
	PUNCT = 0x2000,
	SPACE = 0x4000,
	UPPER = 0x8000,
	HEX = 0x10000,
	BLANK = 0x20000,
	PRINT = 0x40000
};

struct rune_range {
	int32_t count, pad;
	void *entries;
};
struct rune_locale {
	char magic[8], encoding[32];
	void *get_rune, *put_rune;
	int32_t invalid; // nothing between it and the table, which compiled programs find at 60
	uint32_t types[256];
	int32_t lower[256], upper[256];
	struct rune_range more, more_lower, more_upper;
	void *variable;
	int32_t variable_size, classes;
	void *class_names;
};
_Static_assert(offsetof(struct rune_locale, types) == 60, "compiled into programs");
struct rune_locale darwin_DefaultRuneLocale = {.magic = "RuneMagA", .encoding = "NONE", .invalid = 0xfffd};

// The number at the end of a digit's type is its value.
static uint32_t type_of(int c)
{
	if (c < 0 || c > 0x7f)
		return 0;
	uint32_t type = 0;
	if (c >= 'A' && c <= 'Z')
		type |= ALPHA | UPPER;
	if (c >= 'a' && c <= 'z')
		type |= ALPHA | LOWER;
	if (c >= '0' && c <= '9')
		type |= DIGIT | HEX | (uint32_t)(c - '0');
	if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
		type |= HEX | (uint32_t)((c | 0x20) - 'a' + 10);
	if (c == ' ' || (c >= '\t' && c <= '\r'))
		type |= SPACE | (c == ' ' || c == '\t' ? BLANK : 0);
	if (c < 0x20 || c == 0x7f)
		return type | CONTROL;
	if (c > ' ')
		type |= GRAPH | (type & (ALPHA | DIGIT) ? 0 : PUNCT);
	return type | PRINT;
}

static int lower_of(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static int upper_of(int c)
{
	return c >= 'a' && c <= 'z' ? c - 32 : c;
}

__attribute__((constructor)) static void locale_begin(void)
{
	for (int c = 0; c < 256; c++) {
		darwin_DefaultRuneLocale.types[c] = type_of(c);
		darwin_DefaultRuneLocale.lower[c] = lower_of(c);
		darwin_DefaultRuneLocale.upper[c] = upper_of(c);
	}
}

int darwin_maskrune(int32_t c, uint64_t mask)
{
	return (int)(type_of(c) & mask);
}

uint64_t darwin_runetype(int32_t c)
{
	return type_of(c);
}

#define IS(name, mask)                                                                                                 \
	int darwin_is##name(int c)                                                                                     \
	{                                                                                                              \
		return (type_of(c) & (mask)) != 0;                                                                     \
	}
IS(alpha, ALPHA)
IS(digit, DIGIT)
IS(alnum, ALPHA | DIGIT)
IS(space, SPACE)
IS(upper, UPPER)
IS(lower, LOWER)
IS(punct, PUNCT)
IS(cntrl, CONTROL)
IS(graph, GRAPH)
IS(print, PRINT)
IS(xdigit, HEX)
IS(blank, BLANK)

int darwin_toupper(int c)
{
	return upper_of(c);
}

int darwin_tolower(int c)
{
	return lower_of(c);
}
