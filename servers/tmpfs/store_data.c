// SPDX-License-Identifier: MIT
// Contents of files in the tmpfs store.
//
// Contents are written in place; the size follows by a transaction. What a killed server wrote behind the end is wiped by
// store_trim when the next one takes over, so what becomes part of a file later reads as zeros.
#include "store_layout.h"

static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

size_t store_read(struct store *store, uint32_t node, uint64_t offset, void *to, size_t size)
{
	uint64_t at = store_node(store, node), end = store_get(store, at + NODE_SIZE);
	if (offset >= end)
		return 0;
	size = smaller(size, end - offset);
	for (size_t done = 0; done < size;) {
		uint64_t inside = (offset + done) % STORE_BLOCK;
		size_t piece = smaller(size - done, STORE_BLOCK - inside);
		uint64_t block = store_tree_find(store, at + NODE_TREE, (offset + done) / STORE_BLOCK);
		if (block)
			memcpy((uint8_t *)to + done, store->memory->base + block + inside, piece);
		else
			memset((uint8_t *)to + done, 0, piece);
		done += piece;
	}
	return size;
}

static kern_return_t set_size(struct store *store, uint64_t at, uint64_t size, uint64_t now)
{
	store_tx_begin(store);
	store_tx_put(store, at + NODE_SIZE, size);
	store_tx_put(store, at + NODE_MODIFIED, now);
	return store_tx_commit(store) ? KERN_SUCCESS : FILE_NO_SPACE;
}

kern_return_t store_write(struct store *store, uint32_t node, uint64_t offset, const void *from, size_t size, uint64_t now)
{
	uint64_t at = store_node(store, node);
	if (offset > STORE_FILE_MAX || size > STORE_FILE_MAX - offset)
		return FILE_TOO_LARGE;
	for (size_t done = 0; done < size;) {
		uint64_t inside = (offset + done) % STORE_BLOCK;
		size_t piece = smaller(size - done, STORE_BLOCK - inside);
		uint64_t block = store_tree_make(store, at + NODE_TREE, (offset + done) / STORE_BLOCK, at + NODE_BLOCKS);
		if (!block) {
			store_trim(store, node);
			return FILE_NO_SPACE;
		}
		store_put_bytes(store, block + inside, (const uint8_t *)from + done, piece);
		done += piece;
	}
	uint64_t before = store_get(store, at + NODE_SIZE), end = offset + size;
	return set_size(store, at, size > 0 && end > before ? end : before, now);
}

void store_trim(struct store *store, uint32_t node)
{
	uint64_t at = store_node(store, node), size = store_get(store, at + NODE_SIZE);
	store_tree_cut(store, at + NODE_TREE, (size + STORE_BLOCK - 1) / STORE_BLOCK, at + NODE_BLOCKS);
	uint64_t inside = size % STORE_BLOCK;
	uint64_t block = inside ? store_tree_find(store, at + NODE_TREE, size / STORE_BLOCK) : 0;
	if (block)
		store_put_bytes(store, block + inside, NULL, STORE_BLOCK - inside);
}

kern_return_t store_resize(struct store *store, uint32_t node, uint64_t size, uint64_t now)
{
	uint64_t at = store_node(store, node), before = store_get(store, at + NODE_SIZE);
	if (size > STORE_FILE_MAX)
		return FILE_TOO_LARGE;
	kern_return_t error = set_size(store, at, size, now);
	if (!error && size < before)
		store_trim(store, node);
	return error;
}

uint64_t store_blocks_used(struct store *store)
{
	return store_get(store, SUPER_HIGH_WATER) - store_get(store, SUPER_FREE_COUNT);
}
