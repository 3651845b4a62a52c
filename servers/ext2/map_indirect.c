// SPDX-License-Identifier: MIT
// Block maps with indirect blocks (ext2, ext3): twelve blocks in the inode, then one, two and three levels of blocks of
// block numbers (Linux, Documentation/filesystems/ext4/ifork.rst, "Direct/Indirect Block Addressing").
#include "fs.h"

static uint32_t per_block(const struct fs *fs) { return fs->block_size / 4; }
// Blocks of the file below a pointer of that level (0: a block of contents).
static uint64_t reach(const struct fs *fs, unsigned level) { return UINT64_C(1) << (fs->block_shift - 2) * level; }

uint64_t indirect_blocks_max(const struct fs *fs)
{
	return EXT2_NDIR_BLOCKS + reach(fs, 1) + reach(fs, 2) + reach(fs, 3);
}

// The pointer of the inode under which a block lies: which one, how many levels are below it, and its first block.
struct root {
	unsigned slot, level;
	uint64_t first;
};

static bool root_of(const struct fs *fs, uint32_t logical, struct root *root)
{
	*root = (struct root){.slot = logical, .first = logical};
	if (logical < EXT2_NDIR_BLOCKS)
		return true;
	uint64_t first = EXT2_NDIR_BLOCKS;
	for (unsigned level = 1; level <= 3; level++) {
		if (logical < first + reach(fs, level)) {
			*root = (struct root){.slot = EXT2_NDIR_BLOCKS - 1 + level, .level = level, .first = first};
			return true;
		}
		first += reach(fs, level);
	}
	return false;
}

static kern_return_t load(struct fs *fs, struct node *node, uint32_t block, uint32_t *pointers)
{
	kern_return_t error = map_check_block(fs, node, block, 1);
	return error ? error : fs_read(fs, block, pointers);
}

// The run of pointers that belong together from `at` on.
static struct map_run run_of(const uint32_t *pointers, uint32_t at, uint32_t end, uint32_t logical)
{
	struct map_run run = {
		.first = logical, .count = 1, .block = pointers[at], .kind = pointers[at] ? MAP_WRITTEN : MAP_HOLE};
	while (at + run.count < end && pointers[at + run.count] == (pointers[at] ? pointers[at] + run.count : 0))
		run.count++;
	return run;
}

kern_return_t indirect_find(struct fs *fs, struct node *node, uint32_t logical, struct map_run *run)
{
	struct root root;
	if (!root_of(fs, logical, &root)) {
		*run = (struct map_run){.first = logical, .count = MAP_END - logical, .kind = MAP_HOLE};
		return KERN_SUCCESS;
	}
	if (root.level == 0) {
		*run = run_of(node->inode.i_block, logical, EXT2_NDIR_BLOCKS, logical);
		return KERN_SUCCESS;
	}
	uint32_t *pointers = (uint32_t *)(void *)fs->scratch, pointer = node->inode.i_block[root.slot];
	uint64_t first = root.first;
	for (unsigned level = root.level; level > 0; level--) {
		if (!pointer) {
			uint64_t end = first + reach(fs, level);
			*run = (struct map_run){.first = (uint32_t)first, .kind = MAP_HOLE};
			run->count = (uint32_t)((end < MAP_END ? end : MAP_END) - first);
			return KERN_SUCCESS;
		}
		kern_return_t error = load(fs, node, pointer, pointers);
		if (error)
			return error;
		uint32_t at = (uint32_t)((logical - first) / reach(fs, level - 1));
		first += at * reach(fs, level - 1);
		pointer = pointers[at];
		if (level == 1)
			*run = run_of(pointers, at, per_block(fs), logical);
	}
	return KERN_SUCCESS;
}

// ---- Changing -------------------------------------------------------------------------------------------------------

// A block of pointers for `*pointer`, if it has none.
static kern_return_t ensure(struct fs *fs, struct node *node, uint32_t *pointer, uint64_t goal, bool *made)
{
	struct span span;
	*made = false;
	if (*pointer)
		return KERN_SUCCESS;
	kern_return_t error = alloc_blocks(fs, goal, 1, &span);
	if (!error && span.block > UINT32_MAX)
		error = FILE_NO_SPACE; // such a file can only have the first 2^32 blocks
	if (!error)
		error = fs_error(fs, ext2fs_iblk_add_blocks(fs->e2, node_inode(node), 1), "counting blocks", node->ino);
	if (error)
		return error;
	*pointer = (uint32_t)span.block;
	*made = true;
	return KERN_SUCCESS;
}

