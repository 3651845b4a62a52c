// SPDX-License-Identifier: MIT
#include "vis.h"

#include <gila/test.h>
#include <stdlib.h>
#include <string.h>

static void check_encoded(const char *from, size_t size, int flags, const char *wanted)
{
	char text[256];
	long got = vis_encode(text, sizeof(text), from, size, flags, NULL, false);
	CHECK_EQ(got, (long)strlen(wanted));
	CHECK(got >= 0 && strcmp(text, wanted) == 0);
}

TEST(vis_styles_of_the_manual)
{
	check_encoded("a b\tc\n", 6, 0, "a b\tc\n");
	check_encoded("a b\tc\n", 6, VIS_SP | VIS_TAB | VIS_NL, "a\\040b\\011c\\012");
	check_encoded("a b\tc\n", 6, VIS_SP | VIS_TAB | VIS_NL | VIS_CSTYLE, "a\\sb\\tc\\n");
	check_encoded("\001\177\200\240\341", 5, 0, "\\^A\\^?\\M^@\\240\\M-a");
	check_encoded("\001\177", 2, VIS_OCTAL, "\\001\\177");
	check_encoded("\\", 1, 0, "\\\\");
	check_encoded("\\\001", 2, VIS_NOSLASH, "\\^A");
	check_encoded("\0001\000x", 4, VIS_CSTYLE, "\\0001\\0x");
	check_encoded("a*b[", 4, VIS_GLOB, "a\\052b\\133");
	check_encoded("\b\a\r", 3, VIS_SAFE, "\b\a\r");
	check_encoded("a/b ~", 5, VIS_HTTPSTYLE, "a%2fb%20%7e");
	check_encoded("a=b \n", 5, VIS_MIMESTYLE, "a=3Db=20\n");
}

TEST(vis_keeps_characters_of_utf8_that_can_be_seen)
{
	char text[32];
	setenv("LC_ALL", "C.UTF-8", 1);
	CHECK_EQ(vis_encode(text, sizeof(text), "\xff", 1, 0, NULL, true), 4);
	CHECK(strcmp(text, "\\M^?") == 0);
}

TEST(vis_never_writes_beyond_the_room)
{
	char text[8];
	CHECK_EQ(vis_encode(text, 5, "\001\001", 2, 0, NULL, false), -1);
	CHECK_EQ(vis_encode(text, 7, "\001\001", 2, 0, NULL, false), 6);
	CHECK_EQ(vis_encode(text, 0, "", 0, 0, NULL, false), -1);
	CHECK_EQ(vis_encode(text, 1, "", 0, 0, NULL, false), 0);
}

static void check_decoded(const char *from, int flags, const char *wanted, long size)
{
	char text[64];
	CHECK_EQ(vis_decode(text, sizeof(text), from, flags), size);
	if (size > 0)
		CHECK(memcmp(text, wanted, (size_t)size) == 0);
}

TEST(unvis_reads_all_styles)
{
	check_decoded("a\\040b\\n\\s\\\\", 0, "a b\n \\", 6);
	check_decoded("\\^A\\^?\\M^@\\M-a\\7x\\18", 0, "\001\177\200\341\007x\0018", 8);
	check_decoded("\\x41\\12", 0, "A\n", 2);
	check_decoded("a%2fb", VIS_HTTPSTYLE, "a/b", 3);
	check_decoded("a=3D=\nb", VIS_MIMESTYLE, "a=b", 3);
	check_decoded("\\\n\\$x", 0, "x", 1);
}

TEST(unvis_refuses_what_is_no_sequence)
{
	check_decoded("\\", 0, "", -1);
	check_decoded("\\M", 0, "", -1);
	check_decoded("\\Mx", 0, "", -1);
	check_decoded("%g1", VIS_HTTPSTYLE, "", -1);
	check_decoded("%4", VIS_HTTPSTYLE, "", -1);
	char text[2];
	CHECK_EQ(vis_decode(text, 2, "ab", 0), -2);
}

TEST(unvis_undoes_vis)
{
	static const int styles[] = {0, VIS_OCTAL, VIS_CSTYLE, VIS_SP | VIS_TAB | VIS_NL, VIS_CSTYLE | VIS_GLOB | VIS_SHELL, VIS_HTTPSTYLE};
	char from[256], text[1100], back[300];
	for (int i = 0; i < 256; i++)
		from[i] = (char)((i * 167 + 1) % 256);
	for (size_t i = 0; i < sizeof(styles) / sizeof(*styles); i++) {
		CHECK(vis_encode(text, sizeof(text), from, 256, styles[i], NULL, false) >= 256);
		CHECK_EQ(vis_decode(back, sizeof(back), text, styles[i] & VIS_HTTPSTYLE), 256);
		CHECK(memcmp(from, back, 256) == 0);
	}
}
