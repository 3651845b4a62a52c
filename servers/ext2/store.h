// SPDX-License-Identifier: MIT
// The store: blocks of one file system between the file-system code and the disk. A bounded cache in the session's
// memory, which the kernel keeps for the seat; operations that are atomic whenever the server is killed; a journal in
// ext3's format (jbd2) that makes commits atomic whenever everything is killed.
//
// To change the file system: store_begin; store_put for each block of metadata, store_data for contents, store_free for
// what is given back; store_end. To make all that survive a loss of power: store_commit. docs/ext2-store.md has the whole
// story.
// 1. The server may be killed between any two stores to memory: the next one finds the state after the last store_end,
//    with the contents written since. Nothing that was acknowledged is lost.
// 2. Everything may be killed between any two writes to the disk: after replay the state is that of the last store_commit
//    that returned, or of the one under way. Contents are on the disk before the metadata that makes them reachable.
// 3. A block that was freed is given to nobody before the commit that frees it (store_is_free says so).
// 4. Whoever finds the memory trusts nothing in it before it was checked.
// One thread; block_client's calls may run done_call's of the store only.
#ifndef EXT2_STORE_H
#define EXT2_STORE_H

#include <block/client.h>

#define STORE_PUTS 128u         // blocks of metadata that one operation may put
#define STORE_FREES 1024u       // runs of blocks that one operation may free
#define STORE_SPARE BLOCK_PAGE  // bytes at the end of client->data that the store never uses: for what is read past it
#define STORE_MEMORY_MIN (UINT64_C(5) << 20) // bytes of client->data that a store needs

struct store;

enum store_found {
	STORE_FOUND_NOTHING, // a fresh memory: the journal on the disk decides
	STORE_FOUND_CACHE,   // what an earlier server left, finished and checked
	STORE_FOUND_DAMAGE,  // it makes no sense and was emptied; *reason says why. As NOTHING, but writes may be lost
};

// Takes the memory of an open block client over. `key` tells file systems apart (their UUID): a cache with another key is
// damage. Block size 1024, 2048 or 4096. NULL: no memory, or client->data is smaller than STORE_MEMORY_MIN. The client
// stays the caller's.
struct store *store_open(struct block_client *client, uint32_t block_size, uint64_t blocks, const uint8_t key[16],
			 enum store_found *found, const char **reason);
void store_close(struct store *store); // writes nothing, waits for what is under way
// Empties the memory, as if STORE_FOUND_DAMAGE had been found: for who finds that what is cached makes no sense. What was
// not committed is lost. The journal must be opened again.
void store_forget(struct store *store);

// ---- Reading ----------------------------------------------------------------------------------------------

// The block as the running operation sees it; valid until the next call that takes a store. KERN_INVALID_ARGUMENT: no
// such block; FILE_IO: it cannot be read.
kern_return_t store_get(struct store *store, uint64_t block, const uint8_t **data) GILA_CHECKED;
struct store_run {
	uint64_t block;
	uint32_t count;
};
// Reads what is not cached of `count` runs together. Waits for the first `wanted` of them; the others are read ahead, as
// far as there is room. What could not be read is told by store_get. More than a quarter of the cache is not read.
// KERN_INVALID_ARGUMENT: no such blocks.
kern_return_t store_read_runs(struct store *store, const struct store_run *runs, size_t wanted, size_t count) GILA_CHECKED;
// The same without waiting. *ticket: 0: the wanted ones are all there; STORE_NOT_ASKED: too much for now, use store_read_runs; else
// store_is_read tells when they are (if nothing else takes their room meanwhile).
#define STORE_NOT_ASKED UINT64_MAX
kern_return_t store_ask_runs(struct store *store, const struct store_run *runs, size_t wanted, size_t count, uint64_t *ticket) GILA_CHECKED;
bool store_is_read(const struct store *store, uint64_t ticket);

// ---- Straight to the disk ---------------------------------------------------------------------------------

// Whole blocks of contents between the disk and an area of the client (<block/client.h>), without a copy and without filling the cache;
// cached blocks are copied. Nothing waits for the disk, unless something is under way with the same blocks; no operation may run. A read
// has its blocks as they are when it begins. The area's other owners may change it meanwhile and spoil what is read or written, nothing else.
struct store_piece {
	uint64_t block;
	uint32_t count;
	uint64_t place; // in the area, block_area_place
	uint8_t *bytes; // the same, mapped
};
// *number: of what is under way, for store_direct_is_over; STORE_DIRECT_OVER: it has happened. KERN_RESOURCE_SHORTAGE: not now, go through
// the cache. Else as store_read_runs.
#define STORE_DIRECT_OVER UINT32_MAX
kern_return_t store_direct_read(struct store *store, const struct store_piece *pieces, size_t count, uint32_t *number) GILA_CHECKED;
// Blocks that belong to a file already. Errors of store_data besides.
kern_return_t store_direct_write(struct store *store, const struct store_piece *pieces, size_t count, uint32_t *number) GILA_CHECKED;
// True: nothing is under way, and the number is given back. An error: what was read or written is unknown, go through the cache.
bool store_direct_is_over(struct store *store, uint32_t number, kern_return_t *error) GILA_CHECKED;

// ---- Changing ---------------------------------------------------------------------------------------------

