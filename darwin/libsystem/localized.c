// SPDX-License-Identifier: MIT
// String and time functions that take a locale. Facts: xlocale(3) of Darwin. The host's function is called in the host's locale.
#include "locales.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <wchar.h>

#define IN_LOCALE(type, name, parameters, call)                                                                        \
	type darwin_##name##_l parameters                                                                              \
	{                                                                                                              \
		locale_t before = locale_enter(locale);                                                                \
		type result = call;                                                                                    \
		locale_leave(before);                                                                                  \
		return result;                                                                                         \
	}
#define LOCALE struct darwin_locale *locale

IN_LOCALE(int, strcoll, (const char *one, const char *other, LOCALE), strcoll(one, other))
IN_LOCALE(size_t, strxfrm, (char *to, const char *from, size_t room, LOCALE), strxfrm(to, from, room))
IN_LOCALE(int, strcasecmp, (const char *one, const char *other, LOCALE), strcasecmp(one, other))
IN_LOCALE(int, strncasecmp, (const char *one, const char *other, size_t size, LOCALE), strncasecmp(one, other, size))
IN_LOCALE(char *, strcasestr, (const char *text, const char *wanted, LOCALE), strcasestr(text, wanted))
IN_LOCALE(size_t, strftime, (char *to, size_t room, const char *format, const struct tm *time, LOCALE), strftime(to, room, format, time))
IN_LOCALE(char *, strptime, (const char *text, const char *format, struct tm *to, LOCALE), strptime(text, format, to))
IN_LOCALE(size_t, wcsftime, (wchar_t * to, size_t room, const wchar_t *format, const struct tm *time, LOCALE), wcsftime(to, room, format, time))
IN_LOCALE(int, wcscoll, (const wchar_t *one, const wchar_t *other, LOCALE), wcscoll(one, other))
IN_LOCALE(size_t, wcsxfrm, (wchar_t * to, const wchar_t *from, size_t room, LOCALE), wcsxfrm(to, from, room))
IN_LOCALE(int, wcscasecmp, (const wchar_t *one, const wchar_t *other, LOCALE), wcscasecmp(one, other))
IN_LOCALE(int, wcsncasecmp, (const wchar_t *one, const wchar_t *other, size_t size, LOCALE), wcsncasecmp(one, other, size))
IN_LOCALE(int, wcwidth, (wchar_t character, LOCALE), wcwidth(character))
IN_LOCALE(int, wcswidth, (const wchar_t *text, size_t size, LOCALE), wcswidth(text, size))
IN_LOCALE(double, atof, (const char *text, LOCALE), atof(text))

// Whole numbers do not depend on it.
long darwin_strtol(const char *text, char **end, int base);
unsigned long darwin_strtoul(const char *text, char **end, int base);

long darwin_strtol_l(const char *text, char **end, int base, LOCALE)
{
	(void)locale;
	return darwin_strtol(text, end, base);
}

unsigned long darwin_strtoul_l(const char *text, char **end, int base, LOCALE)
{
	(void)locale;
	return darwin_strtoul(text, end, base);
}
