// SPDX-License-Identifier: MIT
// An ext2, ext3 or ext4 file system on a store (store.h): what the parts of it know of each other.
//
// To use one: fs_mount; node_get, dir_*, data_* and tree_* for requests; fs_work between them and fs_due for when;
// fs_unmount. libext2fs knows the formats of superblock, group descriptors, inodes, extent trees and all checksums, and
// reads and writes through io.c; what is read from the disk is checked by our own code before libext2fs walks it.
// 1. Everything that changes metadata happens between op_begin and op_end: all of it takes effect or none.
// 2. After op_end what is in this memory and what is in the store say the same; op_cancel reads anew what the operation
//    had changed.
// 3. A struct node stays valid until fs_trim or op_cancel, whichever comes first.
// 4. What makes no sense is reported by fs_damaged, and nothing is written from then on.
// One thread. Errors are kern_return_t; libext2fs's are turned into them where they come in (fs_error).
#ifndef EXT2_FS_H
#define EXT2_FS_H

#include "store.h"

#include <ext2fs/ext2fs.h>
#include <gila/file_name.h>
#include <gila/file_types.h>

struct fs;

// ---- The file system (fs.c, mount.c, journal_inode.c, super.c) ------------------------------------------------------

// MOUNTING -> READ_ONLY, QUIET or (after an earlier server) BUSY; QUIET <-> BUSY; QUIET, BUSY -> FAILED. fs_enter makes
// them.
enum fs_state {
	FS_MOUNTING,
	FS_READ_ONLY, // by option, or because we cannot write what the disk has; `reason` says why
	FS_QUIET,     // may be written; the journal is stopped and empty
	FS_BUSY,      // the journal is started, and the disk says that it needs recovery
	FS_FAILED,    // was written until something was wrong with it: `reason`
};

struct fs_open {
	const char *seat;            // for the log; must stay valid
	struct block_client *client; // open; stays the caller's
	const uint8_t *super;        // the superblock: 1024 bytes of the disk
	uint64_t device_bytes;
	bool read_only;
};

// A range of blocks.
struct span {
	uint64_t block;
	uint64_t count;
};

#define OP_SLOTS 256u  // of the set of blocks that the running operation has put
#define OP_GROUPS 64u  // block groups that one operation may touch

struct op {
	enum { OP_NONE, OP_RUNNING } state;
	kern_return_t error;     // the first that happened inside of libext2fs, which does not always pass it on
	bool super_changed;      // more than the counts, which are written before a commit only
	uint32_t puts, frees;
	uint64_t put[OP_SLOTS];  // block + 1, open addressing
	uint32_t groups[OP_GROUPS], group_count;
	struct ext2_super_block super; // as it was at op_begin
};

struct group {
	uint8_t *blocks, *inodes; // bitmaps, one block each; NULL: not read yet
	uint8_t touched;          // enum group_touched
};
enum group_touched { GROUP_BLOCKS = 1, GROUP_INODES = 2, GROUP_LISTED = 4 };

enum orphan_kind {
	ORPHAN_OPEN, // no name but handles -> OPEN_CUT, DEAD
	ORPHAN_OPEN_CUT, // and blocks behind its size are being freed -> OPEN, DEAD
	ORPHAN_CUT,  // has a name; blocks behind its size are being freed -> none
	ORPHAN_DEAD, // is being freed -> none
	ORPHAN_STUCK, // freeing it failed: stays on the list for the next mount
};
struct orphan {
	ext2_ino_t ino;
	enum orphan_kind kind;
};

