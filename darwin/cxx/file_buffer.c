// SPDX-License-Identifier: MIT
// libc++'s basic_filebuf<char>, which has two mbstate_t in it and so lies otherwise than Debian's; programs for macOS 12 and later take it
// from the library. Under Debian's names, so that Debian's table of its functions consists of these. Facts: libc++'s <fstream>.
//
// Characters of char files are bytes: codecvt<char, char, mbstate_t> converts nothing ([locale.codecvt] of C++17), so there is one
// buffer, of bytes, which `mode` says is read from or written to. What is buffered by stdio behind it is Darwin's FILE.
#include "cxx.h"
#include "streams.h"

#include <stdlib.h>
#include <string.h>

enum { MODE_APPEND = 1, MODE_AT_END = 2, MODE_BINARY = 4, MODE_TRUNCATE = 32 };
#define SMALL 8 // a buffer in the object
#define BUFFER_SIZE 4096
#define AGAIN 4 // characters that can be put back

struct position {
	char state[128];
	int64_t offset;
};

struct file_buffer {
	struct cxx_buffer base;
	char *bytes, *unused[2], small[SMALL];
	size_t size;
	char *wide; // NULL, as its size is 0
	size_t wide_size;
	void *file; // FILE, or NULL; programs look at it (is_open)
	const void *convert;
	char state[128], last_state[128];
	uint32_t open_mode, mode; // `mode`: MODE_IN, MODE_OUT or 0
	bool owned, wide_owned, same;
};
_Static_assert(sizeof(struct file_buffer) == 408, "of libc++ for macOS");

void *darwin_fopen(const char *path, const char *mode);
int darwin_fclose(void *file);
int darwin_fflush(void *file);
int darwin_fseek(void *file, long offset, int from);
long darwin_ftell(void *file);
size_t darwin_fread(void *to, size_t size, size_t count, void *file);
size_t darwin_fwrite(const void *from, size_t size, size_t count, void *file);

#define NAME(rest) __asm__("_ZNSt3__113basic_filebufIcNS_11char_traitsIcEEE" rest)
#define BASE "_ZNSt3__115basic_streambufIcNS_11char_traitsIcEEE"
void file_buffer_begin_1(struct file_buffer *) NAME("C1Ev");
void file_buffer_begin_2(struct file_buffer *) NAME("C2Ev");
void file_buffer_move_1(struct file_buffer *, struct file_buffer *) NAME("C1EOS3_");
void file_buffer_move_2(struct file_buffer *, struct file_buffer *) NAME("C2EOS3_");
void file_buffer_delete(struct file_buffer *) NAME("D0Ev");
void file_buffer_end_1(struct file_buffer *) NAME("D1Ev");
void file_buffer_end_2(struct file_buffer *) NAME("D2Ev");
struct file_buffer *file_buffer_assign(struct file_buffer *, struct file_buffer *) NAME("aSEOS3_");
struct file_buffer *file_buffer_open(struct file_buffer *, const char *, uint32_t) NAME("4openEPKcj");
struct file_buffer *file_buffer_close(struct file_buffer *) NAME("5closeEv");
struct file_buffer *file_buffer_set(struct file_buffer *, char *, long) NAME("6setbufEPcl");
struct position file_buffer_seek(struct file_buffer *, int64_t, int, uint32_t) NAME("7seekoffExNS_8ios_base7seekdirEj");
struct position file_buffer_seek_to(struct file_buffer *, struct position, uint32_t) NAME("7seekposENS_4fposI11__mbstate_tEEj");
void file_buffer_swap(struct file_buffer *, struct file_buffer *) NAME("4swapERS3_");
int file_buffer_sync(struct file_buffer *) NAME("4syncEv");
void file_buffer_imbue(struct file_buffer *, const void *) NAME("5imbueERKNS_6localeE");
int file_buffer_underflow(struct file_buffer *) NAME("9underflowEv");
int file_buffer_overflow(struct file_buffer *, int) NAME("8overflowEi");
int file_buffer_back(struct file_buffer *, int) NAME("9pbackfailEi");
bool file_buffer_read_mode(struct file_buffer *) NAME("11__read_modeEv");
void file_buffer_write_mode(struct file_buffer *) NAME("12__write_modeEv");

static void set_get(struct file_buffer *buffer, char *begin, char *at, char *end)
{
	buffer->base.get_begin = begin, buffer->base.get = at, buffer->base.get_end = end;
}

static void set_put(struct file_buffer *buffer, char *begin, char *end)
{
	buffer->base.put_begin = buffer->base.put = begin, buffer->base.put_end = end;
}

// ---- life -----------------------------------------------------------------------------------------------------------

