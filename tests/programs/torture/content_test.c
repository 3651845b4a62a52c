// SPDX-License-Identifier: MIT
// Tests of contents: against an array with one version for each byte.
#include "content.h"
#include "pattern.h"

#include <gila/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 300 };

static uint64_t seed;
static uint32_t roll(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(seed >> 33) % below;
}

static bool is_sound(const struct content *content)
{
	uint64_t at = 0;
	for (size_t i = 0; i < content->count; i++) {
		const struct extent *extent = &content->extents[i];
		if (extent->begin != at || extent->end <= at || (i > 0 && extent->version == extent[-1].version))
			return false;
		at = extent->end;
	}
	return at == content->size;
}

static bool one_walk(void)
{
	uint32_t versions[SIZE] = {0}, size = 0;
	struct content content = {0};
	bool good = true;
	for (uint32_t step = 1; good && step < 200; step++) {
		uint32_t begin = roll(SIZE - 1), end = begin + 1 + roll(SIZE - begin - 1);
		if (roll(4) == 0) {
			for (uint32_t i = begin; i < SIZE; i++)
				versions[i] = 0;
			size = begin;
			content_resize(&content, begin);
		} else {
			uint32_t version = roll(5);
			for (uint32_t i = begin; i < end; i++)
				versions[i] = version;
			size = end > size ? end : size;
			content_write(&content, begin, end, version);
		}
		good = content.size == size && is_sound(&content);
		for (uint32_t i = 0; good && i < SIZE; i++)
			good = content_version(&content, i) == versions[i];
	}
	content_free(&content);
	return good;
}

TEST(content_is_what_was_written_last)
{
	for (seed = 1; seed < 400; seed++) {
		uint64_t start = seed;
		bool good = one_walk();
		if (!good)
			printf("seed %llu\n", (unsigned long long)start);
		seed = start;
		CHECK(good);
	}
}

TEST(content_finds_the_first_wrong_byte)
{
	uint8_t data[200] = {0};
	struct content content = {0}, copy = {0};
	content_write(&content, 10, 60, 1);
	content_write(&content, 40, 100, 2);
	pattern_fill(5, 6, 1, 10, data + 10, 30);
	pattern_fill(5, 6, 2, 40, data + 40, 60);
	content_copy(&copy, &content);
	CHECK_EQ(content_match(&copy, 5, 6, 0, data, 200), 200); // zeros behind the end
	CHECK_EQ(content_match(&copy, 5, 6, 33, data + 33, 60), 60);
	data[41]++;
	CHECK_EQ(content_match(&copy, 5, 6, 0, data, 200), 41);
	data[41]--;
	data[130] = 1;
	CHECK_EQ(content_match(&copy, 5, 6, 20, data + 20, 180), 110);
	content_free(&content);
	content_free(&copy);
}
