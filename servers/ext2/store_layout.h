// SPDX-License-Identifier: MIT
// How the store's kept memory is laid out, and the store's private parts. For store_*.c, journal_*.c and their tests
// alone.
//
// The data area of the block session: the head (one page), the list of freed runs, scratch pages for what the journal
// adds, the table of frames, the frames. A frame is a page with one block at its beginning.
// 1. All of it is shared with the driver, so after store_open it is written and never read, the frames' contents apart:
//    what counts is the private copy.
// 2. Every store to the head and the tables goes through kept_set, in program order; those that make something valid are
//    one word.
#ifndef EXT2_STORE_LAYOUT_H
#define EXT2_STORE_LAYOUT_H

#include "store.h"

#include <stdatomic.h>
#include <string.h>

#define STORE_MAGIC UINT64_C(0x3165726f74736765) // "egstore1"
#define STORE_VERSION 1u
#define STORE_NONE UINT32_MAX     // no frame
#define STORE_FREED_MAX 4096u     // runs in the list
#define STORE_FRAMES_MIN 1024u
#define STORE_DESCRIPTORS 32u     // descriptor blocks of one transaction
#define STORE_PIECES BLOCK_PAGES_MAX
#define STORE_REQUESTS BLOCK_SLOTS

// What a frame holds. The first six are kept; the others are kept as what is said behind them.
enum frame_state {
	FRAME_EMPTY,
	FRAME_CLEAN,         // as on the disk
	FRAME_CONTENTS,      // contents that the disk has not
	FRAME_CHANGED,       // metadata that no commit has written
	FRAME_LOGGED,        // metadata that is in the log, but not in its place
	FRAME_CHANGED_AGAIN, // CHANGED, and an older version is in the log
	FRAME_KEPT_STATES,
	FRAME_WRITING = FRAME_KEPT_STATES, // CONTENTS, on their way to the disk
	FRAME_READING,                     // EMPTY, on its way from the disk
	FRAME_SHADOW,                      // EMPTY, put by the running operation
	FRAME_STATES,
};

// The journal, in one word of the head with the sequence number of the next transaction and a position in the log.
// STOPPED -> RUNNING -> COMMITTING -> COMMITTED -> RUNNING; RUNNING -> CHECKPOINT -> CHECKPOINTED -> RUNNING; RUNNING ->
// STOPPED.
enum log_phase {
	LOG_STOPPED,
	LOG_RUNNING,      // position: where the next transaction begins
	LOG_COMMITTING,   // all but the commit block is on the disk; position: the commit block's, which may be there or not
	LOG_COMMITTED,    // it is there; frames and freed blocks are being marked so. As RUNNING else
	LOG_CHECKPOINT,   // LOGGED frames are being written to their places, then the superblock says the log is empty
	LOG_CHECKPOINTED, // that is on the disk; frames and freed blocks are being marked so
	LOG_PHASES,
};
#define LOG_POSITION_MAX ((UINT32_C(1) << 28) - 1)

struct log_state {
	enum log_phase phase;
	uint32_t sequence;
	uint32_t position;
};

static inline uint64_t log_pack(struct log_state log)
{
	return (uint64_t)log.sequence << 32 | (uint64_t)log.position << 4 | (uint64_t)log.phase;
}

enum freed_hold {
	FREED_COMMIT = 1, // may be allocated after the next commit
	FREED_CHECKPOINT, // after the next checkpoint: the log has a version, which a replay would write over the new owner's
};

struct kept_freed {
	uint64_t block;
	uint32_t count; // 0: over
	uint32_t hold;  // enum freed_hold
};

struct kept_put {
	uint64_t frame;  // what the table will say: frame_pack
	uint32_t shadow; // the frame that it will say it of
	uint32_t old;    // the frame that becomes empty, or STORE_NONE
};

// Entries of both lists are two words, and stored so.
static inline uint64_t *second_word(void *entry) { return (uint64_t *)entry + 1; }
_Static_assert(sizeof(struct kept_freed) == 16 && sizeof(struct kept_put) == 16, "an entry is two words");

