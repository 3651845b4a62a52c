// SPDX-License-Identifier: MIT
// Takes over what an earlier tmpfs server left: checks every word that anything depends on, then recovers.
//
// What is checked before anything is trusted: the superblock, the journal, every tree and list, that each block below the
// high-water mark is used exactly once, that every named node is reached from the root exactly once.
#include "store_layout.h"

#include <gila/file_name.h>
#include <stdlib.h>

// Counting up, nobody gets there.
#define SERIAL_MAX (UINT64_C(1) << 62)

struct check {
	struct store *store;
	const char *wrong;     // the first reason
	uint64_t blocks;       // SUPER_HIGH_WATER
	uint64_t blocks_seen;
	uint8_t *block_used;
	uint64_t nodes;        // SUPER_NODE_COUNT
	uint8_t *node_seen;    // 1: reached, 2: in the free list
	uint32_t *queue;       // directories to walk
};

static bool wrong(struct check *check, const char *reason)
{
	if (!check->wrong)
		check->wrong = reason;
	return false;
}

static bool take_block(struct check *check, uint64_t block)
{
	if (block == 0 || block >= check->blocks)
		return wrong(check, "a block number is out of range");
	if (check->block_used[block])
		return wrong(check, "a block is used twice");
	check->block_used[block] = 1;
	check->blocks_seen++;
	return true;
}

static bool take_tree(struct check *check, uint64_t block, uint64_t height, uint64_t *count)
{
	if (!block)
		return true;
	if (!take_block(check, block))
		return false;
	++*count;
	if (height == 0)
		return true;
	for (unsigned i = 0; i < STORE_FANOUT; i++)
		if (!take_tree(check, store_get(check->store, block * STORE_BLOCK + i * 8), height - 1, count))
			return false;
	return true;
}

static bool check_tree(struct check *check, uint64_t tree, uint64_t *count)
{
	uint64_t height = store_get(check->store, tree + TREE_HEIGHT);
	*count = 0;
	if (height > STORE_HEIGHT_MAX)
		return wrong(check, "a tree is too high");
	return take_tree(check, store_get(check->store, tree + TREE_ROOT), height, count);
}

static bool check_super(struct check *check)
{
	struct store *store = check->store;
	if (store_get(store, SUPER_MAGIC) != STORE_MAGIC || store_get(store, SUPER_VERSION) != STORE_VERSION)
		return wrong(check, "it is no tmpfs memory of this version");
	check->blocks = store_get(store, SUPER_HIGH_WATER);
	check->nodes = store_get(store, SUPER_NODE_COUNT);
	if (check->blocks < 2 || check->blocks > store->memory->size / STORE_BLOCK)
		return wrong(check, "the number of blocks is out of range");
	if (check->nodes < 2 || check->nodes > check->blocks * NODES_PER_BLOCK)
		return wrong(check, "the number of nodes is out of range");
	if (store_get(store, SUPER_SERIAL) > SERIAL_MAX)
		return wrong(check, "the serial number is out of range");
	check->block_used = calloc(check->blocks, 1);
	check->node_seen = calloc(check->nodes, 1);
	check->queue = calloc(check->nodes, sizeof(*check->queue));
	return (check->block_used && check->node_seen && check->queue) || wrong(check, "");
}

// The node table, and that every node below the count has a place in it.
static bool check_table(struct check *check)
{
	uint64_t count;
	if (!check_tree(check, SUPER_TABLE, &count))
		return false;
	for (uint64_t node = 0; node < check->nodes; node += NODES_PER_BLOCK)
		if (!store_tree_find(check->store, SUPER_TABLE, node / NODES_PER_BLOCK))
			return wrong(check, "the node table has a hole");
	return true;
}

static bool check_node(struct check *check, uint32_t node)
{
	struct store *store = check->store;
	uint64_t at = store_node(store, node), state = store_get(store, at + NODE_STATE), count;
	if (state > STORE_ORPHAN)
		return wrong(check, "a node has an unknown state");
	if (state == STORE_FREE)
		return true;
	if (!check_tree(check, at + NODE_TREE, &count))
		return false;
	if (count != store_get(store, at + NODE_BLOCKS))
		return wrong(check, "a file has another number of blocks than it says");
	if (state == STORE_DIRECTORY && count)
		return wrong(check, "a directory has contents");
	if (state != STORE_DIRECTORY && store_get(store, at + NODE_SIZE) > STORE_FILE_MAX)
		return wrong(check, "a file is too large");
	uint64_t length = store_get(store, at + NODE_NAME_LENGTH);
	const char *name = (const char *)store->memory->base + at + NODE_NAME;
	if (node == STORE_ROOT)
		return (state == STORE_DIRECTORY && length == 0) || wrong(check, "the root is no directory");
	return (length <= FILE_NAME_MAX && !file_name_check(name, length)) || wrong(check, "a name is not valid");
}

static bool check_directory(struct check *check, uint32_t directory, uint64_t *queued)
{
	struct store *store = check->store;
	uint64_t dir = store_node(store, directory), previous = 0, entries = 0, serial = 0;
	uint64_t node = store_get(store, dir + NODE_FIRST);
	for (; node; entries++) {
		if (node >= check->nodes || node == STORE_ROOT)
			return wrong(check, "a directory entry is out of range");
		uint64_t at = store_node(store, (uint32_t)node), state = store_get(store, at + NODE_STATE);
		if ((state != STORE_FILE && state != STORE_DIRECTORY) || check->node_seen[node])
			return wrong(check, "a directory entry is no file, or is listed twice");
		if (store_get(store, at + NODE_PARENT) != directory || store_get(store, at + NODE_PREVIOUS) != previous ||
		    store_get(store, at + NODE_SERIAL) <= serial)
			return wrong(check, "a directory entry is not linked as it should be");
		check->node_seen[node] = 1;
		if (state == STORE_DIRECTORY)
			check->queue[(*queued)++] = (uint32_t)node;
		serial = store_get(store, at + NODE_SERIAL);
		previous = node;
		node = store_get(store, at + NODE_NEXT);
	}
	if (previous != store_get(store, dir + NODE_LAST) || entries != store_get(store, dir + NODE_SIZE) ||
	    serial >= store_get(store, SUPER_SERIAL))
		return wrong(check, "a directory's list does not end as it should");
	return true;
}

