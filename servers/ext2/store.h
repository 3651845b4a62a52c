// SPDX-License-Identifier: MIT
// The store: blocks of one file system between the file-system code and the disk. A bounded cache in the session's memory, which the
// kernel keeps for the seat; operations that are atomic whenever the server is killed; a journal in ext3's format (jbd2) that makes
// commits atomic whenever everything is killed.
//
// To change the file system: store_begin; store_put for each block of metadata, store_data for contents, store_free for what is given
// back; store_end. To make all that survive a loss of power: store_commit. docs/ext2.md has the whole story.
// 1. The server may be killed between any two stores to memory: the next one finds the state after the last store_end, with the
//    contents written since. Nothing that was acknowledged is lost.
// 2. Everything may be killed between any two writes to the disk: after replay the state is that of the last store_commit that
//    returned, or of the one under way. Contents are on the disk before the metadata that makes them reachable.
// 3. A block that was freed is given to nobody before the commit that frees it (store_is_free says so).
// 4. Whoever finds the memory trusts nothing in it before it was checked.
// One thread; block_client's calls may run done_call's of the store only.
#ifndef EXT2_STORE_H
#define EXT2_STORE_H

#include <block/client.h>

struct store;

enum store_found {
	STORE_FOUND_NOTHING, // a fresh memory: the journal on the disk decides
	STORE_FOUND_CACHE,   // what an earlier server left, finished and checked
	STORE_FOUND_DAMAGE,  // the memory makes no sense: it was emptied; *reason says why. As NOTHING, but writes may be lost
};

// Takes the memory of an open block client over. `key` tells file systems apart (their UUID): a cache with another key is damage.
// Block size 1024, 2048 or 4096. NULL: no memory.
struct store *store_open(struct block_client *client, uint32_t block_size, uint64_t blocks, const uint8_t key[16],
			 enum store_found *found, const char **reason);
void store_close(struct store *store); // writes nothing

// ---- Reading -----------------------------------------------------------------------------------------------------------

// The block as the running operation sees it; valid until the next call that takes a store.
kern_return_t store_get(struct store *store, uint64_t block, const uint8_t **data) GILA_CHECKED;
// Has the blocks read together, those that are not cached, and, behind them, `ahead` more without waiting for them. List of runs.
struct store_run {
	uint64_t block;
	uint32_t count;
};
kern_return_t store_read_runs(struct store *store, const struct store_run *runs, size_t count, size_t ahead_from) GILA_CHECKED;

// ---- Changing ------------------------------------------------------------------------------------------------------------

// One operation at a time. KERN_RESOURCE_SHORTAGE: no room for one more before a commit (call store_commit, then again);
// FILE_READ_ONLY: no journal was opened for writing.
kern_return_t store_begin(struct store *store) GILA_CHECKED;
// The whole block of metadata gets this content when the operation ends.
kern_return_t store_put(struct store *store, uint64_t block, const void *data) GILA_CHECKED;
// Part of a block of file contents, at once and not undone by store_cancel; it is written to the disk some time before the next commit
// ends. `fresh`: the block was just allocated, its other bytes become zeros.
kern_return_t store_data(struct store *store, uint64_t block, uint32_t offset, const void *data, uint32_t size, bool fresh) GILA_CHECKED;
// The operation frees these blocks. Their content is dropped when it ends.
void store_free(struct store *store, uint64_t block, uint64_t count);
// False: it was freed by an operation that is not committed yet (or by the running one), and must not be allocated.
bool store_is_free(const struct store *store, uint64_t block);
// The operation takes effect, all of it or (when the server is killed here) none of it.
void store_end(struct store *store);
// The operation never was; the caller reads anew what it had read.
void store_cancel(struct store *store);

// ---- The disk ------------------------------------------------------------------------------------------------------------

// Everything that has ended is on the medium when it returns KERN_SUCCESS. FILE_IO: it is not, and the store is read-only from now on.
kern_return_t store_commit(struct store *store) GILA_CHECKED;
bool store_is_clean(const struct store *store); // nothing to commit
// Writes back some contents without waiting, if much is dirty. Call it now and then.
void store_work(struct store *store);

// The journal: its blocks on the disk in order (`count` of them; the first is its superblock). Reads and checks the superblock;
// *needs_replay: it holds transactions. FILE_DAMAGED, KERN_NOT_SUPPORTED with a reason: it cannot be used.
kern_return_t store_journal_open(struct store *store, const uint64_t *blocks, uint32_t count, bool *needs_replay,
				 const char **reason) GILA_CHECKED;
// Writes what was committed to its places and empties the journal. The caller forgets all it had read. Only after STORE_FOUND_NOTHING
// or _DAMAGE.
kern_return_t store_journal_replay(struct store *store, const char **reason) GILA_CHECKED;
// store_begin is allowed from now on. Without a journal it never is.
kern_return_t store_journal_start(struct store *store) GILA_CHECKED;

struct store_statistics {
	uint64_t hits, misses, read_ahead;  // blocks
	uint64_t operations, commits, committed_blocks, contents_blocks;
	uint32_t frames, dirty_metadata, dirty_contents;
};
void store_statistics(const struct store *store, struct store_statistics *statistics);

#endif
