// SPDX-License-Identifier: MIT
#include "keys.h"

#include <gila/test.h>
#include <stdlib.h>
#include <string.h>

static struct keys keys;

// What the codes are worth.
static const char *take(const char *codes, size_t count)
{
	static char text[64];
	uint32_t size = 0;
	for (size_t i = 0; i < count; i++)
		size += keys_take(&keys, (uint8_t)codes[i], (uint8_t *)text + size);
	text[size] = 0;
	return text;
}
#define TAKE(codes) take(codes, sizeof(codes) - 1)

TEST(keys_become_characters)
{
	keys = (struct keys){0};
	CHECK(strcmp(TAKE("\x23\xa3\x12\x92\x26\xa6\x26\xa6\x18\x98\x02\x39\x1c"), "hello1 \r") == 0);
	CHECK(strcmp(TAKE("\x01\x0e\x0f\x2b\x35\x47\x53\x3b\x45"), "\x1b\x7f\t\\/7.") == 0);
}

TEST(keys_follow_shift_and_caps)
{
	keys = (struct keys){0};
	CHECK(strcmp(TAKE("\x2a\x1e\x02\xaa\x1e\x02"), "A!a1") == 0);
	CHECK(strcmp(TAKE("\x2a\x36\x1e\xaa\x1e\xb6\x1e"), "AAa") == 0);
	CHECK(strcmp(TAKE("\x3a\xba\x1e\x02\x2a\x1e\x02\xaa\x3a\xba\x1e"), "A1a!a") == 0);
	CHECK(strcmp(TAKE("\x36\x28\x29\x2b\x33\xb6"), "\"~|<") == 0);
}

TEST(keys_follow_control_and_alt)
{
	keys = (struct keys){0};
	CHECK(strcmp(TAKE("\x1d\x2e\x20\x1a\x9d\x2e"), "\x03\x04\x1b" "c") == 0);
	CHECK(strcmp(TAKE("\xe0\x1d\x2e\xe0\x9d\x2e"), "\x03" "c") == 0);
	CHECK(strcmp(TAKE("\x38\x21\xb8\x21"), "\x1b" "ff") == 0);
	CHECK(strcmp(TAKE("\x3a\x1d\x2e\x9d\x3a"), "\x03") == 0);
}

TEST(keys_that_move_are_sequences)
{
	keys = (struct keys){0};
	CHECK(strcmp(TAKE("\xe0\x48\xe0\xc8\xe0\x4b\xe0\x53\xe0\x1c\xe0\x35"), "\x1b[A\x1b[D\x1b[3~\r/") == 0);
	CHECK(strcmp(TAKE("\xe0\x2a\xe0\x4d\xe0\xcd\xe0\xaa\x1e"), "\x1b[Ca") == 0); // with the shift that some keyboards add
	CHECK(strcmp(TAKE("\xe1\x1d\x45\xe1\x9d\xc5\x1e"), "a") == 0);
}

TEST(keys_survive_any_codes)
{
	uint8_t bytes[KEYS_MOST];
	keys = (struct keys){0};
	for (unsigned i = 0; i < 100000; i++)
		CHECK(keys_take(&keys, (uint8_t)rand(), bytes) <= KEYS_MOST);
}
