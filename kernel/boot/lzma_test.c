// SPDX-License-Identifier: MIT
// Tests of the LZMA reader: a stream made by XZ Utils, and streams from the small encoder below, which writes exactly
// the symbols it is told, also wrong ones.
#include "lzma.h"

#include <gila/test.h>

#define ROOM 65536u

// The encoder of the LZMA specification, run backwards: symbols in, bytes out. It keeps the text that its symbols mean.
struct encoder {
	uint64_t low, cache_size;
	uint32_t range;
	uint8_t cache;
	struct lzma_state model;
	unsigned lc, lp, pb, state;
	uint32_t rep[4];
	size_t size, text_size;
	uint8_t bytes[ROOM], text[ROOM + 512];
};

static struct encoder encoder;
static struct lzma_state scratch;
static uint8_t output[ROOM + 64];

static void encoder_shift_low(void)
{
	struct encoder *e = &encoder;
	if ((uint32_t)e->low < 0xff000000u || e->low >> 32 != 0) {
		uint8_t carry = (uint8_t)(e->low >> 32);
		do {
			if (e->size < ROOM)
				e->bytes[e->size++] = (uint8_t)(e->cache + carry);
			e->cache = 0xff;
		} while (--e->cache_size != 0);
		e->cache = (uint8_t)(e->low >> 24);
	}
	e->cache_size++;
	e->low = (e->low & 0x00ffffff) << 8;
}

static void encoder_bit(uint16_t *probability, unsigned bit)
{
	struct encoder *e = &encoder;
	uint32_t bound = (e->range >> 11) * *probability;
	if (bit == 0) {
		e->range = bound;
		*probability = (uint16_t)(*probability + ((2048 - *probability) >> 5));
	} else {
		e->low += bound;
		e->range -= bound;
		*probability = (uint16_t)(*probability - (*probability >> 5));
	}
	while (e->range < 1u << 24) {
		e->range <<= 8;
		encoder_shift_low();
	}
}

static void encoder_tree(uint16_t *tree, unsigned bits, unsigned value)
{
	unsigned node = 1;
	while (bits-- > 0) {
		encoder_bit(&tree[node], value >> bits & 1);
		node = node << 1 | (value >> bits & 1);
	}
}

static void encoder_reverse_tree(uint16_t *tree, unsigned bits, unsigned value)
{
	for (unsigned node = 1; bits-- > 0; value >>= 1) {
		encoder_bit(&tree[node], value & 1);
		node = node << 1 | (value & 1);
	}
}

static void encoder_direct(unsigned bits, uint32_t value)
{
	struct encoder *e = &encoder;
	while (bits-- > 0) {
		e->range >>= 1;
		if (value >> bits & 1)
			e->low += e->range;
		while (e->range < 1u << 24) {
			e->range <<= 8;
			encoder_shift_low();
		}
	}
}

// Starts a file. `size` is what the header says.
static void encoder_start(unsigned lc, unsigned lp, unsigned pb, uint32_t dictionary_size, uint64_t size)
{
	struct encoder *e = &encoder;
	__builtin_memset(e, 0, sizeof *e);
	e->cache_size = 1;
	e->range = UINT32_MAX;
	e->lc = lc;
	e->lp = lp;
	e->pb = pb;
	e->bytes[e->size++] = (uint8_t)((pb * 5 + lp) * 9 + lc);
	for (unsigned i = 0; i < 4; i++)
		e->bytes[e->size++] = (uint8_t)(dictionary_size >> 8 * i);
	for (unsigned i = 0; i < 8; i++)
		e->bytes[e->size++] = (uint8_t)(size >> 8 * i);
	for (uint8_t *p = (uint8_t *)e->model.is_match; p < e->model.tail; p += 2) {
		p[0] = 0;
		p[1] = 1024 >> 8;
	}
}

