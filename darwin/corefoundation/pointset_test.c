// SPDX-License-Identifier: MIT
// Sets of code points, beside an array of bools.
#include "pointset.h"

#include <gila/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SMALL = 64 };

static bool same(const struct pointset *set, const bool *bits)
{
	for (uint32_t i = 0; i < SMALL; i++)
		if (pointset_has(set, i) != bits[i])
			return false;
	for (size_t i = 1; i < set->count; i++)
		if (set->edges[i] <= set->edges[i - 1])
			return false;
	return set->count % 2 == 0;
}

TEST(pointset_random)
{
	static const enum pointset_how hows[] = {POINTSET_UNION, POINTSET_COMMON, POINTSET_WITHOUT, POINTSET_OTHERS};
	unsigned begin = (unsigned)time(NULL), seed = begin;
	struct pointset set = {0};
	bool bits[SMALL] = {false};
	for (int i = 0; i < 2000; i++) {
		uint32_t first = (uint32_t)rand_r(&seed) % SMALL, end = first + (uint32_t)rand_r(&seed) % (SMALL + 1 - first);
		enum pointset_how how = hows[rand_r(&seed) % 3];
		if (rand_r(&seed) % 16 == 0) {
			first = end = 0;
			how = POINTSET_OTHERS;
		}
		for (uint32_t j = 0; j < SMALL; j++)
			bits[j] = (unsigned)how >> (bits[j] + 2 * (j >= first && j < end)) & 1;
		pointset_range(&set, first, end, how);
		if (!same(&set, bits)) {
			printf("seed %u, step %d\n", begin, i);
			CHECK(false);
			break;
		}
	}
	pointset_free(&set);
}

TEST(pointset_bitmap)
{
	struct pointset set = {0}, read = {0};
	size_t size;
	pointset_range(&set, 'a', 'z' + 1, POINTSET_UNION);
	pointset_range(&set, 0xfff0, 0x10003, POINTSET_UNION);
	pointset_range(&set, 0x10ffff, 0x110000, POINTSET_UNION);
	uint8_t *bytes = pointset_to_bitmap(&set, &size);
	CHECK_EQ(size, 3u * POINTSET_PLANE + 2);
	CHECK(bytes[POINTSET_PLANE] == 1 && bytes[2 * POINTSET_PLANE + 1] == 16 && bytes[size - 1] == 0x80);
	CHECK(pointset_from_bitmap(bytes, size, &read));
	CHECK(read.count == set.count && memcmp(read.edges, set.edges, set.count * sizeof(*set.edges)) == 0);
	pointset_free(&read);
	CHECK(!pointset_from_bitmap(bytes, size - 1, &read) && !pointset_from_bitmap(bytes, 100, &read));
	bytes[POINTSET_PLANE] = 16; // twice
	CHECK(!pointset_from_bitmap(bytes, size, &read));
	bytes[POINTSET_PLANE] = 17;
	CHECK(!pointset_from_bitmap(bytes, size, &read));
	free(bytes);
	pointset_free(&set);
}

TEST(pointset_contains)
{
	struct pointset set = {0}, part = {0};
	pointset_range(&set, 10, 20, POINTSET_UNION);
	CHECK(pointset_contains(&set, &part) && !pointset_contains(&part, &set));
	pointset_range(&part, 12, 20, POINTSET_UNION);
	CHECK(pointset_contains(&set, &part));
	pointset_range(&part, 20, 21, POINTSET_UNION);
	CHECK(!pointset_contains(&set, &part));
	pointset_free(&set);
	pointset_free(&part);
}
