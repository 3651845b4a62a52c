// SPDX-License-Identifier: MIT
// Self-describing bytes; see pattern.h. A unit is two words: the first hides file and version, the second the unit's number and
// a check of 32 bits, so that nothing else is taken for a unit.
#include "pattern.h"

#include <string.h>

#define ODD_1 UINT64_C(0x9e3779b97f4a7c15)
#define ODD_2 UINT64_C(0xbf58476d1ce4e5b9)
#define INVERSE_1 UINT64_C(0xf1de83e19937733d) // ODD_1 * INVERSE_1 == 1 modulo 2^64
#define INVERSE_2 UINT64_C(0x96de1b173f119089)

// One-to-one on 64 bits: xor with the upper half and multiplying by an odd number can both be undone.
static uint64_t scramble(uint64_t x)
{
	x ^= x >> 32;
	x *= ODD_1;
	x ^= x >> 32;
	x *= ODD_2;
	return x ^ x >> 32;
}

static uint64_t unscramble(uint64_t x)
{
	x ^= x >> 32;
	x *= INVERSE_2;
	x ^= x >> 32;
	x *= INVERSE_1;
	return x ^ x >> 32;
}

// What makes the units of one seed differ from those of others.
static uint64_t mask_of(uint64_t seed) { return scramble(seed + ODD_1); }

static uint32_t check_of(uint64_t mask, uint64_t first, uint32_t unit)
{
	return (uint32_t)(scramble((first ^ mask) + unit * ODD_2 + 1) >> 32);
}

static void make_unit(uint64_t mask, uint64_t first, uint32_t unit, uint64_t words[2])
{
	words[0] = first;
	words[1] = scramble(((uint64_t)unit << 32 | check_of(mask, first, unit)) ^ first);
}

void pattern_fill(uint64_t seed, uint32_t file, uint32_t version, uint64_t offset, void *to, size_t size)
{
	uint64_t mask = mask_of(seed), first = scramble(((uint64_t)file << 32 | version) ^ mask), words[2];
	uint8_t *at = to;
	if (version == 0) {
		memset(to, 0, size);
		return;
	}
	while (size > 0) {
		size_t skip = offset % PATTERN_UNIT, part = PATTERN_UNIT - skip < size ? PATTERN_UNIT - skip : size;
		make_unit(mask, first, (uint32_t)(offset / PATTERN_UNIT), words);
		memcpy(at, (const uint8_t *)words + skip, part);
		at += part;
		offset += part;
		size -= part;
	}
}

size_t pattern_match(uint64_t seed, uint32_t file, uint32_t version, uint64_t offset, const void *data, size_t size)
{
	uint8_t expected[1024];
	size_t done = 0;
	while (done < size) {
		size_t part = size - done < sizeof(expected) ? size - done : sizeof(expected);
		const uint8_t *found = (const uint8_t *)data + done;
		pattern_fill(seed, file, version, offset + done, expected, part);
		if (memcmp(found, expected, part) != 0) {
			size_t i = 0;
			while (found[i] == expected[i])
				i++;
			return done + i;
		}
		done += part;
	}
	return size;
}

bool pattern_read(uint64_t seed, const uint8_t bytes[PATTERN_UNIT], struct pattern_origin *origin)
{
	uint64_t mask = mask_of(seed), words[2];
	memcpy(words, bytes, sizeof(words));
	uint64_t who = unscramble(words[0]) ^ mask, what = unscramble(words[1]) ^ words[0];
	origin->file = (uint32_t)(who >> 32);
	origin->version = (uint32_t)who;
	origin->offset = (what >> 32) * PATTERN_UNIT;
	return origin->version != 0 && (uint32_t)what == check_of(mask, words[0], (uint32_t)(what >> 32));
}
