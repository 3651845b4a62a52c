// SPDX-License-Identifier: MIT
// What a file must hold: its size, and for every byte the version that wrote it (pattern.h; version 0: zeros).
#ifndef TORTURE_CONTENT_H
#define TORTURE_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Extents lie one behind the other from 0 to size.
struct extent {
	uint64_t begin, end;
	uint32_t version;
};

struct content {
	uint64_t size;
	struct extent *extents;
	size_t count, room;
};

void content_free(struct content *content);
void content_copy(struct content *to, const struct content *from); // `to` is initialised or zeros
// [begin, end) is of that version; a gap before it becomes zeros.
void content_write(struct content *content, uint64_t begin, uint64_t end, uint32_t version);
void content_resize(struct content *content, uint64_t size);
// The extent that holds the byte; NULL: beyond the end.
const struct extent *content_at(const struct content *content, uint64_t offset);
// How many of the bytes found at `offset` are as they must be; those beyond the end count as zeros.
size_t content_match(const struct content *content, uint64_t seed, uint32_t file, uint64_t offset, const uint8_t *data, size_t size);
// The version that must have written the byte; 0: nobody did.
uint32_t content_version(const struct content *content, uint64_t offset);

#endif
