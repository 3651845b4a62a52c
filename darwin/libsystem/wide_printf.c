// SPDX-License-Identifier: MIT
// wprintf and its kin: the format becomes UTF-8 for the formatter, and what it puts becomes wide characters again. Facts: wprintf(3).
#include "errno.h"
#include "format.h"
#include "printf.h"
#include "wide_streams.h"

#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct wide_sink {
	struct format_sink sink;
	struct darwin_file *stream; // or
	wchar_t *to;
	size_t room, used;
};

static void wide_put(struct format_sink *base, const char *text, size_t size)
{
	struct wide_sink *sink = (struct wide_sink *)base;
	struct multibyte_state state = {0};
	for (size_t i = 0; i < size && !base->failed;) {
		uint32_t character = 0;
		size_t used = multibyte_decode(true, text + i, size - i, &character, &state);
		i += used == 0 ? 1 : used;
		if (sink->stream)
			base->failed = wide_write(sink->stream, (wint_t)character) == WEOF;
		else if (sink->used + 1 < sink->room)
			sink->to[sink->used++] = (wchar_t)character;
		else
			base->failed = true;
	}
}

static char *format_to_utf8(const wchar_t *format)
{
	char *text = malloc(wcslen(format) * 4 + 1), *end = text;
	for (; text && *format; format++) {
		size_t size = multibyte_encode(true, (uint32_t)*format, end);
		if (size == MULTIBYTE_WRONG) {
			free(text);
			errno_set(92); // EILSEQ
			return NULL;
		}
		end += size;
	}
	if (text)
		*end = '\0';
	return text;
}

static int print(struct wide_sink *sink, struct darwin_locale *locale, const wchar_t *format, va_list arguments)
{
	char *text = format_to_utf8(format);
	if (!text)
		return -1;
	sink->sink = (struct format_sink){.put = wide_put, .wide = true, .utf8 = locale_is_utf8(locale)};
	int result = format_write(&sink->sink, text, arguments);
	free(text);
	return result < FORMAT_FAILED ? errno_set(-result) : result;
}

int print_wide_to_stream(struct darwin_file *stream, struct darwin_locale *locale, const wchar_t *format, va_list arguments)
{
	struct wide_sink sink = {.stream = stream};
	flockfile(stream->host);
	int result = print(&sink, locale, format, arguments);
	funlockfile(stream->host);
	return result;
}

int print_wide_to_text(wchar_t *to, size_t room, struct darwin_locale *locale, const wchar_t *format, va_list arguments)
{
	struct wide_sink sink = {.to = to, .room = room};
	int result = print(&sink, locale, format, arguments);
	if (room > 0)
		to[sink.used] = 0;
	return result == FORMAT_FAILED && sink.sink.failed ? errno_set(84) : result; // EOVERFLOW
}

#define VARIADIC(call)                                                                                                 \
	{                                                                                                              \
		va_list arguments;                                                                                     \
		va_start(arguments, format);                                                                           \
		int result = (call);                                                                                   \
		va_end(arguments);                                                                                     \
		return result;                                                                                         \
	}
#define PLAIN(...) __VA_ARGS__
#define FAMILY(name, parameters, call)                                                                                 \
	int darwin_v##name(PLAIN parameters const wchar_t *format, va_list arguments)                                  \
	{                                                                                                              \
		struct darwin_locale *locale = locale_current();                                                       \
		return call;                                                                                           \
	}                                                                                                              \
	int darwin_##name(PLAIN parameters const wchar_t *format, ...)                                                 \
	{                                                                                                              \
		struct darwin_locale *locale = locale_current();                                                       \
		VARIADIC(call)                                                                                         \
	}                                                                                                              \
	int darwin_##name##_l(PLAIN parameters struct darwin_locale *locale, const wchar_t *format, ...)               \
	{                                                                                                              \
		locale = locale_of(locale);                                                                            \
		VARIADIC(call)                                                                                         \
	}
FAMILY(wprintf, (), print_wide_to_stream(darwin_stdoutp, locale, format, arguments))
FAMILY(fwprintf, (struct darwin_file * stream, ), print_wide_to_stream(stream, locale, format, arguments))
FAMILY(swprintf, (wchar_t * to, size_t room, ), print_wide_to_text(to, room, locale, format, arguments))
