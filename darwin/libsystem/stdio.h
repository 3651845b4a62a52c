// SPDX-License-Identifier: MIT
// Streams of Darwin: FILE has fields that macros of <stdio.h> use (getc_unlocked, putc_unlocked), then the host's stream behind it.
//
// Facts: Libc's <_stdio.h>: struct __sFILE begins with the next byte _p, the bytes left to read _r and to write _w. Here both counts
// are always 0, so that the macros call __srget and __swbuf.
#ifndef DARWIN_STDIO_H
#define DARWIN_STDIO_H

#include "multibyte.h"

#include <stdint.h>
#include <stdio.h>

struct darwin_file {
	unsigned char *next;
	int32_t read_left, write_left;
	int16_t flags, file;
	struct {
		unsigned char *base;
		int32_t size;
	} buffer;
	int32_t line_left;
	FILE *host; // where Darwin has its cookie
	char *line; // of fgetln
	size_t line_room;
	int32_t orientation; // of fwide
	int32_t process;     // of popen, if it is not the host's
	struct multibyte_state state; // of a character that fgetwc has read a part of
	uint8_t rest[64];
};
enum { STREAM_EOF = 0x20, STREAM_ERROR = 0x40 }; // of `flags`, which feof_unlocked and ferror_unlocked look at
extern struct darwin_file *darwin_stdinp, *darwin_stdoutp, *darwin_stderrp;

// The standard streams; before the program starts.
void stdio_begin(void);

// A new stream for the host's; NULL (and errno is set) if that is NULL or there is no memory.
struct darwin_file *stream_of(FILE *host);
// After something failed: flags are what the host's stream says, errno what the host says. Returns -1.
int stream_failed(struct darwin_file *stream);

#endif
