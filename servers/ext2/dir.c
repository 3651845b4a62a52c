// SPDX-License-Identifier: MIT
// Directories: finding, adding and removing names, whatever the format of the directory.
//
// Three formats: inline (in the inode), blocks one after the other, blocks with an index (dir_index.c). Directories of
// many blocks without an index get a table of their names in memory when they are first searched (name.c).
#include "fs.h"

#define TABLE_BLOCKS 4u // a directory of more blocks gets a table

// Something that wants to see each block of entries in turn; `stop` ends it.
struct walk {
	uint32_t logical;
	uint8_t *buffer;
	uint32_t size;
	bool stop;
	void *context;
};

// An inline directory has its parent's number, then two chains of entries: the rest of i_block, and the attribute.
static kern_return_t walk_inline(struct fs *fs, struct node *dir, void (*see)(struct fs *fs, struct walk *walk),
				 struct walk *walk)
{
	uint8_t *data;
	size_t size;
	uint32_t end;
	kern_return_t error = inline_read(fs, dir, &data, &size);
	if (error)
		return error;
	const size_t starts[] = {EXT4_INLINE_DATA_DOTDOT_SIZE, EXT4_MIN_INLINE_DATA_SIZE, size};
	for (int i = 0; !error && i < 2 && !walk->stop; i++) {
		if (starts[i + 1] <= starts[i])
			continue;
		walk->buffer = data + starts[i];
		walk->size = (uint32_t)(starts[i + 1] - starts[i]);
		error = dir_check(fs, dir, walk->buffer, walk->size, &end);
		if (!error)
			see(fs, walk);
	}
	free(data);
	return error;
}

// All leaves of an index, or all blocks.
static kern_return_t walk_blocks(struct fs *fs, struct node *dir, void (*see)(struct fs *fs, struct walk *walk),
				 struct walk *walk)
{
	kern_return_t error = KERN_SUCCESS;
	walk->buffer = fs->dir_block[0];
	walk->size = fs->block_size;
	for (walk->logical = 0; !error && !walk->stop && walk->logical < dir_blocks(fs, dir); walk->logical++) {
		error = dir_load(fs, dir, walk->logical, walk->buffer);
		if (!error)
			see(fs, walk);
	}
	if (walk->stop)
		walk->logical--;
	return error;
}

static kern_return_t walk_leaves(struct fs *fs, struct node *dir, void (*see)(struct fs *fs, struct walk *walk),
				 struct walk *walk)
{
	struct index_path path;
	uint32_t start;
	bool more = true;
	kern_return_t error = index_open(fs, dir, 0, &path);
	walk->buffer = fs->dir_block[0];
	walk->size = fs->block_size;
	while (!error && more && !walk->stop) {
		error = dir_load(fs, dir, path.leaf, walk->buffer);
		walk->logical = path.leaf;
		if (!error)
			see(fs, walk);
		if (!error)
			error = index_next(fs, dir, &path, &more, &start);
	}
	return error;
}

// ---- Counting -------------------------------------------------------------------------------------------------------

static void count_entries(struct fs *fs, struct walk *walk)
{
	struct dir_entry entry;
	uint32_t offset = 0, at = 0, *count = walk->context;
	while (dir_next(walk->buffer, walk->size, &offset, &at, &entry))
		*count += !dir_is_dot(entry.name, entry.length);
}

kern_return_t dir_count(struct fs *fs, struct node *dir, uint32_t *count)
{
	kern_return_t error = KERN_SUCCESS;
	*count = dir->entries;
	if (dir->entries != UINT32_MAX)
		return KERN_SUCCESS;
	uint32_t counted = 0;
	struct walk walk = {.context = &counted};
	if (node_is_inline(dir))
		error = walk_inline(fs, dir, count_entries, &walk);
	else if (index_is_used(fs, dir))
		error = walk_leaves(fs, dir, count_entries, &walk);
	else
		error = walk_blocks(fs, dir, count_entries, &walk);
	if (!error)
		*count = dir->entries = counted;
	return error;
}

// ---- Finding --------------------------------------------------------------------------------------------------------

// The place of a name. In an inline directory only `ino` is told.
struct found {
	const char *name;
	size_t length;
	bool yes;
	struct dir_slot slot;
	ext2_ino_t ino;
};

static void look_for(struct fs *fs, struct walk *walk)
{
	struct found *found = walk->context;
	found->yes = walk->stop = dir_search(walk->buffer, walk->size, found->name, found->length, &found->slot);
	if (found->yes)
		found->ino = dir_entry_at(walk->buffer, found->slot.offset)->inode;
}

