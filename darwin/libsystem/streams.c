// SPDX-License-Identifier: MIT
// More of stdio: streams of memory and of functions; lines, positions, locks. Facts: funopen(3), fgetln(3), fmemopen(3),
// setbuf(3), flockfile(3) of Darwin; fopencookie(3) of Linux. fpos_t is a 64-bit offset.
#include "errno.h"
#include "stdio.h"

#include <stdbool.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct darwin_file *darwin_fmemopen(void *at, size_t size, const char *mode)
{
	if (size == 0)
		return errno_set(DARWIN_EINVAL), NULL;
	return stream_of(fmemopen(at, size, mode));
}

struct darwin_file *darwin_open_memstream(char **at, size_t *size)
{
	return stream_of(open_memstream(at, size));
}

struct darwin_file *darwin_open_wmemstream(wchar_t **at, size_t *size)
{
	return stream_of(open_wmemstream(at, size));
}

// ---- of functions ---------------------------------------------------------------------------------------------------

struct functions {
	void *cookie;
	int (*read)(void *, char *, int);
	int (*write)(void *, const char *, int);
	int64_t (*seek)(void *, int64_t, int);
	int (*close)(void *);
};

static ssize_t functions_read(void *of, char *to, size_t size)
{
	const struct functions *functions = of;
	return functions->read(functions->cookie, to, (int)size);
}

static ssize_t functions_write(void *of, const char *from, size_t size)
{
	const struct functions *functions = of;
	int written = functions->write(functions->cookie, from, (int)size);
	return written < 0 ? 0 : written; // the host wants 0 for an error
}

static int functions_seek(void *of, off64_t *offset, int whence)
{
	const struct functions *functions = of;
	int64_t at = functions->seek(functions->cookie, *offset, whence);
	if (at < 0)
		return -1;
	*offset = at;
	return 0;
}

static int functions_close(void *of)
{
	struct functions *functions = of;
	int result = functions->close ? functions->close(functions->cookie) : 0;
	free(functions);
	return result;
}

struct darwin_file *darwin_funopen(void *cookie, int (*read)(void *, char *, int), int (*write)(void *, const char *, int),
				   int64_t (*seek)(void *, int64_t, int), int (*close)(void *))
{
	struct functions *functions = read || write ? malloc(sizeof(*functions)) : NULL;
	if (!functions)
		return errno_set(read || write ? DARWIN_ENOMEM : DARWIN_EINVAL), NULL;
	*functions = (struct functions){cookie, read, write, seek, close};
	cookie_io_functions_t host = {read ? functions_read : NULL, write ? functions_write : NULL, seek ? functions_seek : NULL,
				      functions_close};
	FILE *stream = fopencookie(functions, !write ? "r" : read ? "r+" : "w", host);
	if (!stream)
		free(functions);
	return stream_of(stream);
}

// ---- lines, bytes, words --------------------------------------------------------------------------------------------

// The line stays the stream's own until the next call; it has no 0 at its end.
char *darwin_fgetln(struct darwin_file *stream, size_t *size)
{
	ssize_t length = getline(&stream->line, &stream->line_room, stream->host);
	if (length < 0) {
		stream_failed(stream);
		*size = 0;
		return NULL;
	}
	*size = (size_t)length;
	return stream->line;
}

char *darwin_gets(char *to)
{
	char *at = to;
	int byte;
	while ((byte = fgetc(darwin_stdinp->host)) != EOF && byte != '\n')
		*at++ = (char)byte;
	if (byte == EOF) {
		stream_failed(darwin_stdinp);
		if (at == to || (darwin_stdinp->flags & STREAM_ERROR))
			return NULL;
	}
	*at = '\0';
	return to;
}

int darwin_getc_unlocked(struct darwin_file *stream)
{
	int byte = getc_unlocked(stream->host);
	return byte == EOF ? stream_failed(stream) : byte;
}

int darwin_putc_unlocked(int byte, struct darwin_file *stream)
{
	int result = putc_unlocked(byte, stream->host);
	return result == EOF ? stream_failed(stream) : result;
}

int darwin_getchar_unlocked(void)
{
	return darwin_getc_unlocked(darwin_stdinp);
}

int darwin_putchar_unlocked(int byte)
{
	return darwin_putc_unlocked(byte, darwin_stdoutp);
}

int darwin_getw(struct darwin_file *stream)
{
	int word;
	return fread(&word, sizeof(word), 1, stream->host) == 1 ? word : stream_failed(stream);
}

int darwin_putw(int word, struct darwin_file *stream)
{
	return fwrite(&word, sizeof(word), 1, stream->host) == 1 ? 0 : stream_failed(stream);
}

// ---- positions, buffers, locks --------------------------------------------------------------------------------------

int darwin_fgetpos(struct darwin_file *stream, int64_t *at)
{
	*at = errno_result(ftello(stream->host));
	return *at < 0 ? -1 : 0;
}

int darwin_fsetpos(struct darwin_file *stream, const int64_t *at)
{
	int result = (int)errno_result(fseeko(stream->host, *at, SEEK_SET));
	if (result == 0)
		stream->flags &= ~STREAM_EOF;
	return result;
}

int darwin_fpurge(struct darwin_file *stream)
{
	__fpurge(stream->host);
	return 0;
}

int darwin_setlinebuf(struct darwin_file *stream)
{
	return setvbuf(stream->host, NULL, _IOLBF, 0);
}

void darwin_setbuffer(struct darwin_file *stream, char *buffer, int size)
{
	setvbuf(stream->host, buffer, buffer ? _IOFBF : _IONBF, (size_t)size);
}

void darwin_flockfile(struct darwin_file *stream)
{
	flockfile(stream->host);
}

int darwin_ftrylockfile(struct darwin_file *stream)
{
	return ftrylockfile(stream->host);
}

void darwin_funlockfile(struct darwin_file *stream)
{
	funlockfile(stream->host);
}

size_t darwin_fpending(const struct darwin_file *stream)
{
	return __fpending(stream->host);
}

char *darwin_ctermid(char *to)
{
	static char own[1024];
	return strcpy(to ? to : own, "/dev/tty");
}
