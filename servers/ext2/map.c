// SPDX-License-Identifier: MIT
// Where the contents of a file lie: runs of blocks, found and changed in its extent tree (map_extent.c) or its indirect
// blocks (map_indirect.c), of which each node keeps the last few that were found.
//
// Whatever is found is checked here: blocks of the disk that a file cannot have are damage, also for reading.
#include "fs.h"

static bool has_extents(const struct node *node) { return node->inode.i_flags & EXT4_EXTENTS_FL; }

kern_return_t map_check_block(struct fs *fs, const struct node *node, uint64_t block, uint64_t count)
{
	if (block < fs_super(fs)->s_first_data_block || block >= fs->blocks || count > fs->blocks - block)
		return fs_damaged(fs, "inode %u has the blocks from %llu on, which do not exist", node->ino,
				  (unsigned long long)block);
	// The journal's own blocks are a zone as soon as it is open.
	if (node->ino >= EXT2_FIRST_INO(fs_super(fs)) || node->ino == EXT2_ROOT_INO)
		if (zone_has(fs, block, count))
			return fs_damaged(fs, "inode %u has the blocks from %llu on, which are no file's", node->ino,
					  (unsigned long long)block);
	return KERN_SUCCESS;
}

kern_return_t map_find(struct fs *fs, struct node *node, uint32_t logical, struct map_run *run)
{
	for (uint32_t i = 0; i < NODE_RUNS; i++) {
		if (logical - node->runs[i].first < node->runs[i].count) {
			*run = node->runs[i];
			return KERN_SUCCESS;
		}
	}
	kern_return_t error = has_extents(node) ? extent_find(fs, node, logical, run)
						: indirect_find(fs, node, logical, run);
	if (!error && run->kind != MAP_HOLE)
		error = map_check_block(fs, node, run->block, run->count);
	if (error)
		return error;
	node->runs[node->run_next] = *run;
	node->run_next = (node->run_next + 1) % NODE_RUNS;
	return KERN_SUCCESS;
}

kern_return_t map_fill(struct fs *fs, struct node *node, uint32_t logical, struct span span)
{
	kern_return_t error = has_extents(node) ? extent_fill(fs, node, logical, span)
						: indirect_set(fs, node, logical, span);
	node_unmap(node);
	if (!error)
		error = fs_error(fs, ext2fs_iblk_add_blocks(fs->e2, node_inode(node), span.count), "counting blocks",
				 node->ino);
	return error;
}

kern_return_t map_written(struct fs *fs, struct node *node, uint32_t logical, uint32_t count)
{
	kern_return_t error = extent_written(fs, node, logical, count); // only extents can be unwritten
	node_unmap(node);
	return error;
}

kern_return_t map_cut(struct fs *fs, struct node *node, uint32_t first, bool *done)
{
	kern_return_t error = has_extents(node) ? extent_cut(fs, node, first, done)
						: indirect_cut(fs, node, first, done);
	node_unmap(node);
	return error;
}

kern_return_t map_move(struct fs *fs, struct node *node, uint32_t logical, uint64_t block)
{
	struct span span = {.block = block, .count = 1};
	kern_return_t error = has_extents(node) ? extent_move(fs, node, logical, block)
						: indirect_set(fs, node, logical, span);
	node_unmap(node);
	return error;
}

uint64_t map_goal(struct fs *fs, struct node *node, uint32_t logical)
{
	struct map_run run;
	if (logical > 0 && !map_find(fs, node, logical - 1, &run) && run.kind != MAP_HOLE)
		return run.block + (logical - run.first);
	return ext2fs_group_first_block2(fs->e2, (node->ino - 1) / fs_super(fs)->s_inodes_per_group);
}

uint64_t map_size_max(const struct fs *fs, const struct node *node)
{
	uint64_t most = has_extents(node) ? MAP_END : indirect_blocks_max(fs);
	if (most > MAP_END)
		most = MAP_END;
	return most << fs->block_shift;
}
