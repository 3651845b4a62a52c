// SPDX-License-Identifier: MIT
// The table of regions against a plain array of pages.
#include "regions.h"
#include "linux.h"

#include <gila/test.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAGES = 400, NOTHING = -1 };

static int model[PAGES];

static bool agrees(const struct regions *regions)
{
	const struct region *region = regions_find(regions, 0);
	for (int page = 0; page < PAGES;) {
		if (model[page] == NOTHING) {
			page++;
			continue;
		}
		int end = page;
		while (end < PAGES && model[end] == model[page])
			end++;
		if (!region || region->start != (uint64_t)page * PAGE_SIZE || region->end != (uint64_t)end * PAGE_SIZE ||
		    region->prot != model[page])
			return false;
		region = regions_find(regions, region->end);
		page = end;
	}
	return !region;
}

static bool finds(const struct regions *regions, int page)
{
	const struct region *found = regions_find(regions, (uint64_t)page * PAGE_SIZE);
	int next = page;
	while (next < PAGES && model[next] == NOTHING)
		next++;
	if (next == PAGES)
		return !found;
	return found && found->end > (uint64_t)next * PAGE_SIZE && (next == page || found->start == (uint64_t)next * PAGE_SIZE) &&
	       found->prot == model[next];
}

static void change(struct regions *regions, unsigned *seed)
{
	int start = rand_r(seed) % PAGES, count = rand_r(seed) % (PAGES - start) % 12 + 1;
	int what = rand_r(seed) % 3, prot = rand_r(seed) % 3;
	uint64_t from = (uint64_t)start * PAGE_SIZE, to = (uint64_t)(start + count) * PAGE_SIZE;
	for (int page = start; page < start + count && page < PAGES; page++)
		model[page] = what == 0 ? prot : what == 1 ? NOTHING : model[page] == NOTHING ? NOTHING : prot;
	if (what == 0)
		regions_set(regions, from, to, prot);
	else if (what == 1)
		regions_clear(regions, from, to);
	else
		regions_protect(regions, from, to, prot);
}

TEST(regions_are_what_was_mapped)
{
	struct regions regions = {.spares = 0};
	unsigned seed = 4711;
	for (int page = 0; page < PAGES; page++)
		model[page] = NOTHING;
	for (int round = 0; round < 20000; round++) {
		unsigned before = seed;
		CHECK(regions_reserve(&regions));
		change(&regions, &seed);
		if (!agrees(&regions))
			printf("round %d, seed %u\n", round, before);
		CHECK(agrees(&regions));
		CHECK(finds(&regions, rand_r(&seed) % PAGES));
	}
}

TEST(regions_are_many)
{
	struct regions regions = {.spares = 0};
	for (uint64_t i = 0; i < 1000; i++) {
		CHECK(regions_reserve(&regions));
		regions_set(&regions, 2 * i * PAGE_SIZE, (2 * i + 1) * PAGE_SIZE, 1);
	}
	for (uint64_t i = 0; i < 1000; i++)
		CHECK_EQ(regions_find(&regions, 2 * i * PAGE_SIZE)->start, 2 * i * PAGE_SIZE);
	CHECK(regions_reserve(&regions));
	regions_set(&regions, 0, 2000 * PAGE_SIZE, 1);
	const struct region *all = regions_find(&regions, 5);
	CHECK(all && all->start == 0 && all->end == 2000 * PAGE_SIZE && !regions_find(&regions, all->end));
}
