// SPDX-License-Identifier: MIT
// A sorted array of regions; see regions.h.
#include "regions.h"
#include "linux.h"
#include "pool.h"

#include <string.h>

bool regions_reserve(struct regions *regions)
{
	if (regions->count + REGIONS_GROW <= regions->room)
		return true;
	uint64_t old = page_up(regions->room * sizeof(struct region)), size = old ? 2 * old : PAGE_SIZE;
	struct region *at = pages_get(size);
	if (!at)
		return false;
	if (old) {
		memcpy(at, regions->at, regions->count * sizeof(struct region));
		pages_put(regions->at, old);
	}
	regions->at = at;
	regions->room = size / sizeof(struct region);
	return true;
}

// Index of the first region that ends after `address`.
static size_t index_of(const struct regions *regions, uint64_t address)
{
	size_t low = 0, high = regions->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (regions->at[middle].end > address)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

const struct region *regions_find(const struct regions *regions, uint64_t address)
{
	size_t index = index_of(regions, address);
	return index < regions->count ? &regions->at[index] : NULL;
}

// `remove` regions from `index` on become `insert` new ones, which the caller fills in.
static void replace(struct regions *regions, size_t index, size_t remove, size_t insert)
{
	struct region *at = regions->at + index;
	memmove(at + insert, at + remove, (regions->count - index - remove) * sizeof(*at));
	regions->count += insert - remove;
}

// No region reaches over `address` any more. Returns the index of the first one that is not before it.
static size_t split(struct regions *regions, uint64_t address)
{
	size_t index = index_of(regions, address);
	if (index == regions->count || regions->at[index].start >= address)
		return index;
	replace(regions, index, 0, 1);
	regions->at[index] = regions->at[index + 1];
	regions->at[index].end = address;
	regions->at[index + 1].start = address;
	return index + 1;
}

// Joins the neighbours in [first, last] that are alike.
static void join(struct regions *regions, size_t first, size_t last)
{
	for (size_t i = last; i > first; i--) {
		if (i >= regions->count)
			continue;
		struct region *left = &regions->at[i - 1], *right = &regions->at[i];
		if (left->end != right->start || left->prot != right->prot)
			continue;
		left->end = right->end;
		replace(regions, i, 1, 0);
	}
}

void regions_clear(struct regions *regions, uint64_t start, uint64_t end)
{
	size_t first = split(regions, start);
	replace(regions, first, split(regions, end) - first, 0);
}

void regions_set(struct regions *regions, uint64_t start, uint64_t end, int prot)
{
	size_t first = split(regions, start);
	replace(regions, first, split(regions, end) - first, 1);
	regions->at[first] = (struct region){start, end, prot};
	join(regions, first ? first - 1 : 0, first + 1);
}

void regions_protect(struct regions *regions, uint64_t start, uint64_t end, int prot)
{
	size_t first = split(regions, start), last = split(regions, end);
	for (size_t i = first; i < last; i++)
		regions->at[i].prot = prot;
	join(regions, first ? first - 1 : 0, last);
}
