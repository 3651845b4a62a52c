// SPDX-License-Identifier: MIT
// The journal's inode: where its blocks are, for the store, which reads and writes what is in them.
//
// The superblock has a copy of that inode's block map (s_jnl_blocks: i_block, then the upper and the lower half of the
// size), which counts when the inode is not there; e2fsck does the same.
#include "fs.h"

#include <stdio.h>

#define BLOCKS_MIN 1024u           // Linux, JBD2_MIN_JOURNAL_BLOCKS
#define BLOCKS_MAX (1u << 20)
#define REGULAR_PRIVATE (LINUX_S_IFREG | 0600)

static bool is_journal(const struct fs *fs, const struct node *node)
{
	return node_is_file(node) && node->inode.i_links_count && !node_is_inline(node) &&
	       node_size(node) >> fs->block_shift >= BLOCKS_MIN;
}

static void take_backup(const struct fs *fs, struct node *node)
{
	const struct ext2_super_block *super = fs_super(fs);
	memset(&node->inode, 0, sizeof(node->inode));
	memcpy(node->inode.i_block, super->s_jnl_blocks, sizeof(node->inode.i_block));
	node->inode.i_size_high = super->s_jnl_blocks[15];
	node->inode.i_size = super->s_jnl_blocks[16];
	node->inode.i_links_count = 1;
	node->inode.i_mode = REGULAR_PRIVATE;
	if (((const struct ext3_extent_header *)(const void *)node->inode.i_block)->eh_magic == EXT3_EXT_MAGIC)
		node->inode.i_flags = EXT4_EXTENTS_FL;
}

static bool read_inode(struct fs *fs, struct node *node)
{
	memset(node, 0, sizeof(*node));
	node->ino = fs_super(fs)->s_journal_inum;
	errcode_t code = ext2fs_read_inode_full(fs->e2, node->ino, node_inode(node), sizeof(node->inode));
	fs->io_error = KERN_SUCCESS;
	return !code && is_journal(fs, node);
}

bool journal_inode_is_there(struct fs *fs)
{
	struct node node;
	return read_inode(fs, &node);
}

// Its inode, as it is or as the superblock has it.
static bool find_inode(struct fs *fs, struct node *node)
{
	if (fs_super(fs)->s_journal_inum == 0 || fs_super(fs)->s_journal_inum > fs_super(fs)->s_inodes_count)
		return false;
	fs->journal.from_backup = !read_inode(fs, node);
	if (fs->journal.from_backup && fs_super(fs)->s_jnl_backup_type == EXT3_JNL_BACKUP_BLOCKS)
		take_backup(fs, node);
	return is_journal(fs, node);
}

static kern_return_t collect(struct fs *fs, struct node *node)
{
	struct map_run run;
	uint32_t count = (uint32_t)(node_size(node) >> fs->block_shift);
	free(fs->journal.blocks);
	fs->journal.count = 0;
	fs->journal.blocks = count <= BLOCKS_MAX ? malloc(count * sizeof(*fs->journal.blocks)) : NULL;
	if (!fs->journal.blocks)
		return KERN_RESOURCE_SHORTAGE;
	while (fs->journal.count < count) {
		kern_return_t error = map_find(fs, node, fs->journal.count, &run);
		if (error || run.kind == MAP_HOLE)
			return error ? error : FILE_DAMAGED;
		for (uint32_t i = fs->journal.count - run.first; i < run.count && fs->journal.count < count; i++)
			fs->journal.blocks[fs->journal.count++] = run.block + i;
	}
	return KERN_SUCCESS;
}

kern_return_t journal_inode_open(struct fs *fs, bool *needs_replay, char *reason, size_t size)
{
	static const uint8_t no_uuid[16];
	struct node node;
	const char *why = NULL;
	*needs_replay = false;
	snprintf(reason, size, "it has no journal");
	if (!ext2fs_has_feature_journal(fs_super(fs)))
		return KERN_NOT_FOUND;
	if (fs_super(fs)->s_journal_dev || memcmp(fs_super(fs)->s_journal_uuid, no_uuid, sizeof(no_uuid)) != 0) {
		snprintf(reason, size, "its journal is on another device");
		return KERN_NOT_SUPPORTED;
	}
	if (!find_inode(fs, &node)) {
		snprintf(reason, size, "the inode of its journal makes no sense");
		return FILE_DAMAGED;
	}
	kern_return_t error = collect(fs, &node);
	if (error)
		snprintf(reason, size, "the blocks of its journal: %s", gila_error_text(error));
	else
		error = store_journal_open(fs->store, fs->journal.blocks, fs->journal.count, needs_replay, &why);
	if (error && why)
		snprintf(reason, size, "its journal: %s", why);
	return error;
}

kern_return_t journal_inode_zones(struct fs *fs)
{
	kern_return_t error = KERN_SUCCESS;
	for (uint32_t i = 0; !error && i < fs->journal.count; i++)
		error = zone_add(fs, fs->journal.blocks[i], 1);
	if (!error && !zone_sort(fs))
		error = fs_damaged(fs, "the journal lies over something else");
	return error;
}
