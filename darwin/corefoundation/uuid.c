// SPDX-License-Identifier: MIT
// CFUUID. Facts: CFUUID.h; RFC 4122.
#include "object.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct uuid_bytes { // CFUUIDBytes
	uint8_t byte[16];
};
struct uuid {
	struct object head;
	struct uuid_bytes bytes;
};

void darwin_arc4random_buf(void *to, size_t size);

static bool uuid_equal(const struct object *left, const struct object *right)
{
	return memcmp(&((const struct uuid *)left)->bytes, &((const struct uuid *)right)->bytes, 16) == 0;
}

static uint64_t uuid_hash(const struct object *object)
{
	return object_hash_bytes(&((const struct uuid *)object)->bytes, 16);
}

static void uuid_write(const struct uuid *uuid, char text[37])
{
	char *to = text;
	for (int i = 0; i < 16; i++)
		to += sprintf(to, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02X" : "%02X", uuid->bytes.byte[i]);
}

static void uuid_describe(const struct object *object, struct bytes *to)
{
	char text[37];
	uuid_write((const struct uuid *)object, text);
	bytes_add_format(to, "<CFUUID %p> %s", (const void *)object, text);
}

static const struct object_type uuid_type = {"CFUUID", NULL, uuid_equal, uuid_hash, uuid_describe, NULL};

uint64_t darwin_CFUUIDGetTypeID(void)
{
	return (uintptr_t)&uuid_type;
}

struct uuid *darwin_CFUUIDCreateFromUUIDBytes(const void *allocator, struct uuid_bytes bytes)
{
	struct uuid *uuid = object_make(&uuid_type, sizeof(*uuid));
	uuid->bytes = bytes;
	return uuid;
}

struct uuid *darwin_CFUUIDCreate(const void *allocator)
{
	struct uuid_bytes bytes;
	darwin_arc4random_buf(&bytes, sizeof(bytes));
	bytes.byte[6] = (bytes.byte[6] & 0x0f) | 0x40; // version 4
	bytes.byte[8] = (bytes.byte[8] & 0x3f) | 0x80;
	return darwin_CFUUIDCreateFromUUIDBytes(allocator, bytes);
}

// NULL: the text is no UUID.
struct uuid *darwin_CFUUIDCreateFromString(const void *allocator, const void *string)
{
	char *text = string_to_utf8(string), *at = text, *end = text + strlen(text);
	struct uuid_bytes bytes;
	unsigned count = 0, value;
	while (count < 16 && end - at >= 2 && strspn(at, "0123456789abcdefABCDEF") >= 2 &&
	       sscanf(at, "%2x", &value) == 1) {
		bytes.byte[count++] = (uint8_t)value;
		at += 2;
		at += *at == '-' && (count == 4 || count == 6 || count == 8 || count == 10);
	}
	bool whole = count == 16 && *at == '\0';
	free(text);
	return whole ? darwin_CFUUIDCreateFromUUIDBytes(allocator, bytes) : NULL;
}

struct string *darwin_CFUUIDCreateString(const void *allocator, const struct uuid *uuid)
{
	char text[37];
	uuid_write(uuid, text);
	return string_format("%s", text);
}

struct uuid_bytes darwin_CFUUIDGetUUIDBytes(const struct uuid *uuid)
{
	return uuid->bytes;
}

// Kept forever, as the constants of programs are.
const struct uuid *darwin_CFUUIDGetConstantUUIDWithBytes(const void *allocator, uint8_t b0, uint8_t b1, uint8_t b2,
							 uint8_t b3, uint8_t b4, uint8_t b5, uint8_t b6, uint8_t b7,
							 uint8_t b8, uint8_t b9, uint8_t b10, uint8_t b11, uint8_t b12,
							 uint8_t b13, uint8_t b14, uint8_t b15)
{
	struct uuid_bytes bytes = {{b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15}};
	return darwin_CFUUIDCreateFromUUIDBytes(allocator, bytes);
}

struct uuid *darwin_CFUUIDCreateWithBytes(const void *allocator, uint8_t b0, uint8_t b1, uint8_t b2, uint8_t b3,
					  uint8_t b4, uint8_t b5, uint8_t b6, uint8_t b7, uint8_t b8, uint8_t b9,
					  uint8_t b10, uint8_t b11, uint8_t b12, uint8_t b13, uint8_t b14, uint8_t b15)
{
	struct uuid_bytes bytes = {{b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15}};
	return darwin_CFUUIDCreateFromUUIDBytes(allocator, bytes);
}