void file_buffer_begin_1(struct file_buffer *buffer)
{
	memset(buffer, 0, sizeof(*buffer));
	((void (*)(struct file_buffer *))cxx_symbol(BASE "C2Ev"))(buffer);
	buffer->base.functions = (void (*const *)(void))cxx_symbol("_ZTVNSt3__113basic_filebufIcNS_11char_traitsIcEEEE") + 2;
	buffer->same = true;
	file_buffer_set(buffer, NULL, BUFFER_SIZE);
}

void file_buffer_begin_2(struct file_buffer *buffer)
{
	file_buffer_begin_1(buffer);
}

void file_buffer_end_1(struct file_buffer *buffer)
{
	file_buffer_close(buffer);
	if (buffer->owned)
		free(buffer->bytes);
	((void (*)(struct file_buffer *))cxx_symbol(BASE "D2Ev"))(buffer);
}

void file_buffer_end_2(struct file_buffer *buffer)
{
	file_buffer_end_1(buffer);
}

void file_buffer_delete(struct file_buffer *buffer)
{
	file_buffer_end_1(buffer);
	((void (*)(void *))cxx_symbol("_ZdlPv"))(buffer);
}

// An address into the buffer of the object that it came with.
static char *moved(char *address, const struct file_buffer *from, struct file_buffer *to)
{
	return address >= from->small && address <= from->small + SMALL ? to->small + (address - from->small) : address;
}

static void own_small(struct file_buffer *buffer, const struct file_buffer *from)
{
	struct cxx_buffer *base = &buffer->base;
	char **all[] = {&buffer->bytes, &base->get_begin, &base->get, &base->get_end, &base->put_begin, &base->put, &base->put_end};
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		*all[i] = moved(*all[i], from, buffer);
}

// Both keep their tables of functions: a program's class may be one's.
void file_buffer_swap(struct file_buffer *left, struct file_buffer *right)
{
	struct file_buffer copy = *left;
	void (*const *functions)(void) = right->base.functions;
	*left = *right;
	left->base.functions = copy.base.functions;
	*right = copy;
	right->base.functions = functions;
	own_small(left, right);
	own_small(right, left);
}

void file_buffer_move_1(struct file_buffer *buffer, struct file_buffer *from)
{
	file_buffer_begin_1(buffer);
	file_buffer_swap(buffer, from);
}

void file_buffer_move_2(struct file_buffer *buffer, struct file_buffer *from)
{
	file_buffer_move_1(buffer, from);
}

struct file_buffer *file_buffer_assign(struct file_buffer *buffer, struct file_buffer *from)
{
	file_buffer_close(buffer);
	file_buffer_swap(buffer, from);
	return buffer;
}

// [filebuf.members]: which modes there are, and what fopen(3) calls them.
static const char *mode_name(uint32_t mode)
{
	bool binary = mode & MODE_BINARY;
	switch (mode & ~(uint32_t)(MODE_AT_END | MODE_BINARY)) {
	case MODE_OUT:
	case MODE_OUT | MODE_TRUNCATE: return binary ? "wb" : "w";
	case MODE_APPEND:
	case MODE_OUT | MODE_APPEND: return binary ? "ab" : "a";
	case MODE_IN: return binary ? "rb" : "r";
	case MODE_IN | MODE_OUT: return binary ? "r+b" : "r+";
	case MODE_IN | MODE_OUT | MODE_TRUNCATE: return binary ? "w+b" : "w+";
	case MODE_IN | MODE_APPEND:
	case MODE_IN | MODE_OUT | MODE_APPEND: return binary ? "a+b" : "a+";
	default: return NULL;
	}
}

struct file_buffer *file_buffer_open(struct file_buffer *buffer, const char *path, uint32_t mode)
{
	const char *name = mode_name(mode);
	if (buffer->file || !name)
		return NULL;
	buffer->file = darwin_fopen(path, name);
	if (!buffer->file)
		return NULL;
	buffer->open_mode = mode;
	if ((mode & MODE_AT_END) && darwin_fseek(buffer->file, 0, 2)) {
		darwin_fclose(buffer->file);
		buffer->file = NULL;
		return NULL;
	}
	return buffer;
}

struct file_buffer *file_buffer_close(struct file_buffer *buffer)
{
	if (!buffer->file)
		return NULL;
	int error = file_buffer_sync(buffer);
	error |= darwin_fclose(buffer->file);
	buffer->file = NULL;
	file_buffer_set(buffer, NULL, 0);
	return error ? NULL : buffer;
}

struct file_buffer *file_buffer_set(struct file_buffer *buffer, char *bytes, long size)
{
	set_get(buffer, NULL, NULL, NULL);
	set_put(buffer, NULL, NULL);
	if (buffer->owned)
		free(buffer->bytes);
	buffer->bytes = bytes;
	buffer->size = (size_t)size;
	buffer->owned = false;
	if (size <= SMALL) {
		buffer->bytes = buffer->small;
		buffer->size = SMALL;
	} else if (!bytes) {
		buffer->bytes = malloc((size_t)size);
		buffer->owned = buffer->bytes != NULL;
		if (!buffer->bytes)
			return file_buffer_set(buffer, NULL, 0);
	}
	return buffer;
}

