// SPDX-License-Identifier: MIT
// The tables of keys.h. A code with bit 7 is a key's release.
#include "keys.h"

#include <string.h>

#define RELEASED 0x80u
#define EXTENDED 0xe0u
#define PAUSE 0xe1u // two more codes follow, twice
#define PAUSE_CODES 2u

enum { CONTROL = 0x1d, SHIFT_LEFT = 0x2a, SHIFT_RIGHT = 0x36, ALT = 0x38, CAPS = 0x3a };

static const char plain[] = "\0\x1b" "1234567890-=\x7f\tqwertyuiop[]\r\0asdfghjkl;'`\0\\zxcvbnm,./\0*\0 "
			    "\0\0\0\0\0\0\0\0\0\0\0\0\0" "789-456+1230.";
static const char shifted[] = "\0\x1b" "!@#$%^&*()_+\x7f\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

static const struct {
	uint8_t code;
	char bytes[KEYS_MOST];
} moves[] = {
	{0x47, "\x1b[H"},  {0x48, "\x1b[A"}, {0x49, "\x1b[5~"}, {0x4b, "\x1b[D"}, {0x4d, "\x1b[C"},  {0x4f, "\x1b[F"},
	{0x50, "\x1b[B"}, {0x51, "\x1b[6~"}, {0x52, "\x1b[2~"}, {0x53, "\x1b[3~"}, {0x1c, "\r"}, {0x35, "/"},
};

static uint32_t take_extended(uint8_t code, uint8_t bytes[KEYS_MOST])
{
	for (unsigned i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		if (moves[i].code != code)
			continue;
		uint32_t size = (uint32_t)strnlen(moves[i].bytes, KEYS_MOST);
		memcpy(bytes, moves[i].bytes, size);
		return size;
	}
	return 0;
}

// True: the key only changes what others mean.
static bool take_modifier(struct keys *keys, uint8_t code, bool released)
{
	unsigned bit = code == CONTROL ? KEYS_CONTROL
		       : code == ALT   ? KEYS_ALT
		       : keys->extended ? 0 // extended shifts surround other keys and mean nothing
		       : code == SHIFT_LEFT  ? KEYS_SHIFT_LEFT
		       : code == SHIFT_RIGHT ? KEYS_SHIFT_RIGHT
					     : 0;
	keys->held = released ? keys->held & ~bit : keys->held | bit;
	if (code == CAPS && !keys->extended && !released)
		keys->caps = !keys->caps;
	return bit != 0 || code == CAPS || code == SHIFT_LEFT || code == SHIFT_RIGHT;
}

static char character(const struct keys *keys, uint8_t code)
{
	char c = code < sizeof(plain) - 1 ? plain[code] : 0;
	bool shift = keys->held & (KEYS_SHIFT_LEFT | KEYS_SHIFT_RIGHT);
	if (c >= 'a' && c <= 'z' ? shift != keys->caps : shift && code < sizeof(shifted) - 1)
		c = shifted[code];
	return keys->held & KEYS_CONTROL && c >= '@' && c <= 'z' ? c & 0x1f : c;
}

uint32_t keys_take(struct keys *keys, uint8_t code, uint8_t bytes[KEYS_MOST])
{
	if (keys->skip > 0) {
		keys->skip--;
		return 0;
	}
	if (code == EXTENDED || code == PAUSE) {
		keys->extended = code == EXTENDED;
		keys->skip = code == PAUSE ? PAUSE_CODES : 0;
		return 0;
	}
	bool released = code & RELEASED, extended = keys->extended, modifier = take_modifier(keys, code & 0x7f, released);
	keys->extended = false;
	if (released || modifier)
		return 0;
	if (extended)
		return take_extended(code, bytes);
	char c = character(keys, code);
	uint32_t size = 0;
	if (c == 0)
		return 0;
	if (keys->held & KEYS_ALT)
		bytes[size++] = 0x1b;
	bytes[size++] = (uint8_t)c;
	return size;
}
