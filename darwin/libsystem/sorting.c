// SPDX-License-Identifier: MIT
// qsort_r with Darwin's order of arguments, heapsort, mergesort, radixsort. Facts: qsort(3), radixsort(3) of Darwin.
#include "errno.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct comparison {
	void *argument;
	int (*compare)(void *, const void *, const void *);
};

static int compare_turned(const void *one, const void *other, void *of)
{
	const struct comparison *comparison = of;
	return comparison->compare(comparison->argument, one, other);
}

void darwin_qsort_r(void *base, size_t count, size_t size, void *argument, int (*compare)(void *, const void *, const void *))
{
	struct comparison comparison = {argument, compare};
	qsort_r(base, count, size, compare_turned, &comparison);
}

static void swap(char *one, char *other, size_t size)
{
	while (size-- > 0) {
		char byte = *one;
		*one++ = *other;
		*other++ = byte;
	}
}

static void heap_sink(char *base, size_t at, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && compare(base + child * size, base + (child + 1) * size) < 0)
			child++;
		if (compare(base + at * size, base + child * size) >= 0)
			return;
		swap(base + at * size, base + child * size, size);
	}
}

int darwin_heapsort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	if (size == 0)
		return errno_set(DARWIN_EINVAL);
	for (size_t i = count / 2; i > 0; i--)
		heap_sink(base, i - 1, count, size, compare);
	for (size_t left = count; left > 1; left--) {
		swap(base, (char *)base + (left - 1) * size, size);
		heap_sink(base, 0, left - 1, size, compare);
	}
	return 0;
}

// Stable: runs of a width are merged from one array into the other, and the width doubles.
int darwin_mergesort(void *base, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	if (size < sizeof(void *) / 2)
		return errno_set(DARWIN_EINVAL);
	char *other = malloc(count * size + 1), *from = base, *to = other;
	if (!other)
		return errno_set(DARWIN_ENOMEM);
	for (size_t width = 1; width < count; width *= 2) {
		for (size_t start = 0; start < count; start += 2 * width) {
			size_t middle = start + width < count ? start + width : count;
			size_t end = start + 2 * width < count ? start + 2 * width : count;
			for (size_t a = start, b = middle, i = start; i < end; i++) {
				bool first = a < middle && (b >= end || compare(from + a * size, from + b * size) <= 0);
				memcpy(to + i * size, from + (first ? a++ : b++) * size, size);
			}
		}
		char *turn = from;
		from = to;
		to = turn;
	}
	if (from != base)
		memcpy(base, from, count * size);
	free(other);
	return 0;
}

// ---- strings of bytes, which end with the byte `end`, in the order of a table ---------------------------------------

struct radix_order {
	const unsigned char *table; // NULL: bytes as they are
	unsigned end;
};

static int radix_compare(const void *one, const void *other, void *of)
{
	const struct radix_order *order = of;
	const unsigned char *a = *(const unsigned char *const *)one, *b = *(const unsigned char *const *)other;
	for (; *a == *b && *a != order->end; a++, b++) {
	}
	if (*a == *b)
		return 0;
	if (*a == order->end || *b == order->end)
		return *a == order->end ? -1 : 1;
	return order->table ? order->table[*a] - order->table[*b] : *a - *b;
}

int darwin_radixsort(const unsigned char **base, int count, const unsigned char *table, unsigned end)
{
	struct radix_order order = {table, end};
	qsort_r(base, (size_t)count, sizeof(*base), radix_compare, &order); // the host's merges: it is stable
	return 0;
}
