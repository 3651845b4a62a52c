// SPDX-License-Identifier: MIT
// What the program has mapped, and how it may be used: the kernel cannot be asked, and mremap and madvise need to know.
//
// 1. Regions do not overlap, and neighbours that touch differ in protection.
// 2. A change needs at most REGIONS_SPARE records that were not there before; regions_reserve gets them beforehand, so changes
//    cannot fail.
// A change costs O(log n) and the regions that it covers. The caller has a lock.
#ifndef LINUX_REGIONS_H
#define LINUX_REGIONS_H

#include "pool.h"

#include <kernel/core/tree.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REGIONS_SPARE 3u

struct region {
	struct tree_node node; // first: the pool's link while it is free
	uint64_t start, end;   // whole pages
	int prot;              // PROT_*
};

struct regions {
	struct tree tree; // by address
	struct region *spare[REGIONS_SPARE];
	unsigned spares;
	struct pool pool;
};

// Room for one more change. False: no memory.
bool regions_reserve(struct regions *regions);
// The range is mapped with this protection now, whatever was there.
void regions_set(struct regions *regions, uint64_t start, uint64_t end, int prot);
// Nothing is there any more.
void regions_clear(struct regions *regions, uint64_t start, uint64_t end);
// What is there has this protection now.
void regions_protect(struct regions *regions, uint64_t start, uint64_t end, int prot);
// The first region that ends after `address`; NULL: none.
const struct region *regions_find(const struct regions *regions, uint64_t address);

#endif
