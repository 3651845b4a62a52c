// SPDX-License-Identifier: MIT
// Blocks of directories: read, checked, searched, changed and written (Linux,
// Documentation/filesystems/ext4/directory.rst).
//
// A block is a chain of entries, each as long as its rec_len says; inode 0: unused. With metadata_csum the last twelve
// bytes look like an entry and hold a checksum.
#include "fs.h"

uint32_t dir_blocks(const struct fs *fs, const struct node *dir)
{
	return (uint32_t)(node_size(dir) >> fs->block_shift);
}

uint32_t dir_room(const struct fs *fs)
{
	return fs->block_size -
	       (ext2fs_has_feature_metadata_csum(fs_super(fs)) ? sizeof(struct ext2_dir_entry_tail) : 0);
}

uint8_t dir_type(uint16_t mode)
{
	switch (mode & LINUX_S_IFMT) {
	case LINUX_S_IFREG: return EXT2_FT_REG_FILE;
	case LINUX_S_IFDIR: return EXT2_FT_DIR;
	case LINUX_S_IFLNK: return EXT2_FT_SYMLINK;
	case LINUX_S_IFCHR: return EXT2_FT_CHRDEV;
	case LINUX_S_IFBLK: return EXT2_FT_BLKDEV;
	case LINUX_S_IFIFO: return EXT2_FT_FIFO;
	case LINUX_S_IFSOCK: return EXT2_FT_SOCK;
	}
	return EXT2_FT_UNKNOWN;
}

kern_return_t dir_check(struct fs *fs, const struct node *dir, const uint8_t *buffer, uint32_t size, uint32_t *end)
{
	uint32_t offset = 0;
	while (offset + 12 <= size) { // the shortest entry
		const struct ext2_dir_entry *entry = dir_entry_at(buffer, offset);
		uint32_t length = entry->rec_len;
		if (length < 12 || length % 4 || length > size - offset ||
		    (uint32_t)ext2fs_dirent_name_len(entry) + 8 > length || entry->inode > fs_super(fs)->s_inodes_count)
			return fs_damaged(fs, "directory %u: an entry makes no sense", dir->ino);
		offset += length;
		if (size == fs->block_size && offset == dir_room(fs))
			break; // what follows is the checksum
	}
	*end = offset;
	return KERN_SUCCESS;
}

kern_return_t dir_load(struct fs *fs, struct node *dir, uint32_t logical, uint8_t *buffer)
{
	struct map_run run;
	uint32_t end;
	if (logical >= dir_blocks(fs, dir))
		return fs_damaged(fs, "directory %u: it has no block %u", dir->ino, logical);
	kern_return_t error = map_find(fs, dir, logical, &run);
	if (error)
		return error;
	if (run.kind != MAP_WRITTEN)
		return fs_damaged(fs, "directory %u: a hole at block %u", dir->ino, logical);
	error = fs_read(fs, run.block + (logical - run.first), buffer);
	if (!error && !ext2fs_dir_block_csum_verify(fs->e2, dir->ino, dir_entry_at(buffer, 0)))
		error = fs_damaged(fs, "directory %u: wrong checksum of block %u", dir->ino, logical);
	if (!error)
		error = dir_check(fs, dir, buffer, fs->block_size, &end);
	if (!error && end != dir_room(fs) && end != fs->block_size) // an index block has no tail of that kind
		error = fs_damaged(fs, "directory %u: block %u ends at %u", dir->ino, logical, end);
	return error;
}

kern_return_t dir_store(struct fs *fs, struct node *dir, uint32_t logical, uint8_t *buffer)
{
	struct map_run run;
	kern_return_t error = map_find(fs, dir, logical, &run);
	if (!error && run.kind != MAP_WRITTEN)
		error = fs_damaged(fs, "directory %u: a hole at block %u", dir->ino, logical);
	if (!error)
		error = fs_error(fs, ext2fs_dir_block_csum_set(fs->e2, dir->ino, dir_entry_at(buffer, 0)),
				 "a directory's checksum", dir->ino);
	return error ? error : op_put(fs, run.block + (logical - run.first), buffer);
}

kern_return_t dir_grow(struct fs *fs, struct node *dir, uint32_t *logical)
{
	struct span span;
	*logical = dir_blocks(fs, dir);
	kern_return_t error = alloc_blocks(fs, map_goal(fs, dir, *logical), 1, &span);
	if (!error)
		error = map_fill(fs, dir, *logical, span);
	if (!error)
		error = node_set_size(fs, dir, ((uint64_t)*logical + 1) << fs->block_shift);
	if (error && !fs->op.error)
		fs->op.error = error;
	return error;
}

bool dir_next(const uint8_t *buffer, uint32_t size, uint32_t *offset, uint32_t *at, struct dir_entry *result)
{
	while (*offset + 12 <= size) {
		const struct ext2_dir_entry *entry = dir_entry_at(buffer, *offset);
		*at = *offset;
		*offset += entry->rec_len;
		if (!entry->inode || !ext2fs_dirent_name_len(entry))
			continue;
		*result = (struct dir_entry){.ino = entry->inode, .type = (uint8_t)ext2fs_dirent_file_type(entry),
					     .length = (uint8_t)ext2fs_dirent_name_len(entry), .name = entry->name};
		return true;
	}
	return false;
}

bool dir_search(const uint8_t *buffer, uint32_t size, const char *name, size_t length, struct dir_slot *slot)
{
	slot->before = 0;
	for (slot->offset = 0; slot->offset + 12 <= size;) {
		const struct ext2_dir_entry *entry = dir_entry_at(buffer, slot->offset);
		if (entry->inode && (size_t)ext2fs_dirent_name_len(entry) == length &&
		    memcmp(entry->name, name, length) == 0)
			return true;
		slot->before = slot->offset;
		slot->offset += entry->rec_len;
	}
	return false;
}

static uint16_t length_for(size_t name) { return (uint16_t)((8 + name + 3) & ~(size_t)3); }

static void fill(const struct fs *fs, struct ext2_dir_entry *to, const struct dir_entry *entry)
{
	to->inode = entry->ino;
	ext2fs_dirent_set_name_len(to, entry->length);
	ext2fs_dirent_set_file_type(to, ext2fs_has_feature_filetype(fs_super(fs)) ? entry->type : 0);
	memcpy(to->name, entry->name, entry->length);
}

bool dir_add(const struct fs *fs, uint8_t *buffer, const struct dir_entry *entry)
{
	uint16_t need = length_for(entry->length);
	uint32_t room = dir_room(fs);
	for (uint32_t offset = 0; offset < room;) {
		struct ext2_dir_entry *at = dir_entry_at(buffer, offset);
		uint16_t used = at->inode ? length_for((size_t)ext2fs_dirent_name_len(at)) : 0;
		offset += at->rec_len;
		if (offset > room || at->rec_len < used + need)
			continue;
		struct ext2_dir_entry *to = (void *)((uint8_t *)at + used);
		uint16_t left = (uint16_t)(at->rec_len - used);
		if (used)
			at->rec_len = used;
		to->rec_len = left;
		to->name_len = 0;
		fill(fs, to, entry);
		return true;
	}
	return false;
}

void dir_clear(const struct fs *fs, uint8_t *buffer)
{
	memset(buffer, 0, fs->block_size);
	dir_entry_at(buffer, 0)->rec_len = (uint16_t)dir_room(fs);
	if (dir_room(fs) < fs->block_size)
		ext2fs_initialize_dirent_tail(fs->e2, EXT2_DIRENT_TAIL(buffer, fs->block_size));
}
