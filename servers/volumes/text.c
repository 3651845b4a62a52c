// SPDX-License-Identifier: MIT
// Identifiers and labels as text, and the sum that GPT uses.
#include "disk.h"

#include <stdio.h>
#include <string.h>

void uuid_text(char out[DISK_UUID_MAX], const uint8_t uuid[16], bool mixed)
{
	// Where each printed byte stands (UEFI 2.10, appendix A: the first three fields are little-endian numbers).
	static const uint8_t order[2][16] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
					     {3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15}};
	char *to = out;
	for (unsigned i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*to++ = '-';
		to += snprintf(to, 3, "%02x", uuid[order[mixed][i]]);
	}
}

static bool is_printable(uint32_t c) { return c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0); }

// Appends a character in UTF-8, if it fits whole with a NUL.
static size_t put(char *out, size_t room, size_t used, uint32_t c)
{
	char bytes[4];
	size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
	if (size == 1) {
		bytes[0] = (char)c;
	} else {
		for (size_t i = size - 1; i > 0; i--, c >>= 6)
			bytes[i] = (char)(0x80 | (c & 0x3f));
		bytes[0] = (char)((0xf00 >> size) | c);
	}
	if (used + size >= room)
		return used;
	memcpy(out + used, bytes, size);
	return used + size;
}

static void end(char *out, size_t used)
{
	while (used > 0 && out[used - 1] == ' ')
		used--;
	out[used] = 0;
}

// The bytes of a character in UTF-8 that begins there; 0: none does.
static size_t utf8_size(const uint8_t *at, size_t left)
{
	size_t size = at[0] < 0x80 ? 1 : at[0] >= 0xc2 && at[0] < 0xe0 ? 2 : at[0] >= 0xe0 && at[0] < 0xf0 ? 3 : at[0] >= 0xf0 && at[0] < 0xf5 ? 4 : 0;
	if (size > left)
		return 0;
	for (size_t i = 1; i < size; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return size;
}

void label_text(char *out, size_t room, const uint8_t *field, size_t size)
{
	size_t used = 0;
	for (size_t i = 0; i < size && field[i];) {
		size_t whole = utf8_size(field + i, size - i);
		if (whole > 1 && used + whole < room) {
			memcpy(out + used, field + i, whole);
			used += whole;
		} else {
			used = put(out, room, used, is_printable(field[i]) && field[i] < 0x80 ? field[i] : '?');
		}
		i += whole ? whole : 1;
	}
	end(out, used);
}

void label_text_utf16(char *out, size_t room, const uint8_t *field, size_t units)
{
	size_t used = 0;
	for (size_t i = 0; i < units && le16(field + 2 * i); i++) {
		uint32_t c = le16(field + 2 * i);
		uint32_t low = i + 1 < units ? le16(field + 2 * i + 2) : 0;
		if (c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
			i++;
		} else if (c >= 0xd800 && c < 0xe000) {
			c = '?';
		}
		used = put(out, room, used, is_printable(c) ? c : '?');
	}
	end(out, used);
}

// The CRC-32 of ISO 3309 and Ethernet, bit by bit: tables are small, and read once.
uint32_t crc32_of(const void *data, size_t size)
{
	const uint8_t *at = data;
	uint32_t crc = 0xffffffff;
	for (; size > 0; size--) {
		crc ^= *at++;
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}
