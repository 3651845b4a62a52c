// SPDX-License-Identifier: MIT
// What the program has mapped, and how it may be used: the kernel cannot be asked, and mremap and madvise need to know.
//
// 1. Regions are sorted, do not overlap, and neighbours that touch differ in protection.
// 2. A change needs room for at most REGIONS_GROW more; regions_reserve gets it beforehand, so changes cannot fail.
// The caller has a lock.
#ifndef LINUX_REGIONS_H
#define LINUX_REGIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REGIONS_GROW 2u

struct region {
	uint64_t start, end; // whole pages
	int prot;            // PROT_*
};

struct regions {
	struct region *at; // `count` of them
	size_t count, room;
};

// Room for one more change. False: no memory. Never uses what it has up before it has more.
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
