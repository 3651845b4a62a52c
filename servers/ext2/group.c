// SPDX-License-Identifier: MIT
// Block groups: their bitmaps, read when they are first needed, and the zones of blocks that belong to no file.
//
// The counts of free blocks and inodes live in libext2fs's group descriptors. What an operation touches is put when it
// ends (group_flush): a bitmap with its checksum, and the block of descriptors it belongs to.
// 1. A bitmap that was read has its checksum right, as many free as its descriptor says, and all zones in it in use.
// 2. Bits behind the last block or inode of a group are set, as Linux and e2fsck want them.
#include "fs.h"

static uint32_t group_blocks(const struct fs *fs, uint32_t group)
{
	return (uint32_t)ext2fs_group_blocks_count(fs->e2, group);
}
static uint32_t group_inodes(const struct fs *fs) { return fs_super(fs)->s_inodes_per_group; }

// ---- Zones ----------------------------------------------------------------------------------------------------------

kern_return_t zone_add(struct fs *fs, uint64_t block, uint64_t count)
{
	struct span *last = fs->zone_count ? &fs->zones[fs->zone_count - 1] : NULL;
	if (count == 0)
		return KERN_SUCCESS;
	if (last && last->block + last->count == block) {
		last->count += count;
		return KERN_SUCCESS;
	}
	if ((fs->zone_count & (fs->zone_count - 1)) == 0) { // a power of two: it is full
		size_t room = fs->zone_count ? fs->zone_count * 2 : 1;
		struct span *more = realloc(fs->zones, room * sizeof(*more));
		if (!more)
			return KERN_RESOURCE_SHORTAGE;
		fs->zones = more;
	}
	fs->zones[fs->zone_count++] = (struct span){.block = block, .count = count};
	return KERN_SUCCESS;
}

static int by_block(const void *a, const void *b)
{
	const struct span *left = a, *right = b;
	return left->block < right->block ? -1 : left->block > right->block;
}

bool zone_sort(struct fs *fs)
{
	size_t kept = 0;
	qsort(fs->zones, fs->zone_count, sizeof(*fs->zones), by_block);
	for (size_t i = 1; i < fs->zone_count; i++) {
		struct span *last = &fs->zones[kept];
		if (fs->zones[i].block < last->block + last->count)
			return false;
		if (fs->zones[i].block == last->block + last->count)
			last->count += fs->zones[i].count;
		else
			fs->zones[++kept] = fs->zones[i];
	}
	fs->zone_count = fs->zone_count ? kept + 1 : 0;
	return true;
}

