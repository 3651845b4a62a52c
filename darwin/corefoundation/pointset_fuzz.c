// SPDX-License-Identifier: MIT
// Any bytes as a set of characters' bitmap: what is read is written the same. The fuzzer's bytes say which of its many are not 0.
#include "pointset.h"

#include <gila/fuzz.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = POINTSET_PLANE + 3 * (POINTSET_PLANE + 1) + 1 };

// The size, then a place and a value each time.
static size_t unfold(const uint8_t *data, size_t size, uint8_t *bitmap)
{
	size_t length = size >= 2 ? (data[0] | (size_t)data[1] << 8) % MOST : 0;
	for (size_t i = 2; i + 2 < size; i += 3)
		if (length)
			bitmap[(data[i] | (size_t)data[i + 1] << 8) % length] = data[i + 2];
	return length;
}

static int fuzz_pointset(const uint8_t *data, size_t size)
{
	uint8_t *bitmap = calloc(1, MOST);
	struct pointset set = {0};
	if (!bitmap)
		return 0;
	size_t length = unfold(data, size, bitmap), again;
	if (pointset_from_bitmap(bitmap, length, &set)) {
		uint8_t *written = pointset_to_bitmap(&set, &again);
		struct pointset other = {0};
		if (!pointset_from_bitmap(written, again, &other) || !pointset_contains(&set, &other) ||
		    !pointset_contains(&other, &set))
			__builtin_trap();
		pointset_free(&other);
		free(written);
	}
	pointset_free(&set);
	free(bitmap);
	return 0;
}
FUZZ_TARGET(fuzz_pointset)
