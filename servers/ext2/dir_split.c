// SPDX-License-Identifier: MIT
// Names come into an indexed directory: leaves and inner nodes are split, the tree gets levels, a directory of one
// block gets an index.
//
// Each step leaves a tree that is right; index_insert then looks for the place again.
#include "fs.h"

struct sorted {
	uint32_t hash;
	uint32_t offset, length;
};

static int by_hash(const void *a, const void *b)
{
	const struct sorted *left = a, *right = b;
	return left->hash < right->hash ? -1 : left->hash > right->hash;
}

// The entries of a leaf by hash. The array is the caller's.
static kern_return_t sort_leaf(struct fs *fs, struct node *dir, const uint8_t *buffer, struct sorted **result,
			       uint32_t *count)
{
	struct dir_entry entry;
	uint32_t offset = 0, at = 0;
	kern_return_t error = KERN_SUCCESS;
	struct sorted *sorted = malloc(fs->block_size / 12 * sizeof(*sorted));
	*count = 0;
	*result = sorted;
	if (!sorted)
		return KERN_RESOURCE_SHORTAGE;
	while (!error && dir_next(buffer, dir_room(fs), &offset, &at, &entry)) {
		struct sorted *to = &sorted[(*count)++];
		*to = (struct sorted){.offset = at, .length = EXT2_DIR_REC_LEN(entry.length)};
		error = index_hash(fs, dir, entry.name, entry.length, &to->hash);
	}
	qsort(sorted, *count, sizeof(*sorted), by_hash);
	return error;
}

static void pack(struct fs *fs, uint8_t *to, const uint8_t *from, const struct sorted *sorted, uint32_t count)
{
	dir_clear(fs, to);
	for (uint32_t i = 0; i < count; i++) {
		const struct ext2_dir_entry *entry = dir_entry_at(from, sorted[i].offset);
		(void)dir_add(fs, to,
			      &(struct dir_entry){.ino = entry->inode,
						  .type = (uint8_t)ext2fs_dirent_file_type(entry),
						  .length = (uint8_t)ext2fs_dirent_name_len(entry),
						  .name = entry->name});
	}
}

// A pair behind the one that the path goes through, on that level, which has room.
static kern_return_t add_pair(struct fs *fs, struct node *dir, const struct index_path *path, uint32_t level,
			      uint32_t hash, uint32_t block)
{
	uint8_t *buffer = fs->dir_block[1];
	struct ext2_dx_entry *pairs;
	kern_return_t error = index_load(fs, dir, path->level[level].logical, buffer, &pairs);
	if (error)
		return error;
	struct ext2_dx_countlimit *head = (void *)pairs;
	uint32_t at = path->level[level].at + 1;
	memmove(&pairs[at + 1], &pairs[at], (head->count - at) * sizeof(*pairs));
	pairs[at] = (struct ext2_dx_entry){.hash = hash, .block = block};
	head->count++;
	return dir_store(fs, dir, path->level[level].logical, buffer);
}

// How many entries stay when half of the bytes go.
static uint32_t middle_of(const struct sorted *sorted, uint32_t count)
{
	uint32_t all = 0, kept = 0, i = 0;
	for (uint32_t j = 0; j < count; j++)
		all += sorted[j].length;
	while (i < count - 1 && kept + sorted[i].length <= all / 2)
		kept += sorted[i++].length;
	return i ? i : 1;
}

// The leaf is in dir_block[0].
static kern_return_t split_leaf(struct fs *fs, struct node *dir, const struct index_path *path)
{
	uint8_t *buffer = fs->dir_block[0], *half = fs->dir_block[2];
	struct sorted *sorted;
	uint32_t count, fresh;
	kern_return_t error = sort_leaf(fs, dir, buffer, &sorted, &count);
	if (!error && count < 2)
		error = fs_damaged(fs, "directory %u: a full block with %u names", dir->ino, count);
	if (!error)
		error = dir_grow(fs, dir, &fresh);
	if (error) {
		free(sorted);
		return error;
	}
	uint32_t middle = middle_of(sorted, count);
	uint32_t hash = sorted[middle].hash | (sorted[middle].hash == sorted[middle - 1].hash);
	pack(fs, half, buffer, sorted + middle, count - middle);
	error = dir_store(fs, dir, fresh, half);
	pack(fs, half, buffer, sorted, middle);
	if (!error)
		error = dir_store(fs, dir, path->leaf, half);
	free(sorted);
	return error ? error : add_pair(fs, dir, path, path->levels - 1, hash, fresh);
}

static void clear_node(struct fs *fs, uint8_t *buffer, struct ext2_dx_entry **pairs)
{
	memset(buffer, 0, fs->block_size);
	dir_entry_at(buffer, 0)->rec_len = (uint16_t)fs->block_size;
	*pairs = (void *)(buffer + 8);
}

static void set_head(struct ext2_dx_entry *pairs, uint32_t limit, uint32_t count)
{
	struct ext2_dx_countlimit *head = (void *)pairs;
	head->limit = (uint16_t)limit;
	head->count = (uint16_t)count;
}

