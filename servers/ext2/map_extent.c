// SPDX-License-Identifier: MIT
// Extent trees (ext4): looked up by our own code, which checks every node on the way down, and changed by libext2fs.
//
// The format: Linux, Documentation/filesystems/ext4/ifork.rst, and <ext2fs/ext3_extents.h>. Nodes have a header and
// entries of 12 bytes, sorted; the root is i_block. An extent longer than 32768 is unwritten, and 32768 shorter.
#include "fs.h"

#define DEPTH_MAX 5 // Linux, EXT4_MAX_EXTENT_DEPTH

// ---- Looking up -----------------------------------------------------------------------------------------------------

// A node of the tree, and the blocks of the file that it may be about: [low, high).
struct level {
	const struct ext3_extent_header *header;
	uint64_t low, high;
};

static kern_return_t bad(struct fs *fs, const struct node *node, const char *what)
{
	return fs_damaged(fs, "inode %u: extent tree: %s", node->ino, what);
}

static kern_return_t check_header(struct fs *fs, const struct node *node, const struct ext3_extent_header *header,
				  size_t size, unsigned depth)
{
	if (ext2fs_extent_header_verify((void *)header, (int)size))
		return bad(fs, node, "wrong header");
	if (header->eh_depth != depth)
		return bad(fs, node, "wrong depth");
	if (depth > 0 && header->eh_entries == 0)
		return bad(fs, node, "empty index");
	return KERN_SUCCESS;
}

// The last entry whose first block is not behind `logical`; 0 too if all are. Both kinds of entries begin with that
// block.
static uint32_t search(const struct ext3_extent_header *header, uint32_t logical)
{
	const struct ext3_extent_idx *entries = EXT_FIRST_INDEX(header);
	uint32_t low = 1, high = header->eh_entries;
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (entries[middle].ei_block > logical)
			high = middle;
		else
			low = middle + 1;
	}
	return low - 1;
}

static uint64_t block_of(uint32_t low, uint16_t high) { return low | (uint64_t)high << 32; }

// One level down, into fs->scratch.
static kern_return_t descend(struct fs *fs, struct node *node, struct level *level, uint32_t logical)
{
	const struct ext3_extent_idx *entries = EXT_FIRST_INDEX(level->header);
	uint32_t at = search(level->header, logical), depth = level->header->eh_depth;
	uint64_t low = entries[at].ei_block, block = block_of(entries[at].ei_leaf, entries[at].ei_leaf_hi);
	uint64_t high = at + 1u < level->header->eh_entries ? entries[at + 1].ei_block : level->high;
	if (low >= high || low < level->low || high > level->high)
		return bad(fs, node, "an index out of order");
	kern_return_t error = map_check_block(fs, node, block, 1);
	if (!error)
		error = fs_read(fs, block, fs->scratch);
	if (error)
		return error;
	// What comes before the first entry of an index is a hole that belongs to it.
	*level = (struct level){.header = (const void *)fs->scratch, .low = at == 0 ? level->low : low, .high = high};
	error = check_header(fs, node, level->header, fs->block_size, depth - 1);
	if (!error &&
	    !ext2fs_extent_block_csum_verify(fs->e2, node->ino, (struct ext3_extent_header *)(void *)fs->scratch))
		error = bad(fs, node, "wrong checksum");
	return error;
}

static kern_return_t read_leaf(struct fs *fs, struct node *node, const struct level *level, uint32_t logical,
			       struct map_run *run)
{
	const struct ext3_extent *entries = EXT_FIRST_EXTENT(level->header);
	uint32_t count = level->header->eh_entries, at = search(level->header, logical);
	uint64_t next = level->high;
	*run = (struct map_run){.first = (uint32_t)level->low, .kind = MAP_HOLE};
	if (count > 0 && entries[at].ee_block <= logical) {
		uint64_t first = entries[at].ee_block, length = entries[at].ee_len;
		bool unwritten = length > EXT_INIT_MAX_LEN;
		if (unwritten)
			length -= EXT_INIT_MAX_LEN;
		next = at + 1 < count ? entries[at + 1].ee_block : level->high;
		if (length == 0 || first < level->low || first + length > next)
			return bad(fs, node, "an extent out of order");
		if (logical < first + length) {
			*run = (struct map_run){.first = (uint32_t)first, .count = (uint32_t)length,
						.block = block_of(entries[at].ee_start, entries[at].ee_start_hi),
						.kind = unwritten ? MAP_UNWRITTEN : MAP_WRITTEN};
			return KERN_SUCCESS;
		}
		run->first = (uint32_t)(first + length);
	} else if (count > 0) {
		next = entries[0].ee_block;
	}
	if (next <= logical)
		return bad(fs, node, "an extent out of order");
	run->count = (uint32_t)(next - run->first);
	return KERN_SUCCESS;
}