struct fs {
	const char *seat;
	enum fs_state state;
	char reason[128];
	unsigned complaints;     // lines about damage so far
	bool damage_to_mark;     // the superblock shall say that there were errors
	struct block_client *client;
	struct store *store;
	ext2_filsys e2;
	uint32_t block_size, block_shift;
	uint64_t blocks;
	uint32_t inode_size;
	uint8_t *scratch;        // one block, for whoever calls nobody meanwhile
	uint8_t *dir_block[3];   // for dir_*.c
	struct op op;
	kern_return_t io_error;  // what the store said to io.c
	// alloc.c
	struct group *groups;
	struct span *zones;      // blocks that belong to no file, by number
	size_t zone_count;
	// node.c
	struct node *node_hash[1024];
	struct node *node_newest, *node_oldest, *node_dead;
	uint32_t node_count;
	// name.c
	struct name_slot *names;
	uint64_t table_entries;
	// orphan.c: the oldest first, as the list on the disk read from its end
	struct orphan *orphans;
	uint32_t orphan_count, orphan_room;
	// fs.c: times are gila_time's
	uint64_t committing;     // changes that the commit under way has (store_changes); 0: none is
	uint64_t dirty_since;    // 0: nothing to commit
	uint64_t busy_since;     // the last change
	bool counts_changed;     // in the superblock
	bool flag_set;           // the superblock on the disk says RECOVER
	bool taken_over;         // from an earlier server, with what it had cached
	struct journal_inode {
		uint64_t *blocks;    // of the journal in order
		uint32_t count;
		bool from_backup;    // its inode is not there: the superblock's copy was used
	} journal;
};

// What is refused, and why it can be read only, is logged. FILE_DAMAGED: nothing can be made of it. FILE_IO, FILE_READ_ONLY
// (its journal must be replayed), KERN_RESOURCE_SHORTAGE: not now; what an earlier server left is still there.
kern_return_t fs_mount(const struct fs_open *how, struct fs **fs) GILA_CHECKED;
void fs_unmount(struct fs *fs); // writes nothing
// Everything that was changed is on the medium. FILE_IO.
kern_return_t fs_commit(struct fs *fs) GILA_CHECKED;
// The same without waiting: it goes on whenever fs_commit_is_over is called, and has what was changed before (store_committed). A disk that
// fails is seen in the state.
kern_return_t fs_commit_begin(struct fs *fs) GILA_CHECKED;
bool fs_commit_is_over(struct fs *fs);
// Does what is due: commits what has waited long enough, frees orphans piece by piece, leaves a clean file system when
// nothing happened for a while.
void fs_work(struct fs *fs);
uint64_t fs_due(const struct fs *fs); // when fs_work has something to do (gila_time); UINT64_MAX: nothing
// Between requests: forgets nodes that are too many.
void fs_trim(struct fs *fs);
// Makes room after FILE_NO_SPACE: true if it is worth another try.
bool fs_reclaim(struct fs *fs);
bool fs_can_write(const struct fs *fs);
// Commits, stops the journal and has the disk say that the file system is clean.
kern_return_t fs_settle(struct fs *fs) GILA_CHECKED;

void fs_enter(struct fs *fs, enum fs_state state, const char *format, ...) __attribute__((format(printf, 3, 4)));
// Always FILE_DAMAGED.
kern_return_t fs_damaged(struct fs *fs, const char *format, ...) __attribute__((format(printf, 2, 3)));
// What an error of libext2fs means; `inode` 0: none in particular.
kern_return_t fs_error(struct fs *fs, errcode_t error, const char *doing, ext2_ino_t inode);
uint64_t fs_now(void); // ns since 1970
static inline struct ext2_super_block *fs_super(const struct fs *fs) { return fs->e2->super; }

// What a superblock (1024 bytes, any content) says. False: nothing can be made of it, and `reason` says why. It is also
// set, and true returned, when the file system can be read only.
struct super_facts {
	uint32_t block_size;
	uint64_t blocks;
	uint8_t uuid[16];
};
bool super_check(const uint8_t *bytes, uint64_t device_bytes, struct super_facts *facts, char *reason, size_t size);
// The superblock as libext2fs has it, into its block: by the running operation, or (`direct`) to the disk at once.
kern_return_t super_put(struct fs *fs) GILA_CHECKED;
kern_return_t super_write(struct fs *fs) GILA_CHECKED;
// The flag RECOVER on the disk, at once; only while the journal is stopped and everything is committed.
kern_return_t super_flag(struct fs *fs, bool on) GILA_CHECKED;
// Its checksum is wrong because a power loss let one of its two sectors only reach the disk when super_flag wrote it.
bool super_is_torn(struct fs *fs);

