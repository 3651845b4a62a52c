// SPDX-License-Identifier: MIT
// fgetwc, fputwc and their kin over the bytes of a stream. Facts: fgetwc(3), fputwc(3), fwide(3), fgetwln(3).
//
// The host's streams stay streams of bytes, so that both kinds of functions may be used on one.
#include "wide_streams.h"

#include "errno.h"
#include "locales.h"

#include <stdbool.h>

wint_t wide_write(struct darwin_file *stream, wint_t character)
{
	char bytes[4];
	size_t size = multibyte_encode(locale_is_utf8(locale_current()), character, bytes);
	stream->orientation = 1;
	if (size == MULTIBYTE_WRONG) {
		errno_set(92); // EILSEQ
		return WEOF;
	}
	if (fwrite(bytes, 1, size, stream->host) < size) {
		stream_failed(stream);
		return WEOF;
	}
	return character;
}

wint_t wide_read(struct darwin_file *stream)
{
	bool utf8 = locale_is_utf8(locale_current());
	uint32_t character = 0;
	size_t used = MULTIBYTE_SHORT;
	stream->orientation = 1;
	while (used == MULTIBYTE_SHORT) {
		int byte = fgetc(stream->host);
		if (byte == EOF) {
			stream_failed(stream);
			if (stream->state.left > 0)
				errno_set(92);
			return WEOF;
		}
		used = multibyte_decode(utf8, &(char){(char)byte}, 1, &character, &stream->state);
	}
	if (used == MULTIBYTE_WRONG) {
		stream->flags |= STREAM_ERROR;
		errno_set(92);
		return WEOF;
	}
	return character;
}

#define LOCKED(type, stream, call)                                                                                     \
	flockfile((stream)->host);                                                                                     \
	type result = (call);                                                                                          \
	funlockfile((stream)->host);                                                                                   \
	return result

wint_t darwin_fgetwc(struct darwin_file *stream)
{
	LOCKED(wint_t, stream, wide_read(stream));
}

wint_t darwin_fputwc(wint_t character, struct darwin_file *stream)
{
	LOCKED(wint_t, stream, wide_write(stream, character));
}

wint_t darwin_getwchar(void)
{
	return darwin_fgetwc(darwin_stdinp);
}

wint_t darwin_putwchar(wint_t character)
{
	return darwin_fputwc(character, darwin_stdoutp);
}

wint_t darwin_ungetwc(wint_t character, struct darwin_file *stream)
{
	char bytes[4];
	size_t size = character == WEOF ? MULTIBYTE_WRONG : multibyte_encode(locale_is_utf8(locale_current()), character, bytes);
	if (size == MULTIBYTE_WRONG)
		return WEOF;
	while (size > 0)
		if (ungetc((unsigned char)bytes[--size], stream->host) == EOF)
			return WEOF;
	stream->flags &= ~STREAM_EOF;
	return character;
}

static wchar_t *read_line(wchar_t *to, int room, struct darwin_file *stream)
{
	int count = 0;
	while (count < room - 1) {
		wint_t character = wide_read(stream);
		if (character == WEOF && (count == 0 || (stream->flags & STREAM_ERROR)))
			return NULL;
		if (character == WEOF)
			break;
		to[count++] = (wchar_t)character;
		if (character == '\n')
			break;
	}
	to[count] = 0;
	return to;
}

wchar_t *darwin_fgetws(wchar_t *to, int room, struct darwin_file *stream)
{
	if (room <= 0)
		return errno_set(DARWIN_EINVAL), NULL;
	LOCKED(wchar_t *, stream, read_line(to, room, stream));
}

static int write_text(const wchar_t *text, struct darwin_file *stream)
{
	for (; *text; text++)
		if (wide_write(stream, (wint_t)*text) == WEOF)
			return -1;
	return 0;
}

int darwin_fputws(const wchar_t *text, struct darwin_file *stream)
{
	LOCKED(int, stream, write_text(text, stream));
}

int darwin_fwide(struct darwin_file *stream, int mode)
{
	if (stream->orientation == 0 && mode != 0)
		stream->orientation = mode > 0 ? 1 : -1;
	return stream->orientation;
}
