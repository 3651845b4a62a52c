// SPDX-License-Identifier: MIT
// printf and its kin on format.h's formatter; see printf.h. Facts: printf(3), printf_l(3) of Darwin, <secure/_stdio.h>.
#include "printf.h"

#include "errno.h"
#include "format.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---- sinks: each begins with the formatter's ------------------------------------------------------------------------

struct stream_sink { // what is printed to a stream that has no buffer goes out in pieces of this size
	struct format_sink sink;
	FILE *host;
	size_t used;
	char buffer[1024];
};

static void stream_flush(struct stream_sink *sink)
{
	if (sink->used > 0 && fwrite(sink->buffer, 1, sink->used, sink->host) < sink->used)
		sink->sink.failed = true;
	sink->used = 0;
}

static void stream_put(struct format_sink *base, const char *text, size_t size)
{
	struct stream_sink *sink = (struct stream_sink *)base;
	if (sink->used + size > sizeof(sink->buffer))
		stream_flush(sink);
	if (size > sizeof(sink->buffer)) {
		if (fwrite(text, 1, size, sink->host) < size)
			base->failed = true;
		return;
	}
	memcpy(sink->buffer + sink->used, text, size);
	sink->used += size;
}

struct text_sink {
	struct format_sink sink;
	char *to;
	size_t room; // without the last 0
	size_t used;
};

static void text_put(struct format_sink *base, const char *text, size_t size)
{
	struct text_sink *sink = (struct text_sink *)base;
	size_t fits = sink->room - sink->used < size ? sink->room - sink->used : size;
	if (fits > 0)
		memcpy(sink->to + sink->used, text, fits);
	sink->used += fits;
}

static void block_put(struct format_sink *base, const char *text, size_t size)
{
	struct text_sink *sink = (struct text_sink *)base;
	if (base->failed)
		return;
	if (sink->room - sink->used < size) {
		size_t room = (sink->used + size) * 2 + 64;
		char *more = realloc(sink->to, room + 1);
		if (!more) {
			base->failed = true;
			errno = ENOMEM;
			return;
		}
		sink->to = more;
		sink->room = room;
	}
	memcpy(sink->to + sink->used, text, size);
	sink->used += size;
}

// ---- printing -------------------------------------------------------------------------------------------------------

static int print(struct format_sink *sink, struct darwin_locale *locale, const char *format, va_list arguments)
{
	sink->utf8 = locale_is_utf8(locale);
	if (strchr(format, '\'')) {
		const struct locale_conventions *conventions = locale_conventions(locale);
		sink->separator = conventions->thousands_sep;
		sink->groups = conventions->grouping;
	}
	int result = format_write(sink, format, arguments);
	if (result < FORMAT_FAILED)
		return errno_set(-result);
	return (int)errno_result(result);
}

int print_to_stream(struct darwin_file *stream, struct darwin_locale *locale, const char *format, va_list arguments)
{
	struct stream_sink sink;
	sink.sink = (struct format_sink){.put = stream_put};
	sink.host = stream->host;
	sink.used = 0;
	flockfile(stream->host);
	int result = print(&sink.sink, locale, format, arguments);
	stream_flush(&sink);
	funlockfile(stream->host);
	return sink.sink.failed ? stream_failed(stream) : result;
}

int print_to_text(char *to, size_t room, struct darwin_locale *locale, const char *format, va_list arguments)
{
	struct text_sink sink = {.sink = {.put = text_put}, .to = to, .room = room > 0 ? room - 1 : 0};
	int result = print(&sink.sink, locale, format, arguments);
	if (room > 0)
		to[sink.used] = '\0';
	return result;
}

int print_to_block(char **to, struct darwin_locale *locale, const char *format, va_list arguments)
{
	struct text_sink sink = {.sink = {.put = block_put}, .to = malloc(65), .room = 64};
	int result = sink.to ? print(&sink.sink, locale, format, arguments) : errno_set(DARWIN_ENOMEM);
	if (result < 0) {
		free(sink.to);
		sink.to = NULL;
	} else
		sink.to[sink.used] = '\0';
	*to = sink.to;
	return result;
}

