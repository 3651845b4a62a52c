// SPDX-License-Identifier: MIT
// scanf and its kin: the conversions are the host's (C99's, without GNU's %a for memory). Facts: scanf(3), scanf_l(3) of Darwin.
#include "errno.h"
#include "locales.h"
#include "stdio.h"

#include <stdarg.h>
#include <wchar.h>

// A stream's flags follow the host's: at the end of a file conversions stop.
static int scan_stream(struct darwin_file *stream, const char *format, va_list arguments)
{
	int result = vfscanf(stream->host, format, arguments);
	if (feof(stream->host) || ferror(stream->host))
		stream_failed(stream);
	return result;
}

#define PLAIN(...) __VA_ARGS__
#define FAMILY(name, letter, parameters, call)                                                                         \
	int darwin_v##name(PLAIN parameters const letter *format, va_list arguments)                                   \
	{                                                                                                              \
		return call;                                                                                           \
	}                                                                                                              \
	int darwin_##name(PLAIN parameters const letter *format, ...)                                                  \
	{                                                                                                              \
		va_list arguments;                                                                                     \
		va_start(arguments, format);                                                                           \
		int result = call;                                                                                     \
		va_end(arguments);                                                                                     \
		return result;                                                                                         \
	}                                                                                                              \
	int darwin_v##name##_l(PLAIN parameters struct darwin_locale *locale, const letter *format, va_list arguments) \
	{                                                                                                              \
		locale_t before = locale_enter(locale);                                                                \
		int result = call;                                                                                     \
		locale_leave(before);                                                                                  \
		return result;                                                                                         \
	}                                                                                                              \
	int darwin_##name##_l(PLAIN parameters struct darwin_locale *locale, const letter *format, ...)                \
	{                                                                                                              \
		va_list arguments;                                                                                     \
		va_start(arguments, format);                                                                           \
		int result = darwin_v##name##_l(PLAIN_ARGUMENTS_##name locale, format, arguments);                     \
		va_end(arguments);                                                                                     \
		return result;                                                                                         \
	}
#define PLAIN_ARGUMENTS_scanf
#define PLAIN_ARGUMENTS_fscanf stream,
#define PLAIN_ARGUMENTS_sscanf text,
#define PLAIN_ARGUMENTS_swscanf text,
FAMILY(scanf, char, (), scan_stream(darwin_stdinp, format, arguments))
FAMILY(fscanf, char, (struct darwin_file * stream, ), scan_stream(stream, format, arguments))
FAMILY(sscanf, char, (const char *text, ), vsscanf(text, format, arguments))
FAMILY(swscanf, wchar_t, (const wchar_t *text, ), vswscanf(text, format, arguments))
