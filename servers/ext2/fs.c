// SPDX-License-Identifier: MIT
// The file system as a whole: its state, what errors mean, and what is done between requests (commits, clean endings).
//
// 1. What was changed is committed COMMIT_AFTER later at the latest, or when nothing happens for QUIET_AFTER.
// 2. When then nothing happens for another QUIET_AFTER, the journal is stopped and the disk says "clean": an image at
//    rest looks unmounted to Linux.
#include "fs.h"

#include <stdarg.h>
#include <stdio.h>

#define COMMIT_AFTER UINT64_C(5000000000) // ns
#define QUIET_AFTER UINT64_C(1000000000)
#define COMPLAINTS_MAX 50u // lines about damage; then it is enough

uint64_t fs_now(void) { return (uint64_t)gila_time_calendar(); }

bool fs_can_write(const struct fs *fs) { return fs->state == FS_QUIET || fs->state == FS_BUSY; }

void fs_enter(struct fs *fs, enum fs_state state, const char *format, ...)
{
	va_list arguments;
	if (fs->state == state || fs->state == FS_FAILED)
		return;
	fs->state = state;
	if (!format)
		return;
	va_start(arguments, format);
	vsnprintf(fs->reason, sizeof(fs->reason), format, arguments);
	va_end(arguments);
	gila_logf("%s: read-only: %s", fs->seat, fs->reason);
}

kern_return_t fs_damaged(struct fs *fs, const char *format, ...)
{
	char what[160];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	if (fs->complaints < COMPLAINTS_MAX)
		gila_logf("%s: damaged: %s%s", fs->seat, what,
			  ++fs->complaints == COMPLAINTS_MAX ? " (that is enough of these)" : "");
	if (fs->op.state == OP_RUNNING && !fs->op.error)
		fs->op.error = FILE_DAMAGED;
	if (fs_can_write(fs)) {
		fs->damage_to_mark = true;
		fs_enter(fs, FS_FAILED, "it is damaged; check it with e2fsck");
	}
	return FILE_DAMAGED;
}

kern_return_t fs_error(struct fs *fs, errcode_t error, const char *doing, ext2_ino_t inode)
{
	kern_return_t code = fs->io_error;
	fs->io_error = KERN_SUCCESS;
	if (!error)
		return KERN_SUCCESS;
	if (code && code != FILE_DAMAGED)
		return code;
	switch (error) {
	case EXT2_ET_BLOCK_ALLOC_FAIL:
	case EXT2_ET_INODE_ALLOC_FAIL:
	case EXT2_ET_INLINE_DATA_NO_SPACE:
		return FILE_NO_SPACE;
	case EXT2_ET_NO_MEMORY:
	case ENOMEM:
		return KERN_RESOURCE_SHORTAGE;
	case EXT2_ET_FILE_TOO_BIG:
	case EOVERFLOW:
		return FILE_TOO_LARGE;
	case EXT2_ET_RO_FILSYS:
		return FILE_READ_ONLY;
	}
	if (inode)
		return fs_damaged(fs, "%s, inode %u: %s", doing, inode, error_message(error));
	return fs_damaged(fs, "%s: %s", doing, error_message(error));
}

kern_return_t fs_read(struct fs *fs, uint64_t block, void *to)
{
	const uint8_t *data;
	kern_return_t error = store_get(fs->store, block, &data);
	if (error == KERN_INVALID_ARGUMENT)
		return fs_damaged(fs, "block %llu is beyond the end", (unsigned long long)block);
	if (!error)
		memcpy(to, data, fs->block_size);
	return error;
}

// ---- Commits --------------------------------------------------------------------------------------------------------

static kern_return_t commit_failed(struct fs *fs, kern_return_t error)
{
	fs_enter(fs, FS_FAILED, "a commit failed: %s", gila_error_text(error));
	return error;
}

kern_return_t fs_commit_begin(struct fs *fs)
{
	if (fs->state != FS_BUSY)
		return fs->state == FS_FAILED ? FILE_READ_ONLY : KERN_SUCCESS;
	// The superblock's counts change with every operation; they are put before a commit only, and counted anew at a
	// mount.
	kern_return_t error = fs->counts_changed ? op_super(fs) : KERN_SUCCESS;
	uint64_t changes = store_changes(fs->store);
	if (!error)
		error = store_commit_begin(fs->store);
	if (error)
		return commit_failed(fs, error);
	fs->committing = changes;
	fs->dirty_since = 0;
	return KERN_SUCCESS;
}

