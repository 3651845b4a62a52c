// SPDX-License-Identifier: MIT
// Writes tar archives, right and wrong ones, for the tests and fuzz targets of tar.c and archive.c. Not for the kernel.
//
// To make one: static uint8_t room[N]; struct tar_make m = {room, sizeof room, 0}; tar_make_file(&m, "a", "text", 4);
// tar_make_end(&m); the archive is m.size bytes at `room`. What finds no room is left out. To damage an entry, change
// its header and call tar_make_checksum.
#ifndef GILA_KERNEL_BOOT_TAR_MAKE_H
#define GILA_KERNEL_BOOT_TAR_MAKE_H

#include "tar.h"

struct tar_make {
	uint8_t *bytes;
	size_t room, size;
};

static inline size_t tar_make_length(const char *text)
{
	size_t length = 0;
	while (text[length] != 0)
		length++;
	return length;
}

static inline void tar_make_checksum(uint8_t *header)
{
	unsigned sum = 0;
	__builtin_memset(header + 148, ' ', 8);
	for (unsigned i = 0; i < TAR_BLOCK; i++)
		sum += header[i];
	for (unsigned i = 6; i-- > 0; sum >>= 3)
		header[148 + i] = (uint8_t)('0' + (sum & 7));
	header[154] = 0;
}

static inline void tar_make_octal(uint8_t *field, unsigned digits, uint64_t value)
{
	for (; digits-- > 0; value >>= 3)
		field[digits] = (uint8_t)('0' + (value & 7));
}

// Adds a header, whose name and link are cut to their fields. Returns it, or NULL when there is no room.
static inline uint8_t *tar_make_header(struct tar_make *m, char type, const char *name, size_t name_length,
				       const char *link, size_t link_length, unsigned mode, uint64_t size)
{
	if (m->room - m->size < TAR_BLOCK)
		return NULL;
	uint8_t *h = m->bytes + m->size;
	m->size += TAR_BLOCK;
	__builtin_memset(h, 0, TAR_BLOCK);
	if (name_length > 0)
		__builtin_memcpy(h, name, name_length < 100 ? name_length : 100);
	if (link_length > 0)
		__builtin_memcpy(h + 157, link, link_length < 100 ? link_length : 100);
	tar_make_octal(h + 100, 7, mode);
	tar_make_octal(h + 124, 11, size);
	h[156] = (uint8_t)type;
	__builtin_memcpy(h + 257, "ustar\00000", 8);
	tar_make_checksum(h);
	return h;
}

// Adds data, padded to a block.
static inline void tar_make_data(struct tar_make *m, const void *data, size_t size)
{
	size_t padded = (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
	if (size == 0 || m->room - m->size < padded)
		return;
	__builtin_memset(m->bytes + m->size, 0, padded);
	__builtin_memcpy(m->bytes + m->size, data, size);
	m->size += padded;
}

// Adds an entry of any type; `name` and `link` are strings.
static inline uint8_t *tar_make_entry(struct tar_make *m, char type, const char *name, const char *link,
				      const void *data, size_t size)
{
	uint8_t *h = tar_make_header(m, type, name, tar_make_length(name), link, tar_make_length(link),
				     type == '5' ? 0755 : 0644, size);
	tar_make_data(m, data, size);
	return h;
}

static inline uint8_t *tar_make_file(struct tar_make *m, const char *name, const void *data, size_t size)
{
	return tar_make_entry(m, '0', name, "", data, size);
}

static inline void tar_make_end(struct tar_make *m)
{
	for (unsigned i = 0; i < 2 && m->room - m->size >= TAR_BLOCK; i++, m->size += TAR_BLOCK)
		__builtin_memset(m->bytes + m->size, 0, TAR_BLOCK);
}

#endif