// Finds the journal's blocks and opens it in the store. KERN_NOT_FOUND: it has none; any other error with the reason.
kern_return_t journal_inode_open(struct fs *fs, bool *needs_replay, char *reason, size_t size) GILA_CHECKED;
bool journal_inode_is_there(struct fs *fs);
kern_return_t journal_inode_zones(struct fs *fs) GILA_CHECKED; // its blocks are no other file's
// Ends what a kill in journal_inode_make may have left: the superblock has the journal, the rest does not know of it.
kern_return_t journal_inode_repair(struct fs *fs) GILA_CHECKED;
// Makes one for a file system that has none. FILE_NO_SPACE.
kern_return_t journal_inode_make(struct fs *fs) GILA_CHECKED;

// ---- libext2fs's view of the store (io.c) ---------------------------------------------------------------------------

// For ext2fs_open2; io_fs is the file system that the next open of it belongs to.
extern struct struct_io_manager io_manager_store;
extern struct fs *io_fs;

// ---- Operations (op.c) ----------------------------------------------------------------------------------------------

// The disk says that it needs recovery, and the journal is started: QUIET -> BUSY.
kern_return_t op_wake(struct fs *fs) GILA_CHECKED;
// FILE_READ_ONLY, FILE_IO.
kern_return_t op_begin(struct fs *fs) GILA_CHECKED;
// KERN_SUCCESS, or it was cancelled.
kern_return_t op_end(struct fs *fs) GILA_CHECKED;
void op_cancel(struct fs *fs);
// A whole operation that puts the superblock as it is now; in any state, but the journal must be started.
kern_return_t op_super(struct fs *fs) GILA_CHECKED;
// op_end, or op_cancel if there was an error.
kern_return_t op_finish(struct fs *fs, kern_return_t error) GILA_CHECKED;
// What is left would not be enough for another piece of work: end it and begin another.
bool op_full(const struct fs *fs);
kern_return_t op_put(struct fs *fs, uint64_t block, const void *data) GILA_CHECKED;
kern_return_t op_free(struct fs *fs, uint64_t block, uint64_t count) GILA_CHECKED;
// Copies a block.
kern_return_t fs_read(struct fs *fs, uint64_t block, void *to) GILA_CHECKED;

// ---- Blocks and inodes (alloc.c, group.c) ---------------------------------------------------------------------------

// FILE_DAMAGED: the descriptors make no sense, nothing may be allocated.
kern_return_t group_open(struct fs *fs) GILA_CHECKED;
void group_close(struct fs *fs);
kern_return_t group_load_blocks(struct fs *fs, uint32_t group, int32_t change) GILA_CHECKED;
kern_return_t group_load_inodes(struct fs *fs, uint32_t group) GILA_CHECKED;
kern_return_t group_touch(struct fs *fs, uint32_t group, enum group_touched what) GILA_CHECKED;
kern_return_t group_flush(struct fs *fs) GILA_CHECKED; // puts what the operation has touched
void group_forget(struct fs *fs);             // what it has touched: after store_cancel
bool zone_has(const struct fs *fs, uint64_t block, uint64_t count); // some of these are no file's
// Then zone_sort, which is false if some overlap.
kern_return_t zone_add(struct fs *fs, uint64_t block, uint64_t count) GILA_CHECKED;
bool zone_sort(struct fs *fs) GILA_CHECKED;

// At most `want` blocks near the goal (0: anywhere). FILE_NO_SPACE.
kern_return_t alloc_blocks(struct fs *fs, uint64_t goal, uint32_t want, struct span *span) GILA_CHECKED;
kern_return_t alloc_free(struct fs *fs, uint64_t block, uint64_t count) GILA_CHECKED;
kern_return_t alloc_take(struct fs *fs, uint64_t block) GILA_CHECKED; // this one; FILE_DAMAGED if it is not free
kern_return_t alloc_inode(struct fs *fs, ext2_ino_t parent, bool is_directory, ext2_ino_t *ino) GILA_CHECKED;
kern_return_t alloc_free_inode(struct fs *fs, ext2_ino_t ino, bool is_directory) GILA_CHECKED;
kern_return_t alloc_inode_used(struct fs *fs, ext2_ino_t ino, bool *used) GILA_CHECKED;
void alloc_hook(struct fs *fs); // libext2fs allocates through here

// ---- Inodes (node.c) ------------------------------------------------------------------------------------------------

