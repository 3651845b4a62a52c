// SPDX-License-Identifier: MIT
// Sets of code points; see pointset.h.
#include "pointset.h"

#include <stdlib.h>
#include <string.h>

bool pointset_has(const struct pointset *set, uint32_t point)
{
	size_t low = 0, high = set->count; // how many edges are not behind it
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (set->edges[middle] <= point)
			low = middle + 1;
		else
			high = middle;
	}
	return low % 2;
}

static uint32_t edge(const struct pointset *set, size_t at)
{
	return at < set->count ? set->edges[at] : POINT_END;
}

void pointset_combine(struct pointset *left, const struct pointset *right, enum pointset_how how)
{
	uint32_t *edges = malloc((left->count + right->count + 2) * sizeof(*edges));
	size_t count = 0, i = 0, j = 0;
	if (!edges)
		abort();
	for (uint32_t at = 0; at < POINT_END;) {
		while (i < left->count && left->edges[i] <= at)
			i++;
		while (j < right->count && right->edges[j] <= at)
			j++;
		bool is_in = (unsigned)how >> (i % 2 + j % 2 * 2) & 1;
		if (is_in != count % 2)
			edges[count++] = at;
		at = edge(left, i) < edge(right, j) ? edge(left, i) : edge(right, j);
	}
	if (count % 2)
		edges[count++] = POINT_END;
	free(left->edges);
	*left = (struct pointset){edges, count};
}

void pointset_range(struct pointset *set, uint32_t first, uint32_t end, enum pointset_how how)
{
	uint32_t edges[2] = {first, end < POINT_END ? end : POINT_END};
	struct pointset other = {edges, edges[0] < edges[1] ? 2 : 0};
	pointset_combine(set, &other, how);
}

void pointset_append(struct pointset *set, uint32_t first, uint32_t end)
{
	if (set->count && set->edges[set->count - 1] == first) {
		set->edges[set->count - 1] = end;
		return;
	}
	set->edges = realloc(set->edges, (set->count + 2) * sizeof(*set->edges)); // sets have few edges
	if (!set->edges)
		abort();
	set->edges[set->count++] = first;
	set->edges[set->count++] = end;
}

bool pointset_contains(const struct pointset *set, const struct pointset *part)
{
	struct pointset rest = pointset_copy(part);
	pointset_combine(&rest, set, POINTSET_WITHOUT);
	bool contains = rest.count == 0;
	pointset_free(&rest);
	return contains;
}

struct pointset pointset_copy(const struct pointset *set)
{
	struct pointset copy = {0};
	pointset_combine(&copy, set, POINTSET_UNION);
	return copy;
}

void pointset_free(struct pointset *set)
{
	free(set->edges);
	*set = (struct pointset){0};
}

// ---- bitmaps --------------------------------------------------------------------------------------------------------

static void plane_read(const uint8_t *bytes, uint32_t plane, struct pointset *set)
{
	for (uint32_t i = 0; i < 0x10000; i++)
		if (bytes[i / 8] >> i % 8 & 1)
			pointset_append(set, plane << 16 | i, (plane << 16 | i) + 1);
}

bool pointset_from_bitmap(const uint8_t *bytes, size_t size, struct pointset *set)
{
	struct pointset read = {0};
	if (size < POINTSET_PLANE || (size - POINTSET_PLANE) % (POINTSET_PLANE + 1))
		return false;
	plane_read(bytes, 0, &read);
	uint32_t last = 0;
	for (size_t at = POINTSET_PLANE; at < size; at += POINTSET_PLANE + 1) {
		if (bytes[at] <= last || bytes[at] > 16) { // in order, each once
			pointset_free(&read);
			return false;
		}
		last = bytes[at];
		plane_read(bytes + at + 1, last, &read);
	}
	*set = read;
	return true;
}

static bool in_plane(const struct pointset *set, uint32_t plane)
{
	for (size_t i = 0; i < set->count; i += 2)
		if (set->edges[i] < (plane + 1) << 16 && set->edges[i + 1] > plane << 16)
			return true;
	return false;
}

static void plane_write(const struct pointset *set, uint32_t plane, uint8_t *to)
{
	memset(to, 0, POINTSET_PLANE);
	for (size_t i = 0; i < set->count; i += 2) {
		uint32_t first = set->edges[i], end = set->edges[i + 1];
		first = first > plane << 16 ? first : plane << 16;
		end = end < (plane + 1) << 16 ? end : (plane + 1) << 16;
		for (uint32_t point = first; point < end; point++)
			to[(point & 0xffff) / 8] |= (uint8_t)(1 << point % 8);
	}
}

uint8_t *pointset_to_bitmap(const struct pointset *set, size_t *size)
{
	uint8_t *bytes = malloc(POINTSET_PLANE + 16 * (POINTSET_PLANE + 1));
	if (!bytes)
		abort();
	plane_write(set, 0, bytes);
	*size = POINTSET_PLANE;
	for (uint32_t plane = 1; plane <= 16; plane++)
		if (in_plane(set, plane)) {
			bytes[*size] = (uint8_t)plane;
			plane_write(set, plane, bytes + *size + 1);
			*size += POINTSET_PLANE + 1;
		}
	return bytes;
}
