// SPDX-License-Identifier: MIT
// A journal for a file system that has none (mke2fs -t ext2), so that it can be written safely. As `tune2fs -j` does,
// but so that a kill at any point harms nothing:
//
// 1. In blocks that are free the journal's superblock is written, and indirect blocks if the file system has no
//    extents. Nobody refers to them.
// 2. The superblock gets the journal, in one write: feature, inode number, and the copy of its block map. From here on
//    it has one.
// 3. Through that journal: the inode itself, and the bitmaps. A kill before this is repaired at the next mount
//    (journal_inode_repair), or by e2fsck, which finds the journal in the superblock's copy in the same way.
#include "fs.h"

#include <arpa/inet.h>
#include <sys/random.h>

#define RUNS_MAX 64u
#define RUN_LEAST 128u // blocks
#define SEQUENCE_AT 24u // bytes: s_sequence of the journal's superblock (Linux, include/linux/jbd2.h)

struct plan {
	struct span runs[RUNS_MAX]; // free blocks: those of indirect blocks first
	uint32_t run_count, runs_most;
	uint32_t blocks;            // of the journal
	uint32_t needed;            // with the indirect ones
	uint32_t found;
	uint32_t indirect[1100];    // used as indirect blocks; 4 GiB of 1 KiB blocks have 1029 of them at most
	uint32_t indirect_count;
	struct ext2_inode_large inode;
};

// ---- Free blocks ----------------------------------------------------------------------------------------------------

static void note_run(struct plan *plan, uint64_t block, uint32_t length)
{
	if (length < RUN_LEAST || plan->run_count == plan->runs_most)
		return;
	if (length > plan->needed - plan->found)
		length = plan->needed - plan->found;
	plan->runs[plan->run_count++] = (struct span){.block = block, .count = length};
	plan->found += length;
}

static kern_return_t search_group(struct fs *fs, uint32_t group, struct plan *plan)
{
	kern_return_t error = group_load_blocks(fs, group, 0);
	if (error)
		return error;
	const uint8_t *bits = fs->groups[group].blocks;
	uint64_t first = ext2fs_group_first_block2(fs->e2, group);
	uint32_t length = 0, count = (uint32_t)ext2fs_group_blocks_count(fs->e2, group);
	for (uint32_t i = 0; i <= count && plan->found < plan->needed; i++) {
		if (i < count && !(bits[i / 8] >> (i % 8) & 1)) {
			length++;
			continue;
		}
		note_run(plan, first + i - length, length);
		length = 0;
	}
	return KERN_SUCCESS;
}

// Beginning in the middle of the disk, as mke2fs does.
static kern_return_t search_all(struct fs *fs, struct plan *plan)
{
	uint32_t groups = fs->e2->group_desc_count;
	kern_return_t error = KERN_SUCCESS;
	for (uint32_t i = 0; !error && i < groups && plan->found < plan->needed; i++)
		if (ext2fs_bg_free_blocks_count(fs->e2, (groups / 2 + i) % groups) >= RUN_LEAST)
			error = search_group(fs, (groups / 2 + i) % groups, plan);
	return !error && plan->found < plan->needed ? FILE_NO_SPACE : error;
}

static uint32_t indirect_needed(const struct fs *fs, uint32_t blocks)
{
	uint32_t per_block = fs->block_size / 4;
	if (ext2fs_has_feature_extents(fs_super(fs)) || blocks <= EXT2_NDIR_BLOCKS)
		return 0;
	uint32_t behind = blocks - EXT2_NDIR_BLOCKS, count = 1;
	if (behind <= per_block)
		return count;
	behind -= per_block;
	uint32_t singles = (behind + per_block - 1) / per_block;
	return count + 1 + singles + (singles > per_block ? 1 + (singles - per_block + per_block - 1) / per_block : 0);
}

static kern_return_t make_plan(struct fs *fs, struct plan *plan)
{
	int wanted = ext2fs_default_journal_size(fs->blocks);
	kern_return_t error = FILE_NO_SPACE;
	bool extents = ext2fs_has_feature_extents(fs_super(fs));
	for (uint32_t blocks = wanted < 0	? 0
			       : wanted < 32768 ? (uint32_t)wanted
						: 32768;
	     error == FILE_NO_SPACE && blocks >= 1024; blocks /= 2) {
		memset(plan, 0, sizeof(*plan));
		plan->runs_most = extents ? 4 : RUNS_MAX; // so that the inode has room for them all
		plan->blocks = blocks;
		plan->needed = blocks + indirect_needed(fs, blocks);
		if (ext2fs_free_blocks_count(fs_super(fs)) / 2 >= plan->needed)
			error = search_all(fs, plan);
	}
	return error;
}

