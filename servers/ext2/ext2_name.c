// SPDX-License-Identifier: MIT
// Names in ext2: open, create, stat, list, rename, remove, make_directory.
#include "ext2.h"

#include <abi/file_server.h>
#include <gila/file_entry.h>

// What it may be opened for. Devices, sockets and pipes of other systems: nothing.
static uint32_t access_of(const struct fs *fs, const struct ext2_inode_large *inode)
{
	if (!LINUX_S_ISREG(inode->i_mode) && !LINUX_S_ISDIR(inode->i_mode) && !LINUX_S_ISLNK(inode->i_mode))
		return 0;
	bool fixed = inode->i_flags & (EXT2_IMMUTABLE_FL | EXT4_VERITY_FL);
	return FILE_OPEN_READ | (fs_can_write(fs) && !fixed ? FILE_OPEN_WRITE : 0);
}

static kern_return_t fill_info(struct fs *fs, struct node *node, struct file_info *info)
{
	uint32_t entries = 0;
	kern_return_t error = node_is_directory(node) ? dir_count(fs, node, &entries) : KERN_SUCCESS;
	*info = (struct file_info){
		.node = node->ino,
		.size = node_is_directory(node) ? entries : node_size(node),
		.allocated = ext2fs_get_stat_i_blocks(fs->e2, node_inode(node)) * 512,
		.modified = node_modified(fs, &node->inode),
		.type = node_type(node->inode.i_mode),
		.access = access_of(fs, &node->inode),
	};
	return error;
}

static kern_return_t check_flags(const struct ext2_target *target, uint32_t flags)
{
	bool rights = (flags & HANDLE_RIGHTS) != 0, changes = (flags & (FILE_OPEN_CREATE | FILE_OPEN_TRUNCATE)) != 0;
	if ((flags & ~(uint32_t)FILE_OPEN_KNOWN) || !rights)
		return KERN_INVALID_ARGUMENT;
	if ((flags & FILE_OPEN_TRUNCATE) && !(flags & FILE_OPEN_WRITE))
		return KERN_INVALID_ARGUMENT;
	if ((flags & FILE_OPEN_DIRECTORY) && changes)
		return KERN_INVALID_ARGUMENT;
	uint32_t need = (flags & HANDLE_RIGHTS) | ((flags & FILE_OPEN_CREATE) ? FILE_OPEN_WRITE : 0u);
	return (target->rights & need) == need ? KERN_SUCCESS : FILE_NO_RIGHT;
}

static kern_return_t give_handle(struct lpc_request *rq, struct fs *fs, ext2_ino_t ino, uint32_t flags,
				 mach_port_t *handle, struct file_info *info)
{
	struct node *node;
	kern_return_t error = node_get(fs, ino, &node);
	if (!error)
		error = fill_info(fs, node, info);
	if (error)
		return error;
	struct handle open = {.node = ino, .generation = node->inode.i_generation, .rights = flags & HANDLE_RIGHTS};
	return serve_mint(rq->context, handle_badge(open), handle);
}

// A file or directory that is there.
static kern_return_t open_found(struct fs *fs, ext2_ino_t ino, uint32_t flags)
{
	struct node *node;
	kern_return_t error = node_get(fs, ino, &node);
	if (error)
		return error;
	if (node_is_directory(node) && (flags & (FILE_OPEN_CREATE | FILE_OPEN_TRUNCATE)))
		return FILE_IS_DIRECTORY;
	if (!node_is_directory(node) && (flags & FILE_OPEN_DIRECTORY))
		return FILE_NOT_DIRECTORY;
	if ((flags & FILE_OPEN_WRITE) && !fs_can_write(fs) && !node_is_directory(node))
		return FILE_READ_ONLY;
	if (!node_is_directory(node) && (flags & HANDLE_RIGHTS & ~access_of(fs, &node->inode)))
		return FILE_NO_RIGHT;
	return (flags & FILE_OPEN_TRUNCATE) ? data_resize(fs, ino, 0) : KERN_SUCCESS;
}

kern_return_t file_serve_open(struct lpc_request *rq, const char *path, uint32_t flags, mach_port_t *handle,
			      struct file_info *info)
{
	struct ext2_target target;
	struct place place;
	kern_return_t error = ext2_target(rq, &target);
	if (!error)
		error = check_flags(&target, flags);
	if (!error)
		error = tree_resolve(target.fs, target.ino, path, true, &place);
	if (error)
		return error;
	if (place.ino)
		error = open_found(target.fs, place.ino, flags);
	else
		error = (flags & FILE_OPEN_CREATE) ? tree_create(target.fs, &place, false, &place.ino) : FILE_NOT_FOUND;
	return error ? error : give_handle(rq, target.fs, place.ino, flags, handle, info);
}

kern_return_t file_serve_create(struct lpc_request *rq, const char *path, uint32_t flags, mach_port_t *handle,
				struct file_info *info)
{
	struct ext2_target target;
	struct place place;
	kern_return_t error = ext2_target(rq, &target);
	if (!error)
		error = check_flags(&target, flags | FILE_OPEN_CREATE);
	if (!error)
		error = tree_resolve(target.fs, target.ino, path, false, &place);
	if (!error && place.ino)
		error = FILE_EXISTS;
	if (!error)
		error = tree_create(target.fs, &place, false, &place.ino);
	return error ? error : give_handle(rq, target.fs, place.ino, flags, handle, info);
}

