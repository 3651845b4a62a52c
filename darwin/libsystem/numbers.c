// SPDX-License-Identifier: MIT
// Numbers from text, in the current locale and in a given one; strtonum. Facts: strtol(3), strtod(3), strtonum(3) of Darwin.
#include "errno.h"
#include "locales.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <wchar.h>

// errno of the host before and after: only a failure is passed on.
#define WITH_ERROR(type, call)                                                                                         \
	errno = 0;                                                                                                     \
	type value = call;                                                                                             \
	if (errno)                                                                                                     \
		errno_result(-1);                                                                                      \
	return value

#define REAL(type, name, letter)                                                                                       \
	type darwin_##name(const letter *text, letter **end)                                                           \
	{                                                                                                              \
		WITH_ERROR(type, name(text, end));                                                                     \
	}                                                                                                              \
	type darwin_##name##_l(const letter *text, letter **end, struct darwin_locale *locale)                         \
	{                                                                                                              \
		locale_t before = locale_enter(locale);                                                                \
		errno = 0;                                                                                             \
		type value = name(text, end);                                                                          \
		if (errno)                                                                                             \
			errno_result(-1);                                                                              \
		locale_leave(before);                                                                                  \
		return value;                                                                                          \
	}
REAL(double, strtod, char)
REAL(float, strtof, char)
REAL(long double, strtold, char)
REAL(double, wcstod, wchar_t)
REAL(float, wcstof, wchar_t)
REAL(long double, wcstold, wchar_t)

#define WHOLE(type, name, letter)                                                                                      \
	type darwin_##name(const letter *text, letter **end, int base)                                                 \
	{                                                                                                              \
		WITH_ERROR(type, name(text, end, base));                                                               \
	}
WHOLE(long, wcstol, wchar_t)
WHOLE(unsigned long, wcstoul, wchar_t)

// Facts: OpenBSD's strtonum(3), which Darwin has since macOS 11: errno is EINVAL or ERANGE with a text that says which.
long long darwin_strtonum(const char *text, long long least, long long most, const char **why)
{
	char *end;
	const char *problem = NULL;
	long long value = 0;
	int error = 0;
	if (least > most) {
		problem = "invalid";
		error = DARWIN_EINVAL;
	} else {
		errno = 0;
		value = strtoll(text, &end, 10);
		if (end == text || *end) {
			problem = "invalid";
			error = DARWIN_EINVAL;
		} else if (value < least || (value == LLONG_MIN && errno == ERANGE)) {
			problem = "too small";
			error = DARWIN_ERANGE;
		} else if (value > most || (value == LLONG_MAX && errno == ERANGE)) {
			problem = "too large";
			error = DARWIN_ERANGE;
		}
	}
	if (why)
		*why = problem;
	if (error)
		errno_set(error);
	return error ? 0 : value;
}