// Hands out the planned blocks one by one.
static uint64_t next_block(struct plan *plan, uint32_t *taken)
{
	uint32_t at = (*taken)++;
	for (uint32_t i = 0; i < plan->run_count; i++) {
		if (at < plan->runs[i].count)
			return plan->runs[i].block + at;
		at -= (uint32_t)plan->runs[i].count;
	}
	return 0;
}

// ---- Its map --------------------------------------------------------------------------------------------------------

static void map_by_extents(struct plan *plan)
{
	struct ext3_extent_header *header = (void *)plan->inode.i_block;
	struct ext3_extent *extents = EXT_FIRST_EXTENT(header);
	uint32_t logical = 0;
	*header = (struct ext3_extent_header){
		.eh_magic = EXT3_EXT_MAGIC, .eh_entries = (uint16_t)plan->run_count, .eh_max = 4};
	for (uint32_t i = 0; i < plan->run_count; i++) {
		extents[i] = (struct ext3_extent){.ee_block = logical, .ee_len = (uint16_t)plan->runs[i].count,
						  .ee_start = (uint32_t)plan->runs[i].block,
						  .ee_start_hi = (uint16_t)(plan->runs[i].block >> 32)};
		logical += (uint32_t)plan->runs[i].count;
	}
	plan->inode.i_flags = EXT4_EXTENTS_FL;
}

// Fills a pointer of that level with what is left of the journal, and writes the indirect blocks.
static kern_return_t map_below(struct fs *fs, struct plan *plan, uint32_t *pointer, unsigned level, uint32_t *left,
			       uint32_t *taken, uint32_t *taken_indirect)
{
	kern_return_t error = KERN_SUCCESS;
	if (*left == 0)
		return KERN_SUCCESS;
	if (level == 0) {
		(*left)--;
		*pointer = (uint32_t)next_block(plan, taken);
		return KERN_SUCCESS;
	}
	uint32_t *pointers = calloc(1, fs->block_size);
	if (!pointers || plan->indirect_count == sizeof(plan->indirect) / sizeof(plan->indirect[0])) {
		free(pointers);
		return KERN_RESOURCE_SHORTAGE;
	}
	*pointer = plan->indirect[plan->indirect_count++] = (uint32_t)next_block(plan, taken_indirect);
	for (uint32_t i = 0; !error && i < fs->block_size / 4; i++)
		error = map_below(fs, plan, &pointers[i], level - 1, left, taken, taken_indirect);
	if (!error)
		error = store_write(fs->store, *pointer, pointers);
	free(pointers);
	return error;
}

static kern_return_t map_by_pointers(struct fs *fs, struct plan *plan)
{
	uint32_t left = plan->blocks, taken_indirect = 0, taken = indirect_needed(fs, plan->blocks);
	kern_return_t error = KERN_SUCCESS;
	for (unsigned slot = 0; !error && slot < EXT2_N_BLOCKS; slot++)
		error = map_below(fs, plan, &plan->inode.i_block[slot],
				  slot < EXT2_NDIR_BLOCKS ? 0 : slot - EXT2_NDIR_BLOCKS + 1, &left, &taken,
				  &taken_indirect);
	return error;
}

// ---- The steps ------------------------------------------------------------------------------------------------------

static kern_return_t write_journal_super(struct fs *fs, struct plan *plan)
{
	char *block;
	uint32_t taken = ext2fs_has_feature_extents(fs_super(fs)) ? 0 : indirect_needed(fs, plan->blocks), sequence;
	struct ext2fs_journal_params params = {.num_journal_blocks = plan->blocks};
	kern_return_t error = fs_error(fs, ext2fs_create_journal_superblock2(fs->e2, &params, 0, &block),
				       "making a journal", 0);
	if (error)
		return error;
	// Any first number will do. A random one is none that old blocks of a journal may have, so the others need no
	// clearing.
	if (getrandom(&sequence, sizeof(sequence), 0) != sizeof(sequence))
		sequence = (uint32_t)fs_now();
	sequence = htonl(sequence >> 2 | 1);
	memcpy(block + SEQUENCE_AT, &sequence, sizeof(sequence));
	error = store_write(fs->store, next_block(plan, &taken), block);
	free(block);
	return error;
}

static kern_return_t write_super(struct fs *fs, const struct plan *plan)
{
	struct ext2_super_block *super = fs_super(fs);
	if (super->s_rev_level == EXT2_GOOD_OLD_REV)
		ext2fs_update_dynamic_rev(fs->e2);
	ext2fs_set_feature_journal(super);
	ext2fs_set_feature_journal_needs_recovery(super);
	super->s_journal_inum = EXT2_JOURNAL_INO;
	super->s_journal_dev = 0;
	memset(super->s_journal_uuid, 0, sizeof(super->s_journal_uuid));
	memcpy(super->s_jnl_blocks, plan->inode.i_block, sizeof(plan->inode.i_block));
	super->s_jnl_blocks[15] = plan->inode.i_size_high;
	super->s_jnl_blocks[16] = plan->inode.i_size;
	super->s_jnl_backup_type = EXT3_JNL_BACKUP_BLOCKS;
	kern_return_t error = super_write(fs);
	fs->flag_set = !error;
	return error;
}