static bool check_names(struct check *check)
{
	uint64_t queued = 1;
	check->queue[0] = STORE_ROOT;
	check->node_seen[STORE_ROOT] = 1;
	for (uint64_t i = 0; i < queued; i++)
		if (!check_directory(check, check->queue[i], &queued))
			return false;
	return true;
}

static bool check_free(struct check *check)
{
	struct store *store = check->store;
	uint64_t node = store_get(store, SUPER_NODE_HEAD), block = store_get(store, SUPER_FREE_HEAD), count = 0;
	while (node) {
		if (node >= check->nodes || check->node_seen[node])
			return wrong(check, "the list of free nodes is damaged");
		check->node_seen[node] = 2;
		node = store_get(store, store_node(store, (uint32_t)node) + NODE_NEXT_FREE);
	}
	for (uint32_t i = 1; i < check->nodes; i++) {
		uint64_t state = store_get(store, store_node(store, i) + NODE_STATE);
		if (check->node_seen[i] != (state == STORE_FREE ? 2 : state == STORE_ORPHAN ? 0 : 1))
			return wrong(check, "a node is lost");
	}
	for (; block; count++) {
		if (!take_block(check, block))
			return false;
		block = store_get(store, block * STORE_BLOCK);
	}
	if (count != store_get(store, SUPER_FREE_COUNT) || check->blocks_seen != check->blocks - 1)
		return wrong(check, "a block is lost");
	return true;
}

const char *store_check(struct store *store)
{
	struct check check = {.store = store};
	bool good = check_super(&check) && check_table(&check);
	for (uint32_t node = 1; good && node < check.nodes; node++)
		good = check_node(&check, node);
	if (good && check_names(&check))
		check_free(&check);
	free(check.block_used);
	free(check.node_seen);
	free(check.queue);
	return check.wrong;
}

bool store_format(struct store *store, uint64_t seed)
{
	struct store_memory *memory = store->memory;
	if (memory->size < 2 * STORE_BLOCK && !memory->grow(memory, 16 * STORE_BLOCK))
		return false;
	// The magic goes first and comes last: a half-formatted memory is no memory of ours.
	store_put(store, SUPER_MAGIC, 0);
	store_put_bytes(store, 8, NULL, memory->size - 8);
	uint64_t root = STORE_BLOCK + STORE_ROOT * NODE_BYTES;
	store_put(store, SUPER_VERSION, STORE_VERSION);
	store_put(store, SUPER_HIGH_WATER, 2);
	store_put(store, SUPER_NODE_COUNT, STORE_ROOT + 1);
	store_put(store, SUPER_SERIAL, 1);
	store_put(store, SUPER_SEED, seed);
	store_put(store, SUPER_TABLE + TREE_ROOT, 1);
	store_put(store, root + NODE_STATE, STORE_DIRECTORY);
	store_put(store, root + NODE_GENERATION, seed & 0xffffff);
	store_put(store, root + NODE_PARENT, STORE_ROOT);
	store_put(store, SUPER_MAGIC, STORE_MAGIC);
	return true;
}

// Fills the index and trims the files of a sound memory.
static bool recover(struct store *store)
{
	uint32_t count = (uint32_t)store_get(store, SUPER_NODE_COUNT);
	if (!store_index_room(store, count))
		return false;
	for (uint32_t node = STORE_ROOT + 1; node < count; node++) {
		uint64_t state = store_get(store, store_node(store, node) + NODE_STATE);
		if (state == STORE_FILE || state == STORE_DIRECTORY)
			store_index_add(store, node);
		if (state == STORE_FILE || state == STORE_ORPHAN)
			store_trim(store, node);
	}
	return true;
}

enum store_found store_open(struct store *store, struct store_memory *memory, uint64_t limit, uint64_t seed,
			    const char **reason)
{
	enum store_found found = STORE_FOUND_FILES;
	*store = (struct store){.memory = memory, .limit = limit};
	*reason = NULL;
	if (memory->size < 2 * STORE_BLOCK || store_get(store, SUPER_MAGIC) == 0)
		found = STORE_FOUND_NOTHING;
	else if (store_get(store, SUPER_MAGIC) != STORE_MAGIC)
		*reason = "it is no tmpfs memory of this version";
	else if (!store_replay(store))
		*reason = "the journal is damaged";
	else
		*reason = store_check(store);
	if (*reason)
		found = **reason ? STORE_FOUND_DAMAGE : STORE_NO_MEMORY;
	if ((found == STORE_FOUND_NOTHING || found == STORE_FOUND_DAMAGE) && !store_format(store, seed))
		found = STORE_NO_MEMORY;
	if (found != STORE_NO_MEMORY && !recover(store)) {
		store_close(store);
		found = STORE_NO_MEMORY;
	}
	return found;
}

void store_close(struct store *store)
{
	free(store->buckets);
	free(store->chain);
	store->buckets = store->chain = NULL;
	store->bucket_count = store->chain_count = 0;
}