#define FRAME_BLOCK_MAX ((UINT64_C(1) << 48) - 1) // ext4 has no more blocks: Documentation/filesystems/ext4/blocks.rst
static inline uint64_t frame_pack(uint64_t block, enum frame_state state) { return block << 8 | (uint64_t)state; }
static inline uint64_t frame_pack_block(uint64_t word) { return word >> 8; }
static inline enum frame_state frame_pack_state(uint64_t word) { return (enum frame_state)(word & 0xff); }

struct kept_head {
	uint64_t magic;       // written last when the memory is formatted
	uint64_t version;
	uint8_t key[16];
	uint64_t block_size, blocks, frames, data_size;
	uint64_t log;         // log_pack
	uint64_t journal_sum; // of the journal's blocks, while it is not STOPPED
	uint64_t freed_count; // runs in the list
	uint64_t redo;        // 0, or redo_pack: an operation that has ended and must be applied
	struct kept_put puts[STORE_PUTS];
};
_Static_assert(sizeof(struct kept_head) <= BLOCK_PAGE, "the head is one page");

static inline uint64_t redo_pack(uint32_t puts, uint32_t freed) { return UINT64_C(1) << 63 | (uint64_t)freed << 32 | puts; }

// Pages of the data area.
enum {
	PAGE_FREED = 1,
	PAGE_SCRATCH = PAGE_FREED + STORE_FREED_MAX * 16 / BLOCK_PAGE,
	SCRATCH_SUPER = PAGE_SCRATCH, // the journal's superblock
	SCRATCH_COMMIT,
	SCRATCH_WRITE,                // store_write
	SCRATCH_DESCRIPTORS,
	PAGE_TABLE = SCRATCH_DESCRIPTORS + STORE_DESCRIPTORS,
};

// ---- Private ----------------------------------------------------------------------------------------------

struct frame {
	uint64_t block;
	uint32_t next;         // in its hash bucket
	uint32_t newer, older; // in its state's list
	uint32_t request;      // READING, WRITING: of store->requests
	enum frame_state state;
};

struct frame_list {
	uint32_t newest, oldest, count;
};

enum request_kind { REQUEST_FREE, REQUEST_READ, REQUEST_CONTENTS, REQUEST_DIRECT, REQUEST_PLAIN /* tells only of errors */ };

struct store_request {
	struct block_io io; // first
	struct store *store;
	enum request_kind kind;
	uint64_t order;
	uint32_t direct; // REQUEST_DIRECT: of store->directs
	uint32_t pages[STORE_PIECES];
};

// A block on the disk and the page for it.
struct disk_item {
	uint64_t block;
	uint32_t page;
};

#define STORE_DIRECTS 32u
// What one store_direct_read or _write has under way.
struct direct {
	bool used;
	uint32_t under_way; // requests
	kern_return_t error;
};

struct journal_run {
	uint64_t block;
	uint32_t position, count;
};

struct journal {
	struct journal_run *runs;     // by position
	struct journal_run *by_block; // the same, by block
	uint32_t run_count;
	uint64_t sum;
	uint32_t first, end;          // positions of the log: first <= position < end
	uint32_t compatible, incompatible; // features
	uint32_t tag_size, tags;      // bytes; how many fit into a descriptor block
	uint32_t sum_seed;
	uint32_t transaction;         // blocks that one may have
	uint8_t super[4096];          // its block, as on the disk
};

// Of the commit that is under way. Each is over when all that was sent for it is answered; then the next one is sent.
enum commit_step {
	COMMIT_NONE,
	COMMIT_WRITES,     // contents, and what goes to the log but for its last block
	COMMIT_FLUSH,
	COMMIT_LAST_WRITE, // the commit block
	COMMIT_LAST_FLUSH,
};

struct commit {
	enum commit_step step;
	bool log;          // there is metadata; else only the first two steps
	uint64_t changes;  // that it has
	uint64_t written;  // order of the last request that the flush is for
	uint64_t order;    // of the last request of this step
	uint32_t position; // of the commit block
};

enum store_health { STORE_WELL, STORE_FAILED /* a write did: nothing is written any more */ };

