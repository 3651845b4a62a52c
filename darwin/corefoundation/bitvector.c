// SPDX-License-Identifier: MIT
// CFBitVector. Facts: CFBitVector.h: bits in bytes, the highest first. Bits outside do nothing, where macOS ends the program.
#include "object.h"

#include <stdlib.h>
#include <string.h>

struct bitvector {
	struct object head;
	int64_t count;
	uint8_t *bits; // those behind the last are 0
};

static void bitvector_destroy(struct object *object)
{
	free(((struct bitvector *)object)->bits);
}

static size_t size_of(int64_t count)
{
	return (size_t)((count + 7) / 8);
}

static bool bitvector_equal(const struct object *left, const struct object *right)
{
	const struct bitvector *a = (const struct bitvector *)left, *b = (const struct bitvector *)right;
	return a->count == b->count && memcmp(a->bits, b->bits, size_of(a->count)) == 0;
}

static uint64_t bitvector_hash(const struct object *object)
{
	const struct bitvector *vector = (const struct bitvector *)object;
	return object_hash_bytes(vector->bits, size_of(vector->count));
}

static const struct object_type bitvector_type = {
	.name = "CFBitVector", .destroy = bitvector_destroy, .equal = bitvector_equal, .hash = bitvector_hash};

static bool get(const struct bitvector *vector, int64_t at)
{
	return vector->bits[at / 8] >> (7 - at % 8) & 1;
}

static void set(struct bitvector *vector, int64_t at, bool bit)
{
	uint8_t mask = (uint8_t)(0x80 >> at % 8);
	vector->bits[at / 8] = (uint8_t)(bit ? vector->bits[at / 8] | mask : vector->bits[at / 8] & ~mask);
}

static void resize(struct bitvector *vector, int64_t count)
{
	size_t before = size_of(vector->count), after = size_of(count);
	for (int64_t at = count; at < vector->count && at < (int64_t)after * 8; at++)
		set(vector, at, false);
	vector->bits = realloc(vector->bits, after + 1);
	if (!vector->bits)
		abort();
	if (after > before)
		memset(vector->bits + before, 0, after - before);
	vector->count = count;
}

uint64_t darwin_CFBitVectorGetTypeID(void)
{
	return (uintptr_t)&bitvector_type;
}

struct bitvector *darwin_CFBitVectorCreate(const void *allocator, const uint8_t *bytes, int64_t count)
{
	struct bitvector *vector = object_make(&bitvector_type, sizeof(*vector));
	resize(vector, count > 0 ? count : 0);
	for (int64_t at = 0; at < vector->count; at++)
		set(vector, at, bytes[at / 8] >> (7 - at % 8) & 1);
	return vector;
}

struct bitvector *darwin_CFBitVectorCreateMutable(const void *allocator, int64_t most)
{
	return darwin_CFBitVectorCreate(allocator, NULL, 0);
}

struct bitvector *darwin_CFBitVectorCreateCopy(const void *allocator, const struct bitvector *vector)
{
	return darwin_CFBitVectorCreate(allocator, vector->bits, vector->count);
}

struct bitvector *darwin_CFBitVectorCreateMutableCopy(const void *allocator, int64_t most,
						      const struct bitvector *vector)
{
	return darwin_CFBitVectorCreateCopy(allocator, vector);
}

int64_t darwin_CFBitVectorGetCount(const struct bitvector *vector)
{
	return vector->count;
}

static bool is_inside(const struct bitvector *vector, struct range range)
{
	return range.start >= 0 && range.count >= 0 && range.start <= vector->count &&
	       range.count <= vector->count - range.start;
}

uint32_t darwin_CFBitVectorGetBitAtIndex(const struct bitvector *vector, int64_t at)
{
	return is_inside(vector, (struct range){at, 1}) ? get(vector, at) : 0;
}

int64_t darwin_CFBitVectorGetCountOfBit(const struct bitvector *vector, struct range range, uint32_t bit)
{
	int64_t found = 0;
	for (int64_t i = 0; is_inside(vector, range) && i < range.count; i++)
		found += get(vector, range.start + i) == (bit != 0);
	return found;
}

uint8_t darwin_CFBitVectorContainsBit(const struct bitvector *vector, struct range range, uint32_t bit)
{
	return darwin_CFBitVectorGetCountOfBit(vector, range, bit) > 0;
}

// The range's first bit becomes the highest of the first byte.
void darwin_CFBitVectorGetBits(const struct bitvector *vector, struct range range, uint8_t *to)
{
	if (!is_inside(vector, range))
		return;
	memset(to, 0, size_of(range.count));
	for (int64_t i = 0; i < range.count; i++)
		to[i / 8] |= (uint8_t)(get(vector, range.start + i) << (7 - i % 8));
}

int64_t darwin_CFBitVectorGetFirstIndexOfBit(const struct bitvector *vector, struct range range, uint32_t bit)
{
	for (int64_t i = 0; is_inside(vector, range) && i < range.count; i++)
		if (get(vector, range.start + i) == (bit != 0))
			return range.start + i;
	return -1;
}

int64_t darwin_CFBitVectorGetLastIndexOfBit(const struct bitvector *vector, struct range range, uint32_t bit)
{
	for (int64_t i = is_inside(vector, range) ? range.count : 0; i-- > 0;)
		if (get(vector, range.start + i) == (bit != 0))
			return range.start + i;
	return -1;
}

void darwin_CFBitVectorSetCount(struct bitvector *vector, int64_t count)
{
	if (count >= 0)
		resize(vector, count);
}

void darwin_CFBitVectorSetBits(struct bitvector *vector, struct range range, uint32_t bit)
{
	for (int64_t i = 0; is_inside(vector, range) && i < range.count; i++)
		set(vector, range.start + i, bit);
}

void darwin_CFBitVectorSetBitAtIndex(struct bitvector *vector, int64_t at, uint32_t bit)
{
	darwin_CFBitVectorSetBits(vector, (struct range){at, 1}, bit);
}

void darwin_CFBitVectorSetAllBits(struct bitvector *vector, uint32_t bit)
{
	darwin_CFBitVectorSetBits(vector, (struct range){0, vector->count}, bit);
}

void darwin_CFBitVectorFlipBits(struct bitvector *vector, struct range range)
{
	for (int64_t i = 0; is_inside(vector, range) && i < range.count; i++)
		set(vector, range.start + i, !get(vector, range.start + i));
}

void darwin_CFBitVectorFlipBitAtIndex(struct bitvector *vector, int64_t at)
{
	darwin_CFBitVectorFlipBits(vector, (struct range){at, 1});
}
