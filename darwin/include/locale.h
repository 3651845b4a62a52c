// SPDX-License-Identifier: MIT
// Locales. Facts: Libc's <_locale.h>, <xlocale/_xlocale.h>.
#ifndef DARWIN_INCLUDE_LOCALE_H
#define DARWIN_INCLUDE_LOCALE_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif
enum { LC_ALL, LC_COLLATE, LC_CTYPE, LC_MONETARY, LC_NUMERIC, LC_TIME, LC_MESSAGES };
#define LC_CTYPE_MASK 2
#define LC_ALL_MASK 63
typedef struct _xlocale *locale_t;
#define LC_GLOBAL_LOCALE ((locale_t)-1)
struct lconv {
	char *decimal_point, *thousands_sep, *grouping, *int_curr_symbol, *currency_symbol, *mon_decimal_point;
	char *mon_thousands_sep, *mon_grouping, *positive_sign, *negative_sign;
	char int_frac_digits, rest[13];
};
char *setlocale(int, const char *);
struct lconv *localeconv(void);
locale_t newlocale(int, const char *, locale_t);
locale_t uselocale(locale_t);
locale_t duplocale(locale_t);
int freelocale(locale_t);
const char *querylocale(int, locale_t);
int ___mb_cur_max(void);
double strtod_l(const char *, char **, locale_t);
int snprintf_l(char *, size_t, locale_t, const char *, ...);
char *nl_langinfo(int);
#ifdef __cplusplus
}
#endif

#endif