kern_return_t extent_find(struct fs *fs, struct node *node, uint32_t logical, struct map_run *run)
{
	struct level level = {.header = (const void *)node->inode.i_block, .high = MAP_END};
	unsigned depth = level.header->eh_depth;
	if (depth > DEPTH_MAX)
		return bad(fs, node, "too deep");
	kern_return_t error = check_header(fs, node, level.header, sizeof(node->inode.i_block), depth);
	while (!error && level.header->eh_depth > 0)
		error = descend(fs, node, &level, logical);
	return error ? error : read_leaf(fs, node, &level, logical, run);
}

// ---- Changing -------------------------------------------------------------------------------------------------------

// The way to `logical` was checked by extent_find, or is now: libext2fs believes what it reads.
static kern_return_t open_at(struct fs *fs, struct node *node, uint32_t logical, ext2_extent_handle_t *handle)
{
	struct map_run run;
	kern_return_t error = extent_find(fs, node, logical, &run);
	if (error)
		return error;
	return fs_error(fs, ext2fs_extent_open2(fs->e2, node->ino, node_inode(node), handle), "opening an extent tree",
			node->ino);
}

// Where `logical` is, or the last before it, or the first of all. `found`: there is one at all.
static errcode_t go_to(ext2_extent_handle_t handle, uint32_t logical, struct ext2fs_extent *extent, bool *found)
{
	errcode_t code = ext2fs_extent_goto(handle, logical);
	*found = false;
	if (code && code != EXT2_ET_EXTENT_NOT_FOUND)
		return code;
	code = ext2fs_extent_get(handle, EXT2_EXTENT_CURRENT, extent);
	*found = !code;
	return code == EXT2_ET_NO_CURRENT_NODE ? 0 : code;
}

static bool joins(const struct ext2fs_extent *before, const struct ext2fs_extent *after)
{
	return before->e_lblk + before->e_len == after->e_lblk && before->e_pblk + before->e_len == after->e_pblk &&
	       !((before->e_flags ^ after->e_flags) & EXT2_EXTENT_FLAGS_UNINIT) &&
	       before->e_len + after->e_len <= EXT_INIT_MAX_LEN;
}

static errcode_t insert(ext2_extent_handle_t handle, struct ext2fs_extent *extent)
{
	struct ext2fs_extent there;
	bool found;
	errcode_t code = go_to(handle, (uint32_t)extent->e_lblk, &there, &found);
	if (code)
		return code;
	if (!found)
		return ext2fs_extent_insert(handle, 0, extent);
	if (joins(&there, extent)) {
		there.e_len += extent->e_len;
		return ext2fs_extent_replace(handle, 0, &there);
	}
	code = ext2fs_extent_insert(handle, there.e_lblk < extent->e_lblk ? EXT2_EXTENT_INSERT_AFTER : 0, extent);
	return code ? code : ext2fs_extent_fix_parents(handle);
}

kern_return_t extent_fill(struct fs *fs, struct node *node, uint32_t logical, struct span span)
{
	ext2_extent_handle_t handle;
	kern_return_t error = open_at(fs, node, logical, &handle);
	if (error)
		return error;
	struct ext2fs_extent extent = {.e_lblk = logical, .e_pblk = span.block, .e_len = (uint32_t)span.count,
				       .e_flags = EXT2_EXTENT_FLAGS_LEAF};
	errcode_t code = insert(handle, &extent);
	ext2fs_extent_free(handle);
	return fs_error(fs, code, "adding an extent", node->ino);
}

