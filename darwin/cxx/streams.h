// SPDX-License-Identifier: MIT
// libc++'s streams and their buffers as they lie in memory. Facts: libc++'s <ios>, <streambuf>, <istream>, <ostream>, ABI version 1.
#ifndef DARWIN_CXX_STREAMS_H
#define DARWIN_CXX_STREAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STATE_BAD = 1, STATE_EOF = 2, STATE_FAIL = 4 };	    // iostate
enum { MODE_IN = 8, MODE_OUT = 16 };			    // openmode
enum { SEEK_BEGIN, SEEK_CURRENT };			    // seekdir
enum { FORMAT_SKIP_SPACES = 0x1000 };			    // fmtflags

struct cxx_buffer { // basic_streambuf of any character
	void (*const *functions)(void);
	void *locale;
	char *get_begin, *get, *get_end, *put_begin, *put, *put_end;
};
enum { BUFFER_SEEK_OFFSET = 4, BUFFER_SEEK_POSITION = 5, BUFFER_UNDERFLOW = 9, BUFFER_UPDATE = 10 }; // places in `functions`

struct cxx_ios { // basic_ios, which streams have as a virtual base
	const void *functions;
	uint32_t flags;
	int64_t precision, width;
	uint32_t state, exceptions;
	struct cxx_buffer *buffer;
	void *locale;
};

// A stream begins with the address of its table, before which the distance to its basic_ios is.
static inline struct cxx_ios *cxx_ios_of(void *stream)
{
	const ptrdiff_t *table = *(const ptrdiff_t *const *)stream;
	return (struct cxx_ios *)(void *)((char *)stream + table[-3]);
}

// basic_ios::clear: throws if the program asked for that.
void cxx_ios_set(struct cxx_ios *ios, uint32_t state);
static inline void cxx_ios_add(struct cxx_ios *ios, uint32_t state)
{
	cxx_ios_set(ios, ios->state | state);
}

// A locale's facet: of characters, or of wide ones.
const void *cxx_facet(void *const *locale, bool wide);

// The next character, which stays there, or is taken with `take`. -1: none.
int32_t cxx_buffer_char(struct cxx_buffer *buffer, bool take);
int32_t cxx_buffer_wide(struct cxx_buffer *buffer, bool take);

// Whether a function is of Debian's libc++.
bool cxx_is_debians(void (*function)(void));

#endif