kern_return_t file_serve_stat(struct lpc_request *rq, const char *path, struct file_info *info)
{
	struct ext2_target target;
	struct place place;
	struct node *node;
	kern_return_t error = ext2_target(rq, &target);
	if (!error)
		error = tree_resolve(target.fs, target.ino, path, true, &place);
	if (!error && !place.ino)
		error = FILE_NOT_FOUND;
	if (!error)
		error = node_get(target.fs, place.ino, &node);
	return error ? error : fill_info(target.fs, node, info);
}

// ---- Listing --------------------------------------------------------------------------------------------------------

// One answer of `list`: numbers and names first, as the directory's blocks come by; then what the inodes say.
struct page {
	uint8_t *entries;
	size_t used, room;
};

static bool take_entry(void *context, const struct dir_entry *found)
{
	struct page *page = context;
	char name[FILE_NAME_MAX + 1];
	struct file_entry entry = {.node = found->ino, .name_length = found->length};
	memcpy(name, found->name, found->length);
	name[found->length] = 0;
	if (file_name_check(name, found->length) != KERN_SUCCESS || strlen(name) != found->length)
		return true; // nobody could ask for it
	return file_entry_put(page->entries, page->room, &page->used, &entry, name);
}

static kern_return_t complete(struct fs *fs, struct file_entry *entry)
{
	struct node *node;
	uint32_t entries = 0;
	kern_return_t error = node_get(fs, (ext2_ino_t)entry->node, &node);
	if (error == FILE_STALE)
		error = fs_damaged(fs, "a directory has inode %llu, which is not in use",
				   (unsigned long long)entry->node);
	if (!error && node_is_directory(node))
		error = dir_count(fs, node, &entries);
	if (error)
		return error;
	entry->size = node_is_directory(node) ? entries : node_size(node);
	entry->modified = node_modified(fs, &node->inode);
	entry->type = node_type(node->inode.i_mode);
	return KERN_SUCCESS;
}

// An entry whose inode cannot be read is listed all the same, as an empty file: it is there, and can be seen.
static void complete_page(struct fs *fs, struct page *page)
{
	for (size_t at = 0; at < page->used;) {
		struct file_entry *entry = (void *)(page->entries + at);
		entry->type = FILE_TYPE_FILE;
		if (complete(fs, entry))
			entry->size = 0;
		at += (sizeof(*entry) + entry->name_length + 7) / 8 * 8;
	}
}

kern_return_t file_serve_list(struct lpc_request *rq, uint64_t cookie, uint64_t *next, uint8_t *entries,
			      mach_msg_type_number_t *entriesCnt)
{
	struct ext2_target target;
	struct page page = {.entries = entries, .room = *entriesCnt < FILE_LIST_MAX ? *entriesCnt : FILE_LIST_MAX};
	*entriesCnt = 0;
	*next = 0;
	kern_return_t error = ext2_target(rq, &target);
	if (!error && !node_is_directory(target.node))
		error = FILE_NOT_DIRECTORY;
	if (!error)
		error = dir_list(target.fs, target.node, cookie, take_entry, &page, next);
	if (error)
		return error;
	complete_page(target.fs, &page);
	*entriesCnt = (mach_msg_type_number_t)page.used;
	return KERN_SUCCESS;
}

// ---- Changing -------------------------------------------------------------------------------------------------------

// The target of a change to what directories hold.
static kern_return_t target_to_change(struct lpc_request *rq, struct ext2_target *target)
{
	kern_return_t error = ext2_target(rq, target);
	if (!error && !(target->rights & FILE_OPEN_WRITE))
		error = FILE_NO_RIGHT;
	return !error && !fs_can_write(target->fs) ? FILE_READ_ONLY : error;
}

kern_return_t file_serve_make_directory(struct lpc_request *rq, const char *path)
{
	struct ext2_target target;
	struct place place;
	ext2_ino_t ino;
	kern_return_t error = target_to_change(rq, &target);
	if (!error)
		error = tree_resolve(target.fs, target.ino, path, false, &place);
	if (!error && place.ino)
		error = FILE_EXISTS;
	return error ? error : tree_create(target.fs, &place, true, &ino);
}

kern_return_t file_serve_remove(struct lpc_request *rq, const char *path)
{
	struct ext2_target target;
	struct place place;
	ext2_ino_t orphan;
	kern_return_t error = target_to_change(rq, &target);
	if (!error)
		error = tree_resolve(target.fs, target.ino, path, false, &place);
	if (error)
		return error;
	if (!place.ino)
		return FILE_NOT_FOUND;
	if (!place.directory)
		return FILE_BUSY;
	error = tree_remove(target.fs, &place, &orphan);
	if (!error)
		ext2_orphaned(rq->context, orphan);
	return error;
}

kern_return_t file_serve_rename(struct lpc_request *rq, const char *from_path, const char *to_path)
{
	struct ext2_target target;
	struct place from, to;
	ext2_ino_t orphan;
	kern_return_t error = target_to_change(rq, &target);
	if (!error)
		error = tree_resolve(target.fs, target.ino, from_path, false, &from);
	if (!error)
		error = tree_resolve(target.fs, target.ino, to_path, false, &to);
	if (!error && !from.ino)
		error = FILE_NOT_FOUND;
	if (!error && (!from.directory || !to.directory))
		error = FILE_BUSY;
	if (!error)
		error = tree_rename(target.fs, &from, &to, &orphan);
	if (!error)
		ext2_orphaned(rq->context, orphan);
	return error;
}