static void encoder_literal(uint8_t byte)
{
	struct encoder *e = &encoder;
	unsigned before = e->text_size ? e->text[e->text_size - 1] : 0;
	unsigned context = (unsigned)((e->text_size & ((1u << e->lp) - 1)) << e->lc) + (before >> (8 - e->lc));
	uint16_t *tree = e->model.literal + 0x300 * context;
	encoder_bit(&e->model.is_match[e->state][e->text_size & ((1u << e->pb) - 1)], 0);
	unsigned node = 1, bits = 8;
	if (e->state >= 7) {
		unsigned predicted = e->text[e->text_size - e->rep[0] - 1];
		while (bits > 0) {
			unsigned expected = predicted >> --bits & 1, bit = byte >> bits & 1;
			encoder_bit(&tree[((1 + expected) << 8) + node], bit);
			node = node << 1 | bit;
			if (bit != expected)
				break;
		}
	}
	while (bits-- > 0) {
		encoder_bit(&tree[node], byte >> bits & 1);
		node = node << 1 | (byte >> bits & 1);
	}
	e->state = e->state < 4 ? 0 : e->state < 10 ? e->state - 3 : e->state - 6;
	e->text[e->text_size++] = byte;
}

static void encoder_length(struct lzma_length_model *m, unsigned length)
{
	unsigned position_state = encoder.text_size & ((1u << encoder.pb) - 1);
	encoder_bit(&m->choice, length >= 10);
	if (length < 10) {
		encoder_tree(m->low[position_state], 3, length - 2);
		return;
	}
	encoder_bit(&m->choice2, length >= 18);
	if (length < 18)
		encoder_tree(m->middle[position_state], 3, length - 10);
	else
		encoder_tree(m->high, 8, length - 18);
}

// What a match means; wrong distances mean nothing.
static void encoder_copy(unsigned length)
{
	struct encoder *e = &encoder;
	for (; length > 0 && e->rep[0] < e->text_size && e->text_size < ROOM; length--, e->text_size++)
		e->text[e->text_size] = e->text[e->text_size - e->rep[0] - 1];
}

// A match `distance` bytes back, 1 to 2^32; 2^32 is the end marker.
static void encoder_match(uint64_t distance, unsigned length)
{
	struct encoder *e = &encoder;
	uint32_t less = (uint32_t)(distance - 1);
	encoder_bit(&e->model.is_match[e->state][e->text_size & ((1u << e->pb) - 1)], 1);
	encoder_bit(&e->model.is_rep[e->state], 0);
	encoder_length(&e->model.match_length, length);
	unsigned slot = less;
	if (less >= 4) {
		unsigned top = 31 - (unsigned)__builtin_clz(less);
		slot = top * 2 + (less >> (top - 1) & 1);
	}
	encoder_tree(e->model.distance_slot[length < 6 ? length - 2 : 3], 6, slot);
	unsigned footer = slot < 4 ? 0 : (slot >> 1) - 1;
	if (slot >= 14) {
		encoder_direct(footer - 4, (less & ((1u << footer) - 1)) >> 4);
		encoder_reverse_tree(e->model.distance_align, 4, less & 15);
	} else if (slot >= 4) {
		uint32_t base = (2u | (slot & 1)) << footer;
		encoder_reverse_tree(e->model.distance_special + base - slot, footer, less - base);
	}
	for (unsigned i = 3; i > 0; i--)
		e->rep[i] = e->rep[i - 1];
	e->rep[0] = less;
	encoder_copy(length);
	e->state = e->state < 7 ? 7 : 10;
}

// A match with the distance of `index` matches ago; length 1 is a "short rep", only for index 0.
static void encoder_rep(unsigned index, unsigned length)
{
	struct encoder *e = &encoder;
	unsigned position_state = e->text_size & ((1u << e->pb) - 1);
	encoder_bit(&e->model.is_match[e->state][position_state], 1);
	encoder_bit(&e->model.is_rep[e->state], 1);
	encoder_bit(&e->model.is_rep_g0[e->state], index > 0);
	if (index == 0) {
		encoder_bit(&e->model.is_rep0_long[e->state][position_state], length > 1);
	} else {
		encoder_bit(&e->model.is_rep_g1[e->state], index > 1);
		if (index > 1)
			encoder_bit(&e->model.is_rep_g2[e->state], index > 2);
	}
	if (length > 1)
		encoder_length(&e->model.rep_length, length);
	uint32_t distance = e->rep[index];
	for (; index > 0; index--)
		e->rep[index] = e->rep[index - 1];
	e->rep[0] = distance;
	encoder_copy(length);
	e->state = e->state < 7 ? (length > 1 ? 8 : 9) : 11;
}

static void encoder_end_marker(void)
{
	encoder_match((uint64_t)1 << 32, 2);
}

