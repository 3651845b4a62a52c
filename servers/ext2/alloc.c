// SPDX-License-Identifier: MIT
// Allocation of blocks and inodes.
//
// To allocate for a file: alloc_blocks near a goal (map_goal). libext2fs allocates the blocks of extent trees through
// alloc_hook's callbacks. All of it is part of the running operation.
// 1. A block that was freed is not given out before the commit that frees it (store_is_free).
// 2. Of a group the free inode with the lowest number is taken, so that what lies behind `itable_unused` may be
//    garbage, as mke2fs leaves it with lazy_itable_init.
#include "fs.h"

static bool bit(const uint8_t *bits, uint32_t at) { return bits[at / 8] >> (at % 8) & 1; }

// The first zero from `at` on; `end` if there is none.
static uint32_t next_zero(const uint8_t *bits, uint32_t at, uint32_t end)
{
	while (at < end) {
		if (at % 64 == 0 && at + 64 <= end) {
			uint64_t word;
			memcpy(&word, bits + at / 8, sizeof(word));
			if (word == UINT64_MAX) {
				at += 64;
				continue;
			}
			return at + (uint32_t)__builtin_ctzll(~word);
		}
		if (!bit(bits, at))
			return at;
		at++;
	}
	return end;
}

static uint64_t first_block(const struct fs *fs, uint32_t group) { return ext2fs_group_first_block2(fs->e2, group); }

// How many blocks are free from there on, up to `most`.
static uint32_t free_length(const struct fs *fs, uint32_t group, uint32_t at, uint32_t end, uint32_t most)
{
	const uint8_t *bits = fs->groups[group].blocks;
	uint64_t first = first_block(fs, group);
	uint32_t length = 0;
	while (length < most && at + length < end && !bit(bits, at + length) &&
	       store_is_free(fs->store, first + at + length))
		length++;
	return length;
}

// A run of at least `least` blocks in [from, end) of the group.
static bool search_group(const struct fs *fs, uint32_t group, uint32_t from, uint32_t end, uint32_t least,
			 uint32_t want, struct span *span)
{
	const uint8_t *bits = fs->groups[group].blocks;
	for (uint32_t at = next_zero(bits, from, end); at < end; at = next_zero(bits, at, end)) {
		uint32_t length = free_length(fs, group, at, end, want);
		if (length >= least) {
			*span = (struct span){.block = first_block(fs, group) + at, .count = length};
			return true;
		}
		at += length ? length : 1;
	}
	return false;
}

static void count_blocks(struct fs *fs, uint32_t group, int64_t change)
{
	ext2fs_bg_free_blocks_count_set(fs->e2, group,
					(uint32_t)((int64_t)ext2fs_bg_free_blocks_count(fs->e2, group) + change));
	ext2fs_free_blocks_count_add(fs_super(fs), (blk64_t)change);
}

static kern_return_t take_blocks(struct fs *fs, uint32_t group, const struct span *span)
{
	kern_return_t error = group_touch(fs, group, GROUP_BLOCKS);
	if (error)
		return error;
	uint32_t at = (uint32_t)(span->block - first_block(fs, group));
	for (uint32_t i = 0; i < span->count; i++)
		fs->groups[group].blocks[(at + i) / 8] |= (uint8_t)(1u << (at + i) % 8);
	ext2fs_bg_flags_clear(fs->e2, group, EXT2_BG_BLOCK_UNINIT);
	count_blocks(fs, group, -(int64_t)span->count);
	return KERN_SUCCESS;
}

// Finds, but does not take. All groups once, beginning behind the goal; the goal's group twice.
static kern_return_t find_blocks(struct fs *fs, uint64_t goal, uint32_t least, uint32_t want, struct span *span)
{
	uint32_t groups = fs->e2->group_desc_count, start = ext2fs_group_of_blk2(fs->e2, goal);
	for (uint32_t i = 0; i <= groups; i++) {
		uint32_t group = (uint32_t)(((uint64_t)start + i) % groups);
		if (ext2fs_bg_free_blocks_count(fs->e2, group) < least)
			continue;
		kern_return_t error = group_load_blocks(fs, group, 0);
		if (error)
			return error;
		uint32_t from = i == 0 ? (uint32_t)(goal - first_block(fs, group)) : 0;
		if (search_group(fs, group, from, (uint32_t)ext2fs_group_blocks_count(fs->e2, group), least, want,
				 span))
			return KERN_SUCCESS;
	}
	return FILE_NO_SPACE;
}

