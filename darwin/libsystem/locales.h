// SPDX-License-Identifier: MIT
// Locales: a name for each category, the host's locale behind them, and whether characters are UTF-8 or bytes.
#ifndef DARWIN_LOCALES_H
#define DARWIN_LOCALES_H

#include <locale.h>
#include <stdbool.h>

struct locale_conventions { // Darwin's struct lconv: <_locale.h>
	char *decimal_point, *thousands_sep, *grouping, *int_curr_symbol, *currency_symbol, *mon_decimal_point;
	char *mon_thousands_sep, *mon_grouping, *positive_sign, *negative_sign;
	char int_frac_digits, frac_digits, p_cs_precedes, p_sep_by_space, n_cs_precedes, n_sep_by_space;
	char p_sign_posn, n_sign_posn, int_p_cs_precedes, int_n_cs_precedes, int_p_sep_by_space;
	char int_n_sep_by_space, int_p_sign_posn, int_n_sign_posn;
};

enum { // Darwin's LC_*
	LOCALE_ALL,
	LOCALE_COLLATE,
	LOCALE_CTYPE,
	LOCALE_MONETARY,
	LOCALE_NUMERIC,
	LOCALE_TIME,
	LOCALE_MESSAGES,
	LOCALE_CATEGORIES
};

struct darwin_locale {
	char names[LOCALE_CATEGORIES][24]; // [I] from LOCALE_COLLATE on
	locale_t host;			   // [I]; the global one has none: the host's is global, too
	struct locale_conventions conventions;
};

// The calling thread's: its own, or else the global one.
struct darwin_locale *locale_current(void);
// What a program passed: NULL is the C locale, -1 the global one.
struct darwin_locale *locale_of(struct darwin_locale *locale);
// Its characters are UTF-8; else each byte is one.
bool locale_is_utf8(const struct darwin_locale *locale);
// For calls of the host's functions with a locale: the calling thread's host locale becomes this one's, and back.
locale_t locale_enter(struct darwin_locale *locale);
void locale_leave(locale_t before);
// Of this locale: what the host's localeconv says, in Darwin's structure.
struct locale_conventions *locale_conventions(struct darwin_locale *locale);

#endif
