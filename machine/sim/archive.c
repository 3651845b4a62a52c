// SPDX-License-Identifier: MIT
// The boot archive of a simulation: one file system/bin/NAME with the bytes "sim:NAME" for each SIM_PROGRAM, as a tar
// archive in an LZMA-alone stream that contains nothing but literals.
//
// The stream's format is that of the "LZMA specification" (I. Pavlov, 2015) with lc = 3, lp = 0, pb = 0.
#include "machine.h"

#include <kernel/boot/tar_make.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct sim_program_entry *const __start_gila_programs[] __attribute__((weak));
extern const struct sim_program_entry *const __stop_gila_programs[] __attribute__((weak));

#define HEADER_SIZE 13u
#define PROBABILITY_ONE 2048u
#define PROBABILITY_SHIFT 5

struct encoder {
	uint8_t *bytes;
	size_t size;
	uint64_t low;
	uint32_t range;
	uint8_t cache;
	uint64_t cached; // bytes held back because a carry may still change them
	uint16_t match;  // that no match follows, in the only state that literals lead to
	uint16_t literals[8][0x300];
};

static void encoder_shift(struct encoder *encoder)
{
	if (encoder->low < 0xff000000u || encoder->low > 0xffffffffu) {
		uint8_t carry = (uint8_t)(encoder->low >> 32);
		for (; encoder->cached > 0; encoder->cached--) {
			encoder->bytes[encoder->size++] = (uint8_t)(encoder->cache + carry);
			encoder->cache = 0xff;
		}
		encoder->cache = (uint8_t)(encoder->low >> 24);
	}
	encoder->cached++;
	encoder->low = (encoder->low & 0x00ffffff) << 8;
}

static void encoder_bit(struct encoder *encoder, uint16_t *probability, unsigned bit)
{
	uint32_t bound = (encoder->range >> 11) * *probability;
	if (bit) {
		encoder->low += bound;
		encoder->range -= bound;
		*probability = (uint16_t)(*probability - (*probability >> PROBABILITY_SHIFT));
	} else {
		encoder->range = bound;
		*probability = (uint16_t)(*probability + ((PROBABILITY_ONE - *probability) >> PROBABILITY_SHIFT));
	}
	for (; encoder->range < 1u << 24; encoder->range <<= 8)
		encoder_shift(encoder);
}

static void encoder_literal(struct encoder *encoder, uint8_t before, uint8_t byte)
{
	uint16_t *literal = encoder->literals[before >> 5];
	encoder_bit(encoder, &encoder->match, 0);
	unsigned symbol = 1;
	for (int i = 7; i >= 0; i--) {
		unsigned bit = (byte >> i) & 1;
		encoder_bit(encoder, &literal[symbol], bit);
		symbol = symbol << 1 | bit;
	}
}

// `size` bytes as a stream; the result is malloc'd.
static uint8_t *lzma_make(const uint8_t *data, size_t size, size_t *stream_size)
{
	struct encoder encoder = {.range = 0xffffffffu, .cached = 1, .match = PROBABILITY_ONE / 2};
	encoder.bytes = malloc(HEADER_SIZE + 2 * size + 16);
	if (!encoder.bytes)
		sim_broken("memory");
	for (unsigned i = 0; i < 8; i++)
		for (unsigned j = 0; j < 0x300; j++)
			encoder.literals[i][j] = PROBABILITY_ONE / 2;
	encoder.bytes[0] = 3; // (pb * 5 + lp) * 9 + lc
	uint32_t dictionary = 1u << 16;
	uint64_t unpacked = size;
	memcpy(&encoder.bytes[1], &dictionary, 4);
	memcpy(&encoder.bytes[5], &unpacked, 8);
	encoder.size = HEADER_SIZE;
	for (size_t i = 0; i < size; i++)
		encoder_literal(&encoder, i ? data[i - 1] : 0, data[i]);
	for (int i = 0; i < 5; i++)
		encoder_shift(&encoder);
	*stream_size = encoder.size;
	return encoder.bytes;
}

const void *archive_make(size_t *size)
{
	size_t count = (size_t)(__stop_gila_programs - __start_gila_programs);
	*size = 0;
	if (count == 0)
		return NULL;
	struct tar_make tar = {.room = 2048 * (count + 2)};
	tar.bytes = calloc(1, tar.room);
	if (!tar.bytes)
		sim_broken("memory");
	for (size_t i = 0; i < count; i++) {
		const struct sim_program_entry *program = __start_gila_programs[i];
		char path[128], bytes[128];
		snprintf(path, sizeof(path), "system/bin/%s", program->name);
		int length = snprintf(bytes, sizeof(bytes), "sim:%s", program->name);
		tar_make_file(&tar, path, bytes, (size_t)length);
		sim_program(program->name, program->function);
	}
	tar_make_end(&tar);
	const void *stream = lzma_make(tar.bytes, tar.size, size);
	free(tar.bytes);
	return stream;
}
