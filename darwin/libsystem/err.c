// SPDX-License-Identifier: MIT
// err, warn and their kin. Facts: err(3) of Darwin: "NAME: TEXT: ERROR" on standard error or the stream of err_set_file.
#include "errno.h"
#include "printf.h"
#include "thread.h"

#include <stdlib.h>

const char *darwin_getprogname(void);
char *darwin_strerror(int);

static struct darwin_file *err_stream; // NULL: standard error
static void (*err_exit)(int);

void darwin_err_set_file(struct darwin_file *stream)
{
	err_stream = stream;
}

void darwin_err_set_exit(void (*function)(int))
{
	err_exit = function;
}

static void say(const char *text, ...)
{
	va_list arguments;
	va_start(arguments, text);
	print_to_stream(err_stream ? err_stream : darwin_stderrp, locale_current(), text, arguments);
	va_end(arguments);
}

// number < 0: no error is named
static void complain(int number, const char *format, va_list arguments)
{
	say("%s: ", darwin_getprogname());
	if (format) {
		print_to_stream(err_stream ? err_stream : darwin_stderrp, locale_current(), format, arguments);
		if (number >= 0)
			say(": ");
	}
	if (number >= 0)
		say("%s", darwin_strerror(number));
	say("\n");
}

_Noreturn static void leave(int status)
{
	if (err_exit)
		err_exit(status);
	exit(status);
}

#define WITH_ARGUMENTS(call)                                                                                           \
	va_list arguments;                                                                                             \
	va_start(arguments, format);                                                                                   \
	call;                                                                                                          \
	va_end(arguments)

void darwin_vwarn(const char *format, va_list arguments) { complain(thread_self()->error, format, arguments); }
void darwin_vwarnx(const char *format, va_list arguments) { complain(-1, format, arguments); }
void darwin_vwarnc(int number, const char *format, va_list arguments) { complain(number, format, arguments); }
void darwin_warn(const char *format, ...) { WITH_ARGUMENTS(darwin_vwarn(format, arguments)); }
void darwin_warnx(const char *format, ...) { WITH_ARGUMENTS(darwin_vwarnx(format, arguments)); }
void darwin_warnc(int number, const char *format, ...) { WITH_ARGUMENTS(darwin_vwarnc(number, format, arguments)); }

_Noreturn void darwin_verrc(int status, int number, const char *format, va_list arguments)
{
	complain(number, format, arguments);
	leave(status);
}

_Noreturn void darwin_verr(int status, const char *format, va_list arguments)
{
	darwin_verrc(status, thread_self()->error, format, arguments);
}

_Noreturn void darwin_verrx(int status, const char *format, va_list arguments)
{
	darwin_verrc(status, -1, format, arguments);
}

_Noreturn void darwin_err(int status, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	darwin_verr(status, format, arguments);
}

_Noreturn void darwin_errx(int status, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	darwin_verrx(status, format, arguments);
}

_Noreturn void darwin_errc(int status, int number, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	darwin_verrc(status, number, format, arguments);
}
