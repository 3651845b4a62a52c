// SPDX-License-Identifier: MIT
// A tree of regions; see regions.h.
#include "regions.h"

// A key is an address: equal to the region that it lies in.
static int compare(const void *key, const struct tree_node *node)
{
	const struct region *region = (const struct region *)node;
	uint64_t address = *(const uint64_t *)key;
	return address < region->start ? -1 : address >= region->end;
}

static struct region *at(const struct regions *regions, uint64_t address)
{
	return (struct region *)tree_find(&regions->tree, &address);
}

static struct region *from(const struct regions *regions, uint64_t address)
{
	return (struct region *)tree_find_from(&regions->tree, &address);
}

static struct region *after(const struct region *region) { return (struct region *)tree_next(&region->node); }

const struct region *regions_find(const struct regions *regions, uint64_t address) { return from(regions, address); }

bool regions_reserve(struct regions *regions)
{
	if (!regions->tree.compare)
		tree_init(&regions->tree, compare);
	while (regions->spares < REGIONS_SPARE) {
		struct region *region = pool_get(&regions->pool, sizeof(*region));
		if (!region)
			return false;
		regions->spare[regions->spares++] = region;
	}
	return true;
}

static void add(struct regions *regions, uint64_t start, uint64_t end, int prot)
{
	struct region *region = regions->spare[--regions->spares];
	*region = (struct region){.start = start, .end = end, .prot = prot};
	if (!tree_insert(&regions->tree, &start, &region->node))
		__builtin_trap(); // the caller has made room
}

static void drop(struct regions *regions, struct region *region)
{
	tree_remove(&regions->tree, &region->node);
	pool_put(&regions->pool, region);
}

// No region reaches over `address` any more.
static void split(struct regions *regions, uint64_t address)
{
	struct region *region = at(regions, address);
	if (!region || region->start == address)
		return;
	uint64_t end = region->end;
	region->end = address;
	add(regions, address, end, region->prot);
}

// Joins the region with the one before it if they are alike; returns what it is part of then.
static struct region *join(struct regions *regions, struct region *region)
{
	struct region *before = region->start ? at(regions, region->start - 1) : NULL;
	if (!before || before->prot != region->prot)
		return region;
	uint64_t end = region->end;
	drop(regions, region);
	before->end = end;
	return before;
}

// Every region that begins in [start, end] is joined with the one before it.
static void join_all(struct regions *regions, uint64_t start, uint64_t end)
{
	for (struct region *region = from(regions, start); region && region->start <= end; region = after(region))
		region = join(regions, region);
}

void regions_clear(struct regions *regions, uint64_t start, uint64_t end)
{
	split(regions, start);
	split(regions, end);
	for (struct region *next, *region = from(regions, start); region && region->start < end; region = next) {
		next = after(region);
		drop(regions, region);
	}
}

void regions_set(struct regions *regions, uint64_t start, uint64_t end, int prot)
{
	regions_clear(regions, start, end);
	add(regions, start, end, prot);
	join_all(regions, start, end);
}

void regions_protect(struct regions *regions, uint64_t start, uint64_t end, int prot)
{
	split(regions, start);
	split(regions, end);
	for (struct region *region = from(regions, start); region && region->start < end; region = after(region))
		region->prot = prot;
	join_all(regions, start, end);
}
