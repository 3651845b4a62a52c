// SPDX-License-Identifier: MIT
// Characters in bytes; see multibyte.h. Facts: RFC 3629; multibyte(3), mbrtowc(3), wcrtomb(3): in the C locale each byte is a character.
#include "multibyte.h"

static size_t decode_start(uint8_t byte, struct multibyte_state *state)
{
	state->size = byte < 0x80 ? 1 : byte < 0xc2 ? 0 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf5 ? 4 : 0;
	if (state->size == 0)
		return MULTIBYTE_WRONG;
	state->left = state->size - 1;
	state->value = state->size == 1 ? byte : byte & (0x7fu >> state->size);
	return 1;
}

// A further byte: refused as soon as no character can come of it (longer than needed, a surrogate, beyond 0x10ffff).
static bool decode_more(uint8_t byte, struct multibyte_state *state)
{
	uint32_t value = state->value << 6 | (byte & 0x3f);
	if ((byte & 0xc0) != 0x80)
		return false;
	if (state->left + 1 == state->size) {
		if (state->size == 3 && (value < 0x20 || (value >= 0x360 && value < 0x380)))
			return false;
		if (state->size == 4 && (value < 0x10 || value >= 0x110))
			return false;
	}
	state->value = value;
	state->left--;
	return true;
}

size_t multibyte_decode(bool utf8, const char *from, size_t size, uint32_t *to, struct multibyte_state *state)
{
	size_t used = 0;
	if (size == 0)
		return MULTIBYTE_SHORT;
	if (!utf8) {
		if (to)
			*to = (uint8_t)*from;
		return *from != 0;
	}
	if (state->left == 0 && decode_start((uint8_t)from[used++], state) == MULTIBYTE_WRONG)
		return MULTIBYTE_WRONG;
	while (state->left > 0) {
		if (used == size)
			return MULTIBYTE_SHORT;
		if (!decode_more((uint8_t)from[used++], state)) {
			*state = (struct multibyte_state){0};
			return MULTIBYTE_WRONG;
		}
	}
	if (to)
		*to = state->value;
	return state->value ? used : 0;
}

size_t multibyte_encode(bool utf8, uint32_t character, char *to)
{
	if (character < 0x80 || (!utf8 && character < 0x100)) {
		to[0] = (char)character;
		return 1;
	}
	if (!utf8 || character > 0x10ffff || (character >= 0xd800 && character < 0xe000))
		return MULTIBYTE_WRONG;
	size_t size = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
	for (size_t i = size - 1; i > 0; i--, character >>= 6)
		to[i] = (char)(0x80 | (character & 0x3f));
	to[0] = (char)(0xf00u >> size | character);
	return size;
}