bool fs_commit_is_over(struct fs *fs)
{
	if (fs->committing == 0)
		return true;
	if (!store_commit_is_over(fs->store))
		return false;
	if (store_committed(fs->store) < fs->committing)
		(void)commit_failed(fs, FILE_IO);
	fs->committing = 0;
	return true;
}

kern_return_t fs_commit(struct fs *fs)
{
	kern_return_t error = fs_commit_begin(fs);
	if (error || fs->state != FS_BUSY)
		return error;
	store_commit_wait(fs->store);
	return fs_commit_is_over(fs) && fs->state == FS_BUSY ? KERN_SUCCESS : FILE_IO;
}

kern_return_t fs_settle(struct fs *fs)
{
	kern_return_t error = fs_commit(fs);
	if (!error && fs->state == FS_BUSY)
		error = store_journal_stop(fs->store);
	if (!error && fs->state == FS_BUSY)
		fs_enter(fs, FS_QUIET, NULL);
	if (error || fs->state != FS_QUIET || !fs->flag_set)
		return error;
	error = super_flag(fs, false);
	if (error)
		fs_enter(fs, FS_FAILED, "the superblock cannot be written: %s", gila_error_text(error));
	return error;
}

// The superblock says from now on that something was wrong, so that the next mount, and e2fsck, know.
static void mark_damage(struct fs *fs)
{
	struct ext2_super_block *super = fs_super(fs);
	fs->damage_to_mark = false;
	super->s_state |= EXT2_ERROR_FS;
	super->s_error_count++;
	super->s_last_error_time = (uint32_t)(fs_now() / 1000000000);
	if (!super->s_first_error_time)
		super->s_first_error_time = super->s_last_error_time;
	kern_return_t error = store_journal_started(fs->store) ? KERN_SUCCESS : op_wake(fs);
	if (!error)
		error = op_super(fs);
	if (!error)
		error = store_commit(fs->store);
	if (error)
		gila_logf("%s: the damage cannot be marked in the superblock: %s", fs->seat, gila_error_text(error));
}

// ---- Work between requests ------------------------------------------------------------------------------------------

static uint64_t commit_due(const struct fs *fs)
{
	uint64_t late = fs->dirty_since + COMMIT_AFTER, quiet = fs->busy_since + QUIET_AFTER;
	return late < quiet ? late : quiet;
}

uint64_t fs_due(const struct fs *fs)
{
	if (fs->damage_to_mark || orphan_waits(fs))
		return 0;
	if (!fs_can_write(fs))
		return UINT64_MAX;
	if (fs->dirty_since)
		return commit_due(fs);
	if (fs->state == FS_BUSY || fs->flag_set)
		return fs->busy_since + 2 * QUIET_AFTER;
	return UINT64_MAX;
}

void fs_work(struct fs *fs)
{
	if (fs->damage_to_mark && fs->op.state == OP_NONE)
		mark_damage(fs);
	if (!fs_can_write(fs))
		return;
	store_work(fs->store);
	(void)fs_commit_is_over(fs);
	if (orphan_waits(fs)) {
		if (orphan_work(fs))
			gila_logf("%s: a removed file cannot be freed", fs->seat);
		return;
	}
	// Errors change the state, which says all that there is to say.
	kern_return_t error = KERN_SUCCESS;
	if (fs->dirty_since && gila_time() >= commit_due(fs))
		error = fs_commit_begin(fs);
	else if (!fs->dirty_since && gila_time() >= fs_due(fs))
		error = fs_settle(fs);
	if (error)
		gila_logf("%s: cannot commit: %s", fs->seat, gila_error_text(error));
}

// Orphans give their blocks back, and a checkpoint lets go of those that wait for the log.
bool fs_reclaim(struct fs *fs)
{
	while (fs_can_write(fs) && orphan_waits(fs))
		if (orphan_work(fs))
			return false;
	if (fs->state != FS_BUSY || !store_freed_waits(fs->store) || fs_commit(fs))
		return false;
	kern_return_t error = store_checkpoint(fs->store);
	if (error)
		fs_enter(fs, FS_FAILED, "a checkpoint failed: %s", gila_error_text(error));
	return !error;
}
