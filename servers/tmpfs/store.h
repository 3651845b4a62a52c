// SPDX-License-Identifier: MIT
// The files of tmpfs, in one piece of memory that outlives the server: the kernel keeps it for the seat.
//
// To begin: store_open checks what an earlier server left (or formats fresh memory); it needs struct store_memory.
// Names: store_find, store_create, store_remove, store_rename, store_next. Contents: store_read, store_write, store_resize.
//
// 1. A server may be killed between any two stores; what it leaves is readable and has no half-done change of names,
//    sizes or the allocation: every such change is a transaction (store_journal.c). File contents are written in place.
// 2. Everything in the memory is found by offset, never by pointer: the memory moves when it grows.
// 3. Block 0 is the superblock. Every other block below the high-water mark is in exactly one of: the free list, a file,
//    the node table.
// 4. Nodes are numbered; a number is used again, with another generation. Node 1 is the root directory.
// Single-threaded: no locks.
#ifndef TMPFS_STORE_H
#define TMPFS_STORE_H

#include <gila/file_types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STORE_CHECKED __attribute__((warn_unused_result))
#define STORE_BLOCK 4096u
#define STORE_FILE_MAX (UINT64_C(1) << 39) // bytes of a file: three levels of index blocks
#define STORE_ROOT 1u
#define STORE_TX_MAX 200u // words that one transaction changes

enum store_state { STORE_FREE, STORE_FILE, STORE_DIRECTORY, STORE_ORPHAN /* a file without a name, still open */ };

// Where the memory comes from. `base` and `size` change in `grow` only; new memory is zero.
struct store_memory {
	uint8_t *base;
	uint64_t size; // whole blocks
	bool (*grow)(struct store_memory *memory, uint64_t size); // false: no more to be had
	void (*stored)(struct store_memory *memory); // after every store, for tests; NULL: nobody looks
};

struct store_tx {
	unsigned count;
	bool full; // NO_SPACE or too many words: nothing will be committed
	struct {
		uint64_t offset, value;
	} words[STORE_TX_MAX];
};

struct store {
	struct store_memory *memory;
	uint64_t limit;      // bytes that the memory may grow to
	uint32_t *buckets;   // name index: the first node of each chain, 0: none
	uint32_t bucket_count;
	uint32_t *chain;     // by node: the next one
	uint32_t chain_count;
	struct store_tx tx;
};

// What is known of a node; `name` is zero-terminated.
struct store_info {
	enum store_state state;
	uint32_t generation;
	uint32_t parent;
	uint64_t size; // bytes; directories: entries
	uint64_t blocks;
	uint64_t modified;
	uint64_t serial; // order within its directory
	char name[FILE_NAME_MAX + 1];
};

enum store_found { STORE_FOUND_FILES, STORE_FOUND_NOTHING, STORE_FOUND_DAMAGE, STORE_NO_MEMORY };

// Takes over the memory: replays an unfinished transaction, checks everything, trims files. NOTHING and DAMAGE (with the
// reason in *reason): the store is fresh and empty, its generations begin at `seed`. `memory` stays the caller's.
enum store_found store_open(struct store *store, struct store_memory *memory, uint64_t limit, uint64_t seed,
			    const char **reason) STORE_CHECKED;
// Frees what is not in the memory.
void store_close(struct store *store);

// The node called `name` in the directory; 0: none.
uint32_t store_find(struct store *store, uint32_t directory, const char *name, size_t length);
// The node is in use and has this generation.
bool store_valid(struct store *store, uint32_t node, uint32_t generation);
void store_info(struct store *store, uint32_t node, struct store_info *info);
// The entry of the directory with the smallest serial above `after`; 0: none. `hint`: a node found before, or 0, to begin at.
uint32_t store_next(struct store *store, uint32_t directory, uint64_t after, uint32_t hint);
// The next orphan with a number above `after`; 0: none.
uint32_t store_next_orphan(struct store *store, uint32_t after);

// All of these change nothing when they fail. Names are valid and (where it says so) not taken.
kern_return_t store_create(struct store *store, uint32_t directory, const char *name, size_t length, bool is_directory,
			   uint64_t now, uint32_t *node) STORE_CHECKED;
// A file becomes an orphan, an empty directory is freed.
kern_return_t store_remove(struct store *store, uint32_t node, uint64_t now) STORE_CHECKED;
// Moves and renames; `replaced` (0: none) is the node that has the new name, and goes as in store_remove.
kern_return_t store_rename(struct store *store, uint32_t node, uint32_t directory, const char *name, size_t length,
			   uint32_t replaced, uint64_t now) STORE_CHECKED;
// `node` is `directory` or above it.
bool store_is_above(struct store *store, uint32_t node, uint32_t directory);
// Nobody has the orphan open any more.
void store_release(struct store *store, uint32_t node);

// Bytes copied; 0 behind the end.
size_t store_read(struct store *store, uint32_t node, uint64_t offset, void *to, size_t size);
// On FILE_NO_SPACE an unknown part was written.
kern_return_t store_write(struct store *store, uint32_t node, uint64_t offset, const void *from, size_t size,
			  uint64_t now) STORE_CHECKED;
kern_return_t store_resize(struct store *store, uint32_t node, uint64_t size, uint64_t now) STORE_CHECKED;

// Blocks in use, the superblock and the node table among them.
uint64_t store_blocks_used(struct store *store);

#endif
