// SPDX-License-Identifier: MIT
// uuid_*. Facts: uuid(3) of Darwin; RFC 4122 4.2 (time) and 4.4 (random).
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

void darwin_arc4random_buf(void *to, size_t size);

void darwin_uuid_clear(uint8_t uuid[16]) { memset(uuid, 0, 16); }
void darwin_uuid_copy(uint8_t to[16], const uint8_t from[16]) { memcpy(to, from, 16); }
int darwin_uuid_compare(const uint8_t one[16], const uint8_t other[16]) { return memcmp(one, other, 16); }

int darwin_uuid_is_null(const uint8_t uuid[16])
{
	static const uint8_t none[16];
	return memcmp(uuid, none, 16) == 0;
}

static void mark(uint8_t uuid[16], int version)
{
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | version << 4);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

void darwin_uuid_generate_random(uint8_t uuid[16])
{
	darwin_arc4random_buf(uuid, 16);
	mark(uuid, 4);
}

// A clock of 100 ns since 1582, and random bits for the node, which the RFC allows if its multicast bit is set.
void darwin_uuid_generate_time(uint8_t uuid[16])
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	uint64_t ticks = (uint64_t)now.tv_sec * 10000000u + (uint64_t)now.tv_nsec / 100 + 0x01b21dd213814000u;
	static const uint8_t order[8] = {3, 2, 1, 0, 5, 4, 7, 6};
	darwin_arc4random_buf(uuid, 16);
	for (int i = 0; i < 8; i++)
		uuid[order[i]] = (uint8_t)(ticks >> 8 * i);
	uuid[10] |= 1;
	mark(uuid, 1);
}

static void unparse(const uint8_t uuid[16], char to[37], const char *format)
{
	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		to += sprintf(to, format, uuid[i]);
	}
}

void darwin_uuid_unparse_upper(const uint8_t uuid[16], char to[37]) { unparse(uuid, to, "%02X"); }
void darwin_uuid_unparse_lower(const uint8_t uuid[16], char to[37]) { unparse(uuid, to, "%02x"); }

int darwin_uuid_parse(const char *text, uint8_t uuid[16])
{
	unsigned value;
	int size = 0;
	uint8_t parsed[16];
	if (strlen(text) != 36 || strspn(text, "0123456789abcdefABCDEF-") != 36)
		return -1;
	for (int i = 0; i < 16; i++) {
		if ((i == 4 || i == 6 || i == 8 || i == 10) && *text++ != '-')
			return -1;
		if (text[0] == '-' || text[1] == '-' || sscanf(text, "%2x%n", &value, &size) != 1 || size != 2)
			return -1;
		parsed[i] = (uint8_t)value;
		text += 2;
	}
	memcpy(uuid, parsed, 16);
	return 0;
}
