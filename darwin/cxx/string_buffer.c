// SPDX-License-Identifier: MIT
// Positions in libc++'s basic_stringbuf<char> (positions.c says why they are not Debian's). Its seekpos has no name that could be taken, so
// Debian's table of its functions is copied, with ours in its place. Facts: libc++'s <sstream>; [stringbuf.virtuals] of C++17.
#include "cxx.h"
#include "streams.h"

#include <string.h>

struct position {
	char state[128];
	int64_t offset;
};

struct string_buffer {
	struct cxx_buffer base;
	char string[24]; // a std::string
	char *high;	 // behind the last character that was written
	uint32_t mode;
};

enum { TABLE_HEAD = 2, FUNCTIONS = 14 };
const void *string_buffer_table[TABLE_HEAD + FUNCTIONS] __asm__("_ZTVNSt3__115basic_stringbufIcNS_11char_traitsIcEENS_9allocatorIcEEEE");

struct position string_buffer_seek(struct string_buffer *, int64_t, int, uint32_t)
	__asm__("_ZNSt3__115basic_stringbufIcNS_11char_traitsIcEENS_9allocatorIcEEE7seekoffExNS_8ios_base7seekdirEj");

// The new place, or -1.
static int64_t place(const struct string_buffer *buffer, int64_t offset, int from, uint32_t mode)
{
	const struct cxx_buffer *base = &buffer->base;
	const char *begin = buffer->string[0] & 1 ? *(char *const *)(const void *)(buffer->string + 16) : buffer->string + 1;
	int64_t size = buffer->high ? buffer->high - begin : 0, place;
	if (mode == 0 || (mode == (MODE_IN | MODE_OUT) && from == SEEK_CURRENT))
		return -1;
	switch (from) {
	case SEEK_BEGIN: place = 0; break;
	case SEEK_CURRENT: place = mode & MODE_IN ? base->get - base->get_begin : base->put - base->put_begin; break;
	case 2: place = size; break;
	default: return -1;
	}
	if (__builtin_add_overflow(place, offset, &place) || place < 0 || place > size)
		return -1;
	bool missing = ((mode & MODE_IN) && !base->get) || ((mode & MODE_OUT) && !base->put);
	return place != 0 && missing ? -1 : place;
}

struct position string_buffer_seek(struct string_buffer *buffer, int64_t offset, int from, uint32_t mode)
{
	struct cxx_buffer *base = &buffer->base;
	mode &= MODE_IN | MODE_OUT;
	if (buffer->high < base->put)
		buffer->high = base->put;
	struct position result = {.offset = place(buffer, offset, from, mode)};
	if (result.offset < 0)
		return result;
	if (mode & MODE_IN) {
		base->get = base->get_begin + result.offset;
		base->get_end = buffer->high;
	}
	if (mode & MODE_OUT)
		base->put = base->put_begin + result.offset;
	return result;
}

static struct position string_buffer_seek_to(struct string_buffer *buffer, struct position to, uint32_t mode)
{
	return string_buffer_seek(buffer, to.offset, SEEK_BEGIN, mode);
}

void cxx_string_buffer_loaded(void)
{
	memcpy(string_buffer_table, cxx_symbol("_ZTVNSt3__115basic_stringbufIcNS_11char_traitsIcEENS_9allocatorIcEEEE"),
	       sizeof(string_buffer_table));
	string_buffer_table[TABLE_HEAD + BUFFER_SEEK_POSITION] = (const void *)string_buffer_seek_to;
}
