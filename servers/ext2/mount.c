// SPDX-License-Identifier: MIT
// Mounting: from a fresh cache, where the journal on the disk decides, or from what an earlier server of the seat left
// in the store.
//
// A takeover must be quick: it reads the superblock and the group descriptors, from the cache if they are there, and
// nothing else that grows with the file system.
#include "fs.h"

#include <stdarg.h>
#include <stdio.h>

static struct fs *complaining; // whom a message of libext2fs is about

static void hear(const char *who, long code, const char *format, va_list arguments)
{
	char text[128];
	vsnprintf(text, sizeof(text), format, arguments);
	if (complaining)
		(void)fs_damaged(complaining, "%s: %s", who, text);
}

static void close_e2(struct fs *fs)
{
	group_close(fs);
	if (fs->e2)
		ext2fs_free(fs->e2);
	fs->e2 = NULL;
}

static kern_return_t refuse(struct fs *fs, kern_return_t error, const char *reason)
{
	gila_logf("%s: cannot be mounted: %s", fs->seat, reason);
	return error;
}

// Opens it in libext2fs. It must only be `writable` if it will be written: libext2fs refuses features, too. A
// superblock with a wrong checksum is good enough to find the journal, which may have it right (`any_sum`): everything
// else is still checked.
static kern_return_t open_e2(struct fs *fs, bool writable, bool any_sum)
{
	close_e2(fs);
	io_fs = fs;
	errcode_t code = ext2fs_open2(fs->seat, NULL,
				      EXT2_FLAG_64BITS | EXT2_FLAG_SKIP_MMP | (writable ? EXT2_FLAG_RW : 0) |
					      (any_sum ? EXT2_FLAG_IGNORE_CSUM_ERRORS : 0),
				      0, 0, &io_manager_store, &fs->e2);
	if (!code) {
		fs->e2->flags &= ~EXT2_FLAG_IGNORE_CSUM_ERRORS;
		// Our own bitmaps count (group.c); libext2fs marks in this one what it allocates itself.
		fs->e2->default_bitmap_type = EXT2FS_BMAP64_RBTREE;
		code = ext2fs_allocate_block_bitmap(fs->e2, "blocks", &fs->e2->block_map);
		alloc_hook(fs);
	}
	kern_return_t error = fs->io_error;
	fs->io_error = KERN_SUCCESS;
	if (!code)
		return KERN_SUCCESS;
	if (!error)
		error = code == EXT2_ET_NO_MEMORY ? KERN_RESOURCE_SHORTAGE : FILE_DAMAGED;
	return refuse(fs, error, error_message(code));
}

static bool get_memory(struct fs *fs)
{
	fs->scratch = malloc(fs->block_size);
	for (int i = 0; i < 3; i++)
		fs->dir_block[i] = malloc(fs->block_size);
	return fs->scratch && fs->dir_block[0] && fs->dir_block[1] && fs->dir_block[2];
}

// ---- Journal --------------------------------------------------------------------------------------------------------

static kern_return_t replay(struct fs *fs, bool writable)
{
	const char *why = "the disk failed";
	char reason[160];
	if (!(fs->client->info.features & BLOCK_CAN_WRITE))
		return refuse(fs, FILE_READ_ONLY, "its journal must be replayed first, and the device cannot be written");
	kern_return_t error = store_journal_replay(fs->store, &why);
	if (error) {
		snprintf(reason, sizeof(reason), "its journal cannot be replayed: %s; check it with e2fsck", why);
		return refuse(fs, error, reason);
	}
	gila_logf("%s: replayed its journal", fs->seat);
	return open_e2(fs, writable, true); // if the journal was empty, the flag's write may have torn the superblock (open_all)
}

