// SPDX-License-Identifier: MIT
// Strings compared, found, changed and converted; tables of values.
#include "cfstring.h"
#include "table.h"

#include <gila/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t darwin_CFStringCompare(const void *left, const void *right, uint64_t options);
struct range darwin_CFStringFind(const void *string, const void *part, uint64_t options);
int64_t darwin_CFStringFindAndReplace(struct string *string, const void *part, const void *by, struct range range,
				      uint64_t options);
struct string *darwin_CFStringCreateWithFormat(const void *allocator, const void *options, const void *format, ...);
struct string *darwin_CFStringCreateMutableCopy(const void *allocator, int64_t most, const void *string);
void darwin_CFStringCapitalize(struct string *string, const void *locale);
void darwin_CFStringUppercase(struct string *string, const void *locale);
void darwin_CFStringTrimWhitespace(struct string *string);

static int64_t compare(const char *left, const char *right, uint64_t options)
{
	struct string *a = string_from_text(left), *b = string_from_text(right);
	int64_t order = darwin_CFStringCompare(a, b, options);
	darwin_CFRelease(a);
	darwin_CFRelease(b);
	return order;
}

TEST(strings_are_compared_as_the_options_say)
{
	CHECK(compare("abc", "abd", 0) == -1 && compare("b", "abc", 0) == 1 && compare("ab", "abc", 0) == -1);
	CHECK(compare("ABC", "abc", 0) != 0 && compare("ABC", "abc", 1) == 0 &&
	      compare("\xc3\x89", "\xc3\xa9", 1) == 0);
	CHECK(compare("a10", "a9", 0) == -1 && compare("a10", "a9", 64) == 1 && compare("a007b", "a7b", 64) == 0);
	CHECK(compare("caf\xc3\xa9", "cafe\xcc\x81", 0) != 0 && compare("caf\xc3\xa9", "cafe\xcc\x81", 16) == 0);
	CHECK(compare("caf\xc3\xa9", "cafe", 128) == 0 && compare("\xef\xbc\xa1", "A", 256) == 0);
	CHECK(compare("ABC", "abc", 1 | 512) == -1);
}

static bool finds(const char *text, const char *part, uint64_t options, int64_t start, int64_t count)
{
	struct string *a = string_from_text(text), *b = string_from_text(part);
	struct range range = darwin_CFStringFind(a, b, options);
	darwin_CFRelease(a);
	darwin_CFRelease(b);
	return range.start == start && range.count == count;
}

TEST(parts_of_strings_are_found)
{
	CHECK(finds("one two one", "one", 0, 0, 3) && finds("one two one", "one", 4, 8, 3) &&
	      finds("one", "x", 0, -1, 0));
	CHECK(finds("one two", "two", 8, -1, 0) && finds("one two", "two", 4 | 8, 4, 3) &&
	      finds("one", "ones", 0, -1, 0));
	CHECK(finds("ONE", "one", 1, 0, 3) && finds("one", "", 0, -1, 0));
	CHECK(finds("a cafe\xcc\x81!", "caf\xc3\xa9", 16, 2,
		    5)); // in parts there: a place longer than what was looked for
	CHECK(finds("caf\xc3\xa9s", "cafe", 128, 0, 4));
}

static bool changes(void (*change)(struct string *, const void *), const char *from, const char *to)
{
	struct string *string = string_from_text(from), *copy = darwin_CFStringCreateMutableCopy(NULL, 0, string);
	change(copy, NULL);
	char *text = string_to_utf8(copy);
	bool same = strcmp(text, to) == 0;
	if (!same)
		fprintf(stderr, "%s became %s\n", from, text);
	free(text);
	darwin_CFRelease(string);
	darwin_CFRelease(copy);
	return same;
}

static void trim(struct string *string, const void *unused)
{
	darwin_CFStringTrimWhitespace(string);
}

static void replace(struct string *string, const void *unused)
{
	struct string *part = string_from_text("a"), *by = string_from_text("aa");
	struct range all = {0, (int64_t)string_length(string)};
	darwin_CFStringFindAndReplace(string, part, by, all, 0);
	darwin_CFRelease(part);
	darwin_CFRelease(by);
}

