// SPDX-License-Identifier: MIT
#include "base.h"

#include <gila/test.h>

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

TEST(format_writes_what_printf_would)
{
	char text[64];
	CHECK_EQ(format_text(text, sizeof(text), "%d|%5u|%-4d|%04x|%X", -7, 42u, 3, 0xabu, 0xabu), 21);
	CHECK(same(text, "-7|   42|3   |00ab|AB"));
	format_text(text, sizeof(text), "%s|%.2s|%6s|%c|%%", "name", "name", "r", 'z');
	CHECK(same(text, "name|na|     r|z|%"));
	format_text(text, sizeof(text), "%ld %lu %zu", -5000000000, 18446744073709551615ul, (size_t)9);
	CHECK(same(text, "-5000000000 18446744073709551615 9"));
	format_text(text, sizeof(text), "%*d|%.*s", 4, 7, 2, "xyz");
	CHECK(same(text, "   7|xy"));
	const char *volatile none = NULL; // kept from the compiler, which refuses a NULL that it sees
	format_text(text, sizeof(text), "%s", none);
	CHECK(same(text, "(none)"));
}

TEST(format_truncates_and_tells_the_whole_length)
{
	char text[4];
	CHECK_EQ(format_text(text, sizeof(text), "%s", "abcdef"), 6);
	CHECK(same(text, "abc"));
	CHECK_EQ(format_text(NULL, 0, "%d", 12345), 5);
}

TEST(log_is_read_from_an_offset)
{
	uint64_t offset = 0;
	char text[256];
	while (log_read(&offset, text, sizeof(text)) > 0)
		;
	uint64_t start = offset;
	log_line("test", "one %d", 1);
	log_line("test", "bad\nline\x01");
	size_t length = log_read(&offset, text, sizeof(text) - 1);
	CHECK_EQ(offset - start, length);
	text[length] = '\0';
	unsigned lines = 0;
	for (size_t i = 0; i < length; i++)
		lines += text[i] == '\n';
	CHECK_EQ(lines, 2);
	CHECK(text[length - 2] == '?');
}
