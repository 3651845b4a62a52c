// SPDX-License-Identifier: MIT
// Blocks of the tmpfs store, and trees of them: what a file's contents hang on.
#include "store_layout.h"

#define GROW_STEP (UINT64_C(64) * STORE_BLOCK)

static bool make_room(struct store *store, uint64_t blocks)
{
	uint64_t need = blocks * STORE_BLOCK, have = store->memory->size;
	if (need <= have)
		return true;
	if (need > store->limit)
		return false;
	uint64_t want = have + (have / 2 > GROW_STEP ? have / 2 : GROW_STEP);
	want = want / STORE_BLOCK * STORE_BLOCK;
	if (want > store->limit)
		want = store->limit / STORE_BLOCK * STORE_BLOCK;
	if (want < need)
		want = need;
	return store->memory->grow(store->memory, want) || (want > need && store->memory->grow(store->memory, need));
}

uint64_t store_block_alloc(struct store *store)
{
	uint64_t block = store_tx_get(store, SUPER_FREE_HEAD);
	if (block) {
		uint64_t offset = block * STORE_BLOCK;
		store_tx_put(store, SUPER_FREE_HEAD, store_tx_get(store, offset));
		store_tx_add(store, SUPER_FREE_COUNT, UINT64_MAX);
		// The link in the first word is needed until the commit, the rest is nobody's.
		store_put_bytes(store, offset + 8, NULL, STORE_BLOCK - 8);
		store_tx_put(store, offset, 0);
		return block;
	}
	block = store_tx_get(store, SUPER_HIGH_WATER);
	if (!make_room(store, block + 1)) {
		store->tx.full = true;
		return 0;
	}
	store_tx_put(store, SUPER_HIGH_WATER, block + 1);
	return block;
}

void store_block_free(struct store *store, uint64_t block)
{
	store_tx_put(store, block * STORE_BLOCK, store_tx_get(store, SUPER_FREE_HEAD));
	store_tx_put(store, SUPER_FREE_HEAD, block);
	store_tx_add(store, SUPER_FREE_COUNT, 1);
}

// Blocks that a tree of this height can hold.
static uint64_t tree_reach(uint64_t height)
{
	uint64_t reach = 1;
	while (height-- > 0)
		reach *= STORE_FANOUT;
	return reach;
}

// Where the pointer to the child that leads to `index` stands, in the index block at `block`, `height` levels above data.
static uint64_t pointer_at(uint64_t block, uint64_t height, uint64_t index)
{
	return block * STORE_BLOCK + index / tree_reach(height - 1) % STORE_FANOUT * 8;
}

uint64_t store_tree_find(const struct store *store, uint64_t tree, uint64_t index)
{
	uint64_t height = store_get(store, tree + TREE_HEIGHT), block = store_get(store, tree + TREE_ROOT);
	if (index >= tree_reach(height))
		return 0;
	for (; height > 0 && block; height--)
		block = store_get(store, pointer_at(block, height, index));
	return block * STORE_BLOCK;
}

uint64_t store_tree_make(struct store *store, uint64_t tree, uint64_t index, uint64_t count)
{
	uint64_t found = store_tree_find(store, tree, index), made = 0;
	if (found)
		return found;
	store_tx_begin(store);
	uint64_t height = store_get(store, tree + TREE_HEIGHT), block = store_get(store, tree + TREE_ROOT);
	while (index >= tree_reach(height)) {
		if (block) {
			uint64_t above = store_block_alloc(store);
			store_tx_put(store, above * STORE_BLOCK, block);
			block = above;
			made++;
		}
		height++;
	}
	if (!block) {
		block = store_block_alloc(store);
		made++;
	}
	store_tx_put(store, tree + TREE_ROOT, block);
	store_tx_put(store, tree + TREE_HEIGHT, height);
	for (; height > 0 && !store->tx.full; height--) {
		uint64_t pointer = pointer_at(block, height, index);
		block = store_tx_get(store, pointer);
		if (!block) {
			block = store_block_alloc(store);
			store_tx_put(store, pointer, block);
			made++;
		}
	}
	if (count)
		store_tx_add(store, count, made);
	return store_tx_commit(store) ? block * STORE_BLOCK : 0;
}

// Frees one block (and the pointer at `pointer` to it) by a transaction of its own.
static void cut_block(struct store *store, uint64_t pointer, uint64_t block, uint64_t count)
{
	store_tx_begin(store);
	store_tx_put(store, pointer, 0);
	store_block_free(store, block);
	if (count)
		store_tx_add(store, count, UINT64_MAX);
	// Five words always fit.
	if (!store_tx_commit(store))
		__builtin_trap();
}

// Frees what lies at or behind `index` (counted from this subtree's first block) below `pointer`.
static void cut_below(struct store *store, uint64_t pointer, uint64_t height, uint64_t index, uint64_t count)
{
	uint64_t block = store_get(store, pointer);
	if (!block)
		return;
	if (height > 0) {
		uint64_t reach = tree_reach(height - 1);
		for (uint64_t i = STORE_FANOUT; i-- > index / reach;) {
			uint64_t inside = i == index / reach ? index % reach : 0;
			cut_below(store, block * STORE_BLOCK + i * 8, height - 1, inside, count);
		}
	}
	if (index == 0)
		cut_block(store, pointer, block, count);
}

void store_tree_cut(struct store *store, uint64_t tree, uint64_t index, uint64_t count)
{
	uint64_t height = store_get(store, tree + TREE_HEIGHT);
	if (index < tree_reach(height))
		cut_below(store, tree + TREE_ROOT, height, index, count);
	if (index == 0 && height > 0)
		store_put(store, tree + TREE_HEIGHT, 0);
}
