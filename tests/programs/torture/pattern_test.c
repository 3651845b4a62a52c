// SPDX-License-Identifier: MIT
// Tests of the pattern.
#include "pattern.h"

#include <gila/test.h>
#include <string.h>

TEST(pattern_is_the_same_however_it_is_cut)
{
	uint8_t whole[1000], part[1000];
	pattern_fill(7, 3, 9, 5000, whole, sizeof(whole));
	for (size_t at = 0, step = 1; at < sizeof(part); at += step, step = step % 37 + 1) {
		if (step > sizeof(part) - at)
			step = sizeof(part) - at;
		pattern_fill(7, 3, 9, 5000 + at, part + at, step);
	}
	CHECK(memcmp(whole, part, sizeof(whole)) == 0);
	CHECK_EQ(pattern_match(7, 3, 9, 5000, whole, sizeof(whole)), sizeof(whole));
	whole[321] ^= 1;
	CHECK_EQ(pattern_match(7, 3, 9, 5000, whole, sizeof(whole)), 321);
}

TEST(pattern_tells_where_a_unit_comes_from)
{
	struct pattern_origin origin;
	uint8_t unit[PATTERN_UNIT];
	for (uint32_t i = 1; i < 2000; i++) {
		pattern_fill(i * 77, i * 31, i, (uint64_t)i * 48, unit, sizeof(unit));
		CHECK(pattern_read(i * 77, unit, &origin));
		CHECK_EQ(origin.file, i * 31);
		CHECK_EQ(origin.version, i);
		CHECK_EQ(origin.offset, (uint64_t)i * 48);
		CHECK(!pattern_read(i * 77 + 1, unit, &origin)); // another seed
		unit[i % PATTERN_UNIT] ^= 1 << i % 8;
		CHECK(!pattern_read(i * 77, unit, &origin));
	}
}

TEST(pattern_of_nobody_is_zeros)
{
	uint8_t zeros[64];
	struct pattern_origin origin;
	memset(zeros, 1, sizeof(zeros));
	pattern_fill(1, 2, 0, 0, zeros, sizeof(zeros));
	CHECK_EQ(pattern_match(1, 2, 0, 0, zeros, sizeof(zeros)), sizeof(zeros));
	CHECK(!pattern_read(1, zeros, &origin));
}
