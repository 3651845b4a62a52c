// SPDX-License-Identifier: MIT
// Nodes and directories of the tmpfs store.
//
// A directory's entries are a doubly linked list in the order of their serials, which only grow.
#include "store_layout.h"

static uint32_t word(const struct store *store, uint32_t node, unsigned field)
{
	return (uint32_t)store_get(store, store_node(store, node) + field);
}

bool store_valid(struct store *store, uint32_t node, uint32_t generation)
{
	if (node == 0 || node >= store_get(store, SUPER_NODE_COUNT))
		return false;
	return word(store, node, NODE_STATE) != STORE_FREE && word(store, node, NODE_GENERATION) == generation;
}

void store_info(struct store *store, uint32_t node, struct store_info *info)
{
	uint64_t at = store_node(store, node), length = store_get(store, at + NODE_NAME_LENGTH);
	info->state = (enum store_state)store_get(store, at + NODE_STATE);
	info->generation = (uint32_t)store_get(store, at + NODE_GENERATION);
	info->parent = (uint32_t)store_get(store, at + NODE_PARENT);
	info->size = store_get(store, at + NODE_SIZE);
	info->blocks = store_get(store, at + NODE_BLOCKS);
	info->modified = store_get(store, at + NODE_MODIFIED);
	info->serial = store_get(store, at + NODE_SERIAL);
	memcpy(info->name, store->memory->base + at + NODE_NAME, length);
	info->name[length] = 0;
}

uint32_t store_next(struct store *store, uint32_t directory, uint64_t after, uint32_t hint)
{
	uint32_t node = word(store, directory, NODE_FIRST);
	if (hint && hint < store_get(store, SUPER_NODE_COUNT)) {
		uint64_t at = store_node(store, hint);
		uint64_t state = store_get(store, at + NODE_STATE);
		if ((state == STORE_FILE || state == STORE_DIRECTORY) && store_get(store, at + NODE_PARENT) == directory &&
		    store_get(store, at + NODE_SERIAL) <= after)
			node = hint;
	}
	while (node && store_get(store, store_node(store, node) + NODE_SERIAL) <= after)
		node = word(store, node, NODE_NEXT);
	return node;
}

uint32_t store_next_orphan(struct store *store, uint32_t after)
{
	for (uint32_t node = after + 1; node < store_get(store, SUPER_NODE_COUNT); node++)
		if (word(store, node, NODE_STATE) == STORE_ORPHAN)
			return node;
	return 0;
}

bool store_is_above(struct store *store, uint32_t node, uint32_t directory)
{
	while (directory != node && directory != STORE_ROOT)
		directory = word(store, directory, NODE_PARENT);
	return directory == node;
}

// ---- Parts of transactions -------------------------------------------------------------------------------------------

// Puts the node at the end of the directory's list.
static void link_node(struct store *store, uint32_t node, uint32_t directory, uint64_t now)
{
	uint64_t at = store_node(store, node), dir = store_node(store, directory);
	uint32_t last = (uint32_t)store_tx_get(store, dir + NODE_LAST);
	store_tx_put(store, at + NODE_PARENT, directory);
	store_tx_put(store, at + NODE_NEXT, 0);
	store_tx_put(store, at + NODE_PREVIOUS, last);
	store_tx_put(store, at + NODE_SERIAL, store_tx_get(store, SUPER_SERIAL));
	store_tx_add(store, SUPER_SERIAL, 1);
	store_tx_put(store, last ? store_node(store, last) + NODE_NEXT : dir + NODE_FIRST, node);
	store_tx_put(store, dir + NODE_LAST, node);
	store_tx_add(store, dir + NODE_SIZE, 1);
	store_tx_put(store, dir + NODE_MODIFIED, now);
}

static void unlink_node(struct store *store, uint32_t node, uint64_t now)
{
	uint64_t at = store_node(store, node);
	uint64_t dir = store_node(store, (uint32_t)store_tx_get(store, at + NODE_PARENT));
	uint32_t next = (uint32_t)store_tx_get(store, at + NODE_NEXT);
	uint32_t previous = (uint32_t)store_tx_get(store, at + NODE_PREVIOUS);
	store_tx_put(store, previous ? store_node(store, previous) + NODE_NEXT : dir + NODE_FIRST, next);
	store_tx_put(store, next ? store_node(store, next) + NODE_PREVIOUS : dir + NODE_LAST, previous);
	store_tx_add(store, dir + NODE_SIZE, UINT64_MAX);
	store_tx_put(store, dir + NODE_MODIFIED, now);
}