struct store {
	struct block_client *client;
	struct kept_head *head;
	struct kept_freed *kept_freed;
	uint64_t *table;
	uint8_t *frame_data;
	uint32_t first_page;      // of the frames
	uint32_t block_size, frames;
	uint64_t blocks;
	uint8_t key[16];
	uint32_t request_blocks;  // that one request can move

	struct frame *frame;
	uint32_t *buckets;
	uint32_t bucket_mask;
	struct frame_list lists[FRAME_STATES];
	struct store_request *requests; // STORE_REQUESTS
	uint32_t request_next;
	uint64_t request_order;
	struct direct directs[STORE_DIRECTS];
	uint32_t direct_reads, direct_writes; // requests under way
	uint32_t direct_list[STORE_REQUESTS], direct_count; // which they are
	kern_return_t read_error;       // of disk_read_now
	struct disk_item *items, *contents; // work space, `frames` of each; `contents` for disk_write_contents
	enum store_health health;
	uint64_t written, flushed;      // orders: of the last write; of the last one that was flushed

	struct kept_freed freed[STORE_FREED_MAX]; // as kept, and behind freed_count those of the running operation
	uint16_t freed_order[STORE_FREED_MAX];    // those with a count, by block
	uint32_t freed_count, freed_ordered, freed_running;

	bool running;              // an operation
	uint32_t filling;          // the frame that store_data_place gave out and the cache does not know yet, or STORE_NONE
	struct {
		uint64_t block;
		uint32_t shadow, old;
	} puts[STORE_PUTS];
	uint32_t put_count;

	uint64_t changes, committed; // as store_changes, store_committed
	struct commit commit;
	struct log_state log;
	uint64_t kept_journal_sum; // as found
	struct journal *journal;
	struct store_statistics statistics;
};

void store_release(struct store *store); // frees what is private, whatever is under way

// ---- store_memory.c: the kept memory ----------------------------------------------------------------------

extern void (*kept_stored)(void); // called after every store to the kept memory, for tests; NULL: nobody looks

// One word, not before anything that was stored earlier.
static inline void kept_set(uint64_t *word, uint64_t value)
{
	atomic_store_explicit((_Atomic uint64_t *)word, value, memory_order_release);
	if (kept_stored)
		kept_stored();
}

// An entry that is not in force yet.
void kept_freed_set(struct store *store, uint32_t index, struct kept_freed freed);
// Contents of a frame, in any order; from NULL: zeros.
void kept_fill(uint8_t *to, const void *from, size_t size);
void log_set(struct store *store, enum log_phase phase, uint32_t sequence, uint32_t position);
// Makes the memory an empty store.
void kept_format(struct store *store, const uint8_t key[16]);
// Checks what is there, finishes an operation, fills the private part. "": nothing is there; NULL: all is well; else what
// is wrong.
const char *kept_take(struct store *store, const uint8_t key[16]);
// After a commit, after a checkpoint: COMMITTED, CHECKPOINTED -> RUNNING.
void kept_finish_commit(struct store *store);
void kept_finish_checkpoint(struct store *store);
// The redo list is valid: applies it. `freed` as in redo_pack.
void kept_apply_freed(struct store *store, uint32_t freed);

// ---- store_cache.c: frames --------------------------------------------------------------------------------

uint32_t frame_find(const struct store *store, uint64_t block); // STORE_NONE
// The only function that changes a frame's state, here and in the kept table.
void frame_set(struct store *store, uint32_t frame, enum frame_state state);
// Says what block the frame holds and indexes it. It was EMPTY and the block is in no other frame.
void frame_index(struct store *store, uint32_t frame, uint64_t block);
void frame_unindex(struct store *store, uint32_t frame);
// It holds nothing any more.
void frame_drop(struct store *store, uint32_t frame);
void frame_touch(struct store *store, uint32_t frame);
// An EMPTY frame; a clean one is given up if need be, contents are written. STORE_NONE: there is none.
uint32_t frame_take(struct store *store);
// Until it is neither READING nor WRITING. It may be empty then.
void frame_wait(struct store *store, uint32_t frame);
// Forgets all frames, whatever is in them.
void frame_reset(struct store *store);
uint32_t frame_pinned(const struct store *store); // CHANGED and CHANGED_AGAIN: what the next transaction will have