enum map_kind { MAP_HOLE, MAP_WRITTEN, MAP_UNWRITTEN };
struct map_run {
	uint32_t first, count; // blocks of the file
	uint64_t block;        // of the disk, unless it is a hole
	enum map_kind kind;
};
#define NODE_RUNS 8u
#define HASH_UNKNOWN 0xffu

struct node {
	ext2_ino_t ino;
	struct ext2_inode_large inode; // as the operation has it
	struct map_run runs[NODE_RUNS]; // some of its mapping; count 0: none
	uint32_t run_next;
	uint32_t ahead_next, ahead_window, ahead_end; // reading ahead, in blocks
	uint32_t entries;       // of a directory; UINT32_MAX: not counted yet
	uint32_t room_hint;     // of a directory without index: no room for a name before this block
	uint8_t hash_version;   // of a directory's index; HASH_UNKNOWN: not looked at yet
	struct name_table *table;
	struct node *hash_next, *newer, *older;
};

// FILE_DAMAGED. FILE_STALE: no such inode is in use.
kern_return_t node_get(struct fs *fs, ext2_ino_t ino, struct node **node) GILA_CHECKED;
kern_return_t node_put(struct fs *fs, struct node *node) GILA_CHECKED; // in an operation
// Makes one: the inode is allocated and written, with one link (a directory: two), and owned by no name yet.
kern_return_t node_make(struct fs *fs, const struct node *parent, uint16_t mode, struct node **node) GILA_CHECKED;
void node_forget(struct fs *fs, struct node *node); // it is gone
void node_forget_all(struct fs *fs);
void node_unmap(struct node *node); // its mapping has changed
void node_close(struct fs *fs);
uint64_t node_size(const struct node *node);
kern_return_t node_set_size(struct fs *fs, struct node *node, uint64_t size) GILA_CHECKED;
uint64_t node_modified(const struct fs *fs, const struct ext2_inode_large *inode);
void node_touch(struct fs *fs, struct node *node, bool contents); // ctime, and mtime if its contents change
// For node_touch(contents): they are not written at every write.
bool node_time_is_due(const struct fs *fs, const struct node *node);
bool node_is_directory(const struct node *node);
bool node_is_file(const struct node *node);
bool node_is_link(const struct node *node);
bool node_is_inline(const struct node *node);
bool node_has_map(const struct node *node); // its i_block is a block map or extent tree
static inline struct ext2_inode *node_inode(struct node *node) { return (struct ext2_inode *)&node->inode; }
enum file_type node_type(uint16_t mode);

// ---- Where contents lie (map.c, map_extent.c, map_indirect.c) -------------------------------------------------------

#define MAP_END UINT32_MAX // no file has a block of this number

kern_return_t map_find(struct fs *fs, struct node *node, uint32_t logical, struct map_run *run) GILA_CHECKED;
// In an operation. The blocks of a hole are now these.
kern_return_t map_fill(struct fs *fs, struct node *node, uint32_t logical, struct span span) GILA_CHECKED;
// Unwritten blocks, all in one run, count as written from now on.
kern_return_t map_written(struct fs *fs, struct node *node, uint32_t logical, uint32_t count) GILA_CHECKED;
// Frees everything from `first` on, or as much as fits into the operation.
kern_return_t map_cut(struct fs *fs, struct node *node, uint32_t first, bool *done) GILA_CHECKED;
// The block of the file lies elsewhere from now on.
kern_return_t map_move(struct fs *fs, struct node *node, uint32_t logical, uint64_t block) GILA_CHECKED;
uint64_t map_goal(struct fs *fs, struct node *node, uint32_t logical); // where its next block should lie
uint64_t map_size_max(const struct fs *fs, const struct node *node);    // bytes
kern_return_t map_check_block(struct fs *fs, const struct node *node, uint64_t block, uint64_t count) GILA_CHECKED;

kern_return_t extent_find(struct fs *fs, struct node *node, uint32_t logical, struct map_run *run) GILA_CHECKED;
kern_return_t extent_fill(struct fs *fs, struct node *node, uint32_t logical, struct span span) GILA_CHECKED;
kern_return_t extent_written(struct fs *fs, struct node *node, uint32_t logical, uint32_t count) GILA_CHECKED;
kern_return_t extent_cut(struct fs *fs, struct node *node, uint32_t first, bool *done) GILA_CHECKED;
kern_return_t extent_move(struct fs *fs, struct node *node, uint32_t logical, uint64_t block) GILA_CHECKED;
kern_return_t indirect_find(struct fs *fs, struct node *node, uint32_t logical, struct map_run *run) GILA_CHECKED;
kern_return_t indirect_set(struct fs *fs, struct node *node, uint32_t logical, struct span span) GILA_CHECKED;
kern_return_t indirect_cut(struct fs *fs, struct node *node, uint32_t first, bool *done) GILA_CHECKED;
uint64_t indirect_blocks_max(const struct fs *fs);