TEST(strings_are_changed)
{
	CHECK(changes(darwin_CFStringCapitalize, "hello wORLD it's", "Hello World It's"));
	CHECK(changes(darwin_CFStringUppercase,
		      "stra\xc3\x9f"
		      "e \xc3\xa9\xf0\x90\x90\xa8",
		      "STRASSE \xc3\x89\xf0\x90\x90\x80"));
	CHECK(changes(trim, " \t x y\xc2\xa0\n", "x y"));
	CHECK(changes(replace, "abca", "aabcaa"));
}

TEST(formats_take_their_arguments)
{
	struct string *format = string_from_text("%d|%5.2f|%-4s|%@|%C|%%|%2$.1f|%lld|%c|%p"),
		      *inner = string_from_text("in"),
		      *made = darwin_CFStringCreateWithFormat(NULL, NULL, format, -3, 2.5, "ab", inner, 0x4e2d,
							      1L << 40, 'x', NULL);
	char *text = string_to_utf8(made);
	CHECK(strcmp(text, "-3| 2.50|ab  |in|\xe4\xb8\xad|%|2.5|1099511627776|x|0x0") == 0);
	free(text);
	darwin_CFRelease(made);
	darwin_CFRelease(inner);
	darwin_CFRelease(format);
	format = string_from_text("%*d %k 100%");
	made = darwin_CFStringCreateWithFormat(NULL, NULL, format, 4, 7);
	text = string_to_utf8(made);
	CHECK(strcmp(text, "   7 %k 100%") == 0);
	free(text);
	darwin_CFRelease(made);
	darwin_CFRelease(format);
}

static bool converts(const char *bytes, size_t size, uint32_t encoding, const char *text)
{
	size_t count, written;
	uint16_t *units = encoding_decode((const uint8_t *)bytes, size, encoding, false, &count);
	if (!units || !text) {
		free(units);
		return !units && !text;
	}
	struct string *string = string_make(units, count);
	char *utf8 = string_to_utf8(string);
	uint8_t back[64];
	size_t all =
		encoding_encode(string, (struct range){0, (int64_t)count}, encoding, 0, back, sizeof(back), &written);
	bool same = strcmp(utf8, text) == 0 && all == count && written == size && memcmp(back, bytes, size) == 0;
	free(units);
	free(utf8);
	darwin_CFRelease(string);
	return same;
}

TEST(encodings_go_there_and_back)
{
	CHECK(converts("caf\xe9", 4, STRING_LATIN1, "caf\xc3\xa9"));
	CHECK(converts("\x20\xac\xd8\x3d\xde\x00", 6, STRING_UTF16_BIG, "\xe2\x82\xac\xf0\x9f\x98\x80"));
	CHECK(converts("\xac\x20", 2, STRING_UTF16_LITTLE, "\xe2\x82\xac"));
	CHECK(converts("\x00\x01\xf6\x00", 4, STRING_UTF32_BIG, "\xf0\x9f\x98\x80"));
	CHECK(converts("\xff", 1, STRING_ASCII, NULL) && converts("\xff", 1, STRING_UTF8, NULL));
	CHECK(converts("\x00\x11\x00\x00", 4, STRING_UTF32_BIG, NULL) && converts("a", 1, STRING_UTF16_BIG, NULL));
}

TEST(tables_find_what_was_put_and_not_what_was_removed)
{
	struct table table = {.keys = {0}};
	for (uintptr_t i = 1; i <= 1000; i++)
		table_put(&table, (const void *)(i * 8), (const void *)i, TABLE_ADD);
	for (uintptr_t i = 1; i <= 1000; i += 2)
		table_remove(&table, (const void *)(i * 8));
	CHECK_EQ(table.count, 500);
	for (uintptr_t i = 1; i <= 1000; i++) {
		const struct entry *entry = table_find(&table, (const void *)(i * 8));
		CHECK(i % 2 ? !entry : entry && entry->value == (const void *)i);
	}
	table_put(&table, (const void *)16, (const void *)7, TABLE_ADD);
	CHECK(table_find(&table, (const void *)16)->value == (const void *)2);
	table_put(&table, (const void *)16, (const void *)7, TABLE_REPLACE);
	table_put(&table, (const void *)24, (const void *)7, TABLE_REPLACE);
	CHECK(table_find(&table, (const void *)16)->value == (const void *)7 && !table_find(&table, (const void *)24));
	table_clear(&table);
}
