// SPDX-License-Identifier: MIT
// Descriptions of wrong bytes; see describe.h.
#include "describe.h"
#include "pattern.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void describe_file(char text[32], uint32_t id) { snprintf(text, 32, "c%u:%u", (id >> 24) - 1, id & 0xffffff); }

static bool is_zeros(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (data[i])
			return false;
	return true;
}

static void describe_origin(char *text, size_t room, const struct pattern_origin *origin, uint32_t id, uint64_t offset)
{
	char name[32];
	describe_file(name, origin->file);
	if (origin->file != id)
		snprintf(text, room, "version %u of the file %s at %" PRIu64, origin->version, name, origin->offset);
	else if (origin->offset != offset)
		snprintf(text, room, "its own version %u, but that of offset %" PRIu64, origin->version, origin->offset);
	else
		snprintf(text, room, "its own version %u", origin->version);
}

// One bit of the unit is other than expected.
static bool is_flip(const uint8_t *found, const uint8_t *right)
{
	unsigned bits = 0;
	for (unsigned i = 0; i < PATTERN_UNIT; i++)
		bits += (unsigned)__builtin_popcount(found[i] ^ right[i]);
	return bits == 1;
}

static void describe_found(char *text, size_t room, uint64_t seed, uint32_t id, uint32_t expected, uint64_t offset,
			   const uint8_t *unit, size_t size)
{
	struct pattern_origin origin;
	uint8_t right[PATTERN_UNIT];
	if (is_zeros(unit, size)) {
		snprintf(text, room, "zeros");
	} else if (size == PATTERN_UNIT && pattern_read(seed, unit, &origin)) {
		describe_origin(text, room, &origin, id, offset);
	} else {
		pattern_fill(seed, id, expected, offset, right, sizeof(right));
		if (size == PATTERN_UNIT && is_flip(unit, right))
			snprintf(text, room, "one bit wrong");
		else
			snprintf(text, room, "0x%02x..., which nobody wrote or parts of several versions", unit[0]);
	}
}

void describe_wrong(char text[DESCRIBE_ROOM], uint64_t seed, const struct tree_file *file, uint32_t expected, uint64_t offset,
		    const uint8_t *data, size_t size, size_t wrong)
{
	char name[32], found[128];
	// The whole unit that the byte lies in, or else the next one.
	size_t skip = (PATTERN_UNIT - offset % PATTERN_UNIT) % PATTERN_UNIT, unit = wrong;
	if (wrong >= skip)
		unit = skip + (wrong - skip) / PATTERN_UNIT * PATTERN_UNIT;
	size_t there = size - unit < PATTERN_UNIT ? size - unit : PATTERN_UNIT;
	describe_found(found, sizeof(found), seed, file->id, expected, offset + unit, data + unit, there);
	describe_file(name, file->id);
	snprintf(text, DESCRIBE_ROOM, "file %s (d%d/f%02d, %" PRIu64 " bytes) at %" PRIu64 ": expected version %u, found %s", name,
		 file->dir == TREE_NOWHERE ? -1 : file->dir, file->slot == TREE_NOWHERE ? -1 : file->slot, file->content.size,
		 offset + wrong, expected, found);
}
