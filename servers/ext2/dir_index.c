// SPDX-License-Identifier: MIT
// The index of a directory (htree): leaves are ordinary blocks of entries, found by a hash of the name (Linux,
// Documentation/filesystems/ext4/directory.rst, "Hash Tree Directories"; hashes by libext2fs).
//
// Block 0 is the root: entries for "." and "..", then struct ext2_dx_root_info and pairs of hash and block. Inner nodes
// look like one unused entry, then pairs. The first pair has count and limit instead of a hash. A pair is about hashes
// from its own up to the next one's; with its lowest bit set, names with the same hash are in the leaf before, too.
#include "fs.h"

#define ROOT_INFO 24u
#define ROOT_PAIRS 32u
#define NODE_PAIRS 8u
#define BLOCK_MASK 0x0fffffffu // the upper bits are reserved

struct ext2_dx_root_info *index_info(uint8_t *root) { return (void *)(root + ROOT_INFO); }

uint32_t index_limit(const struct fs *fs, uint32_t logical)
{
	uint32_t tail = ext2fs_has_feature_metadata_csum(fs_super(fs)) ? sizeof(struct ext2_dx_tail) : 0;
	return (fs->block_size - (logical == 0 ? ROOT_PAIRS : NODE_PAIRS) - tail) / sizeof(struct ext2_dx_entry);
}

static bool version_known(uint8_t version) { return version <= EXT2_HASH_TEA; }

static uint8_t version_of(struct fs *fs, struct node *dir)
{
	if (dir->hash_version != HASH_UNKNOWN)
		return dir->hash_version;
	if (!(dir->inode.i_flags & EXT2_INDEX_FL))
		return fs_super(fs)->s_def_hash_version;
	if (dir_load(fs, dir, 0, fs->dir_block[0]))
		return HASH_UNKNOWN;
	dir->hash_version = index_info(fs->dir_block[0])->hash_version;
	return dir->hash_version;
}

bool index_orders(struct fs *fs, struct node *dir)
{
	if (!ext2fs_has_feature_dir_index(fs_super(fs)) || (dir->inode.i_flags & (EXT4_ENCRYPT_FL | EXT4_CASEFOLD_FL)))
		return false;
	if (!(dir->inode.i_flags & EXT2_INDEX_FL) && !node_is_inline(dir) && dir_blocks(fs, dir) != 1)
		return false;
	return version_known(version_of(fs, dir));
}

bool index_is_used(struct fs *fs, struct node *dir)
{
	return (dir->inode.i_flags & EXT2_INDEX_FL) && index_orders(fs, dir);
}

kern_return_t index_hash(struct fs *fs, struct node *dir, const char *name, size_t length, uint32_t *hash)
{
	ext2_dirhash_t major = 0, minor;
	int version = version_of(fs, dir);
	if (version_known((uint8_t)version) && (fs_super(fs)->s_flags & EXT2_FLAGS_UNSIGNED_HASH))
		version += EXT2_HASH_LEGACY_UNSIGNED - EXT2_HASH_LEGACY;
	errcode_t code = ext2fs_dirhash2(version, name, (int)length, NULL, 0, fs_super(fs)->s_hash_seed, &major,
					 &minor);
	*hash = major & ~1u;
	return fs_error(fs, code, "hashing a name", dir->ino);
}

// ---- Index blocks ---------------------------------------------------------------------------------------------------

static kern_return_t bad(struct fs *fs, const struct node *dir, const char *what)
{
	return fs_damaged(fs, "directory %u: index: %s", dir->ino, what);
}