static void encoder_flush(void)
{
	for (unsigned i = 0; i < 5; i++)
		encoder_shift_low();
}

static void encoder_set_size(uint64_t size)
{
	for (unsigned i = 0; i < 8; i++)
		encoder.bytes[5 + i] = (uint8_t)(size >> 8 * i);
}

// Decodes what was encoded into `room` bytes, behind which nothing may change.
static enum lzma_status decode(size_t room, size_t *written)
{
	__builtin_memset(output, 0xa5, sizeof output);
	enum lzma_status status = lzma_decode(encoder.bytes, encoder.size, output, room, written, &scratch);
	for (size_t i = room; i < sizeof output; i++)
		if (output[i] != 0xa5)
			test_fail_values(__FILE__, __LINE__, "written behind the output", i, room);
	return status;
}

static bool output_is_text(size_t written)
{
	return written == encoder.text_size && __builtin_memcmp(output, encoder.text, written) == 0;
}

// printf 'Gila monsters eat eggs; Gila monsters eat birds.\n' | xz --format=lzma --lzma1=dict=65536
static const uint8_t sample[] = {
	0x5d, 0x00, 0x00, 0x01, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x23, 0x9a, 0x49, 0x86, 0x21,
	0x25, 0x57, 0x2b, 0x9c, 0x33, 0xd8, 0x27, 0x49, 0x04, 0x29, 0xc8, 0x42, 0x4c, 0xff, 0x5e, 0xfe, 0x7f, 0x7a, 0x64,
	0xdb, 0xf9, 0x3f, 0x44, 0xc8, 0xd5, 0x7e, 0xd7, 0x3b, 0x2d, 0x8f, 0x68, 0x46, 0xd7, 0x5f, 0xfc, 0x2b, 0x44, 0x00,
};
static const char sample_text[] = "Gila monsters eat eggs; Gila monsters eat birds.\n";
#define SAMPLE_TEXT_SIZE (sizeof sample_text - 1)

// Makes the encoder's output the sample, its header's size `size`, cut after `length` bytes.
static void sample_take(uint64_t size, size_t length)
{
	__builtin_memcpy(encoder.bytes, sample, sizeof sample);
	encoder_set_size(size);
	encoder.bytes[sizeof sample] = 0;
	encoder.size = length;
	encoder.text_size = SAMPLE_TEXT_SIZE;
	__builtin_memcpy(encoder.text, sample_text, SAMPLE_TEXT_SIZE);
}

TEST(lzma_decodes_a_file_of_xz)
{
	size_t written;
	sample_take(LZMA_UNKNOWN_SIZE, sizeof sample);
	CHECK_EQ(decode(ROOM, &written), LZMA_OK);
	CHECK(output_is_text(written));
	CHECK_EQ(scratch.consumed, sizeof sample);
	CHECK_EQ(decode(SAMPLE_TEXT_SIZE, &written), LZMA_OK);
	CHECK_EQ(decode(SAMPLE_TEXT_SIZE - 1, &written), LZMA_TOO_LARGE);
	CHECK_EQ(decode(0, &written), LZMA_TOO_LARGE);
	// A known size and an end marker all the same.
	sample_take(SAMPLE_TEXT_SIZE, sizeof sample);
	CHECK_EQ(decode(SAMPLE_TEXT_SIZE, &written), LZMA_OK);
	CHECK(output_is_text(written));
	CHECK_EQ(decode(SAMPLE_TEXT_SIZE - 1, &written), LZMA_TOO_LARGE);
	CHECK_EQ(written, 0);
}

TEST(lzma_sees_a_wrong_size)
{
	size_t written;
	sample_take(SAMPLE_TEXT_SIZE - 1, sizeof sample);
	CHECK_EQ(decode(ROOM, &written), LZMA_RUNS_ON);
	sample_take(10, sizeof sample);
	CHECK_EQ(decode(ROOM, &written), LZMA_RUNS_ON);
	sample_take(0, sizeof sample);
	CHECK_EQ(decode(ROOM, &written), LZMA_RUNS_ON);
	sample_take(SAMPLE_TEXT_SIZE + 1, sizeof sample);
	CHECK_EQ(decode(ROOM, &written), LZMA_ENDS_EARLY);
	CHECK(output_is_text(written));
}

