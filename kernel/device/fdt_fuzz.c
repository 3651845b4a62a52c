// SPDX-License-Identifier: MIT
// Fuzz target of the reader of device trees: whatever it accepts can be walked to the end, and everything that it points
// at lies in the blob. When the first byte is odd, the header is put right first, so that the structure gets its turn.
#include "fdt_make.h"
#include "fdt_walk.h"

#include <gila/fuzz.h>
#include <stdlib.h>

static void require(bool good)
{
	if (!good)
		__builtin_trap();
}

// Structure and strings as large as the blob allows: the strings are its last quarter.
static void repair(uint8_t *blob, size_t size)
{
	uint32_t strings = (uint32_t)(size - size / 4) & ~3u;
	const uint32_t header[10] = {0xd00dfeed, (uint32_t)size, 40, strings, 40, 17, 16, 0, (uint32_t)size - strings,
				     strings - 40};
	for (unsigned i = 0; i < 10; i++)
		fdt_make_number(blob + 4 * i, header[i]);
}

static void check_property(const uint8_t *blob, size_t size, const struct fdt_property *property)
{
	require(property->value >= blob && (size_t)(property->value - blob) <= size &&
		property->size <= size - (size_t)(property->value - blob));
	size_t length = strlen(property->name);
	require((const uint8_t *)property->name > blob && (const uint8_t *)property->name + length < blob + size);
	const char *text;
	for (uint32_t i = 0; i < 20 && (text = fdt_string(property, i)); i++)
		require((const uint8_t *)text >= property->value && strlen(text) < property->size);
}

static void check_node(const uint8_t *blob, size_t size, const struct fdt_walk *walk)
{
	struct fdt_property property;
	uint64_t address, bytes;
	uint32_t cursor = 0, line, before = 0;
	bool reachable;
	require(walk->depth < FDT_DEPTH_MAX && walk->levels[walk->depth].node == walk->node);
	while (fdt_each(walk->fdt, walk->node, &cursor, &property)) {
		require(cursor > before);
		before = cursor;
		check_property(blob, size, &property);
	}
	for (uint32_t i = 0; i < 64 && fdt_walk_region(walk, i, &address, &bytes, &reachable); i++)
		require(!reachable || (bytes > 0 && address + (bytes - 1) >= address));
	for (uint32_t i = 0; i < 64 && fdt_walk_interrupt(walk, i, &line, &reachable); i++)
		;
}

static int fuzz_fdt(const uint8_t *data, size_t size)
{
	struct fdt fdt;
	struct fdt_walk walk;
	uint32_t at, before = 0;
	if (size < 1 + 40 || size > 65536)
		return 0;
	uint8_t *blob = malloc(size - 1);
	if (!blob)
		return 0;
	memcpy(blob, data + 1, size - 1);
	size--;
	if (data[0] & 1)
		repair(blob, size);
	enum fdt_error error = fdt_open(&fdt, blob, size, &at);
	require(fdt_error_reason(error)[0] && at <= size);
	if (!error) {
		fdt_walk_begin(&walk, &fdt);
		while (fdt_walk_next(&walk)) {
			require(walk.node > before);
			before = walk.node;
			check_node(blob, size, &walk);
		}
	}
	free(blob);
	return 0;
}

FUZZ_TARGET(fuzz_fdt)