// The upper half of an inner node goes to a new one.
static kern_return_t split_node(struct fs *fs, struct node *dir, const struct index_path *path, uint32_t level)
{
	uint8_t *buffer = fs->dir_block[1], *fresh_buffer = fs->dir_block[2];
	struct ext2_dx_entry *pairs, *fresh_pairs;
	uint32_t fresh, count = path->level[level].count, keep = count / 2;
	kern_return_t error = dir_grow(fs, dir, &fresh);
	if (!error)
		error = index_load(fs, dir, path->level[level].logical, buffer, &pairs);
	if (error)
		return error;
	uint32_t hash = pairs[keep].hash;
	clear_node(fs, fresh_buffer, &fresh_pairs);
	memcpy(fresh_pairs, pairs + keep, (count - keep) * sizeof(*pairs));
	set_head(fresh_pairs, index_limit(fs, fresh), count - keep);
	set_head(pairs, path->level[level].limit, keep);
	error = dir_store(fs, dir, fresh, fresh_buffer);
	if (!error)
		error = dir_store(fs, dir, path->level[level].logical, buffer);
	return error ? error : add_pair(fs, dir, path, level - 1, hash, fresh);
}

// All pairs of the root go to a new node, the only one below it.
static kern_return_t add_level(struct fs *fs, struct node *dir)
{
	uint8_t *root = fs->dir_block[1], *fresh_buffer = fs->dir_block[2];
	struct ext2_dx_entry *pairs, *fresh_pairs;
	uint32_t fresh;
	kern_return_t error = dir_grow(fs, dir, &fresh);
	if (!error)
		error = index_load(fs, dir, 0, root, &pairs);
	if (error)
		return error;
	uint32_t count = ((struct ext2_dx_countlimit *)(void *)pairs)->count;
	clear_node(fs, fresh_buffer, &fresh_pairs);
	memcpy(fresh_pairs, pairs, count * sizeof(*pairs));
	set_head(fresh_pairs, index_limit(fs, fresh), count);
	set_head(pairs, index_limit(fs, 0), 1);
	pairs[0].block = fresh;
	index_info(root)->indirect_levels++;
	error = dir_store(fs, dir, fresh, fresh_buffer);
	return error ? error : dir_store(fs, dir, 0, root);
}

// One step towards room in the leaf of the path.
static kern_return_t make_room(struct fs *fs, struct node *dir, const struct index_path *path)
{
	uint32_t level = path->levels;
	while (level > 0 && path->level[level - 1].count >= path->level[level - 1].limit)
		level--;
	if (level == path->levels)
		return split_leaf(fs, dir, path);
	if (level > 0)
		return split_node(fs, dir, path, level);
	return path->levels < (uint32_t)ext2_dir_htree_level(fs->e2) ? add_level(fs, dir) : FILE_NO_SPACE;
}

kern_return_t index_insert(struct fs *fs, struct node *dir, const struct dir_entry *entry)
{
	struct index_path path;
	uint32_t hash;
	kern_return_t error = index_hash(fs, dir, entry->name, entry->length, &hash);
	for (unsigned tries = 0; !error && tries < 2 * INDEX_LEVELS; tries++) {
		error = index_open(fs, dir, hash, &path);
		if (!error)
			error = dir_load(fs, dir, path.leaf, fs->dir_block[0]);
		if (!error && dir_add(fs, fs->dir_block[0], entry))
			return dir_store(fs, dir, path.leaf, fs->dir_block[0]);
		if (!error)
			error = make_room(fs, dir, &path);
	}
	return error ? error : fs_damaged(fs, "directory %u: its index has no room", dir->ino);
}

kern_return_t index_make(struct fs *fs, struct node *dir)
{
	uint8_t *root = fs->dir_block[0], *leaf = fs->dir_block[2];
	struct dir_entry entry;
	struct dir_slot dots;
	uint32_t offset = 0, at = 0, fresh;
	kern_return_t error = dir_load(fs, dir, 0, root);
	if (!error && (!dir_search(root, fs->block_size, "..", 2, &dots) || dots.offset != 12))
		error = fs_damaged(fs, "directory %u: no \"..\"", dir->ino);
	if (!error)
		error = dir_grow(fs, dir, &fresh);
	if (error)
		return error;
	dir_clear(fs, leaf);
	while (dir_next(root, dir_room(fs), &offset, &at, &entry))
		if (!dir_is_dot(entry.name, entry.length))
			(void)dir_add(fs, leaf, &entry);
	error = dir_store(fs, dir, fresh, leaf);
	memset(root + 24, 0, fs->block_size - 24);
	dir_entry_at(root, 12)->rec_len = (uint16_t)(fs->block_size - 12);
	*index_info(root) = (struct ext2_dx_root_info){.hash_version = fs_super(fs)->s_def_hash_version,
						       .info_length = 8};
	struct ext2_dx_entry *pairs = (void *)(root + 32);
	set_head(pairs, index_limit(fs, 0), 1);
	pairs[0].block = fresh;
	dir->inode.i_flags |= EXT2_INDEX_FL;
	dir->hash_version = fs_super(fs)->s_def_hash_version;
	return error ? error : dir_store(fs, dir, 0, root);
}
