// SPDX-License-Identifier: MIT
// Functions with a locale, as libc++'s headers need them. Facts: Libc's <xlocale.h>.
#ifndef DARWIN_INCLUDE_CXX_XLOCALE_H
#define DARWIN_INCLUDE_CXX_XLOCALE_H

#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>
#include <wctype.h>

#ifdef __cplusplus
extern "C" {
#endif
#define LC_COLLATE_MASK 1
#define LC_MESSAGES_MASK 4
#define LC_MONETARY_MASK 8
#define LC_NUMERIC_MASK 16
#define LC_TIME_MASK 32
static inline int isdigit_l(int c, locale_t locale) { return (void)locale, c >= 48 && c <= 57; }
static inline int isxdigit_l(int c, locale_t locale) { return (void)locale, isxdigit(c); }
float strtof_l(const char *, char **, locale_t);
long double strtold_l(const char *, char **, locale_t);
long long strtoll_l(const char *, char **, int, locale_t);
unsigned long long strtoull_l(const char *, char **, int, locale_t);
int vsnprintf_l(char *, size_t, locale_t, const char *, va_list), vasprintf_l(char **, locale_t, const char *, va_list);
int vsscanf_l(const char *, locale_t, const char *, va_list), sscanf_l(const char *, locale_t, const char *, ...);
int asprintf_l(char **, locale_t, const char *, ...);
struct lconv *localeconv_l(locale_t);
size_t mbrtowc_l(wchar_t *, const char *, size_t, mbstate_t *, locale_t);
#ifdef __cplusplus
}
#endif

#endif