// The first zone that ends behind the block.
static size_t zone_at(const struct fs *fs, uint64_t block)
{
	size_t low = 0, high = fs->zone_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (fs->zones[middle].block + fs->zones[middle].count <= block)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool zone_has(const struct fs *fs, uint64_t block, uint64_t count)
{
	size_t i = zone_at(fs, block);
	return i < fs->zone_count && fs->zones[i].block < block + count;
}

// Superblock and descriptors of a group, as ext2fs_reserve_super_and_bgd counts them.
static kern_return_t add_copies(struct fs *fs, uint32_t group)
{
	struct ext2_super_block *super = fs_super(fs);
	blk64_t copy, old_descriptors, new_descriptors;
	uint64_t old_count = ext2fs_has_feature_meta_bg(super) ? super->s_first_meta_bg
								: fs->e2->desc_blocks + super->s_reserved_gdt_blocks;
	(void)ext2fs_super_and_bgd_loc2(fs->e2, group, &copy, &old_descriptors, &new_descriptors, NULL);
	kern_return_t error = copy || group == 0 ? zone_add(fs, copy, 1) : KERN_SUCCESS;
	if (!error && old_descriptors)
		error = zone_add(fs, old_descriptors, old_count);
	return error || !new_descriptors ? error : zone_add(fs, new_descriptors, 1);
}

static kern_return_t add_tables(struct fs *fs, int kind)
{
	kern_return_t error = KERN_SUCCESS;
	for (uint32_t g = 0; !error && g < fs->e2->group_desc_count; g++) {
		uint64_t block = kind == 0 ? ext2fs_block_bitmap_loc(fs->e2, g)
			       : kind == 1 ? ext2fs_inode_bitmap_loc(fs->e2, g)
					   : ext2fs_inode_table_loc(fs->e2, g);
		uint64_t count = kind == 2 ? fs->e2->inode_blocks_per_group : 1;
		if (block < fs_super(fs)->s_first_data_block || block >= fs->blocks || count > fs->blocks - block)
			return fs_damaged(fs, "group %u: its %s lies at block %llu", g,
					  kind == 2 ? "inode table" : "bitmap", (unsigned long long)block);
		error = zone_add(fs, block, count);
	}
	return error;
}

kern_return_t group_open(struct fs *fs)
{
	kern_return_t error = KERN_SUCCESS;
	fs->groups = calloc(fs->e2->group_desc_count, sizeof(*fs->groups));
	if (!fs->groups)
		return KERN_RESOURCE_SHORTAGE;
	if (fs_super(fs)->s_first_data_block)
		error = zone_add(fs, 0, 1); // the boot block
	for (uint32_t g = 0; !error && g < fs->e2->group_desc_count; g++)
		if (ext2fs_bg_has_super(fs->e2, (int)g) || ext2fs_has_feature_meta_bg(fs_super(fs)))
			error = add_copies(fs, g);
	for (int kind = 0; !error && kind < 3; kind++)
		error = add_tables(fs, kind);
	if (!error && !zone_sort(fs))
		error = fs_damaged(fs, "bitmaps or inode tables overlap");
	return error;
}

void group_close(struct fs *fs)
{
	for (uint32_t g = 0; fs->groups && g < fs->e2->group_desc_count; g++) {
		free(fs->groups[g].blocks);
		free(fs->groups[g].inodes);
	}
	free(fs->groups);
	free(fs->zones);
	fs->groups = NULL;
	fs->zones = NULL;
	fs->zone_count = 0;
}

// ---- Bitmaps --------------------------------------------------------------------------------------------------------

static uint32_t count_zeros(const uint8_t *bits, uint32_t count)
{
	uint32_t ones = 0;
	for (uint32_t i = 0; i + 64 <= count; i += 64) {
		uint64_t word;
		memcpy(&word, bits + i / 8, sizeof(word));
		ones += (uint32_t)__builtin_popcountll(word);
	}
	for (uint32_t i = count / 64 * 64; i < count; i++)
		ones += bits[i / 8] >> (i % 8) & 1;
	return count - ones;
}

static void set_bits(uint8_t *bits, uint32_t from, uint32_t end)
{
	for (; from < end && from % 8; from++)
		bits[from / 8] |= (uint8_t)(1u << from % 8);
	if (from < end)
		memset(bits + from / 8, 0xff, (end - from) / 8);
	for (from += (end - from) / 8 * 8; from < end; from++)
		bits[from / 8] |= (uint8_t)(1u << from % 8);
}

// Whether the zones in the group are in use; `mark`: now they are.
static bool zones_used(struct fs *fs, uint32_t group, uint8_t *bits, bool mark)
{
	uint64_t first = ext2fs_group_first_block2(fs->e2, group), end = first + group_blocks(fs, group);
	for (size_t i = zone_at(fs, first); i < fs->zone_count && fs->zones[i].block < end; i++) {
		uint64_t from = fs->zones[i].block > first ? fs->zones[i].block : first;
		uint64_t to = fs->zones[i].block + fs->zones[i].count;
		if (to > end)
			to = end;
		if (mark)
			set_bits(bits, (uint32_t)(from - first), (uint32_t)(to - first));
		for (uint64_t b = from - first; b < to - first; b++)
			if (!(bits[b / 8] >> (b % 8) & 1))
				return false;
	}
	return true;
}

static bool is_unused(const struct fs *fs, uint32_t group, uint16_t flag)
{
	return ext2fs_has_group_desc_csum(fs->e2) && ext2fs_bg_flags_test(fs->e2, group, flag);
}

// When it is first looked at; afterwards its counts may be ahead of its checksum.
static kern_return_t check_descriptor(struct fs *fs, uint32_t group)
{
	const struct group *g = &fs->groups[group];
	if (!g->blocks && !g->inodes && !g->touched && !ext2fs_group_desc_csum_verify(fs->e2, group))
		return fs_damaged(fs, "group %u: wrong checksum of its descriptor", group);
	return KERN_SUCCESS;
}

static kern_return_t check_blocks(struct fs *fs, uint32_t group, uint8_t *bits, int32_t change)
{
	uint32_t free_blocks = count_zeros(bits, group_blocks(fs, group));
	if (!zones_used(fs, group, bits, false))
		return fs_damaged(fs, "group %u: blocks of bitmaps or inode tables count as free", group);
	if ((int64_t)free_blocks - change != (int64_t)ext2fs_bg_free_blocks_count(fs->e2, group))
		return fs_damaged(fs, "group %u: %u blocks are free, its descriptor says %u", group, free_blocks,
				  ext2fs_bg_free_blocks_count(fs->e2, group));
	return KERN_SUCCESS;
}

kern_return_t group_load_blocks(struct fs *fs, uint32_t group, int32_t change)
{
	if (fs->groups[group].blocks)
		return KERN_SUCCESS;
	kern_return_t error = check_descriptor(fs, group);
	uint8_t *bits = error ? NULL : calloc(1, fs->block_size);
	if (!bits)
		return error ? error : KERN_RESOURCE_SHORTAGE;
	if (is_unused(fs, group, EXT2_BG_BLOCK_UNINIT)) {
		(void)zones_used(fs, group, bits, true);
	} else {
		error = fs_read(fs, ext2fs_block_bitmap_loc(fs->e2, group), bits);
		if (!error && !ext2fs_block_bitmap_csum_verify(fs->e2, group, (char *)bits,
							       (int)fs_super(fs)->s_blocks_per_group / 8))
			error = fs_damaged(fs, "group %u: wrong checksum of its block bitmap", group);
	}
	if (!error)
		error = check_blocks(fs, group, bits, change);
	if (error) {
		free(bits);
		return error;
	}
	set_bits(bits, group_blocks(fs, group), fs->block_size * 8);
	fs->groups[group].blocks = bits;
	return KERN_SUCCESS;
}

kern_return_t group_load_inodes(struct fs *fs, uint32_t group)
{
	uint32_t count = group_inodes(fs);
	if (fs->groups[group].inodes)
		return KERN_SUCCESS;
	kern_return_t error = check_descriptor(fs, group);
	uint8_t *bits = error ? NULL : calloc(1, fs->block_size);
	if (!bits)
		return error ? error : KERN_RESOURCE_SHORTAGE;
	if (!is_unused(fs, group, EXT2_BG_INODE_UNINIT)) {
		error = fs_read(fs, ext2fs_inode_bitmap_loc(fs->e2, group), bits);
		if (!error && !ext2fs_inode_bitmap_csum_verify(fs->e2, group, (char *)bits, (int)count / 8))
			error = fs_damaged(fs, "group %u: wrong checksum of its inode bitmap", group);
	}
	if (!error && count_zeros(bits, count) != ext2fs_bg_free_inodes_count(fs->e2, group))
		error = fs_damaged(fs, "group %u: %u inodes are free, its descriptor says %u", group,
				   count_zeros(bits, count), ext2fs_bg_free_inodes_count(fs->e2, group));
	if (error) {
		free(bits);
		return error;
	}
	set_bits(bits, count, fs->block_size * 8);
	fs->groups[group].inodes = bits;
	return KERN_SUCCESS;
}

// ---- What an operation touches --------------------------------------------------------------------------------------

kern_return_t group_touch(struct fs *fs, uint32_t group, enum group_touched what)
{
	struct group *g = &fs->groups[group];
	if (fs->op.state != OP_RUNNING)
		return FILE_READ_ONLY;
	if (!(g->touched & GROUP_LISTED)) {
		if (fs->op.group_count == OP_GROUPS)
			return KERN_RESOURCE_SHORTAGE;
		fs->op.groups[fs->op.group_count++] = group;
	}
	g->touched |= (uint8_t)(what | GROUP_LISTED);
	return KERN_SUCCESS;
}

static uint32_t descriptor_block(const struct fs *fs, uint32_t group)
{
	return group / EXT2_DESC_PER_BLOCK(fs_super(fs));
}

static kern_return_t put_bitmaps(struct fs *fs, uint32_t group)
{
	struct group *g = &fs->groups[group];
	kern_return_t error = KERN_SUCCESS;
	if ((g->touched & GROUP_BLOCKS) && g->blocks) {
		(void)ext2fs_block_bitmap_csum_set(fs->e2, group, (char *)g->blocks,
						   (int)fs_super(fs)->s_blocks_per_group / 8);
		error = op_put(fs, ext2fs_block_bitmap_loc(fs->e2, group), g->blocks);
	}
	if (!error && (g->touched & GROUP_INODES) && g->inodes) {
		(void)ext2fs_inode_bitmap_csum_set(fs->e2, group, (char *)g->inodes, (int)group_inodes(fs) / 8);
		error = op_put(fs, ext2fs_inode_bitmap_loc(fs->e2, group), g->inodes);
	}
	ext2fs_group_desc_csum_set(fs->e2, group);
	return error;
}

kern_return_t group_flush(struct fs *fs)
{
	kern_return_t error = KERN_SUCCESS;
	for (uint32_t i = 0; !error && i < fs->op.group_count; i++)
		error = put_bitmaps(fs, fs->op.groups[i]);
	for (uint32_t i = 0; !error && i < fs->op.group_count; i++) {
		uint32_t block = descriptor_block(fs, fs->op.groups[i]);
		bool again = false;
		for (uint32_t j = 0; j < i; j++)
			again |= descriptor_block(fs, fs->op.groups[j]) == block;
		if (!again)
			error = op_put(fs,
				       ext2fs_descriptor_block_loc2(fs->e2, fs_super(fs)->s_first_data_block, block),
				       (char *)fs->e2->group_desc + (size_t)block * fs->block_size);
	}
	for (uint32_t i = 0; !error && i < fs->op.group_count; i++)
		fs->groups[fs->op.groups[i]].touched = 0;
	return error;
}

void group_forget(struct fs *fs)
{
	for (uint32_t i = 0; i < fs->op.group_count; i++) {
		struct group *g = &fs->groups[fs->op.groups[i]];
		uint32_t block = descriptor_block(fs, fs->op.groups[i]);
		free(g->blocks);
		free(g->inodes);
		*g = (struct group){0};
		if (fs_read(fs, ext2fs_descriptor_block_loc2(fs->e2, fs_super(fs)->s_first_data_block, block),
			    (char *)fs->e2->group_desc + (size_t)block * fs->block_size))
			fs_enter(fs, FS_FAILED, "group descriptors cannot be read any more");
	}
	fs->op.group_count = 0;
}
