// SPDX-License-Identifier: MIT
// Streams of Darwin: FILE has fields that macros of <stdio.h> use (getc_unlocked, putc_unlocked), then the host's stream behind it.
//
// Facts: Libc's <_stdio.h>: struct __sFILE begins with the next byte _p, the bytes left to read _r and to write _w. Here both counts
// are always 0, so that the macros call __srget and __swbuf.
#ifndef DARWIN_STDIO_H
#define DARWIN_STDIO_H

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
	uint8_t rest[96];
};

// The standard streams; before the program starts.
void stdio_begin(void);

#endif
