// SPDX-License-Identifier: MIT
// Writes flattened device trees (Devicetree Specification v0.4, chapter 5), for machines that report devices which no
// firmware described, and for tests: fdt_make_begin, then nodes and properties (of a node before the nodes in it), then
// fdt_make_end. What does not fit any more is left out and fdt_make_end says so by 0. The caller's memory, no locks.
#ifndef KERNEL_DEVICE_FDT_MAKE_H
#define KERNEL_DEVICE_FDT_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FDT_MAKE_HEAD 56u     // header, and the empty list of reserved memory
#define FDT_MAKE_STRINGS 1024u

struct fdt_make {
	uint8_t *bytes;
	size_t room, size; // of header and structure block so far
	char strings[FDT_MAKE_STRINGS];
	size_t strings_size;
	bool full;
};

// strlen and strcmp are not there on every machine.
static inline size_t fdt_make_length(const char *text)
{
	size_t length = 0;
	while (text[length])
		length++;
	return length;
}

static inline void fdt_make_put(struct fdt_make *make, const void *data, size_t size)
{
	size_t padded = (size + 3) & ~(size_t)3;
	if (make->full || padded > make->room - make->size) {
		make->full = true;
		return;
	}
	memset(make->bytes + make->size, 0, padded);
	if (size > 0)
		memcpy(make->bytes + make->size, data, size);
	make->size += padded;
}

static inline void fdt_make_number(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static inline void fdt_make_put_number(struct fdt_make *make, uint32_t value)
{
	uint8_t bytes[4];
	fdt_make_number(bytes, value);
	fdt_make_put(make, bytes, sizeof(bytes));
}

static inline void fdt_make_begin(struct fdt_make *make, void *bytes, size_t room)
{
	make->bytes = bytes;
	make->room = room;
	make->size = FDT_MAKE_HEAD;
	make->strings_size = 0;
	make->full = room < FDT_MAKE_HEAD;
}

// The root's name is "".
static inline void fdt_make_node(struct fdt_make *make, const char *name)
{
	fdt_make_put_number(make, 1); // FDT_BEGIN_NODE
	fdt_make_put(make, name, fdt_make_length(name) + 1);
}

static inline void fdt_make_node_end(struct fdt_make *make) { fdt_make_put_number(make, 2); } // FDT_END_NODE

static inline uint32_t fdt_make_string(struct fdt_make *make, const char *text)
{
	size_t size = fdt_make_length(text) + 1;
	for (size_t at = 0; at < make->strings_size; at += fdt_make_length(make->strings + at) + 1)
		if (fdt_make_length(make->strings + at) + 1 == size && memcmp(make->strings + at, text, size) == 0)
			return (uint32_t)at;
	size_t at = make->strings_size;
	if (size > FDT_MAKE_STRINGS - at) {
		make->full = true;
		return 0;
	}
	memcpy(make->strings + at, text, size);
	make->strings_size += size;
	return (uint32_t)at;
}

static inline void fdt_make_property(struct fdt_make *make, const char *name, const void *value, size_t size)
{
	fdt_make_put_number(make, 3); // FDT_PROP
	fdt_make_put_number(make, (uint32_t)size);
	fdt_make_put_number(make, fdt_make_string(make, name));
	fdt_make_put(make, value, size);
}

// `count` cells from `cells`.
static inline void fdt_make_cells(struct fdt_make *make, const char *name, const uint32_t *cells, size_t count)
{
	uint8_t value[4 * 16];
	if (count > sizeof(value) / 4) {
		make->full = true;
		return;
	}
	for (size_t i = 0; i < count; i++)
		fdt_make_number(value + 4 * i, cells[i]);
	fdt_make_property(make, name, value, 4 * count);
}

static inline void fdt_make_cell(struct fdt_make *make, const char *name, uint32_t cell)
{
	fdt_make_cells(make, name, &cell, 1);
}

static inline void fdt_make_text(struct fdt_make *make, const char *name, const char *text)
{
	fdt_make_property(make, name, text, fdt_make_length(text) + 1);
}

// The blob's size; 0: it did not fit.
static inline size_t fdt_make_end(struct fdt_make *make)
{
	fdt_make_put_number(make, 9); // FDT_END
	uint32_t structure_end = (uint32_t)make->size;
	fdt_make_put(make, make->strings, make->strings_size);
	if (make->full)
		return 0;
	const uint32_t header[10] = {
		0xd00dfeedu, (uint32_t)make->size, FDT_MAKE_HEAD, structure_end, 40, 17, 16, 0, (uint32_t)make->strings_size,
		structure_end - FDT_MAKE_HEAD,
	};
	memset(make->bytes, 0, FDT_MAKE_HEAD);
	for (size_t i = 0; i < 10; i++)
		fdt_make_number(make->bytes + 4 * i, header[i]);
	return make->size;
}

#endif