// ---- Contents (data.c, data_write.c, inline.c) ----------------------------------------------------------------------

// `to` and `from` are memory of this process. Less than `size` is read at the end of the file only.
kern_return_t data_read(struct fs *fs, struct node *node, uint64_t offset, void *to, size_t size,
			size_t *got) GILA_CHECKED;
// In two steps, so that nobody waits in between: asks for what data_read would read. *ticket: as store_ask_runs; STORE_NOT_ASKED:
// use data_read.
kern_return_t data_ask(struct fs *fs, struct node *node, uint64_t offset, size_t size, uint64_t *ticket) GILA_CHECKED;
kern_return_t data_read_asked(struct fs *fs, struct node *node, uint64_t offset, void *to, size_t size, size_t *got) GILA_CHECKED;
// Straight between the disk and memory that it shares with the client (store_direct_read, _write); data_direct.c. KERN_NOT_SUPPORTED,
// KERN_RESOURCE_SHORTAGE: not this, or not now; the functions above do. *direct: the store's number of what is under way.
// From so many bytes on: below, what the cache does while nobody waits (reading ahead, writing later) is worth more than a copy costs.
#define DATA_DIRECT_READ_MIN 262144u
#define DATA_DIRECT_RANDOM_MIN 65536u // of a read that comes out of order, so that nothing was read ahead of it
#define DATA_DIRECT_WRITE_MIN 524288u
#define DATA_DIRECT_DEEP_MIN 65536u   // of a write whose client does not wait for it before it makes the next one
#define DATA_DIRECT_SHARE 4u   // of a file that takes no more than this part of the cache, nothing
enum data_direct { DATA_DIRECT_READ, DATA_DIRECT_WRITE, DATA_DIRECT_DEEP /* a write, see above */ };
struct data_area {
	uint64_t place; // block_area_place
	uint8_t *bytes; // the same, mapped
};
kern_return_t data_read_direct(struct fs *fs, struct node *node, uint64_t offset, size_t size, const struct data_area *area, size_t *got,
			       uint32_t *direct) GILA_CHECKED;
kern_return_t data_write_direct(struct fs *fs, struct node *node, uint64_t offset, size_t size, enum data_direct how,
				const struct data_area *area, uint32_t *direct) GILA_CHECKED;
// It may be worth a try.
bool data_is_direct(const struct fs *fs, const struct node *node, uint64_t offset, size_t size, enum data_direct how);
bool data_is_random(const struct node *node, uint32_t first, uint32_t end); // a read of these blocks is out of order
kern_return_t data_write(struct fs *fs, ext2_ino_t ino, uint64_t offset, const void *from, size_t size) GILA_CHECKED;
kern_return_t data_resize(struct fs *fs, ext2_ino_t ino, uint64_t size) GILA_CHECKED;
// In an operation: zeros from the end of the file to the end of its last block, which may have been used before.
kern_return_t data_clear_tail(struct fs *fs, struct node *node) GILA_CHECKED;

kern_return_t inline_read(struct fs *fs, struct node *node, uint8_t **data, size_t *size) GILA_CHECKED; // caller frees
// In an operation. The contents move to blocks; or they are changed where they are, if that `fits`.
kern_return_t inline_expand(struct fs *fs, struct node *node) GILA_CHECKED;
kern_return_t inline_write(struct fs *fs, struct node *node, uint64_t offset, const void *from, size_t size,
			   bool *fits) GILA_CHECKED;
kern_return_t inline_resize(struct fs *fs, struct node *node, uint64_t size, bool *fits) GILA_CHECKED;

// ---- Orphans (orphan.c) ---------------------------------------------------------------------------------------------

