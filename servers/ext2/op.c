// SPDX-License-Identifier: MIT
// Operations: changes of metadata that take effect together.
//
// op_begin starts the journal if the file system was quiet, and makes room in it by a commit if need be. op_end puts
// the bitmaps, descriptors and superblock that were touched. op_cancel brings everything in this memory back to what
// the store says.
#include "fs.h"

// Room that one more piece of work may need: a way down an extent tree or an index, all of it split, and the inode.
#define RESERVE_PUTS 24u
#define RESERVE_FREES 64u
#define RESERVE_GROUPS 8u

static bool slot_find(const struct op *op, uint64_t block, uint32_t *slot)
{
	for (*slot = (uint32_t)(block * 2654435761u) % OP_SLOTS; op->put[*slot]; *slot = (*slot + 1) % OP_SLOTS)
		if (op->put[*slot] == block + 1)
			return true;
	return false;
}

kern_return_t op_put(struct fs *fs, uint64_t block, const void *data)
{
	uint32_t slot;
	if (fs->op.state != OP_RUNNING)
		return FILE_READ_ONLY;
	if (!slot_find(&fs->op, block, &slot)) {
		if (fs->op.puts >= STORE_PUTS)
			return KERN_RESOURCE_SHORTAGE;
		fs->op.put[slot] = block + 1;
		fs->op.puts++;
	}
	return store_put(fs->store, block, data);
}

kern_return_t op_free(struct fs *fs, uint64_t block, uint64_t count)
{
	fs->op.frees++;
	return store_free(fs->store, block, count);
}

bool op_full(const struct fs *fs)
{
	// Each touched group is a bitmap and at most one block of descriptors.
	return fs->op.puts + 3 * fs->op.group_count + RESERVE_PUTS > STORE_PUTS ||
	       fs->op.frees + RESERVE_FREES > STORE_FREES || fs->op.group_count + RESERVE_GROUPS > OP_GROUPS;
}

// The disk must say that it needs recovery before the journal holds anything.
kern_return_t op_wake(struct fs *fs)
{
	kern_return_t error = fs->flag_set ? KERN_SUCCESS : super_flag(fs, true);
	if (!error)
		error = store_journal_start(fs->store);
	if (error)
		fs_enter(fs, FS_FAILED, "the journal cannot be started: %s", gila_error_text(error));
	else
		fs_enter(fs, FS_BUSY, NULL);
	return error;
}

// Makes room by a commit if need be.
static kern_return_t start(struct fs *fs)
{
	kern_return_t error = store_begin(fs->store);
	if (error == KERN_RESOURCE_SHORTAGE) {
		error = store_commit(fs->store);
		if (!error)
			error = store_begin(fs->store);
	}
	if (error)
		return error;
	memset(&fs->op, 0, sizeof(fs->op));
	fs->op.state = OP_RUNNING;
	fs->op.super = *fs_super(fs);
	fs->io_error = KERN_SUCCESS;
	return KERN_SUCCESS;
}

kern_return_t op_begin(struct fs *fs)
{
	if (!fs_can_write(fs))
		return FILE_READ_ONLY;
	kern_return_t error = fs->state == FS_QUIET ? op_wake(fs) : KERN_SUCCESS;
	if (!error)
		error = start(fs);
	if (error == FILE_IO)
		fs_enter(fs, FS_FAILED, "the disk failed");
	return error;
}

kern_return_t op_super(struct fs *fs)
{
	kern_return_t error = start(fs);
	fs->op.super_changed = true;
	return error ? error : op_end(fs);
}

kern_return_t op_end(struct fs *fs)
{
	kern_return_t error = fs->op.error;
	if (!error)
		error = group_flush(fs);
	if (!error && fs->op.super_changed)
		error = super_put(fs);
	if (!error)
		error = fs->op.error;
	if (error) {
		op_cancel(fs);
		return error;
	}
	store_end(fs->store);
	fs->op.state = OP_NONE;
	fs->counts_changed = !fs->op.super_changed && (fs->counts_changed || fs->op.group_count > 0);
	fs->busy_since = gila_time();
	if (!fs->dirty_since)
		fs->dirty_since = fs->busy_since ? fs->busy_since : 1;
	return KERN_SUCCESS;
}

void op_cancel(struct fs *fs)
{
	store_cancel(fs->store);
	fs->op.state = OP_NONE;
	*fs_super(fs) = fs->op.super;
	group_forget(fs);
	(void)ext2fs_flush_icache(fs->e2);
	node_forget_all(fs);
	name_forget_all(fs);
	if (orphan_load(fs))
		fs_enter(fs, FS_FAILED, "the list of orphans cannot be read any more");
}

kern_return_t op_finish(struct fs *fs, kern_return_t error)
{
	if (!error)
		return op_end(fs);
	op_cancel(fs);
	return error;
}
