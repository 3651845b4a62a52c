// SPDX-License-Identifier: MIT
// Bytes that grow: text that is put together, a file that is written. Without memory the program ends, as everywhere in CoreFoundation.
#ifndef DARWIN_BYTES_H
#define DARWIN_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes { // begins zeroed; who is done frees `at`
	uint8_t *at;
	size_t count, room;
};

void bytes_add(struct bytes *bytes, const void *from, size_t size);
void bytes_add_text(struct bytes *bytes, const char *text);
void bytes_add_format(struct bytes *bytes, const char *format, ...) __attribute__((format(printf, 2, 3)));
// The lowest bytes of the number, the highest first.
void bytes_add_number(struct bytes *bytes, uint64_t number, unsigned size);

#endif
