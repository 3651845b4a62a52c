// SPDX-License-Identifier: MIT
// Orphans: inodes that lost their last name but are open, and files whose end is being cut off. They are on a list on
// the disk, as Linux has it (Documentation/filesystems/ext4/orphan.rst): s_last_orphan is the newest, i_dtime of each
// is the next.
//
// So long removals and truncations are made of several operations: after each of them the file system is whole, and
// whoever finds the list goes on. A server that takes over finds its orphans here, too, and asks the kernel who has
// them open.
#include "fs.h"

static uint32_t index_of(const struct fs *fs, ext2_ino_t ino)
{
	uint32_t i = fs->orphan_count;
	while (i > 0 && fs->orphans[i - 1].ino != ino)
		i--;
	return i; // one behind it; 0: none
}

struct orphan *orphan_find(struct fs *fs, ext2_ino_t ino)
{
	uint32_t i = index_of(fs, ino);
	return i ? &fs->orphans[i - 1] : NULL;
}

bool orphan_is_long(struct fs *fs, ext2_ino_t ino)
{
	struct orphan *orphan = orphan_find(fs, ino);
	return orphan && (orphan->kind == ORPHAN_CUT || orphan->kind == ORPHAN_OPEN_CUT);
}

static kern_return_t append(struct fs *fs, ext2_ino_t ino, enum orphan_kind kind)
{
	if (fs->orphan_count == fs->orphan_room) {
		uint32_t room = fs->orphan_room ? fs->orphan_room * 2 : 16;
		struct orphan *more = realloc(fs->orphans, room * sizeof(*more));
		if (!more)
			return KERN_RESOURCE_SHORTAGE;
		fs->orphans = more;
		fs->orphan_room = room;
	}
	fs->orphans[fs->orphan_count++] = (struct orphan){.ino = ino, .kind = kind};
	return KERN_SUCCESS;
}

static kern_return_t load_list(struct fs *fs, const struct orphan *known, uint32_t known_count)
{
	kern_return_t error = KERN_SUCCESS;
	struct ext2_inode inode;
	for (ext2_ino_t ino = fs_super(fs)->s_last_orphan; !error && ino; ino = inode.i_dtime) {
		if (ino < EXT2_FIRST_INO(fs_super(fs)) || ino > fs_super(fs)->s_inodes_count || orphan_find(fs, ino))
			return fs_damaged(fs, "the list of orphans goes on with inode %u", ino);
		error = fs_error(fs, ext2fs_read_inode(fs->e2, ino, &inode), "reading the list of orphans", ino);
		enum orphan_kind kind = inode.i_links_count ? ORPHAN_CUT : ORPHAN_OPEN_CUT;
		for (uint32_t i = 0; i < known_count; i++)
			if (known[i].ino == ino)
				kind = known[i].kind;
		if (!error)
			error = append(fs, ino, kind);
	}
	return error;
}

kern_return_t orphan_load(struct fs *fs)
{
	struct orphan *known = fs->orphans;
	uint32_t count = fs->orphan_count;
	fs->orphans = NULL;
	fs->orphan_count = fs->orphan_room = 0;
	kern_return_t error = load_list(fs, known, count);
	// Read from its newest; kept from its oldest.
	for (uint32_t i = 0; i < fs->orphan_count / 2; i++) {
		struct orphan swap = fs->orphans[i];
		fs->orphans[i] = fs->orphans[fs->orphan_count - 1 - i];
		fs->orphans[fs->orphan_count - 1 - i] = swap;
	}
	free(known);
	return error;
}

kern_return_t orphan_add(struct fs *fs, struct node *node, enum orphan_kind kind)
{
	struct orphan *orphan = orphan_find(fs, node->ino);
	if (orphan) {
		orphan->kind = orphan->kind == ORPHAN_OPEN && kind == ORPHAN_CUT ? ORPHAN_OPEN_CUT
			       : orphan->kind == ORPHAN_CUT && kind == ORPHAN_OPEN ? ORPHAN_OPEN_CUT : kind;
		return KERN_SUCCESS;
	}
	kern_return_t error = append(fs, node->ino, kind);
	if (error)
		return error;
	node->inode.i_dtime = fs_super(fs)->s_last_orphan;
	fs_super(fs)->s_last_orphan = node->ino;
	fs->op.super_changed = true;
	return KERN_SUCCESS;
}