kern_return_t orphan_load(struct fs *fs) GILA_CHECKED; // the list on the disk; kinds of those that were known stay
struct orphan *orphan_find(struct fs *fs, ext2_ino_t ino);
bool orphan_is_long(struct fs *fs, ext2_ino_t ino); // blocks behind its size are to be freed
// In an operation. One that is on the list already gets the kind only: open and cut is ORPHAN_OPEN_CUT.
kern_return_t orphan_add(struct fs *fs, struct node *node, enum orphan_kind kind) GILA_CHECKED;
kern_return_t orphan_remove(struct fs *fs, struct node *node) GILA_CHECKED;                     // in an operation
// One operation's worth of freeing. *done: nothing of it is left.
kern_return_t orphan_step(struct fs *fs, ext2_ino_t ino, bool *done) GILA_CHECKED;
// Nobody has it open any more.
void orphan_release(struct fs *fs, ext2_ino_t ino);
bool orphan_waits(const struct fs *fs); // some can be freed
kern_return_t orphan_work(struct fs *fs) GILA_CHECKED; // a step of one of them

// ---- Directories (dir.c, dir_block.c, dir_index.c, dir_split.c, dir_list.c, name.c) ---------------------------------

struct dir_entry {
	ext2_ino_t ino;
	uint8_t type; // EXT2_FT_*
	uint8_t length;
	const char *name; // not zero-terminated
};

// *ino 0: no such name. FILE_DAMAGED.
kern_return_t dir_find(struct fs *fs, struct node *dir, const char *name, size_t length, ext2_ino_t *ino) GILA_CHECKED;
// In an operation; the caller puts the node. The name must not be there.
kern_return_t dir_insert(struct fs *fs, struct node *dir, const struct dir_entry *entry) GILA_CHECKED;
kern_return_t dir_remove(struct fs *fs, struct node *dir, const char *name, size_t length) GILA_CHECKED;
// The name is another inode's now.
kern_return_t dir_replace(struct fs *fs, struct node *dir, const struct dir_entry *entry) GILA_CHECKED;
kern_return_t dir_make(struct fs *fs, struct node *dir, ext2_ino_t parent) GILA_CHECKED; // its first block
kern_return_t dir_count(struct fs *fs, struct node *dir, uint32_t *count) GILA_CHECKED;  // entries but "." and ".."
uint8_t dir_type(uint16_t mode); // EXT2_FT_*
// Calls `take` for each entry but "." and ".." from the cookie on (0: the first) until it returns false; *next is the
// cookie of that one, 0 if there is none.
kern_return_t dir_list(struct fs *fs, struct node *dir, uint64_t cookie,
		       bool (*take)(void *context, const struct dir_entry *entry), void *context,
		       uint64_t *next) GILA_CHECKED;

// A place in a block of entries.
struct dir_slot {
	uint32_t logical;
	uint32_t offset, before; // of the entry, and of the one before it in the block (the same: none)
};
uint32_t dir_blocks(const struct fs *fs, const struct node *dir);
uint32_t dir_room(const struct fs *fs); // bytes of a block that entries may take
// A block of the directory, its checksum and entries checked.
kern_return_t dir_load(struct fs *fs, struct node *dir, uint32_t logical, uint8_t *buffer) GILA_CHECKED;
kern_return_t dir_store(struct fs *fs, struct node *dir, uint32_t logical, uint8_t *buffer) GILA_CHECKED;
// One block more, its contents are the caller's.
kern_return_t dir_grow(struct fs *fs, struct node *dir, uint32_t *logical) GILA_CHECKED;
// Walks the entries in use of `size` bytes: begin with *offset = 0 and *at = 0.
bool dir_next(const uint8_t *buffer, uint32_t size, uint32_t *offset, uint32_t *at, struct dir_entry *entry);
kern_return_t dir_check(struct fs *fs, const struct node *dir, const uint8_t *buffer, uint32_t size,
			uint32_t *end) GILA_CHECKED;
bool dir_search(const uint8_t *buffer, uint32_t size, const char *name, size_t length, struct dir_slot *slot);
bool dir_add(const struct fs *fs, uint8_t *buffer, const struct dir_entry *entry); // false: no room
void dir_clear(const struct fs *fs, uint8_t *buffer); // to an empty block
static inline struct ext2_dir_entry *dir_entry_at(const uint8_t *buffer, uint32_t offset)
{
	return (struct ext2_dir_entry *)(uintptr_t)(buffer + offset);
}
static inline bool dir_is_dot(const char *name, size_t length) // "." or ".."
{
	return (length == 1 || (length == 2 && name[1] == '.')) && name[0] == '.';
}

