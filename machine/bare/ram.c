// SPDX-License-Identifier: MIT
// Physical memory at boot: which ranges are there, and which of them nobody has yet. Tables of fixed size, one CPU.
//
// A map that is too long to be kept loses memory, never gains any: ranges that find no place are left out of `present`,
// and of `unused` too.
#include "bare.h"

#define RANGES 64u

struct ranges {
	struct ram_range at[RANGES];
	unsigned count;
};

static struct ranges present, unused;
static uint64_t top, total;

static uint64_t page_up(uint64_t address) { return (address + MD_PAGE_SIZE - 1) & ~(uint64_t)(MD_PAGE_SIZE - 1); }
static uint64_t page_down(uint64_t address) { return address & ~(uint64_t)(MD_PAGE_SIZE - 1); }

static bool ranges_add(struct ranges *ranges, uint64_t start, uint64_t end)
{
	if (start >= end || ranges->count == RANGES)
		return false;
	ranges->at[ranges->count++] = (struct ram_range){start, end};
	return true;
}

// Takes [start, end) out; what is left above a hole in a range is lost when the table is full.
static void ranges_remove(struct ranges *ranges, uint64_t start, uint64_t end)
{
	for (unsigned i = 0; i < ranges->count; i++) {
		struct ram_range old = ranges->at[i];
		if (old.end <= start || old.start >= end)
			continue;
		ranges->at[i--] = ranges->at[--ranges->count];
		(void)ranges_add(ranges, old.start, old.start < start ? start : old.start);
		(void)ranges_add(ranges, old.end > end ? end : old.end, old.end);
		i = UINT32_MAX; // again from the beginning: the pieces do not touch [start, end)
	}
}

void ram_add(uint64_t start, uint64_t size)
{
	uint64_t end = start + size < start ? page_down(UINT64_MAX) : page_down(start + size);
	start = page_up(start);
	// Firmware may name memory twice.
	ranges_remove(&present, start, end);
	if (!ranges_add(&present, start, end))
		return;
	ranges_remove(&unused, start, end);
	(void)ranges_add(&unused, start, end);
	if (end > top)
		top = end;
	total += end - start;
}

void ram_reserve(uint64_t start, uint64_t size)
{
	if (size > 0 && start + size > start)
		ranges_remove(&unused, page_down(start), page_up(start + size));
}

uint64_t ram_take(uint64_t size, uint64_t alignment, uint64_t limit)
{
	size = page_up(size);
	for (unsigned i = 0; i < unused.count; i++) {
		uint64_t start = (unused.at[i].start + alignment - 1) & ~(alignment - 1);
		uint64_t end = unused.at[i].end < limit ? unused.at[i].end : limit;
		if (start >= end || end - start < size)
			continue;
		ranges_remove(&unused, start, start + size);
		memset(direct(start), 0, size);
		return start;
	}
	return 0;
}

uint64_t ram_top(void) { return top; }
uint64_t ram_size(void) { return total; }

static bool ranges_get(const struct ranges *ranges, unsigned index, struct ram_range *range)
{
	if (index >= ranges->count)
		return false;
	*range = ranges->at[index];
	return true;
}

bool ram_present(unsigned index, struct ram_range *range) { return ranges_get(&present, index, range); }
bool ram_free(unsigned index, struct ram_range *range) { return ranges_get(&unused, index, range); }