// The current extent shrinks to what lies before and behind [from, from + count), or goes.
static errcode_t carve(ext2_extent_handle_t handle, struct ext2fs_extent extent, uint32_t from, uint32_t count)
{
	struct ext2fs_extent behind = extent;
	uint32_t before = from - (uint32_t)extent.e_lblk;
	errcode_t code;
	behind.e_lblk += before + count;
	behind.e_pblk += before + count;
	behind.e_len -= before + count;
	if (before > 0) {
		extent.e_len = before;
		code = ext2fs_extent_replace(handle, 0, &extent);
		return code || !behind.e_len ? code : insert(handle, &behind);
	}
	if (behind.e_len > 0) {
		code = ext2fs_extent_replace(handle, 0, &behind);
		return code ? code : ext2fs_extent_fix_parents(handle);
	}
	code = ext2fs_extent_delete(handle, 0);
	if (!code)
		code = ext2fs_extent_fix_parents(handle);
	return code == EXT2_ET_NO_CURRENT_NODE ? 0 : code;
}

// What lies at [logical, logical + count), in one extent, becomes `piece`.
static kern_return_t exchange(struct fs *fs, struct node *node, uint32_t logical, uint32_t count,
			      struct ext2fs_extent *piece)
{
	ext2_extent_handle_t handle;
	struct ext2fs_extent there;
	bool found;
	kern_return_t error = open_at(fs, node, logical, &handle);
	if (error)
		return error;
	errcode_t code = go_to(handle, logical, &there, &found);
	if (!code && (!found || there.e_lblk > logical || there.e_lblk + there.e_len < (uint64_t)logical + count))
		code = EXT2_ET_EXTENT_NOT_FOUND;
	if (!code && piece->e_pblk == 0)
		piece->e_pblk = there.e_pblk + (logical - there.e_lblk);
	if (!code)
		code = carve(handle, there, logical, count);
	if (!code)
		code = insert(handle, piece);
	ext2fs_extent_free(handle);
	return fs_error(fs, code, "changing an extent", node->ino);
}

kern_return_t extent_written(struct fs *fs, struct node *node, uint32_t logical, uint32_t count)
{
	struct ext2fs_extent piece = {.e_lblk = logical, .e_len = count, .e_flags = EXT2_EXTENT_FLAGS_LEAF};
	return exchange(fs, node, logical, count, &piece);
}

kern_return_t extent_move(struct fs *fs, struct node *node, uint32_t logical, uint64_t block)
{
	struct ext2fs_extent piece = {
		.e_lblk = logical, .e_pblk = block, .e_len = 1, .e_flags = EXT2_EXTENT_FLAGS_LEAF};
	return exchange(fs, node, logical, 1, &piece);
}

// ---- Cutting off ----------------------------------------------------------------------------------------------------

// Frees the last extent, or what of it lies behind `first`. *more: there may be another.
static kern_return_t cut_last(struct fs *fs, struct node *node, uint32_t first, bool *more)
{
	ext2_extent_handle_t handle;
	struct ext2fs_extent last;
	bool found;
	kern_return_t error = open_at(fs, node, MAP_END - 1, &handle);
	if (error)
		return error;
	errcode_t code = go_to(handle, MAP_END - 1, &last, &found);
	*more = !code && found && last.e_lblk + last.e_len > first;
	if (!*more) {
		ext2fs_extent_free(handle);
		return fs_error(fs, code, "cutting off a file", node->ino);
	}
	uint32_t keep = last.e_lblk < first ? first - (uint32_t)last.e_lblk : 0, gone = last.e_len - keep;
	uint64_t block = last.e_pblk + keep;
	if (keep > 0) {
		last.e_len = keep;
		code = ext2fs_extent_replace(handle, 0, &last);
	} else {
		code = ext2fs_extent_delete(handle, 0);
	}
	ext2fs_extent_free(handle);
	error = fs_error(fs, code, "cutting off a file", node->ino);
	if (!error)
		error = fs_error(fs, ext2fs_iblk_sub_blocks(fs->e2, node_inode(node), gone), "counting blocks",
				 node->ino);
	return error ? error : alloc_free(fs, block, gone);
}

kern_return_t extent_cut(struct fs *fs, struct node *node, uint32_t first, bool *done)
{
	kern_return_t error = KERN_SUCCESS;
	bool more = true;
	while (!error && more && !op_full(fs))
		error = cut_last(fs, node, first, &more);
	*done = !more;
	return error;
}
