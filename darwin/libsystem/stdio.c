// SPDX-License-Identifier: MIT
// Standard input and output; see stdio.h. Buffering and formats are the host's; docs/macos-programs.md names what formats differ in.
#include "stdio.h"

#include "errno.h"

#include <stdarg.h>
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

static struct darwin_file *stream_of(FILE *host)
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

struct darwin_file *darwin_fopen(const char *path, const char *mode)
{
	return stream_of(fopen(path, mode));
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
}

int darwin_fgetc(struct darwin_file *stream)
{
	return (int)errno_result(fgetc(stream->host));
}

int darwin_getchar(void)
{
	return darwin_fgetc(darwin_stdinp);
}

int darwin_ungetc(int byte, struct darwin_file *stream)
{
	return ungetc(byte, stream->host);
}

char *darwin_fgets(char *to, int room, struct darwin_file *stream)
{
	return fgets(to, room, stream->host);
}

int darwin_fputc(int byte, struct darwin_file *stream)
{
	return (int)errno_result(fputc(byte, stream->host));
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
	return (int)errno_result(fputs(text, stream->host));
}

int darwin_puts(const char *text)
{
	return (int)errno_result(puts(text));
}

size_t darwin_fread(void *to, size_t size, size_t count, struct darwin_file *stream)
{
	size_t done = fread(to, size, count, stream->host);
	if (done < count && ferror(stream->host))
		errno_result(-1);
	return done;
}

size_t darwin_fwrite(const void *from, size_t size, size_t count, struct darwin_file *stream)
{
	size_t done = fwrite(from, size, count, stream->host);
	if (done < count)
		errno_result(-1);
	return done;
}

int darwin_fseek(struct darwin_file *stream, long offset, int whence)
{
	return (int)errno_result(fseek(stream->host, offset, whence));
}

long darwin_ftell(struct darwin_file *stream)
{
	return errno_result(ftell(stream->host));
}

void darwin_rewind(struct darwin_file *stream)
{
	rewind(stream->host);
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

long darwin_getline(char **line, size_t *room, struct darwin_file *stream)
{
	return getline(line, room, stream->host);
}

// ---- formats: va_list is the same in both systems -------------------------------------------------------------------

int darwin_vfprintf(struct darwin_file *stream, const char *format, va_list arguments)
{
	return (int)errno_result(vfprintf(stream->host, format, arguments));
}

int darwin_fprintf(struct darwin_file *stream, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int result = darwin_vfprintf(stream, format, arguments);
	va_end(arguments);
	return result;
}

int darwin_vprintf(const char *format, va_list arguments)
{
	return darwin_vfprintf(darwin_stdoutp, format, arguments);
}

int darwin_printf(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int result = darwin_vfprintf(darwin_stdoutp, format, arguments);
	va_end(arguments);
	return result;
}

// The checked forms of <secure/_stdio.h>: a flag and the size of the buffer come before the format.
int darwin_vsnprintf_chk(char *to, size_t room, int flag, size_t size, const char *format, va_list arguments)
{
	(void)flag;
	return vsnprintf(to, room < size ? room : size, format, arguments);
}

int darwin_snprintf_chk(char *to, size_t room, int flag, size_t size, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int result = darwin_vsnprintf_chk(to, room, flag, size, format, arguments);
	va_end(arguments);
	return result;
}

int darwin_sprintf_chk(char *to, int flag, size_t size, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	int result = darwin_vsnprintf_chk(to, size, flag, size, format, arguments);
	va_end(arguments);
	return result;
}

char *darwin_getpass(const char *prompt)
{
	return getpass(prompt);
}