static kern_return_t find_near(struct fs *fs, uint64_t goal, uint32_t want, struct span *span)
{
	if (goal < fs_super(fs)->s_first_data_block || goal >= fs->blocks)
		goal = fs_super(fs)->s_first_data_block;
	uint32_t group = ext2fs_group_of_blk2(fs->e2, goal), at = (uint32_t)(goal - first_block(fs, group));
	kern_return_t error = group_load_blocks(fs, group, 0);
	if (error)
		return error;
	// What goes on where the file ends is best, however short.
	span->count = free_length(fs, group, at, (uint32_t)ext2fs_group_blocks_count(fs->e2, group), want);
	span->block = goal;
	if (span->count)
		return KERN_SUCCESS;
	error = want > 1 ? find_blocks(fs, goal, want < 16 ? want : 16, want, span) : FILE_NO_SPACE;
	return error == FILE_NO_SPACE ? find_blocks(fs, goal, 1, want, span) : error;
}

kern_return_t alloc_blocks(struct fs *fs, uint64_t goal, uint32_t want, struct span *span)
{
	kern_return_t error = find_near(fs, goal, want, span);
	return error ? error : take_blocks(fs, ext2fs_group_of_blk2(fs->e2, span->block), span);
}

kern_return_t alloc_take(struct fs *fs, uint64_t block)
{
	struct span span = {.block = block, .count = 1};
	uint32_t group = ext2fs_group_of_blk2(fs->e2, block);
	kern_return_t error = group_load_blocks(fs, group, 0);
	if (!error && bit(fs->groups[group].blocks, (uint32_t)(block - first_block(fs, group))))
		error = fs_damaged(fs, "block %llu is used twice", (unsigned long long)block);
	return error ? error : take_blocks(fs, group, &span);
}

// Part of a range, within one group.
static kern_return_t free_part(struct fs *fs, uint32_t group, uint32_t at, uint32_t count)
{
	kern_return_t error = group_load_blocks(fs, group, 0);
	if (!error)
		error = group_touch(fs, group, GROUP_BLOCKS);
	if (error)
		return error;
	uint8_t *bits = fs->groups[group].blocks;
	for (uint32_t i = at; i < at + count; i++) {
		if (!bit(bits, i))
			return fs_damaged(fs, "block %llu is freed twice",
					  (unsigned long long)(first_block(fs, group) + i));
		bits[i / 8] &= (uint8_t)~(1u << i % 8);
	}
	count_blocks(fs, group, count);
	return op_free(fs, first_block(fs, group) + at, count);
}

kern_return_t alloc_free(struct fs *fs, uint64_t block, uint64_t count)
{
	if (block < fs_super(fs)->s_first_data_block || block >= fs->blocks || count > fs->blocks - block ||
	    zone_has(fs, block, count))
		return fs_damaged(fs, "a file has the blocks from %llu on", (unsigned long long)block);
	kern_return_t error = KERN_SUCCESS;
	while (!error && count > 0) {
		uint32_t group = ext2fs_group_of_blk2(fs->e2, block), at = (uint32_t)(block - first_block(fs, group));
		uint64_t part = (uint64_t)ext2fs_group_blocks_count(fs->e2, group) - at;
		if (part > count)
			part = count;
		error = free_part(fs, group, at, (uint32_t)part);
		block += part, count -= part;
	}
	return error;
}

// ---- What libext2fs allocates and frees -----------------------------------------------------------------------------

static errcode_t hook_find(ext2_filsys e2, blk64_t goal, blk64_t *block, struct blk_alloc_ctx *context)
{
	struct fs *fs = e2->priv_data;
	struct span span = {0};
	kern_return_t error = find_near(fs, goal, 1, &span);
	*block = span.block;
	if (!error)
		return 0;
	fs->io_error = error;
	return error == FILE_NO_SPACE ? EXT2_ET_BLOCK_ALLOC_FAIL : EXT2_ET_BLOCK_BITMAP_READ;
}

// libext2fs has changed the counts already.
static kern_return_t hook_taken(struct fs *fs, uint64_t block, int in_use)
{
	uint32_t group = ext2fs_group_of_blk2(fs->e2, block), at = (uint32_t)(block - first_block(fs, group));
	// First: its descriptor is changed, whatever comes now.
	kern_return_t error = group_touch(fs, group, GROUP_BLOCKS);
	if (!error)
		error = group_load_blocks(fs, group, in_use > 0 ? 1 : -1);
	if (error)
		return error;
	uint8_t *bits = fs->groups[group].blocks;
	if (bit(bits, at) == (in_use > 0) || zone_has(fs, block, 1))
		return fs_damaged(fs, "block %llu is %s", (unsigned long long)block,
				  in_use > 0 ? "used twice" : "freed, and is no file's");
	bits[at / 8] ^= (uint8_t)(1u << at % 8);
	return in_use > 0 ? KERN_SUCCESS : op_free(fs, block, 1);
}

