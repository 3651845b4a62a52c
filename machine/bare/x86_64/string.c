// SPDX-License-Identifier: MIT
// The four functions that compilers call on their own, without floating-point registers. Short sizes are two moves that
// overlap; long ones are string instructions, which CPUs do by the cache line (Intel SDM volume 1, 7.3.9.3).
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);

typedef uint64_t __attribute__((aligned(1), may_alias)) word64;
typedef uint32_t __attribute__((aligned(1), may_alias)) word32;
typedef uint16_t __attribute__((aligned(1), may_alias)) word16;

// All is read before anything is written, so the two may overlap. At most 32 bytes.
static inline void copy_short(uint8_t *to, const uint8_t *from, size_t size)
{
	if (size >= 16) {
		uint64_t a = *(const word64 *)from, b = *(const word64 *)(from + 8);
		uint64_t c = *(const word64 *)(from + size - 16), d = *(const word64 *)(from + size - 8);
		*(word64 *)to = a;
		*(word64 *)(to + 8) = b;
		*(word64 *)(to + size - 16) = c;
		*(word64 *)(to + size - 8) = d;
	} else if (size >= 8) {
		uint64_t a = *(const word64 *)from, b = *(const word64 *)(from + size - 8);
		*(word64 *)to = a;
		*(word64 *)(to + size - 8) = b;
	} else if (size >= 4) {
		uint32_t a = *(const word32 *)from, b = *(const word32 *)(from + size - 4);
		*(word32 *)to = a;
		*(word32 *)(to + size - 4) = b;
	} else if (size >= 2) {
		uint16_t a = *(const word16 *)from, b = *(const word16 *)(from + size - 2);
		*(word16 *)to = a;
		*(word16 *)(to + size - 2) = b;
	} else if (size == 1) {
		*to = *from;
	}
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	if (size <= 32) {
		copy_short(to, from, size);
		return to;
	}
	const uint8_t *source = from;
	uint8_t *target = to;
	size_t words = (size - 1) / 8; // the last 1 to 8 bytes come with the last word
	uint64_t last = *(const word64 *)(source + size - 8);
	__asm__ volatile("rep movsq" : "+D"(target), "+S"(source), "+c"(words) : : "memory");
	*(word64 *)((uint8_t *)to + size - 8) = last; // read first, written last: memmove comes here too
	return to;
}

void *memmove(void *to, const void *from, size_t size)
{
	if (size <= 32) {
		copy_short(to, from, size);
		return to;
	}
	if ((uintptr_t)to - (uintptr_t)from >= size)
		return memcpy(to, from, size);
	// Downwards.
	const uint8_t *source = (const uint8_t *)from + size;
	uint8_t *target = (uint8_t *)to + size;
	for (; size >= 8; size -= 8)
		*(word64 *)(target -= 8) = *(const word64 *)(source -= 8);
	while (size-- > 0)
		*--target = *--source;
	return to;
}

void *memset(void *to, int byte, size_t size)
{
	uint64_t word = (uint8_t)byte * UINT64_C(0x0101010101010101);
	uint8_t *target = to;
	if (size < 8) {
		while (size-- > 0)
			*target++ = (uint8_t)byte;
		__asm__ volatile("" ::: "memory");
		return to;
	}
	size_t words = (size - 1) / 8;
	*(word64 *)(target + size - 8) = word;
	__asm__ volatile("rep stosq" : "+D"(target), "+c"(words) : "a"(word) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const uint8_t *x = a, *y = b;
	for (; size >= 8 && *(const word64 *)x == *(const word64 *)y; size -= 8)
		x += 8, y += 8;
	for (; size > 0; size--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}