static int print_to_file(int file, struct darwin_locale *locale, const char *format, va_list arguments)
{
	char *text;
	int size = print_to_block(&text, locale, format, arguments);
	for (int done = 0; done < size;) {
		ssize_t written = write(file, text + done, (size_t)(size - done));
		if (written < 0) {
			size = (int)errno_result(-1);
			break;
		}
		done += (int)written;
	}
	free(text);
	return size;
}

// ---- the functions --------------------------------------------------------------------------------------------------

#define VARIADIC(last, call)                                                                                           \
	{                                                                                                              \
		va_list arguments;                                                                                     \
		va_start(arguments, last);                                                                             \
		int result = (call);                                                                                   \
		va_end(arguments);                                                                                     \
		return result;                                                                                         \
	}
// Four functions of a kind: with a va_list and with arguments, in the current locale and in a given one.
#define FAMILY(name, parameters, call)                                                                                 \
	int darwin_v##name(PLAIN parameters const char *format, va_list arguments)                                     \
	{                                                                                                              \
		struct darwin_locale *locale = locale_current();                                                       \
		return call;                                                                                           \
	}                                                                                                              \
	int darwin_##name(PLAIN parameters const char *format, ...)                                                    \
	{                                                                                                              \
		struct darwin_locale *locale = locale_current();                                                       \
		VARIADIC(format, call)                                                                                 \
	}                                                                                                              \
	int darwin_v##name##_l(PLAIN parameters struct darwin_locale *locale, const char *format, va_list arguments)   \
	{                                                                                                              \
		locale = locale_of(locale);                                                                            \
		return call;                                                                                           \
	}                                                                                                              \
	int darwin_##name##_l(PLAIN parameters struct darwin_locale *locale, const char *format, ...)                  \
	{                                                                                                              \
		locale = locale_of(locale);                                                                            \
		VARIADIC(format, call)                                                                                 \
	}
#define PLAIN(...) __VA_ARGS__
FAMILY(printf, (), print_to_stream(darwin_stdoutp, locale, format, arguments))
FAMILY(fprintf, (struct darwin_file * stream, ), print_to_stream(stream, locale, format, arguments))
FAMILY(snprintf, (char *to, size_t room, ), print_to_text(to, room, locale, format, arguments))
FAMILY(sprintf, (char *to, ), print_to_text(to, SIZE_MAX / 2, locale, format, arguments))
FAMILY(asprintf, (char **to, ), print_to_block(to, locale, format, arguments))
FAMILY(dprintf, (int file, ), print_to_file(file, locale, format, arguments))

// The checked forms: a flag and the size of the buffer come before the format. Too small a buffer ends the program.
static void check_room(size_t room, size_t size)
{
	if (size < room)
		abort();
}

int darwin_vsnprintf_chk(char *to, size_t room, int flag, size_t size, const char *format, va_list arguments)
{
	(void)flag;
	check_room(room, size);
	return print_to_text(to, room, locale_current(), format, arguments);
}

int darwin_snprintf_chk(char *to, size_t room, int flag, size_t size, const char *format, ...)
	VARIADIC(format, darwin_vsnprintf_chk(to, room, flag, size, format, arguments))

int darwin_vsprintf_chk(char *to, int flag, size_t size, const char *format, va_list arguments)
{
	(void)flag;
	int result = print_to_text(to, size > SIZE_MAX / 2 ? SIZE_MAX / 2 : size, locale_current(), format, arguments);
	if (result >= 0)
		check_room((size_t)result + 1, size);
	return result;
}

int darwin_sprintf_chk(char *to, int flag, size_t size, const char *format, ...)
	VARIADIC(format, darwin_vsprintf_chk(to, flag, size, format, arguments))