// Sets pointers below `*pointer`, of that level, for the part of the span that lies there. `offset`: from its first
// block.
static kern_return_t set_below(struct fs *fs, struct node *node, uint32_t *pointer, unsigned level, uint64_t offset,
			       struct span span)
{
	bool made;
	uint32_t *pointers = malloc(fs->block_size);
	kern_return_t error = pointers ? ensure(fs, node, pointer, span.block, &made) : KERN_RESOURCE_SHORTAGE;
	if (!error && made)
		memset(pointers, 0, fs->block_size);
	else if (!error)
		error = load(fs, node, *pointer, pointers);
	uint64_t unit = reach(fs, level - 1);
	while (!error && span.count > 0) {
		uint32_t at = (uint32_t)(offset / unit);
		uint64_t part = unit - offset % unit;
		if (part > span.count)
			part = span.count;
		if (level == 1)
			pointers[at] = (uint32_t)span.block;
		else
			error = set_below(fs, node, &pointers[at], level - 1, offset % unit,
					  (struct span){.block = span.block, .count = part});
		offset += part, span.block += part, span.count -= part;
	}
	if (!error)
		error = op_put(fs, *pointer, pointers);
	free(pointers);
	return error;
}

kern_return_t indirect_set(struct fs *fs, struct node *node, uint32_t logical, struct span span)
{
	kern_return_t error = KERN_SUCCESS;
	struct root root;
	if (span.block + span.count - 1 > UINT32_MAX)
		return FILE_NO_SPACE;
	while (!error && span.count > 0) {
		if (!root_of(fs, logical, &root))
			return FILE_TOO_LARGE;
		uint64_t part = root.first + reach(fs, root.level) - logical;
		if (part > span.count)
			part = span.count;
		if (root.level == 0)
			node->inode.i_block[root.slot] = (uint32_t)span.block;
		else
			error = set_below(fs, node, &node->inode.i_block[root.slot], root.level, logical - root.first,
					  (struct span){.block = span.block, .count = part});
		logical += (uint32_t)part, span.block += part, span.count -= part;
	}
	return error;
}

// ---- Cutting off ----------------------------------------------------------------------------------------------------

static kern_return_t release(struct fs *fs, struct node *node, uint32_t *pointer)
{
	kern_return_t error = fs_error(fs, ext2fs_iblk_sub_blocks(fs->e2, node_inode(node), 1), "counting blocks",
				       node->ino);
	if (!error)
		error = alloc_free(fs, *pointer, 1);
	*pointer = 0;
	return error;
}

// From the end to `from` (counted from the pointer's first block), the pointer itself if nothing is left below it.
// *done: all of it.
static kern_return_t cut_below(struct fs *fs, struct node *node, uint32_t *pointer, unsigned level, uint64_t from,
			       bool *done)
{
	kern_return_t error = KERN_SUCCESS;
	*done = true;
	if (!*pointer)
		return KERN_SUCCESS;
	if (level == 0)
		return release(fs, node, pointer);
	uint32_t *pointers = malloc(fs->block_size);
	if (!pointers)
		return KERN_RESOURCE_SHORTAGE;
	error = load(fs, node, *pointer, pointers);
	uint64_t unit = reach(fs, level - 1);
	bool changed = false;
	for (uint32_t at = per_block(fs); !error && *done && at-- > 0 && (at + 1) * unit > from;) {
		if (!pointers[at])
			continue;
		if (op_full(fs)) {
			*done = false;
			break;
		}
		error = cut_below(fs, node, &pointers[at], level - 1, from > at * unit ? from - at * unit : 0, done);
		changed = true;
	}
	if (!error && *done && from == 0)
		error = release(fs, node, pointer);
	else if (!error && changed)
		error = op_put(fs, *pointer, pointers);
	free(pointers);
	return error;
}

kern_return_t indirect_cut(struct fs *fs, struct node *node, uint32_t first, bool *done)
{
	kern_return_t error = KERN_SUCCESS;
	uint64_t start[EXT2_N_BLOCKS];
	uint64_t begin = 0;
	for (unsigned slot = 0; slot < EXT2_N_BLOCKS; slot++) {
		start[slot] = begin;
		begin += reach(fs, slot < EXT2_NDIR_BLOCKS ? 0 : slot - EXT2_NDIR_BLOCKS + 1);
	}
	*done = true;
	for (unsigned slot = EXT2_N_BLOCKS; !error && *done && slot-- > 0;) {
		unsigned level = slot < EXT2_NDIR_BLOCKS ? 0 : slot - EXT2_NDIR_BLOCKS + 1;
		if (start[slot] + reach(fs, level) <= first || !node->inode.i_block[slot])
			continue;
		error = cut_below(fs, node, &node->inode.i_block[slot], level,
				  first > start[slot] ? first - start[slot] : 0, done);
	}
	return error;
}