TEST(lzma_sees_every_truncation_and_trailing_bytes)
{
	size_t written;
	for (unsigned known = 0; known < 2; known++) {
		uint64_t size = known ? SAMPLE_TEXT_SIZE : LZMA_UNKNOWN_SIZE;
		for (size_t length = 0; length < sizeof sample; length++) {
			sample_take(size, length);
			CHECK_EQ(decode(ROOM, &written), LZMA_TRUNCATED);
			CHECK(written <= SAMPLE_TEXT_SIZE);
			CHECK(scratch.consumed <= length);
		}
		sample_take(size, sizeof sample + 1);
		CHECK_EQ(decode(ROOM, &written), LZMA_TRAILING_GARBAGE);
		CHECK(output_is_text(written));
		CHECK_EQ(scratch.consumed, sizeof sample);
	}
	encoder_start(3, 0, 2, 4096, 0);
	for (unsigned i = 0; i < 1000; i++)
		encoder_literal((uint8_t)(i * i >> 3));
	encoder_flush();
	encoder_set_size(1000);
	encoder.size += 100;
	CHECK_EQ(decode(ROOM, &written), LZMA_TRAILING_GARBAGE);
	encoder.size -= 101;
	CHECK_EQ(decode(ROOM, &written), LZMA_TRUNCATED);
}

TEST(lzma_checks_the_header)
{
	struct lzma_header h;
	uint8_t bytes[64] = {0x5d};
	CHECK_EQ(lzma_header(bytes, LZMA_HEADER_SIZE - 1, &h), LZMA_TRUNCATED);
	CHECK_EQ(lzma_header(bytes, LZMA_HEADER_SIZE, &h), LZMA_OK);
	CHECK_EQ(h.lc, 3);
	CHECK_EQ(h.lp, 0);
	CHECK_EQ(h.pb, 2);
	CHECK_EQ(h.dictionary_size, 4096);
	CHECK_EQ(h.size, 0);
	for (unsigned p = 0; p < 256; p++) {
		bytes[0] = (uint8_t)p;
		bool good = p < 225 && p % 9 + p / 9 % 5 <= 4;
		CHECK_EQ(lzma_header(bytes, sizeof bytes, &h), good ? LZMA_OK : LZMA_BAD_PROPERTIES);
	}
	bytes[0] = 0x5d;
	bytes[4] = 0x80;
	bytes[9] = 0x40; // 256 GiB
	CHECK_EQ(lzma_header(bytes, (size_t)1 << 40, &h), LZMA_BAD_SIZE);
	bytes[9] = 0x3f;
	CHECK_EQ(lzma_header(bytes, (size_t)1 << 40, &h), LZMA_OK);
	CHECK_EQ(h.dictionary_size, 0x80000000u);
	CHECK_EQ(lzma_header(bytes, sizeof bytes, &h), LZMA_BAD_SIZE);
}

TEST(lzma_checks_the_start_and_the_end_of_the_coder)
{
	size_t written;
	sample_take(LZMA_UNKNOWN_SIZE, sizeof sample);
	encoder.bytes[13] = 1;
	CHECK_EQ(decode(ROOM, &written), LZMA_BAD_START);
	sample_take(LZMA_UNKNOWN_SIZE, sizeof sample);
	__builtin_memset(encoder.bytes + 14, 0xff, 4);
	CHECK_EQ(decode(ROOM, &written), LZMA_BAD_START);
	sample_take(LZMA_UNKNOWN_SIZE, sizeof sample);
	encoder.bytes[sizeof sample - 1] ^= 1;
	CHECK_EQ(decode(ROOM, &written), LZMA_BAD_END);
	CHECK(output_is_text(written));
}