kern_return_t index_load(struct fs *fs, struct node *dir, uint32_t logical, uint8_t *buffer,
			 struct ext2_dx_entry **pairs)
{
	kern_return_t error = dir_load(fs, dir, logical, buffer);
	if (error)
		return error;
	const struct ext2_dir_entry *first = dir_entry_at(buffer, 0);
	if (logical == 0) {
		const struct ext2_dx_root_info *info = index_info(buffer);
		if (first->rec_len != 12 || dir_entry_at(buffer, 12)->rec_len != fs->block_size - 12 ||
		    info->info_length != 8 || info->reserved_zero ||
		    info->indirect_levels >= ext2_dir_htree_level(fs->e2))
			return bad(fs, dir, "wrong root");
	} else if (first->inode || first->rec_len != fs->block_size) {
		return bad(fs, dir, "wrong inner node");
	}
	*pairs = (void *)(buffer + (logical == 0 ? ROOT_PAIRS : NODE_PAIRS));
	struct ext2_dx_countlimit *head = (void *)*pairs;
	uint16_t count = head->count;
	if (head->limit != index_limit(fs, logical) || count == 0 || count > head->limit)
		return bad(fs, dir, "wrong count");
	for (uint32_t i = 0, blocks = dir_blocks(fs, dir); i < count; i++) {
		uint32_t block = (*pairs)[i].block & BLOCK_MASK;
		if (block == 0 || block >= blocks || (i > 1 && (*pairs)[i].hash < (*pairs)[i - 1].hash))
			return bad(fs, dir, "wrong pair");
	}
	return KERN_SUCCESS;
}

// The last pair that is not about higher hashes.
static uint32_t search(const struct ext2_dx_entry *pairs, uint32_t count, uint32_t hash)
{
	uint32_t low = 1, high = count;
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (pairs[middle].hash > hash)
			high = middle;
		else
			low = middle + 1;
	}
	return low - 1;
}

// One level of the way: the block is `logical`, the pair is chosen by hash, or the first (`first`).
static kern_return_t step(struct fs *fs, struct node *dir, struct index_path *path, uint32_t level, uint32_t logical,
			  uint32_t hash, bool first)
{
	struct ext2_dx_entry *pairs;
	kern_return_t error = index_load(fs, dir, logical, fs->dir_block[1], &pairs);
	if (error)
		return error;
	const struct ext2_dx_countlimit *head = (void *)pairs;
	if (level == 0)
		path->levels = index_info(fs->dir_block[1])->indirect_levels + 1u;
	path->level[level].logical = logical;
	path->level[level].count = head->count;
	path->level[level].limit = head->limit;
	path->level[level].at = first ? 0 : search(pairs, head->count, hash);
	path->leaf = pairs[path->level[level].at].block & BLOCK_MASK;
	return KERN_SUCCESS;
}

kern_return_t index_open(struct fs *fs, struct node *dir, uint32_t hash, struct index_path *path)
{
	*path = (struct index_path){.levels = 1, .leaves = 1};
	kern_return_t error = step(fs, dir, path, 0, 0, hash, false);
	for (uint32_t level = 1; !error && level < path->levels; level++)
		error = step(fs, dir, path, level, path->leaf, hash, false);
	return error;
}

kern_return_t index_next(struct fs *fs, struct node *dir, struct index_path *path, bool *more, uint32_t *start)
{
	struct ext2_dx_entry *pairs;
	uint32_t level = path->levels;
	while (level > 0 && path->level[level - 1].at + 1 >= path->level[level - 1].count)
		level--;
	*more = level > 0;
	if (!*more)
		return KERN_SUCCESS;
	if (++path->leaves > dir_blocks(fs, dir))
		return bad(fs, dir, "it has more leaves than blocks");
	level--;
	kern_return_t error = index_load(fs, dir, path->level[level].logical, fs->dir_block[1], &pairs);
	if (error)
		return error;
	uint32_t at = ++path->level[level].at;
	*start = pairs[at].hash;
	path->leaf = pairs[at].block & BLOCK_MASK;
	while (!error && ++level < path->levels)
		error = step(fs, dir, path, level, path->leaf, 0, true);
	return error;
}

kern_return_t index_find(struct fs *fs, struct node *dir, const char *name, size_t length, uint8_t *buffer,
			 struct dir_slot *slot, bool *found)
{
	struct index_path path;
	uint32_t hash, start;
	bool more = true;
	*found = false;
	kern_return_t error = index_hash(fs, dir, name, length, &hash);
	if (!error)
		error = index_open(fs, dir, hash, &path);
	while (!error && more) {
		error = dir_load(fs, dir, path.leaf, buffer);
		if (error)
			break;
		*found = dir_search(buffer, fs->block_size, name, length, slot);
		slot->logical = path.leaf;
		if (*found)
			break;
		error = index_next(fs, dir, &path, &more, &start);
		more &= start == (hash | 1);
	}
	return error;
}