// One operation at a time. KERN_RESOURCE_SHORTAGE: no room for one more before a commit (call store_commit, then again);
// FILE_READ_ONLY: the journal was not started; FILE_IO: the disk failed, nothing can be written any more.
kern_return_t store_begin(struct store *store) GILA_CHECKED;
// The whole block of metadata gets this content when the operation ends. KERN_RESOURCE_SHORTAGE: more than STORE_PUTS of
// them: cancel, and make it several operations. KERN_INVALID_ARGUMENT: no such block, or it is freed or the journal's.
kern_return_t store_put(struct store *store, uint64_t block, const void *data) GILA_CHECKED;
// Part of a block of file contents, at once and not undone by store_cancel; it is written to the disk some time before
// the next commit ends. `fresh`: the block was just allocated, its other bytes become zeros. Outside of an operation it
// may overwrite blocks that belong to a file already. May wait for the disk. Errors of store_put; FILE_IO: its other
// bytes cannot be read.
kern_return_t store_data(struct store *store, uint64_t block, uint32_t offset, const void *data, uint32_t size,
			 bool fresh) GILA_CHECKED;
// The same in two steps: the caller writes `size` bytes at *place and calls store_data_done before anything else.
kern_return_t store_data_place(struct store *store, uint64_t block, uint32_t offset, uint32_t size, bool fresh,
			       uint8_t **place) GILA_CHECKED;
void store_data_done(struct store *store);
// The operation frees these blocks. Their content is dropped when it ends. KERN_RESOURCE_SHORTAGE: more than STORE_FREES
// runs (neighbours that are freed one after the other are one run): cancel, and make it several operations.
// KERN_INVALID_ARGUMENT: no such blocks.
kern_return_t store_free(struct store *store, uint64_t block, uint64_t count) GILA_CHECKED;
// False: it was freed by an operation that is not committed yet (or by the running one), and must not be allocated.
bool store_is_free(const struct store *store, uint64_t block);
// The operation takes effect, all of it or (when the server is killed here) none of it.
void store_end(struct store *store);
// The operation never was; the caller reads anew what it had read.
void store_cancel(struct store *store);

// ---- The disk ---------------------------------------------------------------------------------------------

// Everything that has ended is on the medium when it returns KERN_SUCCESS. FILE_IO: it is not, and nothing can be written
// from now on. Not in an operation.
kern_return_t store_commit(struct store *store) GILA_CHECKED;
// The same without waiting: it goes on whenever store_commit_is_over is called. Who then finds that store_committed did not reach what it
// was to reach has a disk that failed. Reads and store_data outside of operations go on meanwhile; store_begin waits for it.
kern_return_t store_commit_begin(struct store *store) GILA_CHECKED;
bool store_commit_is_over(struct store *store);
void store_commit_wait(struct store *store);
bool store_is_clean(const struct store *store); // nothing to commit
// For an fsync that another's commit has done already: a number that grows with every change; and the number whose
// change, and all before it, are on the medium. A restarted server knows of nothing that is.
uint64_t store_changes(const struct store *store);
uint64_t store_committed(const struct store *store);
// store_commit, and then everything goes to its place. Afterwards no freed block waits any more: for who finds no space.
// A commit alone leaves those that were metadata and are still in the log.
kern_return_t store_checkpoint(struct store *store) GILA_CHECKED;
bool store_freed_waits(const struct store *store); // some freed block does
// Writes back some contents without waiting, if much is dirty. Call it now and then.
void store_work(struct store *store);

// The journal. While it is started, its superblock says that the log may hold something (s_start != 0), and e2fsck and
// Linux expect the flag RECOVER (needs_recovery) in the file system's superblock. So, before the first change after a
// mount or a stop:
//	store_journal_open (once), store_journal_replay if it is needed, then
//	if (!store_journal_started(store)) { set the flag; store_write(its block); }
//	store_journal_start
// and to leave a clean file system (unmount, or when nothing was changed for a while):
//	store_journal_stop; clear the flag; store_write(its block).
// The copy of the superblock that operations put has the flag set. A kill between two of these steps leaves the flag set
// with an empty log, which is harmless; never the other way round.

// `blocks`: its blocks on the disk in order (`count` of them; the first is its superblock); they are copied. Reads and
// checks the superblock; *needs_replay: it holds transactions. Nothing is written. FILE_DAMAGED, KERN_NOT_SUPPORTED, with
// a reason: it cannot be used (FILE_DAMAGED after STORE_FOUND_CACHE may be the cache's fault: store_forget, and open
// again).
kern_return_t store_journal_open(struct store *store, const uint64_t *blocks, uint32_t count, bool *needs_replay,
				 const char **reason) GILA_CHECKED;
// Writes what was committed to its places and empties the journal. The caller forgets all it had read. FILE_DAMAGED with
// a reason: the log makes no sense, and nothing was written; FILE_IO.
kern_return_t store_journal_replay(struct store *store, const char **reason) GILA_CHECKED;
// An earlier server had it started, and what it left is in the memory: store_journal_start goes on from there.
bool store_journal_started(const struct store *store);
// store_begin is allowed from now on. Without a journal it never is. Ends a commit that a killed server had begun.
kern_return_t store_journal_start(struct store *store) GILA_CHECKED;
// Commits, writes everything to its place and marks the log empty (s_start = 0). store_begin is not allowed any more.
kern_return_t store_journal_stop(struct store *store) GILA_CHECKED;
// Writes a block of metadata to its place at once and flushes. Only while the journal is not started.
kern_return_t store_write(struct store *store, uint64_t block, const void *data) GILA_CHECKED;

struct store_statistics {
	uint64_t hits, misses, read_ahead;  // blocks
	uint64_t operations, commits, committed_blocks, contents_blocks, checkpoints, flushes;
	uint32_t frames, dirty_metadata, dirty_contents;
};
void store_statistics(const struct store *store, struct store_statistics *statistics);

// Memory that was just allocated, and of which much will be used: it is made ready at once, which costs a part of what meeting each page
// costs. Only a hint.
void memory_ready(void *memory, size_t size);

#endif
