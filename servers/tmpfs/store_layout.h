// SPDX-License-Identifier: MIT
// How the kept memory of tmpfs is laid out, and the only functions that write it. For store_*.c alone.
//
// All numbers are 64-bit words of this machine. Offsets are bytes from the start of the memory.
#ifndef TMPFS_STORE_LAYOUT_H
#define TMPFS_STORE_LAYOUT_H

#include "store.h"

#include <stdatomic.h>
#include <string.h>

#define STORE_MAGIC UINT64_C(0x3173667061746c67) // "gltapfs1"
#define STORE_VERSION 1u
#define STORE_FANOUT (STORE_BLOCK / 8) // pointers in an index block
#define STORE_HEIGHT_MAX 3u

// The superblock, by offset.
enum {
	SUPER_MAGIC = 0,
	SUPER_VERSION = 8,
	SUPER_HIGH_WATER = 16, // blocks ever used
	SUPER_FREE_HEAD = 24,  // block whose first word is the next one; 0 ends the list
	SUPER_FREE_COUNT = 32,
	SUPER_NODE_HEAD = 40,  // free node whose NODE_NEXT_FREE is the next one
	SUPER_NODE_COUNT = 48, // nodes ever used, 0 (which stands for none) among them
	SUPER_SERIAL = 56,     // of the next directory entry
	SUPER_SEED = 64,       // generation of nodes that are used for the first time
	SUPER_TABLE = 72,      // the node table's tree: root, height
	SUPER_COMMIT = 128,    // words in the journal that are to be applied
	SUPER_JOURNAL = 512,   // pairs of offset and value
};
_Static_assert(SUPER_JOURNAL + STORE_TX_MAX * 16 <= STORE_BLOCK, "the journal fits into the superblock");

// A tree of blocks, by offset from its first word. Height 0: the root is the only block; 0 stands for a hole.
enum { TREE_ROOT = 0, TREE_HEIGHT = 8 };

// A node, by offset.
enum {
	NODE_STATE = 0,
	NODE_GENERATION = 8,
	NODE_PARENT = 16,
	NODE_NEXT = 24, // in its directory, in the order of serials
	NODE_PREVIOUS = 32,
	NODE_FIRST = 40, // directories
	NODE_LAST = 48,
	NODE_SIZE = 56, // bytes, or entries
	NODE_TREE = 64, // files
	NODE_MODIFIED = 80,
	NODE_SERIAL = 88,
	NODE_BLOCKS = 96, // in the tree
	NODE_NAME_LENGTH = 104,
	NODE_NEXT_FREE = 112,
	NODE_NAME = 128,
	NODE_BYTES = 512,
};
#define NODES_PER_BLOCK (STORE_BLOCK / NODE_BYTES)

static inline uint64_t store_get(const struct store *store, uint64_t offset)
{
	return *(const uint64_t *)(const void *)(store->memory->base + offset);
}

// One word, not before anything that was stored earlier.
static inline void store_put(struct store *store, uint64_t offset, uint64_t value)
{
	atomic_store_explicit((_Atomic uint64_t *)(void *)(store->memory->base + offset), value, memory_order_release);
	if (store->memory->stored)
		store->memory->stored(store->memory);
}

// Bytes, in any order; from NULL: zeros.
void store_put_bytes(struct store *store, uint64_t offset, const void *from, size_t size);

// ---- store_journal.c -----------------------------------------------------------------------------------------------

void store_tx_begin(struct store *store);
// Reads as if the transaction were applied.
uint64_t store_tx_get(struct store *store, uint64_t offset);
void store_tx_put(struct store *store, uint64_t offset, uint64_t value);
static inline void store_tx_add(struct store *store, uint64_t offset, uint64_t delta)
{
	store_tx_put(store, offset, store_tx_get(store, offset) + delta);
}
// False: FILE_NO_SPACE, nothing has changed.
bool store_tx_commit(struct store *store) STORE_CHECKED;
// Applies what a killed server had committed. False: the journal is damaged.
bool store_replay(struct store *store) STORE_CHECKED;

// ---- store_tree.c --------------------------------------------------------------------------------------------------

// In a transaction: a block of zeros, 0 when there is no space (the transaction is then full). And back.
uint64_t store_block_alloc(struct store *store);
void store_block_free(struct store *store, uint64_t block);

// The offset of block `index` in the tree whose first word is at `tree`; 0: a hole.
uint64_t store_tree_find(const struct store *store, uint64_t tree, uint64_t index);
// The same, with the hole filled by a transaction of its own, which adds the number of blocks to the word at `count` (0:
// nowhere). 0: no space.
uint64_t store_tree_make(struct store *store, uint64_t tree, uint64_t index, uint64_t count);
// Frees all blocks from `index` on, in steps that can each be the last.
void store_tree_cut(struct store *store, uint64_t tree, uint64_t index, uint64_t count);

// ---- store_node.c, store_index.c, store_check.c ----------------------------------------------------------------------

// The offset of a node below SUPER_NODE_COUNT.
static inline uint64_t store_node(const struct store *store, uint32_t node)
{
	return store_tree_find(store, SUPER_TABLE, node / NODES_PER_BLOCK) + node % NODES_PER_BLOCK * NODE_BYTES;
}
// Frees blocks behind the end of the file and zeroes the rest of its last block.
void store_trim(struct store *store, uint32_t node);

bool store_index_room(struct store *store, uint32_t node) STORE_CHECKED;
void store_index_add(struct store *store, uint32_t node);
void store_index_remove(struct store *store, uint32_t node);

// What is wrong with the memory, or NULL. "" stands for want of memory.
const char *store_check(struct store *store);
// Zeroes the memory as far as needed and writes an empty file system. False: no space.
bool store_format(struct store *store, uint64_t seed) STORE_CHECKED;

#endif