static inline uint8_t *frame_data(const struct store *store, uint32_t frame)
{
	return store->frame_data + (uint64_t)frame * BLOCK_PAGE;
}
static inline uint8_t *page_data(const struct store *store, uint32_t page)
{
	return store->client->data + (uint64_t)page * BLOCK_PAGE;
}

// ---- store_freed.c: blocks that wait for a commit ---------------------------------------------------------

bool freed_overlaps(const struct store *store, uint64_t block, uint64_t count);
// False: the list is full.
bool freed_add(struct store *store, uint64_t block, uint32_t count) GILA_CHECKED;
// Those of the running operation were never freed.
void freed_cancel(struct store *store);
// Sorts the list anew. False: runs overlap.
bool freed_sort(struct store *store) GILA_CHECKED;

// ---- store_disk.c: requests -------------------------------------------------------------------------------

// Sorts the items and moves them, neighbours together. Frames among the pages change their state when it is done. Does
// not wait.
void disk_read(struct store *store, struct disk_item *items, uint32_t count);
void disk_write(struct store *store, enum request_kind kind, struct disk_item *items, uint32_t count);
// A flush behind all that was submitted; then waits for everything.
void disk_flush(struct store *store);
void disk_wait(struct store *store);
// A flush of what was answered, if the device has such; does not wait.
void disk_flush_send(struct store *store);
// No write and no flush up to that order is under way.
bool disk_is_done(const struct store *store, uint64_t order);
static inline bool disk_is_unflushed(const struct store *store) { return store->written > store->flushed; }
void disk_wait_request(struct store *store, uint32_t request);
// Waits for the oldest request. False: none is under way.
bool disk_wait_one(struct store *store);
// Reads without the cache, waits. FILE_IO.
kern_return_t disk_read_now(struct store *store, struct disk_item *items, uint32_t count) GILA_CHECKED;
// Starts to write contents, the oldest first, at most `most` blocks.
void disk_write_contents(struct store *store, uint32_t most);

// A request of store_direct.c.
void disk_direct(struct store *store, uint32_t direct, enum block_operation operation, uint64_t block, uint32_t count, uint64_t place);

// ---- store_direct.c: past the cache ------------------------------------------------------------------------

// Until nothing that goes past the cache is under way with these blocks.
void direct_wait(struct store *store, uint64_t block, uint64_t count, bool writes_only);
void direct_done(struct store *store, const struct store_request *request);

// ---- store_change.c ---------------------------------------------------------------------------------------

// The block may be written, and what is under way with it has ended. *frame: STORE_NONE if it is not cached.
kern_return_t store_claim(struct store *store, uint64_t block, uint32_t *frame) GILA_CHECKED;
// The same in two steps, for many.
kern_return_t store_claim_run(struct store *store, uint64_t block, uint64_t count) GILA_CHECKED;
uint32_t store_claim_frame(struct store *store, uint64_t block);

// ---- journal_*.c ------------------------------------------------------------------------------------------

// Blocks in the log that a transaction of so many blocks takes.
uint32_t journal_need(const struct journal *journal, uint32_t blocks);
uint64_t journal_block(const struct journal *journal, uint32_t position); // where on the disk
bool journal_has(const struct journal *journal, uint64_t block, uint64_t count); // one of them at least
void journal_free(struct journal *journal);
// Submits the journal's superblock with these values.
void journal_super_write(struct store *store, uint32_t start, uint32_t sequence);
// Submits descriptors and copies of all CHANGED frames. *commit: the position of the commit block. False: there is no
// frame for a copy. Either way journal_log_done when nothing is under way any more.
bool journal_log_write(struct store *store, uint32_t *commit) GILA_CHECKED;
void journal_log_done(struct store *store);
// Submits the commit block, whose position and number are in store->log.
void journal_commit_write(struct store *store);

#endif