// The index (htree).
bool index_is_used(struct fs *fs, struct node *dir); // it has one that we can use
bool index_orders(struct fs *fs, struct node *dir);  // it has one, or will get one when it grows: it is listed by hash
// Lowest bit 0.
kern_return_t index_hash(struct fs *fs, struct node *dir, const char *name, size_t length, uint32_t *hash) GILA_CHECKED;
// A way down the tree. `leaf`: where names with the hash are, and, while index_next says so, in the next leaves.
#define INDEX_LEVELS 4u
struct index_path {
	uint32_t levels;
	struct {
		uint32_t logical, at, count, limit;
	} level[INDEX_LEVELS];
	uint32_t leaf;
	uint32_t leaves; // visited
};
kern_return_t index_open(struct fs *fs, struct node *dir, uint32_t hash, struct index_path *path) GILA_CHECKED;
// The next leaf, *start: the lowest hash in it, with its lowest bit set if it goes on with the one before. *more false:
// there is none.
kern_return_t index_next(struct fs *fs, struct node *dir, struct index_path *path, bool *more,
			 uint32_t *start) GILA_CHECKED;
// The block with the name, into `buffer`. *found false: there is none.
kern_return_t index_find(struct fs *fs, struct node *dir, const char *name, size_t length, uint8_t *buffer,
			 struct dir_slot *slot, bool *found) GILA_CHECKED;
kern_return_t index_insert(struct fs *fs, struct node *dir, const struct dir_entry *entry) GILA_CHECKED;
kern_return_t index_make(struct fs *fs, struct node *dir) GILA_CHECKED; // of a directory of one block
// An index block and where its entries begin.
kern_return_t index_load(struct fs *fs, struct node *dir, uint32_t logical, uint8_t *buffer,
			 struct ext2_dx_entry **entries) GILA_CHECKED;
struct ext2_dx_root_info *index_info(uint8_t *root);
uint32_t index_limit(const struct fs *fs, uint32_t logical);

// Names that were looked up lately, and tables of all names of directories that have no index.
ext2_ino_t name_recall(const struct fs *fs, ext2_ino_t dir, const char *name, size_t length);
void name_learn(struct fs *fs, ext2_ino_t dir, const char *name, size_t length, ext2_ino_t ino);
void name_forget(struct fs *fs, ext2_ino_t dir, const char *name, size_t length);
void name_forget_all(struct fs *fs);
uint32_t name_hash(const char *name, size_t length);
struct name_table *name_table_make(struct fs *fs);
// False: no memory, or too many.
bool name_table_add(struct fs *fs, struct name_table *table, uint32_t hash, uint32_t logical);
void name_table_drop(struct fs *fs, struct name_table *table);
// The blocks that may hold a name with this hash: begin with *at = 0; false: no more.
bool name_table_next(const struct name_table *table, uint32_t hash, uint32_t *at, uint32_t *logical);

// ---- The tree (tree.c) ----------------------------------------------------------------------------------------------

// Where a path leads: `ino` is 0 when only its last component does not exist.
struct place {
	ext2_ino_t ino;
	ext2_ino_t directory; // 0: the path is empty, the handle itself
	char name[FILE_NAME_MAX + 1];
	size_t length;
};
// From the inode on; `follow`: also if the last component is a link.
kern_return_t tree_resolve(struct fs *fs, ext2_ino_t from, const char *path, bool follow,
			   struct place *place) GILA_CHECKED;
kern_return_t tree_create(struct fs *fs, const struct place *place, bool is_directory, ext2_ino_t *ino) GILA_CHECKED;
// *orphan: an inode that lost its last name and may still be open; 0: none.
kern_return_t tree_remove(struct fs *fs, const struct place *place, ext2_ino_t *orphan) GILA_CHECKED;
kern_return_t tree_rename(struct fs *fs, const struct place *from, const struct place *to,
			  ext2_ino_t *orphan) GILA_CHECKED;

#endif
