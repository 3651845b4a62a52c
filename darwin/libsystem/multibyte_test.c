// SPDX-License-Identifier: MIT
// Characters in bytes: all of Unicode there and back, in one piece and byte by byte; what is no UTF-8.
#include "multibyte.h"

#include <gila/test.h>
#include <string.h>

TEST(multibyte_each_character_there_and_back)
{
	for (uint32_t c = 1; c <= 0x10ffff; c++) {
		char bytes[4];
		uint32_t back = 0;
		struct multibyte_state state = {0};
		size_t size = multibyte_encode(true, c, bytes);
		if (c >= 0xd800 && c < 0xe000) {
			CHECK_EQ(size, MULTIBYTE_WRONG);
			continue;
		}
		CHECK_EQ(multibyte_decode(true, bytes, size, &back, &state), size);
		CHECK_EQ(back, c);
		for (size_t i = 0; i < size; i++)
			CHECK_EQ(multibyte_decode(true, bytes + i, 1, &back, &state), i + 1 < size ? MULTIBYTE_SHORT : 1);
		CHECK_EQ(back, c);
	}
}

TEST(multibyte_what_is_no_utf8)
{
	static const char *const wrong[] = {"\x80",	    "\xc0\x80",	    "\xc1\xbf",		"\xe0\x80\x80", "\xed\xa0\x80",
					    "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x28\xa1", "\xff"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		uint32_t c;
		struct multibyte_state state = {0};
		CHECK_EQ(multibyte_decode(true, wrong[i], strlen(wrong[i]), &c, &state), MULTIBYTE_WRONG);
		CHECK_EQ(state.left, 0);
	}
	char to[4];
	CHECK_EQ(multibyte_encode(true, 0x110000, to), MULTIBYTE_WRONG);
}

TEST(multibyte_bytes_in_the_c_locale)
{
	uint32_t c = 0;
	char to[4];
	struct multibyte_state state = {0};
	CHECK_EQ(multibyte_decode(false, "\xe9", 1, &c, &state), 1);
	CHECK_EQ(c, 0xe9);
	CHECK_EQ(multibyte_encode(false, 0xe9, to), 1);
	CHECK_EQ(multibyte_encode(false, 0x100, to), MULTIBYTE_WRONG);
	CHECK_EQ(multibyte_decode(false, "", 0, &c, &state), MULTIBYTE_SHORT);
	CHECK_EQ(multibyte_decode(true, "", 1, &c, &state), 0);
}