void file_buffer_imbue(struct file_buffer *buffer, const void *locale)
{
	(void)locale; // bytes are bytes in every locale
	file_buffer_sync(buffer);
}

// ---- reading and writing --------------------------------------------------------------------------------------------

bool file_buffer_read_mode(struct file_buffer *buffer)
{
	if (buffer->mode & MODE_IN)
		return false;
	char *end = buffer->bytes + buffer->size;
	set_put(buffer, NULL, NULL);
	set_get(buffer, buffer->bytes, end, end);
	buffer->mode = MODE_IN;
	return true;
}

// The last byte of the buffer is for the character of an overflow.
void file_buffer_write_mode(struct file_buffer *buffer)
{
	if (buffer->mode & MODE_OUT)
		return;
	set_get(buffer, NULL, NULL, NULL);
	if (buffer->size > SMALL)
		set_put(buffer, buffer->bytes, buffer->bytes + buffer->size - 1);
	else
		set_put(buffer, NULL, NULL);
	buffer->mode = MODE_OUT;
}

int file_buffer_underflow(struct file_buffer *buffer)
{
	struct cxx_buffer *base = &buffer->base;
	if (!buffer->file)
		return -1;
	bool first = file_buffer_read_mode(buffer);
	if (base->get < base->get_end)
		return *(unsigned char *)base->get;
	if (!base->get_begin)
		set_get(buffer, buffer->bytes, buffer->bytes + buffer->size, buffer->bytes + buffer->size);
	size_t room = (size_t)(base->get_end - base->get_begin), kept = first ? 0 : room / 2 < AGAIN ? room / 2 : AGAIN;
	memmove(base->get_begin, base->get_end - kept, kept);
	size_t got = darwin_fread(base->get_begin + kept, 1, buffer->size - kept, buffer->file);
	if (got == 0) { // nothing before the end can be put back but what was read
		set_get(buffer, base->get_begin, base->get_begin + kept, base->get_begin + kept);
		return -1;
	}
	set_get(buffer, base->get_begin, base->get_begin + kept, base->get_begin + kept + got);
	return *(unsigned char *)base->get;
}

int file_buffer_overflow(struct file_buffer *buffer, int character)
{
	struct cxx_buffer *base = &buffer->base;
	if (!buffer->file)
		return -1;
	file_buffer_write_mode(buffer);
	char *begin = base->put_begin, *end = base->put_end, one = (char)character;
	size_t count = (size_t)(base->put - begin);
	if (character != -1 && base->put)
		*base->put = one, count++; // there is room behind the end
	if (count && darwin_fwrite(begin, 1, count, buffer->file) != count)
		return -1;
	if (character != -1 && !begin && darwin_fwrite(&one, 1, 1, buffer->file) != 1)
		return -1;
	set_put(buffer, begin, end);
	return character == -1 ? 0 : character;
}

int file_buffer_back(struct file_buffer *buffer, int character)
{
	struct cxx_buffer *base = &buffer->base;
	if (!buffer->file || base->get_begin >= base->get)
		return -1;
	if (character != -1 && !(buffer->open_mode & MODE_OUT) && base->get[-1] != (char)character)
		return -1;
	base->get--;
	if (character == -1)
		return 0;
	*base->get = (char)character;
	return character;
}

int file_buffer_sync(struct file_buffer *buffer)
{
	struct cxx_buffer *base = &buffer->base;
	if (!buffer->file)
		return 0;
	if (buffer->mode & MODE_OUT) {
		if (base->put != base->put_begin && file_buffer_overflow(buffer, -1) == -1)
			return -1;
		return darwin_fflush(buffer->file) ? -1 : 0;
	}
	if (buffer->mode & MODE_IN) {
		if (darwin_fseek(buffer->file, base->get - base->get_end, 1))
			return -1;
		set_get(buffer, NULL, NULL, NULL);
		buffer->mode = 0;
	}
	return 0;
}

// ---- positions ------------------------------------------------------------------------------------------------------

struct position file_buffer_seek(struct file_buffer *buffer, int64_t offset, int from, uint32_t mode)
{
	struct position result = {.offset = -1};
	(void)mode;
	if (!buffer->file || file_buffer_sync(buffer) || from < 0 || from > 2 || darwin_fseek(buffer->file, offset, from))
		return result;
	result.offset = darwin_ftell(buffer->file);
	memcpy(result.state, buffer->state, sizeof(result.state));
	return result;
}

struct position file_buffer_seek_to(struct file_buffer *buffer, struct position to, uint32_t mode)
{
	(void)mode;
	if (!buffer->file || file_buffer_sync(buffer) || darwin_fseek(buffer->file, to.offset, 0))
		return (struct position){.offset = -1};
	memcpy(buffer->state, to.state, sizeof(to.state));
	return to;
}
