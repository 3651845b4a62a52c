// SPDX-License-Identifier: MIT
// Classes of characters: isalpha and its kin. Facts: Libc's <_ctype.h> and <runetype.h>: compiled code looks into _DefaultRuneLocale
// itself for ASCII; ___maskrune and its kin answer for what lies beyond, which in UTF-8 are characters of Unicode.
#include "locales.h"
#include "wide_classes.h"

#include <stddef.h>
#include <stdint.h>
#include <wctype.h>

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
struct rune_locale *darwin_CurrentRuneLocale = &darwin_DefaultRuneLocale;

// The number at the end of a digit's type is its value.
static uint32_t type_of(int c)
{
	if (c < 0 || c > 0x7f)
		return 0;
	uint32_t type = 0;
	if (c >= 'A' && c <= 'Z')
		type |= RUNE_ALPHA | RUNE_UPPER;
	if (c >= 'a' && c <= 'z')
		type |= RUNE_ALPHA | RUNE_LOWER;
	if (c >= '0' && c <= '9')
		type |= RUNE_DIGIT | RUNE_HEX | (uint32_t)(c - '0');
	if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
		type |= RUNE_HEX | (uint32_t)((c | 0x20) - 'a' + 10);
	if (c == ' ' || (c >= '\t' && c <= '\r'))
		type |= RUNE_SPACE | (c == ' ' || c == '\t' ? RUNE_BLANK : 0);
	if (c < 0x20 || c == 0x7f)
		return type | RUNE_CONTROL;
	if (c > ' ')
		type |= RUNE_GRAPH | (type & (RUNE_ALPHA | RUNE_DIGIT) ? 0 : RUNE_PUNCT);
	return type | RUNE_PRINT;
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

// Of a character in the current locale.
static uint32_t class_of(int c)
{
	return c >= 0x80 && locale_is_utf8(locale_current()) ? wide_classes_of((wint_t)c) : type_of(c);
}

int darwin_maskrune(int32_t c, uint64_t mask)
{
	return (int)(class_of(c) & mask);
}

uint64_t darwin_runetype(int32_t c)
{
	return class_of(c);
}

int darwin_toupper(int c)
{
	return c >= 0x80 && locale_is_utf8(locale_current()) ? (int)towupper((wint_t)c) : upper_of(c);
}

int darwin_tolower(int c)
{
	return c >= 0x80 && locale_is_utf8(locale_current()) ? (int)towlower((wint_t)c) : lower_of(c);
}

#define IN_LOCALE(type, name, parameters, call)                                                                        \
	type darwin_##name##_l parameters                                                                              \
	{                                                                                                              \
		locale = locale_of(locale);                                                                            \
		if (c < 0x80 || !locale_is_utf8(locale))                                                               \
			return call##_of(c);                                                                           \
		locale_t before = locale_enter(locale);                                                                \
		type result = call##_wide((wint_t)c);                                                                  \
		locale_leave(before);                                                                                  \
		return result;                                                                                         \
	}
#define upper_wide (int)towupper
#define lower_wide (int)towlower
#define type_wide wide_classes_of
IN_LOCALE(int, toupper, (int c, struct darwin_locale *locale), upper)
IN_LOCALE(int, tolower, (int c, struct darwin_locale *locale), lower)
IN_LOCALE(uint64_t, runetype, (int c, struct darwin_locale *locale), type)

int darwin_maskrune_l(int32_t c, uint64_t mask, struct darwin_locale *locale)
{
	return (int)(darwin_runetype_l(c, locale) & mask);
}

#define IS(name, mask)                                                                                                 \
	int darwin_is##name(int c)                                                                                     \
	{                                                                                                              \
		return (class_of(c) & (mask)) != 0;                                                                    \
	}                                                                                                              \
	int darwin_is##name##_l(int c, struct darwin_locale *locale)                                                   \
	{                                                                                                              \
		return (darwin_runetype_l(c, locale) & (mask)) != 0;                                                   \
	}
IS(alpha, RUNE_ALPHA)
IS(digit, RUNE_DIGIT)
IS(alnum, RUNE_ALPHA | RUNE_DIGIT)
IS(space, RUNE_SPACE)
IS(upper, RUNE_UPPER)
IS(lower, RUNE_LOWER)
IS(punct, RUNE_PUNCT)
IS(cntrl, RUNE_CONTROL)
IS(graph, RUNE_GRAPH)
IS(print, RUNE_PRINT)
IS(xdigit, RUNE_HEX)
IS(blank, RUNE_BLANK)
