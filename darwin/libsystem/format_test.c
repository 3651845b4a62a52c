// SPDX-License-Identifier: MIT
// printf's formats: what Darwin's manual says where it differs from the host's; many random values against the host's formatter.
#include "format.h"

#include <gila/test.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct text_sink {
	struct format_sink sink;
	char text[2048];
	size_t size;
};

static void text_put(struct format_sink *sink, const char *text, size_t size)
{
	struct text_sink *to = (struct text_sink *)sink;
	for (size_t i = 0; i < size && to->size < sizeof(to->text) - 1; i++)
		to->text[to->size++] = text[i];
}

static struct text_sink last;

static int print(const char *format, ...)
{
	va_list arguments;
	last = (struct text_sink){.sink = {.put = text_put, .utf8 = true, .separator = ",", .groups = "\3"}};
	va_start(arguments, format);
	int result = format_write(&last.sink, format, arguments);
	va_end(arguments);
	return result;
}
#define PRINTS(expected, ...)                                                                                          \
	do {                                                                                                           \
		CHECK_EQ(print(__VA_ARGS__), (int)strlen(expected));                                                   \
		CHECK(strcmp(last.text, expected) == 0);                                                               \
	} while (0)

TEST(format_where_darwin_differs)
{
	PRINTS("0x0", "%p", (void *)0);
	PRINTS("   0x10|0x10  ", "%7p|%-6p", (void *)16, (void *)16);
	PRINTS("-5 7 10 1", "%D %U %O %qd", -5L, 7L, 8L, 1LL);
	PRINTS("000ab|00c", "%05s|%03c", "ab", 'c');
	PRINTS("nan|  nan|NAN", "%f|%05g|%E", -(double)NAN, (double)NAN, (double)NAN);
	PRINTS("0x1p-1074|-0x1.8p-1073", "%a|%a", 0x1p-1074, -0x1.8p-1073);
	PRINTS("k|m|   y", "%k|%m|%4y");
	PRINTS("(nul|(null)", "%.4s|%s", (char *)0, (char *)0);
	PRINTS("1,234,567|-1,000|999", "%'d|%'ld|%'u", 1234567, -1000L, 999u);
}

TEST(format_strings_and_characters)
{
	PRINTS("\xc3\xa9|\xe2\x82\xac|  \xc3\xa9", "%ls|%lc|%4S", L"\u00e9", (wint_t)0x20ac, L"\u00e9");
	PRINTS("\xc3\xa9", "%.3ls", L"\u00e9\u00e9");
	CHECK_EQ(print("%ls", (const wchar_t[]){0xd800, 0}), FORMAT_EILSEQ);
	PRINTS("b a 007", "%2$s %1$s %3$0*4$d", "a", "b", 7, 3);
	PRINTS("x  |  x", "%-*s|%*s", 3, "x", 3, "x");
	PRINTS("x  ", "%*s", -3, "x");
	int count = 0;
	signed char small = 0;
	PRINTS("abc", "ab%nc%hhn", &count, &small);
	CHECK_EQ(count, 2);
	CHECK_EQ(small, 3);
	PRINTS("100%", "%d%%", 100);
	PRINTS("", "%.0d", 0);
	PRINTS("0|010|0x1f|0X1F", "%#x|%#o|%#x|%#X", 0, 8, 31, 31);
	CHECK_EQ(print("%65$d", 1), FORMAT_EINVAL);
}

// Conversions that are the same in both: every combination of flags, widths and precisions, for values that come out of a seed.
TEST(format_random_values_against_the_host)
{
	uint64_t seed = 20261125, values[4];
	static const char conversions[] = "diouxXeEfFgGa";
	for (int round = 0; round < 200000; round++) {
		for (int i = 0; i < 4; i++)
			values[i] = seed = seed * 6364136223846793005u + 1442695040888963407u;
		char format[32] = "%", *at = format + 1, expected[2048], conversion = conversions[values[0] >> 33 & 15 ? (values[0] >> 40) % 13 : 0];
		for (int i = 0; i < 5; i++)
			if (values[1] >> (20 + i) & 1)
				*at++ = "-+ #0"[i];
		if (values[1] >> 30 & 1)
			at += sprintf(at, "%d", (int)(values[1] >> 40 & 31));
		if (values[1] >> 31 & 1)
			at += sprintf(at, ".%d", (int)(values[1] >> 50 & 15));
		if (strchr("diouxX", conversion)) {
			sprintf(at, "%s%c", (values[2] >> 30 & 1) ? "ll" : (values[2] >> 31 & 1) ? "hh" : "l", conversion);
			long long value = (long long)values[3] >> (values[2] >> 40 & 63);
			snprintf(expected, sizeof(expected), format, value);
			print(format, value);
		} else {
			double value;
			uint64_t bits = values[3] ^ values[2] >> 32;
			memcpy(&value, &bits, 8);
			if (isnan(value) || fpclassify(value) == FP_SUBNORMAL)
				continue;
			sprintf(at, "%c", conversion);
			snprintf(expected, sizeof(expected), format, value);
			print(format, value);
		}
		if (strcmp(last.text, expected) != 0)
			printf("seed 20261125, round %d: %s gives [%s], not [%s]\n", round, format, last.text, expected);
		CHECK(strcmp(last.text, expected) == 0);
	}
}

TEST(format_wide)
{
	struct text_sink to = {.sink = {.put = text_put, .wide = true, .utf8 = true}};
	last = to;
	va_list none;
	memset(&none, 0, sizeof(none));
	CHECK_EQ(format_write(&last.sink, "\xc3\xa9%%", none), 2);
}
