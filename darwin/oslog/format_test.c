// SPDX-License-Identifier: MIT
// Messages of os_log: each kind of value as Clang writes it, and buffers that end too early.
#include "format.h"

#include <gila/test.h>
#include <string.h>

static uint8_t buffer[256];
static size_t used;
static char text[128];

static void begin(void)
{
	used = 2;
	buffer[0] = buffer[1] = 0;
}

static void item(unsigned kind, const void *value, size_t size)
{
	buffer[used++] = (uint8_t)(kind << 4 | 2);
	buffer[used++] = (uint8_t)size;
	memcpy(buffer + used, value, size);
	used += size;
	buffer[1]++;
}

static const char *format(const char *pattern)
{
	oslog_format(text, sizeof(text), pattern, buffer, used, "No such file");
	return text;
}

TEST(oslog_numbers)
{
	int32_t minus = -7, width = 6;
	uint64_t big = 0xfedcba9876543210u;
	uint8_t byte = 200;
	double real = 2.5;
	begin();
	item(0, &minus, 4), item(0, &big, 8), item(0, &byte, 1), item(0, &real, 8), item(0, &width, 4), item(0, &minus, 4);
	CHECK(strcmp(format("%d %{public}llx %hhu %.2f [%*d] 100%%"), "-7 fedcba9876543210 200 2.50 [    -7] 100%") == 0);
	CHECK(strcmp(format("%d %llx %hhu %g %*d %d"), "-7 fedcba9876543210 200 2.5     -7 <missing>") == 0);
	begin();
	item(0, &big, 8);
	CHECK(strcmp(format("%p"), "0xfedcba9876543210") == 0);
}

TEST(oslog_strings)
{
	const char *word = "words", *none = NULL;
	const wchar_t *wide = L"wide";
	uint32_t count = 3;
	begin();
	item(2, &word, 8), item(1, &count, 4), item(2, &word, 8), item(2, &none, 8), item(5, &wide, 8), item(6, "", 0);
	CHECK(strcmp(format("%{public}s|%.*s|%s|%S|%m"), "words|wor|(null)|wide|No such file") == 0);
	CHECK(strcmp(format("%-7s|%.3s|"), "words  |wor|") == 0);
	begin();
	item(1, &count, 4), item(3, &word, 8), item(7, "mask.abc", 8), item(2, &word, 8);
	CHECK(strcmp(format("%.*P %{private, mask.abc}s"), "77 6f 72 words") == 0);
}

TEST(oslog_damaged)
{
	uint64_t value = 1;
	begin();
	item(0, &value, 8);
	for (size_t size = 0; size < used; size++) {
		oslog_format(text, sizeof(text), "%{public", buffer, size, "");
		oslog_format(text, sizeof(text), "%llu", buffer, size, "");
		CHECK(strcmp(text, "<missing>") == 0);
	}
	buffer[3] = 200; // longer than any value
	CHECK(strcmp(format("%d%d"), "<missing><missing>") == 0);
	begin();
	CHECK(oslog_format(text, 4, "long text", buffer, used, "") == 3 && strcmp(text, "lon") == 0);
}