// Journal and superblock decide whether it can be written: *reason. An error: it cannot be mounted at all.
static kern_return_t open_journal(struct fs *fs, bool writable, char *reason, size_t size)
{
	bool needs_replay;
	char why[128];
	kern_return_t error = journal_inode_open(fs, &needs_replay, why, sizeof(why));
	if (error == KERN_NOT_FOUND)
		return KERN_SUCCESS;
	if (error == FILE_IO || error == KERN_RESOURCE_SHORTAGE)
		return refuse(fs, error, why);
	if (error && !*reason)
		snprintf(reason, size, "%s", why);
	// An earlier server that had started the journal goes on with it; what it left is newer than the log.
	return !error && needs_replay && !store_journal_started(fs->store) ? replay(fs, writable) : KERN_SUCCESS;
}

// ---- Counts and orphans ---------------------------------------------------------------------------------------------

static kern_return_t recount(struct fs *fs)
{
	struct ext2_super_block *super = fs_super(fs);
	uint64_t free_blocks = 0, free_inodes = 0;
	for (uint32_t g = 0; g < fs->e2->group_desc_count; g++) {
		uint32_t blocks = ext2fs_bg_free_blocks_count(fs->e2, g),
			 inodes = ext2fs_bg_free_inodes_count(fs->e2, g);
		if (blocks > (uint32_t)ext2fs_group_blocks_count(fs->e2, g) || inodes > super->s_inodes_per_group)
			return fs_damaged(fs, "group %u: more is free than there is", g);
		free_blocks += blocks;
		free_inodes += inodes;
	}
	if (free_blocks == ext2fs_free_blocks_count(super) && free_inodes == super->s_free_inodes_count)
		return KERN_SUCCESS;
	ext2fs_free_blocks_count_set(super, free_blocks);
	super->s_free_inodes_count = (uint32_t)free_inodes;
	fs->counts_changed = true;
	return KERN_SUCCESS;
}

static kern_return_t load_orphans(struct fs *fs)
{
	kern_return_t error = orphan_load(fs);
	// After a restart of everything nobody has any open.
	for (uint32_t i = 0; !fs->taken_over && i < fs->orphan_count; i++)
		orphan_release(fs, fs->orphans[i].ino);
	return error;
}

// ---- The state it begins in -----------------------------------------------------------------------------------------

static void start_writing(struct fs *fs)
{
	struct ext2_super_block *super = fs_super(fs);
	kern_return_t error = KERN_SUCCESS;
	fs->flag_set = ext2fs_has_feature_journal_needs_recovery(super);
	if (!fs->taken_over) {
		super->s_mtime = (uint32_t)(fs_now() / 1000000000);
		super->s_mnt_count++;
		fs->counts_changed = true; // to be written with the first commit
	}
	fs_enter(fs, FS_QUIET, NULL);
	if (!ext2fs_has_feature_journal(super)) {
		error = journal_inode_make(fs);
		if (error)
			fs_enter(fs, FS_READ_ONLY, "it has no journal, and cannot get one: %s", gila_error_text(error));
		return;
	}
	if (fs->taken_over && store_journal_started(fs->store)) {
		error = store_journal_start(fs->store);
		if (error)
			fs_enter(fs, FS_FAILED, "the journal cannot be started: %s", gila_error_text(error));
		else
			fs_enter(fs, FS_BUSY, NULL);
	}
	if (!error && fs_can_write(fs) && journal_inode_repair(fs))
		fs_enter(fs, FS_READ_ONLY, "its journal's inode cannot be written");
}

static kern_return_t start(struct fs *fs, const char *reason)
{
	kern_return_t error = group_open(fs);
	if (!error)
		error = journal_inode_zones(fs);
	if (!error)
		error = recount(fs);
	if (!error)
		error = load_orphans(fs);
	if (error && error != FILE_DAMAGED)
		return refuse(fs, error, gila_error_text(error));
	if (error)
		fs_enter(fs, FS_READ_ONLY, "it is damaged; check it with e2fsck");
	else if (*reason)
		fs_enter(fs, FS_READ_ONLY, "%s", reason);
	else
		start_writing(fs);
	fs->busy_since = gila_time();
	if (fs->state == FS_BUSY)
		// An earlier server may have left something to commit.
		fs->dirty_since = fs->busy_since ? fs->busy_since : 1;
	return KERN_SUCCESS;
}