kern_return_t journal_inode_make(struct fs *fs)
{
	bool needs_replay;
	char reason[128];
	struct plan *plan = malloc(sizeof(*plan));
	kern_return_t error = plan ? make_plan(fs, plan) : KERN_RESOURCE_SHORTAGE;
	if (!error) {
		uint64_t size = (uint64_t)plan->blocks << fs->block_shift;
		plan->inode.i_size = (uint32_t)size;
		plan->inode.i_size_high = (uint32_t)(size >> 32);
		error = write_journal_super(fs, plan);
	}
	if (!error && ext2fs_has_feature_extents(fs_super(fs)))
		map_by_extents(plan);
	else if (!error)
		error = map_by_pointers(fs, plan);
	if (!error)
		error = write_super(fs, plan);
	if (!error)
		gila_logf("%s: made a journal of %u blocks; it had none", fs->seat, plan->blocks);
	free(plan);
	if (!error)
		error = journal_inode_open(fs, &needs_replay, reason, sizeof(reason));
	if (!error)
		error = journal_inode_repair(fs);
	return error ? error : journal_inode_zones(fs);
}

// ---- The inode and the bitmaps --------------------------------------------------------------------------------------

// Takes the indirect blocks below a pointer; not the blocks of the journal themselves.
static kern_return_t take_indirect(struct fs *fs, uint32_t pointer, unsigned level, uint32_t *count)
{
	uint32_t *pointers = pointer && level ? malloc(fs->block_size) : NULL;
	if (!pointer || !level)
		return KERN_SUCCESS;
	kern_return_t error = pointers ? fs_read(fs, pointer, pointers) : KERN_RESOURCE_SHORTAGE;
	for (uint32_t i = 0; !error && i < fs->block_size / 4; i++)
		error = take_indirect(fs, pointers[i], level - 1, count);
	if (!error)
		error = alloc_take(fs, pointer);
	(*count)++;
	free(pointers);
	return error;
}

static kern_return_t put_inode(struct fs *fs, uint32_t blocks)
{
	struct ext2_super_block *super = fs_super(fs);
	struct ext2_inode_large inode = {.i_mode = LINUX_S_IFREG | 0600, .i_links_count = 1};
	uint8_t *whole = calloc(1, fs->inode_size + sizeof(inode));
	if (!whole)
		return KERN_RESOURCE_SHORTAGE;
	memcpy(inode.i_block, super->s_jnl_blocks, sizeof(inode.i_block));
	inode.i_size_high = super->s_jnl_blocks[15];
	inode.i_size = super->s_jnl_blocks[16];
	inode.i_mtime = inode.i_ctime = inode.i_atime = (uint32_t)(fs_now() / 1000000000);
	if (ext2fs_has_feature_extents(super))
		inode.i_flags = EXT4_EXTENTS_FL;
	if (fs->inode_size > EXT2_GOOD_OLD_INODE_SIZE)
		inode.i_extra_isize = sizeof(inode) - EXT2_GOOD_OLD_INODE_SIZE;
	errcode_t code = ext2fs_iblk_set(fs->e2, (struct ext2_inode *)&inode, blocks);
	memcpy(whole, &inode, sizeof(inode));
	if (!code)
		code = ext2fs_write_inode_full(fs->e2, super->s_journal_inum, (struct ext2_inode *)(void *)whole,
					       (int)fs->inode_size);
	free(whole);
	return fs_error(fs, code, "writing the journal's inode", super->s_journal_inum);
}

kern_return_t journal_inode_repair(struct fs *fs)
{
	uint32_t indirect = 0;
	// The inode may be there now: a replay of the journal brings it.
	if (!fs->journal.from_backup || journal_inode_is_there(fs))
		return KERN_SUCCESS;
	kern_return_t error = op_begin(fs);
	if (error)
		return error;
	for (uint32_t i = 0; !error && i < fs->journal.count; i++)
		error = alloc_take(fs, fs->journal.blocks[i]);
	if (!ext2fs_has_feature_extents(fs_super(fs)))
		for (unsigned level = 1; !error && level <= 3; level++)
			error = take_indirect(fs, fs_super(fs)->s_jnl_blocks[EXT2_NDIR_BLOCKS - 1 + level], level,
					      &indirect);
	if (!error)
		error = put_inode(fs, fs->journal.count + indirect);
	fs->op.super_changed = true;
	error = op_finish(fs, error);
	fs->journal.from_backup = error != KERN_SUCCESS;
	return error ? error : fs_commit(fs);
}