static void fill_table(struct fs *fs, struct walk *walk)
{
	struct dir_entry entry;
	uint32_t offset = 0, at = 0;
	while (!walk->stop && dir_next(walk->buffer, walk->size, &offset, &at, &entry))
		walk->stop = !name_table_add(fs, walk->context, name_hash(entry.name, entry.length), walk->logical);
}

// Makes the table if there is none and it is worth it. Without one (too many names) everything is searched.
static kern_return_t want_table(struct fs *fs, struct node *dir)
{
	if (dir->table || dir_blocks(fs, dir) <= TABLE_BLOCKS)
		return KERN_SUCCESS;
	struct name_table *table = name_table_make(fs);
	if (!table)
		return KERN_SUCCESS;
	struct walk walk = {.context = table};
	kern_return_t error = walk_blocks(fs, dir, fill_table, &walk);
	if (error || walk.stop)
		name_table_drop(fs, table);
	else
		dir->table = table;
	return error;
}

static kern_return_t find_by_table(struct fs *fs, struct node *dir, struct found *found)
{
	uint32_t at = 0, logical, hash = name_hash(found->name, found->length);
	uint8_t *buffer = fs->dir_block[0];
	kern_return_t error = KERN_SUCCESS;
	while (!error && !found->yes && name_table_next(dir->table, hash, &at, &logical)) {
		error = dir_load(fs, dir, logical, buffer);
		if (!error)
			found->yes = dir_search(buffer, fs->block_size, found->name, found->length, &found->slot);
		found->slot.logical = logical;
	}
	return error;
}

// The block with the name is in fs->dir_block[0] afterwards.
static kern_return_t locate(struct fs *fs, struct node *dir, struct found *found)
{
	uint8_t *buffer = fs->dir_block[0];
	struct walk walk = {.context = found};
	kern_return_t error;
	if (node_is_inline(dir))
		return walk_inline(fs, dir, look_for, &walk);
	if (index_is_used(fs, dir) && !dir_is_dot(found->name, found->length)) {
		error = index_find(fs, dir, found->name, found->length, buffer, &found->slot, &found->yes);
	} else {
		error = dir_is_dot(found->name, found->length) ? KERN_SUCCESS : want_table(fs, dir);
		if (!error && dir->table) {
			error = find_by_table(fs, dir, found);
		} else if (!error) {
			error = walk_blocks(fs, dir, look_for, &walk);
			found->slot.logical = walk.logical;
		}
	}
	if (!error && found->yes)
		found->ino = dir_entry_at(buffer, found->slot.offset)->inode;
	return error;
}

kern_return_t dir_find(struct fs *fs, struct node *dir, const char *name, size_t length, ext2_ino_t *ino)
{
	struct found found = {.name = name, .length = length};
	*ino = name_recall(fs, dir->ino, name, length);
	if (*ino)
		return KERN_SUCCESS;
	if (length == 2 && dir_is_dot(name, length) && node_is_inline(dir)) {
		*ino = dir->inode.i_block[0];
		return KERN_SUCCESS;
	}
	kern_return_t error = locate(fs, dir, &found);
	*ino = found.yes && !error ? found.ino : 0;
	if (*ino && !dir_is_dot(name, length))
		name_learn(fs, dir->ino, name, length, *ino);
	return error;
}

// ---- Changing -------------------------------------------------------------------------------------------------------

// Old drivers look at all blocks and know no index: a directory that they may have changed has none any more.
static void drop_index(struct fs *fs, struct node *dir)
{
	if (!ext2fs_has_feature_dir_index(fs_super(fs)))
		dir->inode.i_flags &= ~(uint32_t)EXT2_INDEX_FL;
}

static kern_return_t insert_in_new_block(struct fs *fs, struct node *dir, const struct dir_entry *entry,
					 uint32_t *logical)
{
	uint8_t *buffer = fs->dir_block[0];
	kern_return_t error = dir_grow(fs, dir, logical);
	if (error)
		return error;
	dir_clear(fs, buffer);
	if (!dir_add(fs, buffer, entry))
		return FILE_NAME_TOO_LONG;
	return dir_store(fs, dir, *logical, buffer);
}