kern_return_t orphan_remove(struct fs *fs, struct node *node)
{
	uint32_t i = index_of(fs, node->ino);
	kern_return_t error = KERN_SUCCESS;
	if (!i)
		return KERN_SUCCESS;
	ext2_ino_t next = node->inode.i_dtime;
	if (i == fs->orphan_count) {
		fs_super(fs)->s_last_orphan = next;
		fs->op.super_changed = true;
	} else {
		struct node *newer;
		error = node_get(fs, fs->orphans[i].ino, &newer);
		if (error)
			return error;
		newer->inode.i_dtime = next;
		error = node_put(fs, newer);
	}
	memmove(&fs->orphans[i - 1], &fs->orphans[i], (fs->orphan_count - i) * sizeof(*fs->orphans));
	fs->orphan_count--;
	node->inode.i_dtime = 0;
	return error;
}

// ---- Freeing --------------------------------------------------------------------------------------------------------

// The inode itself, once it has no blocks.
static kern_return_t free_inode(struct fs *fs, struct node *node)
{
	bool is_directory = node_is_directory(node);
	kern_return_t error = fs_error(fs, ext2fs_free_ext_attr(fs->e2, node->ino, &node->inode), "freeing attributes",
				       node->ino);
	if (!error)
		error = orphan_remove(fs, node);
	if (error)
		return error;
	node->inode.i_size = node->inode.i_size_high = 0;
	node->inode.i_links_count = 0;
	node->inode.i_dtime = (uint32_t)(fs_now() / 1000000000);
	if (!node->inode.i_dtime)
		node->inode.i_dtime = 1;
	error = node_put(fs, node);
	if (!error)
		error = alloc_free_inode(fs, node->ino, is_directory);
	if (!error)
		node_forget(fs, node);
	return error;
}

static kern_return_t step(struct fs *fs, struct node *node, enum orphan_kind kind, bool *done)
{
	kern_return_t error = KERN_SUCCESS;
	uint64_t size = kind == ORPHAN_DEAD ? 0 : node_size(node);
	*done = true;
	if (node_has_map(node))
		error = map_cut(fs, node, (uint32_t)((size + fs->block_size - 1) >> fs->block_shift), done);
	if (error || !*done)
		return error ? error : node_put(fs, node);
	if (kind == ORPHAN_DEAD)
		return free_inode(fs, node);
	if (kind == ORPHAN_CUT)
		error = orphan_remove(fs, node);
	return error ? error : node_put(fs, node);
}

kern_return_t orphan_step(struct fs *fs, ext2_ino_t ino, bool *done)
{
	struct node *node;
	struct orphan *orphan = orphan_find(fs, ino);
	*done = true;
	if (!orphan)
		return KERN_SUCCESS;
	enum orphan_kind kind = orphan->kind;
	kern_return_t error = node_get(fs, ino, &node);
	if (!error)
		error = op_begin(fs);
	if (error)
		return error;
	error = op_finish(fs, step(fs, node, kind, done));
	orphan = orphan_find(fs, ino);
	if (!error && *done && orphan && kind == ORPHAN_OPEN_CUT)
		orphan->kind = ORPHAN_OPEN;
	return error;
}

void orphan_release(struct fs *fs, ext2_ino_t ino)
{
	struct orphan *orphan = orphan_find(fs, ino);
	if (orphan && (orphan->kind == ORPHAN_OPEN || orphan->kind == ORPHAN_OPEN_CUT))
		orphan->kind = ORPHAN_DEAD;
}

static struct orphan *next_to_work(const struct fs *fs)
{
	for (uint32_t i = fs->orphan_count; i > 0; i--)
		if (fs->orphans[i - 1].kind != ORPHAN_OPEN && fs->orphans[i - 1].kind != ORPHAN_STUCK)
			return &fs->orphans[i - 1];
	return NULL;
}

bool orphan_waits(const struct fs *fs) { return fs_can_write(fs) && next_to_work(fs); }

kern_return_t orphan_work(struct fs *fs)
{
	bool done;
	struct orphan *orphan = next_to_work(fs);
	if (!orphan)
		return KERN_SUCCESS;
	ext2_ino_t ino = orphan->ino;
	kern_return_t error = orphan_step(fs, ino, &done);
	if (error && orphan_find(fs, ino))
		orphan_find(fs, ino)->kind = ORPHAN_STUCK;
	return error;
}