TEST(lzma_refuses_wrong_distances)
{
	size_t written;
	encoder_start(3, 0, 2, 4096, LZMA_UNKNOWN_SIZE);
	encoder_match(1, 2);
	encoder_flush();
	CHECK_EQ(decode(ROOM, &written), LZMA_BAD_DISTANCE);
	CHECK_EQ(written, 0);
	encoder_start(3, 0, 2, 4096, LZMA_UNKNOWN_SIZE);
	encoder_rep(0, 1);
	encoder_flush();
	CHECK_EQ(decode(ROOM, &written), LZMA_BAD_DISTANCE);
	for (unsigned distance = 5; distance < 7; distance++) {
		encoder_start(3, 0, 2, 4096, LZMA_UNKNOWN_SIZE);
		for (unsigned i = 0; i < 5; i++)
			encoder_literal('a');
		encoder_match(distance, 2);
		encoder_end_marker();
		encoder_flush();
		CHECK_EQ(decode(ROOM, &written), distance == 5 ? LZMA_OK : LZMA_BAD_DISTANCE);
	}
	for (unsigned distance = 4096; distance < 4098; distance++) {
		encoder_start(3, 0, 2, 1, LZMA_UNKNOWN_SIZE);
		for (unsigned i = 0; i < 5000; i++)
			encoder_literal((uint8_t)i);
		encoder_match(distance, 2);
		encoder_end_marker();
		encoder_flush();
		CHECK_EQ(decode(ROOM, &written), distance == 4096 ? LZMA_OK : LZMA_BAD_DISTANCE);
		CHECK_EQ(written, distance == 4096 ? 5002 : 5000);
	}
}

TEST(lzma_bounds_an_endless_stream)
{
	size_t written;
	encoder_start(3, 0, 2, 4096, LZMA_UNKNOWN_SIZE);
	encoder_literal('x');
	encoder_match(1, 273);
	for (unsigned i = 0; i < 100000; i++)
		encoder_rep(0, 273);
	CHECK(encoder.size < ROOM);
	CHECK_EQ(decode(1 + 273 * 3, &written), LZMA_TOO_LARGE);
	CHECK_EQ(written, 1 + 273 * 3);
	CHECK_EQ(decode(1 + 273 * 3 + 272, &written), LZMA_TOO_LARGE);
	CHECK_EQ(written, 1 + 273 * 3);
	encoder_set_size(1 + 273 * 3 + 1);
	CHECK_EQ(decode(ROOM, &written), LZMA_RUNS_ON);
}

TEST(lzma_decodes_nothing_at_all)
{
	size_t written;
	encoder_start(0, 0, 0, 0, 0);
	encoder_flush();
	CHECK_EQ(decode(0, &written), LZMA_OK);
	CHECK_EQ(written, 0);
	encoder_start(0, 0, 0, 0, LZMA_UNKNOWN_SIZE);
	encoder_end_marker();
	encoder_flush();
	CHECK_EQ(decode(0, &written), LZMA_OK);
	CHECK_EQ(written, 0);
}

static uint64_t random_state;

static uint32_t random_below(uint32_t n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((random_state >> 33) % n);
}

// Writes random symbols of every kind that mean something.
static void encoder_random(unsigned symbols)
{
	struct encoder *e = &encoder;
	encoder_literal('g');
	while (symbols-- > 0 && e->text_size + 300 < ROOM) {
		uint32_t kind = random_below(8), index = random_below(4);
		unsigned length = random_below(3) ? 2 + random_below(16) : 2 + random_below(272);
		uint32_t near = e->text_size < 40 ? (uint32_t)e->text_size : 40;
		if (kind < 4)
			encoder_literal((uint8_t)(random_below(3) ? 'a' + random_below(4) : random_below(256)));
		else if (kind < 6)
			encoder_match(1 + random_below(random_below(2) ? near : (uint32_t)e->text_size), length);
		else if (e->rep[index] < e->text_size)
			encoder_rep(index, index == 0 && random_below(2) ? 1 : length);
	}
}

TEST(lzma_decodes_random_symbols)
{
	for (unsigned seed = 0; seed < 300; seed++) {
		random_state = seed;
		unsigned lc = random_below(5), lp = random_below(5 - lc), pb = random_below(5);
		bool known = seed & 1, marker = !known || (seed & 2);
		size_t written;
		encoder_start(lc, lp, pb, ROOM, LZMA_UNKNOWN_SIZE);
		encoder_random(1 + random_below(2000));
		if (known)
			encoder_set_size(encoder.text_size);
		if (marker)
			encoder_end_marker();
		encoder_flush();
		enum lzma_status status = decode(encoder.text_size + (known ? 0 : random_below(400)), &written);
		if (status != LZMA_OK || !output_is_text(written) || scratch.consumed != encoder.size) {
			test_fail_values(__FILE__, __LINE__, "seed and status", seed, status);
			return;
		}
	}
}
