// SPDX-License-Identifier: MIT
// Normal forms: examples of Unicode Standard Annex 15.
#include "unicode.h"

#include <gila/test.h>
#include <stdlib.h>
#include <string.h>

static bool normalizes(const uint16_t *from, size_t from_count, bool compatible, bool compose, const uint16_t *to,
		       size_t to_count)
{
	size_t count;
	uint16_t *units = unicode_normalize(from, from_count, compatible, compose, &count);
	bool same = count == to_count && memcmp(units, to, to_count * 2) == 0;
	free(units);
	return same;
}
#define NORMALIZES(from, compatible, compose, to)                                                                      \
	normalizes(from, sizeof(from) / 2 - 1, compatible, compose, to, sizeof(to) / 2 - 1)

TEST(letters_and_marks_are_taken_apart_and_put_together)
{
	CHECK(NORMALIZES(u"\u00e9", false, false, u"e\u0301"));
	CHECK(NORMALIZES(u"e\u0301", false, true, u"\u00e9"));
	CHECK(NORMALIZES(u"\u1e69", false, false, u"s\u0323\u0307"));
	CHECK(NORMALIZES(u"s\u0307\u0323", false, true, u"\u1e69")); // marks are put in order first
	CHECK(NORMALIZES(u"\u1e0b\u0323", false, true, u"\u1e0d\u0307"));
	CHECK(NORMALIZES(u"\u212b", false, true, u"\u00c5")); // Angstrom: a singleton is not made again
	CHECK(NORMALIZES(u"abc", false, true, u"abc"));
}

TEST(hangul_is_arithmetic)
{
	CHECK(NORMALIZES(u"\ud55c", false, false, u"\u1112\u1161\u11ab"));
	CHECK(NORMALIZES(u"\u1112\u1161\u11ab", false, true, u"\ud55c"));
	CHECK(NORMALIZES(u"\u1112\u1161", false, true, u"\ud558"));
}

TEST(compatible_forms_are_only_taken_apart_when_asked_for)
{
	CHECK(NORMALIZES(u"\ufb01", false, true, u"\ufb01"));
	CHECK(NORMALIZES(u"\ufb01", true, true, u"fi"));
}

TEST(utf8_that_is_not_well_formed_is_refused)
{
	uint32_t point;
	CHECK_EQ(unicode_from_utf8("\xc3\xa9", 2, &point), 2);
	CHECK_EQ(point, 0xe9);
	CHECK_EQ(unicode_from_utf8("\xc3", 1, &point), 0);
	CHECK_EQ(unicode_from_utf8("\xc0\x80", 2, &point), 0);	   // too long
	CHECK_EQ(unicode_from_utf8("\xed\xa0\x80", 3, &point), 0); // a surrogate
	CHECK_EQ(unicode_from_utf8("\xf4\x90\x80\x80", 4, &point), 0);
	CHECK_EQ(unicode_from_utf8("\x80", 1, &point), 0);
}

TEST(every_code_point_survives_both_encodings)
{
	for (uint32_t point = 1; point < 0x110000; point += 7) {
		char text[4];
		uint32_t back;
		if (point >= 0xd800 && point < 0xe000)
			continue;
		size_t size = unicode_to_utf8(point, text);
		CHECK_EQ(unicode_from_utf8(text, size, &back), size);
		CHECK_EQ(back, point);
	}
}