// Everything that is read of the file system, in the order in which it depends on each other.
static kern_return_t open_all(struct fs *fs, const struct fs_open *how)
{
	struct super_facts facts;
	char reason[128], why[128] = "";
	if (!super_check(how->super, how->device_bytes, &facts, reason, sizeof(reason)))
		return refuse(fs, FILE_DAMAGED, reason);
	if (how->read_only || !(how->client->info.features & BLOCK_CAN_WRITE))
		snprintf(reason, sizeof(reason), "%s",
			 how->read_only ? "it is mounted so" : "the device cannot be written");
	kern_return_t error = open_e2(fs, !*reason, true);
	if (!error)
		error = open_journal(fs, !*reason, reason, sizeof(reason));
	if (error)
		return error;
	if (!ext2fs_superblock_csum_verify(fs->e2, fs_super(fs))) {
		if (!super_is_torn(fs))
			return refuse(fs, FILE_DAMAGED, error_message(EXT2_ET_SB_CSUM_INVALID));
		ext2fs_set_feature_journal_needs_recovery(fs_super(fs));
	}
	// The journal or an earlier server may know better what the superblock says.
	if (!super_check((const uint8_t *)fs_super(fs), how->device_bytes, &facts, why, sizeof(why)))
		return refuse(fs, FILE_DAMAGED, why);
	if (facts.block_size != fs->block_size || facts.blocks != fs->blocks)
		return refuse(fs, FILE_DAMAGED, "its superblock changed its size");
	fs->inode_size = EXT2_INODE_SIZE(fs_super(fs));
	return start(fs, *reason ? reason : why);
}

static kern_return_t mount(struct fs *fs, const struct fs_open *how)
{
	struct super_facts facts;
	enum store_found found;
	char reason[128];
	const char *why = "";
	if (!super_check(how->super, how->device_bytes, &facts, reason, sizeof(reason)))
		return refuse(fs, FILE_DAMAGED, reason);
	fs->block_size = facts.block_size;
	fs->block_shift = (uint32_t)__builtin_ctz(facts.block_size);
	fs->blocks = facts.blocks;
	if (!get_memory(fs))
		return refuse(fs, KERN_RESOURCE_SHORTAGE, "no memory");
	fs->store = store_open(how->client, facts.block_size, facts.blocks, facts.uuid, &found, &why);
	if (!fs->store)
		return refuse(fs, KERN_RESOURCE_SHORTAGE, "no memory for the cache");
	if (found == STORE_FOUND_DAMAGE)
		gila_logf("%s: what an earlier server left makes no sense (%s); what was not committed is lost",
			  fs->seat, why);
	fs->taken_over = found == STORE_FOUND_CACHE;
	kern_return_t error = open_all(fs, how);
	// What was answered is in the cache alone: it is given up only if nobody can make sense of it.
	if (error != FILE_DAMAGED || !fs->taken_over)
		return error;
	gila_logf("%s: mounting it anew; what was not committed is lost", fs->seat);
	store_forget(fs->store);
	fs->taken_over = false;
	return open_all(fs, how);
}

kern_return_t fs_mount(const struct fs_open *how, struct fs **result)
{
	struct fs *fs = calloc(1, sizeof(*fs));
	if (!fs)
		return KERN_RESOURCE_SHORTAGE;
	initialize_ext2_error_table();
	(void)set_com_err_hook(hear);
	complaining = fs;
	fs->seat = how->seat;
	fs->client = how->client;
	kern_return_t error = mount(fs, how);
	if (error)
		fs_unmount(fs);
	else
		*result = fs;
	return error;
}

void fs_unmount(struct fs *fs)
{
	node_close(fs);
	close_e2(fs);
	if (fs->store)
		store_close(fs->store);
	name_forget_all(fs);
	free(fs->orphans);
	free(fs->journal.blocks);
	free(fs->scratch);
	for (int i = 0; i < 3; i++)
		free(fs->dir_block[i]);
	if (complaining == fs)
		complaining = NULL;
	free(fs);
}
