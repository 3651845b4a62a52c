// SPDX-License-Identifier: MIT
// Standard input and output; see stdio.h. Buffering is the host's; formats are in printf.c, more kinds of streams in streams.c.
#include "stdio.h"

#include "errno.h"
#include "name.h"

#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static struct darwin_file standard[3];
struct darwin_file *darwin_stdinp = &standard[0], *darwin_stdoutp = &standard[1], *darwin_stderrp = &standard[2];

void stdio_begin(void)
{
	FILE *const hosts[] = {stdin, stdout, stderr};
	for (int i = 0; i < 3; i++) {
		standard[i].host = hosts[i];
		standard[i].file = (int16_t)i;
	}
}

struct darwin_file *stream_of(FILE *host)
{
	struct darwin_file *stream = host ? calloc(1, sizeof(*stream)) : NULL;
	if (!stream) {
		errno_result(-1);
		return NULL;
	}
	stream->host = host;
	stream->file = (int16_t)fileno(host);
	return stream;
}

int stream_failed(struct darwin_file *stream)
{
	stream->flags = (int16_t)((feof(stream->host) ? STREAM_EOF : 0) | (ferror(stream->host) ? STREAM_ERROR : 0));
	if (stream->flags & STREAM_ERROR)
		errno_result(-1);
	return -1;
}

struct darwin_file *darwin_fopen(const char *path, const char *mode)
{
	char other[PATH_MAX];
	return stream_of(fopen(name_existing(path, other), mode));
}

// What the stream was is gone even if this fails: freopen(3).
struct darwin_file *darwin_freopen(const char *path, const char *mode, struct darwin_file *stream)
{
	FILE *host = freopen(path, mode, stream->host);
	if (!host)
		return errno_result(-1), NULL;
	stream->host = host;
	stream->file = (int16_t)fileno(host);
	stream->flags = 0;
	stream->orientation = 0;
	return stream;
}

struct darwin_file *darwin_fdopen(int file, const char *mode)
{
	return stream_of(fdopen(file, mode));
}

struct darwin_file *darwin_tmpfile(void)
{
	return stream_of(tmpfile());
}

int darwin_fclose(struct darwin_file *stream)
{
	int result = fclose(stream->host);
	free(stream->line);
	stream->line = NULL;
	if (stream < standard || stream >= standard + 3)
		free(stream);
	return (int)errno_result(result);
}

int darwin_fflush(struct darwin_file *stream)
{
	return (int)errno_result(fflush(stream ? stream->host : NULL));
}

int darwin_fileno(struct darwin_file *stream)
{
	return (int)errno_result(fileno(stream->host));
}

int darwin_feof(struct darwin_file *stream)
{
	return feof(stream->host) != 0;
}

int darwin_ferror(struct darwin_file *stream)
{
	return ferror(stream->host) != 0;
}

void darwin_clearerr(struct darwin_file *stream)
{
	clearerr(stream->host);
	stream->flags = 0;
}

int darwin_fgetc(struct darwin_file *stream)
{
	int byte = fgetc(stream->host);
	return byte == EOF ? stream_failed(stream) : byte;
}

int darwin_getchar(void)
{
	return darwin_fgetc(darwin_stdinp);
}

int darwin_ungetc(int byte, struct darwin_file *stream)
{
	stream->flags &= ~STREAM_EOF;
	return ungetc(byte, stream->host);
}

char *darwin_fgets(char *to, int room, struct darwin_file *stream)
{
	char *got = fgets(to, room, stream->host);
	if (!got)
		stream_failed(stream);
	return got;
}

int darwin_fputc(int byte, struct darwin_file *stream)
{
	int result = fputc(byte, stream->host);
	return result == EOF ? stream_failed(stream) : result;
}

int darwin_putchar(int byte)
{
	return darwin_fputc(byte, darwin_stdoutp);
}

// The macro putc_unlocked comes here with the count already taken down.
int darwin_swbuf(int byte, struct darwin_file *stream)
{
	stream->write_left = 0;
	return darwin_fputc(byte, stream);
}

int darwin_srget(struct darwin_file *stream)
{
	stream->read_left = 0;
	return darwin_fgetc(stream);
}

int darwin_fputs(const char *text, struct darwin_file *stream)
{
	int result = fputs(text, stream->host);
	return result == EOF ? stream_failed(stream) : result;
}

int darwin_puts(const char *text)
{
	flockfile(darwin_stdoutp->host);
	int result = darwin_fputs(text, darwin_stdoutp) < 0 ? -1 : darwin_fputc('\n', darwin_stdoutp);
	funlockfile(darwin_stdoutp->host);
	return result;
}

size_t darwin_fread(void *to, size_t size, size_t count, struct darwin_file *stream)
{
	size_t done = fread(to, size, count, stream->host);
	if (done < count)
		stream_failed(stream);
	return done;
}

size_t darwin_fwrite(const void *from, size_t size, size_t count, struct darwin_file *stream)
{
	size_t done = fwrite(from, size, count, stream->host);
	if (done < count)
		stream_failed(stream);
	return done;
}

int darwin_fseek(struct darwin_file *stream, long offset, int whence)
{
	int result = (int)errno_result(fseek(stream->host, offset, whence));
	if (result == 0)
		stream->flags &= ~STREAM_EOF;
	return result;
}

long darwin_ftell(struct darwin_file *stream)
{
	return errno_result(ftell(stream->host));
}

void darwin_rewind(struct darwin_file *stream)
{
	rewind(stream->host);
	stream->flags = 0;
}

// Modes: _IOFBF 0, _IOLBF 1, _IONBF 2 in both.
int darwin_setvbuf(struct darwin_file *stream, char *buffer, int mode, size_t size)
{
	return setvbuf(stream->host, buffer, mode, size);
}

void darwin_setbuf(struct darwin_file *stream, char *buffer)
{
	setvbuf(stream->host, buffer, buffer ? _IOFBF : _IONBF, 1024); // BUFSIZ
}

long darwin_getdelim(char **line, size_t *room, int end, struct darwin_file *stream)
{
	long size = getdelim(line, room, end, stream->host);
	return size < 0 ? stream_failed(stream) : size;
}

long darwin_getline(char **line, size_t *room, struct darwin_file *stream)
{
	return darwin_getdelim(line, room, '\n', stream);
}

char *darwin_getpass(const char *prompt)
{
	return getpass(prompt);
}
