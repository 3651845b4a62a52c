// SPDX-License-Identifier: MIT
// Blocks that were freed but must not be allocated yet: runs in the order in which they were freed (as the kept memory
// has them), and an index by block. No two overlap.
//
// A run waits for the commit that frees it; or, when the log has a version of one of its blocks, for the checkpoint that
// empties the log: a replay would write that version over what the next owner has written. So no revoke records are
// needed.
#include "store_layout.h"

#include <stdlib.h>

// Where in the index the first run is that ends behind `block`.
static uint32_t order_find(const struct store *store, uint64_t block)
{
	uint32_t low = 0, high = store->freed_ordered;
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		const struct kept_freed *freed = &store->freed[store->freed_order[middle]];
		if (freed->block + freed->count <= block)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool freed_overlaps(const struct store *store, uint64_t block, uint64_t count)
{
	uint32_t at = order_find(store, block);
	return at < store->freed_ordered && store->freed[store->freed_order[at]].block < block + count;
}

bool freed_add(struct store *store, uint64_t block, uint32_t count)
{
	uint32_t last = store->freed_count + store->freed_running - 1;
	struct kept_freed *run = store->freed_running ? &store->freed[last] : NULL;
	if (run && count <= UINT32_MAX - run->count && (run->block + run->count == block || block + count == run->block)) {
		// Its place in the order stays: nothing is between the two.
		run->block = block < run->block ? block : run->block;
		run->count += count;
		return true;
	}
	if (store->freed_running == STORE_FREES || last + 1 >= STORE_FREED_MAX)
		return false;
	uint32_t at = order_find(store, block);
	uint16_t *place = store->freed_order + at;
	memmove(place + 1, place, (store->freed_ordered - at) * sizeof(*place));
	*place = (uint16_t)(last + 1);
	store->freed_ordered++;
	store->freed[last + 1] = (struct kept_freed){block, count, FREED_COMMIT};
	store->freed_running++;
	return true;
}

struct order_key {
	uint64_t block;
	uint16_t index;
};

static int compare(const void *left, const void *right)
{
	const struct order_key *a = left, *b = right;
	return a->block < b->block ? -1 : a->block > b->block;
}

bool freed_sort(struct store *store)
{
	struct order_key keys[STORE_FREED_MAX];
	uint32_t count = 0;
	for (uint32_t i = 0; i < store->freed_count; i++)
		if (store->freed[i].count)
			keys[count++] = (struct order_key){store->freed[i].block, (uint16_t)i};
	qsort(keys, count, sizeof(*keys), compare);
	for (uint32_t i = 0; i < count; i++) {
		store->freed_order[i] = keys[i].index;
		if (i > 0 && keys[i].block - keys[i - 1].block < store->freed[keys[i - 1].index].count)
			return false;
	}
	store->freed_ordered = count;
	return true;
}

void freed_cancel(struct store *store)
{
	if (store->freed_running == 0)
		return;
	store->freed_running = 0;
	if (!freed_sort(store))
		__builtin_trap(); // some of what was in order
}