static kern_return_t insert_in_blocks(struct fs *fs, struct node *dir, const struct dir_entry *entry)
{
	uint8_t *buffer = fs->dir_block[0];
	uint32_t blocks = dir_blocks(fs, dir), logical;
	kern_return_t error = KERN_SUCCESS;
	bool added = false;
	for (logical = dir->room_hint; !error && logical < blocks; logical++) {
		error = dir_load(fs, dir, logical, buffer);
		added = !error && dir_add(fs, buffer, entry);
		if (added)
			break;
	}
	dir->room_hint = logical;
	if (!error && added)
		error = dir_store(fs, dir, logical, buffer);
	else if (!error)
		error = insert_in_new_block(fs, dir, entry, &logical);
	if (!error && dir->table && !name_table_add(fs, dir->table, name_hash(entry->name, entry->length), logical)) {
		name_table_drop(fs, dir->table);
		dir->table = NULL;
	}
	return error;
}

static bool is_full(struct fs *fs, struct node *dir, const struct dir_entry *entry, kern_return_t *error)
{
	*error = dir_load(fs, dir, 0, fs->dir_block[0]);
	return !*error && !dir_add(fs, fs->dir_block[0], entry);
}

kern_return_t dir_insert(struct fs *fs, struct node *dir, const struct dir_entry *entry)
{
	kern_return_t error = KERN_SUCCESS;
	drop_index(fs, dir);
	if (node_is_inline(dir))
		error = inline_expand(fs, dir);
	if (!error && !index_is_used(fs, dir) && index_orders(fs, dir) && dir_blocks(fs, dir) == 1 &&
	    is_full(fs, dir, entry, &error))
		error = index_make(fs, dir);
	if (error)
		return error;
	if (index_is_used(fs, dir))
		error = index_insert(fs, dir, entry);
	else if (dir->inode.i_flags & EXT2_INDEX_FL)
		error = FILE_READ_ONLY; // an index by a hash that we do not know
	else
		error = insert_in_blocks(fs, dir, entry);
	if (error)
		return error;
	if (dir->entries != UINT32_MAX && !dir_is_dot(entry->name, entry->length))
		dir->entries++;
	name_learn(fs, dir->ino, entry->name, entry->length, entry->ino);
	return KERN_SUCCESS;
}

static kern_return_t locate_to_change(struct fs *fs, struct node *dir, struct found *found)
{
	drop_index(fs, dir);
	kern_return_t error = node_is_inline(dir) ? inline_expand(fs, dir) : KERN_SUCCESS;
	if (!error)
		error = locate(fs, dir, found);
	if (!error && !found->yes)
		error = FILE_NOT_FOUND;
	name_forget(fs, dir->ino, found->name, found->length);
	return error;
}

kern_return_t dir_remove(struct fs *fs, struct node *dir, const char *name, size_t length)
{
	struct found found = {.name = name, .length = length};
	uint8_t *buffer = fs->dir_block[0];
	kern_return_t error = locate_to_change(fs, dir, &found);
	if (error)
		return error;
	struct ext2_dir_entry *entry = dir_entry_at(buffer, found.slot.offset),
			      *before = dir_entry_at(buffer, found.slot.before);
	if (before == entry)
		entry->inode = 0;
	else
		before->rec_len += entry->rec_len;
	error = dir_store(fs, dir, found.slot.logical, buffer);
	if (!error && dir->entries != UINT32_MAX)
		dir->entries--;
	if (found.slot.logical < dir->room_hint)
		dir->room_hint = found.slot.logical;
	return error;
}

kern_return_t dir_replace(struct fs *fs, struct node *dir, const struct dir_entry *entry)
{
	struct found found = {.name = entry->name, .length = entry->length};
	uint8_t *buffer = fs->dir_block[0];
	kern_return_t error = locate_to_change(fs, dir, &found);
	if (error)
		return error;
	struct ext2_dir_entry *at = dir_entry_at(buffer, found.slot.offset);
	at->inode = entry->ino;
	if (ext2fs_has_feature_filetype(fs_super(fs)))
		ext2fs_dirent_set_file_type(at, entry->type);
	return dir_store(fs, dir, found.slot.logical, buffer);
}

kern_return_t dir_make(struct fs *fs, struct node *dir, ext2_ino_t parent)
{
	uint8_t *buffer = fs->dir_block[0];
	uint32_t logical;
	kern_return_t error = dir_grow(fs, dir, &logical);
	if (error)
		return error;
	dir_clear(fs, buffer);
	(void)dir_add(fs, buffer, &(struct dir_entry){.ino = dir->ino, .type = EXT2_FT_DIR, .length = 1, .name = "."});
	(void)dir_add(fs, buffer, &(struct dir_entry){.ino = parent, .type = EXT2_FT_DIR, .length = 2, .name = ".."});
	dir->entries = 0;
	return dir_store(fs, dir, logical, buffer);
}