static void free_node(struct store *store, uint32_t node)
{
	uint64_t at = store_node(store, node);
	store_tx_put(store, at + NODE_STATE, STORE_FREE);
	store_tx_put(store, at + NODE_GENERATION, (store_tx_get(store, at + NODE_GENERATION) + 1) & 0xffffff);
	store_tx_put(store, at + NODE_NEXT_FREE, store_tx_get(store, SUPER_NODE_HEAD));
	store_tx_put(store, SUPER_NODE_HEAD, node);
}

// Takes a node that has lost its name: an orphan if it may be open, else free.
static void drop_node(struct store *store, uint32_t node)
{
	uint64_t at = store_node(store, node);
	if (store_tx_get(store, at + NODE_STATE) == STORE_FILE)
		store_tx_put(store, at + NODE_STATE, STORE_ORPHAN);
	else
		free_node(store, node);
}

// ---- Changes -----------------------------------------------------------------------------------------------------------

// A node number that is free, with a place in the table and in the index; 0: no space. Begins the transaction.
static uint32_t begin_with_node(struct store *store)
{
	uint32_t node = (uint32_t)store_get(store, SUPER_NODE_HEAD);
	bool fresh = node == 0;
	if (fresh)
		node = (uint32_t)store_get(store, SUPER_NODE_COUNT);
	if (node == UINT32_MAX || !store_index_room(store, node))
		return 0;
	if (fresh && !store_tree_make(store, SUPER_TABLE, node / NODES_PER_BLOCK, 0))
		return 0;
	store_tx_begin(store);
	uint64_t at = store_node(store, node);
	if (fresh) {
		store_tx_add(store, SUPER_NODE_COUNT, 1);
		store_tx_put(store, at + NODE_GENERATION, store_get(store, SUPER_SEED) & 0xffffff);
	} else {
		store_tx_put(store, SUPER_NODE_HEAD, store_get(store, at + NODE_NEXT_FREE));
	}
	return node;
}

kern_return_t store_create(struct store *store, uint32_t directory, const char *name, size_t length, bool is_directory,
			   uint64_t now, uint32_t *made)
{
	static const unsigned zeroed[] = {NODE_FIRST, NODE_LAST, NODE_SIZE, NODE_TREE + TREE_ROOT,
					  NODE_TREE + TREE_HEIGHT, NODE_BLOCKS, NODE_NEXT_FREE};
	uint32_t node = begin_with_node(store);
	if (!node)
		return FILE_NO_SPACE;
	uint64_t at = store_node(store, node);
	// The node is nobody's yet, so its name needs no journal.
	store_put_bytes(store, at + NODE_NAME, name, length);
	for (size_t i = 0; i < sizeof(zeroed) / sizeof(zeroed[0]); i++)
		store_tx_put(store, at + zeroed[i], 0);
	store_tx_put(store, at + NODE_STATE, is_directory ? STORE_DIRECTORY : STORE_FILE);
	store_tx_put(store, at + NODE_MODIFIED, now);
	store_tx_put(store, at + NODE_NAME_LENGTH, length);
	link_node(store, node, directory, now);
	if (!store_tx_commit(store))
		return FILE_NO_SPACE;
	store_index_add(store, node);
	*made = node;
	return KERN_SUCCESS;
}

kern_return_t store_remove(struct store *store, uint32_t node, uint64_t now)
{
	store_index_remove(store, node);
	store_tx_begin(store);
	unlink_node(store, node, now);
	drop_node(store, node);
	if (store_tx_commit(store))
		return KERN_SUCCESS;
	store_index_add(store, node);
	return FILE_NO_SPACE;
}

kern_return_t store_rename(struct store *store, uint32_t node, uint32_t directory, const char *name, size_t length,
			   uint32_t replaced, uint64_t now)
{
	uint64_t at = store_node(store, node);
	store_index_remove(store, node);
	if (replaced)
		store_index_remove(store, replaced);
	store_tx_begin(store);
	if (replaced) {
		unlink_node(store, replaced, now);
		drop_node(store, replaced);
	}
	unlink_node(store, node, now);
	link_node(store, node, directory, now);
	uint64_t words[(FILE_NAME_MAX + 8) / 8] = {0};
	memcpy(words, name, length);
	for (size_t i = 0; i * 8 < length; i++)
		store_tx_put(store, at + NODE_NAME + i * 8, words[i]);
	store_tx_put(store, at + NODE_NAME_LENGTH, length);
	bool done = store_tx_commit(store);
	store_index_add(store, node);
	if (!done && replaced)
		store_index_add(store, replaced);
	return done ? KERN_SUCCESS : FILE_NO_SPACE;
}

void store_release(struct store *store, uint32_t node)
{
	uint64_t at = store_node(store, node);
	store_tree_cut(store, at + NODE_TREE, 0, at + NODE_BLOCKS);
	store_tx_begin(store);
	free_node(store, node);
	// Four words always fit.
	if (!store_tx_commit(store))
		__builtin_trap();
}
