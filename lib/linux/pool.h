// SPDX-License-Identifier: MIT
// Records of one size, made of pages that are mapped for the purpose and given out again when they came back; never unmapped.
// A record keeps its content while it is free, but for its first word; a fresh one is zeros. Lock: the pool's, innermost.
#ifndef LINUX_POOL_H
#define LINUX_POOL_H

#include "spin.h"

#include <stddef.h>

struct pool {
	struct spin lock;
	void *free; // chained by their first words
};

// NULL: no memory. `size` is at least a pointer's, a multiple of 8, and the same at each call for this pool.
void *pool_get(struct pool *pool, size_t size);
void pool_put(struct pool *pool, void *record);
// Fresh zeroed memory of the task; NULL: none.
void *pages_get(uint64_t size);
void pages_put(void *pages, uint64_t size);

#endif