static void hook_stats(ext2_filsys e2, blk64_t block, int in_use)
{
	struct fs *fs = e2->priv_data;
	kern_return_t error = hook_taken(fs, block, in_use);
	if (error && !fs->op.error)
		fs->op.error = error;
}

void alloc_hook(struct fs *fs)
{
	fs->e2->priv_data = fs;
	fs->e2->get_alloc_block2 = hook_find;
	fs->e2->block_alloc_stats = hook_stats;
}

// ---- Inodes ---------------------------------------------------------------------------------------------------------

static uint32_t group_of_inode(const struct fs *fs, ext2_ino_t ino)
{
	return (ino - 1) / fs_super(fs)->s_inodes_per_group;
}

// For a directory below the root: where there is most room, so that trees spread. For all else: near its directory.
static uint32_t start_group(struct fs *fs, ext2_ino_t parent, bool is_directory)
{
	uint32_t best = group_of_inode(fs, parent), most = 0;
	if (!is_directory || parent != EXT2_ROOT_INO)
		return best;
	for (uint32_t g = 0; g < fs->e2->group_desc_count; g++) {
		uint32_t room = ext2fs_bg_free_blocks_count(fs->e2, g);
		if (room > most && ext2fs_bg_free_inodes_count(fs->e2, g)) {
			most = room;
			best = g;
		}
	}
	return best;
}

static void count_inode(struct fs *fs, uint32_t group, int change, bool is_directory)
{
	ext2fs_bg_free_inodes_count_set(fs->e2, group, ext2fs_bg_free_inodes_count(fs->e2, group) + (uint32_t)change);
	if (is_directory)
		ext2fs_bg_used_dirs_count_set(fs->e2, group,
					      ext2fs_bg_used_dirs_count(fs->e2, group) - (uint32_t)change);
	fs_super(fs)->s_free_inodes_count += (uint32_t)change;
}

static kern_return_t take_inode(struct fs *fs, uint32_t group, uint32_t at, bool is_directory)
{
	kern_return_t error = group_touch(fs, group, GROUP_INODES);
	if (error)
		return error;
	fs->groups[group].inodes[at / 8] |= (uint8_t)(1u << at % 8);
	count_inode(fs, group, -1, is_directory);
	ext2fs_bg_flags_clear(fs->e2, group, EXT2_BG_INODE_UNINIT);
	uint32_t behind = fs_super(fs)->s_inodes_per_group - at - 1;
	if (ext2fs_has_group_desc_csum(fs->e2) && ext2fs_bg_itable_unused(fs->e2, group) > behind)
		ext2fs_bg_itable_unused_set(fs->e2, group, behind);
	return KERN_SUCCESS;
}

kern_return_t alloc_inode(struct fs *fs, ext2_ino_t parent, bool is_directory, ext2_ino_t *ino)
{
	uint32_t groups = fs->e2->group_desc_count, start = start_group(fs, parent, is_directory);
	uint32_t inodes = fs_super(fs)->s_inodes_per_group;
	for (uint32_t i = 0; i < groups; i++) {
		uint32_t group = (uint32_t)(((uint64_t)start + i) % groups);
		if (!ext2fs_bg_free_inodes_count(fs->e2, group))
			continue;
		kern_return_t error = group_load_inodes(fs, group);
		if (error)
			return error;
		uint32_t first = group == 0 ? EXT2_FIRST_INO(fs_super(fs)) - 1 : 0;
		uint32_t at = next_zero(fs->groups[group].inodes, first, inodes);
		if (at >= inodes)
			continue;
		*ino = group * inodes + at + 1;
		return take_inode(fs, group, at, is_directory);
	}
	return FILE_NO_SPACE;
}

kern_return_t alloc_inode_used(struct fs *fs, ext2_ino_t ino, bool *used)
{
	uint32_t group = group_of_inode(fs, ino);
	kern_return_t error = group_load_inodes(fs, group);
	*used = !error && bit(fs->groups[group].inodes, (ino - 1) % fs_super(fs)->s_inodes_per_group);
	return error;
}

kern_return_t alloc_free_inode(struct fs *fs, ext2_ino_t ino, bool is_directory)
{
	bool used;
	uint32_t group = group_of_inode(fs, ino), at = (ino - 1) % fs_super(fs)->s_inodes_per_group;
	kern_return_t error = alloc_inode_used(fs, ino, &used);
	if (!error && !used)
		error = fs_damaged(fs, "inode %u is freed twice", ino);
	if (!error)
		error = group_touch(fs, group, GROUP_INODES);
	if (error)
		return error;
	fs->groups[group].inodes[at / 8] &= (uint8_t)~(1u << at % 8);
	count_inode(fs, group, 1, is_directory);
	return KERN_SUCCESS;
}
