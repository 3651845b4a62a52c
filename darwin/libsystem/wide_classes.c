// SPDX-License-Identifier: MIT
// Classes of characters by name and in a locale: wctype, iswctype and their kin. Facts: Libc's <_wctype.h>, <_ctype.h>: a wctype_t is
// a mask of 32 bits, a wctrans_t a number. What a character is says the host.
#include "wide_classes.h"

#include "locales.h"

#include <stddef.h>
#include <string.h>
#include <wctype.h>

static const struct {
	char name[12];
	uint32_t mask;
	int (*is)(wint_t);
} classes[] = {
	{"alpha", RUNE_ALPHA, iswalpha}, {"cntrl", RUNE_CONTROL, iswcntrl}, {"digit", RUNE_DIGIT, iswdigit}, {"graph", RUNE_GRAPH, iswgraph},
	{"lower", RUNE_LOWER, iswlower}, {"punct", RUNE_PUNCT, iswpunct},   {"space", RUNE_SPACE, iswspace}, {"upper", RUNE_UPPER, iswupper},
	{"xdigit", RUNE_HEX, iswxdigit}, {"blank", RUNE_BLANK, iswblank},   {"print", RUNE_PRINT, iswprint}};

uint32_t wide_classes_of(wint_t character)
{
	uint32_t mask = 0;
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		mask |= classes[i].is(character) ? classes[i].mask : 0;
	return mask;
}

uint32_t darwin_wctype(const char *name)
{
	if (strcmp(name, "alnum") == 0)
		return RUNE_ALPHA | RUNE_DIGIT;
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (strcmp(name, classes[i].name) == 0)
			return classes[i].mask;
	return 0;
}

int darwin_iswctype(wint_t character, uint32_t mask)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if ((mask & classes[i].mask) && classes[i].is(character))
			return 1;
	return 0;
}

int darwin_wctrans(const char *name)
{
	return strcmp(name, "tolower") == 0 ? 1 : strcmp(name, "toupper") == 0 ? 2 : 0;
}

wint_t darwin_towctrans(wint_t character, int to)
{
	return to == 1 ? towlower(character) : to == 2 ? towupper(character) : character;
}

uint32_t darwin_wctype_l(const char *name, struct darwin_locale *locale)
{
	(void)locale;
	return darwin_wctype(name);
}

#define IN_LOCALE(type, name, parameter, call)                                                                         \
	type darwin_##name##_l(wint_t character parameter, struct darwin_locale *locale)                               \
	{                                                                                                              \
		locale_t before = locale_enter(locale);                                                                \
		type result = call;                                                                                    \
		locale_leave(before);                                                                                  \
		return result;                                                                                         \
	}
#define NONE
#define AND_MASK , uint32_t mask
IN_LOCALE(int, iswctype, AND_MASK, darwin_iswctype(character, mask))
#define CLASS(name) IN_LOCALE(int, isw##name, NONE, isw##name(character))
CLASS(alnum)
CLASS(alpha)
CLASS(blank)
CLASS(cntrl)
CLASS(digit)
CLASS(graph)
CLASS(lower)
CLASS(print)
CLASS(punct)
CLASS(space)
CLASS(upper)
CLASS(xdigit)
IN_LOCALE(wint_t, towlower, NONE, towlower(character))
IN_LOCALE(wint_t, towupper, NONE, towupper(character))
