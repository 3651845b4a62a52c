// SPDX-License-Identifier: MIT
// Names in tmpfs: open, create, stat, list, rename, remove, make_directory.
#include "tmpfs.h"

#include <abi/file_server.h>
#include <gila/file_entry.h>
#include <string.h>

// Where a path leads: `node` is 0 when only its last component (`name` in `directory`) does not exist.
struct place {
	uint32_t node;
	uint32_t directory;
	const char *name; // NULL: the path is empty, the handle itself
	size_t length;
};

static enum store_state state_of(struct tmpfs *fs, uint32_t node)
{
	struct store_info info;
	store_info(&fs->store, node, &info);
	return info.state;
}

static kern_return_t resolve(const struct tmpfs_target *target, const char *path, struct place *place)
{
	struct file_path walk = {.rest = path};
	*place = (struct place){.node = target->node};
	while (file_path_next(&walk)) {
		if (!place->node)
			return FILE_NOT_FOUND;
		if (state_of(target->fs, place->node) != STORE_DIRECTORY)
			return FILE_NOT_DIRECTORY;
		place->directory = place->node;
		place->name = walk.name;
		place->length = walk.length;
		place->node = store_find(&target->fs->store, place->directory, walk.name, walk.length);
	}
	return walk.error;
}

static void fill_info(struct tmpfs *fs, uint32_t node, struct file_info *info)
{
	struct store_info known;
	store_info(&fs->store, node, &known);
	*info = (struct file_info){
		.node = node,
		.size = known.size,
		.allocated = known.blocks * STORE_BLOCK,
		.modified = known.modified,
		.type = known.state == STORE_DIRECTORY ? FILE_TYPE_DIRECTORY : FILE_TYPE_FILE,
		.access = HANDLE_RIGHTS,
	};
}

static uint64_t now(void) { return (uint64_t)gila_time_calendar(); }

static kern_return_t check_flags(const struct tmpfs_target *target, uint32_t flags)
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

static kern_return_t give_handle(struct lpc_request *rq, struct tmpfs *fs, uint32_t node, uint32_t flags,
				 mach_port_t *handle, struct file_info *info)
{
	struct store_info known;
	store_info(&fs->store, node, &known);
	struct handle open = {.node = node, .generation = known.generation, .rights = flags & HANDLE_RIGHTS};
	fill_info(fs, node, info);
	return serve_mint(rq->context, handle_badge(open), handle);
}

static kern_return_t make(const struct tmpfs_target *target, const struct place *place, bool is_directory, uint32_t *node)
{
	return store_create(&target->fs->store, place->directory, place->name, place->length, is_directory, now(), node);
}

static kern_return_t open_found(const struct tmpfs_target *target, uint32_t node, uint32_t flags)
{
	enum store_state state = state_of(target->fs, node);
	if (state == STORE_ORPHAN)
		return FILE_STALE;
	if (state == STORE_DIRECTORY && (flags & (FILE_OPEN_CREATE | FILE_OPEN_TRUNCATE)))
		return FILE_IS_DIRECTORY;
	if (state != STORE_DIRECTORY && (flags & FILE_OPEN_DIRECTORY))
		return FILE_NOT_DIRECTORY;
	return (flags & FILE_OPEN_TRUNCATE) ? store_resize(&target->fs->store, node, 0, now()) : KERN_SUCCESS;
}

kern_return_t file_serve_open(struct lpc_request *rq, const char *path, uint32_t flags, mach_port_t *handle,
			      struct file_info *info)
{
	struct tmpfs_target target;
	struct place place;
	kern_return_t error = tmpfs_target(rq, &target);
	if (!error)
		error = check_flags(&target, flags);
	if (!error)
		error = resolve(&target, path, &place);
	if (error)
		return error;
	if (place.node)
		error = open_found(&target, place.node, flags);
	else
		error = (flags & FILE_OPEN_CREATE) ? make(&target, &place, false, &place.node) : FILE_NOT_FOUND;
	return error ? error : give_handle(rq, target.fs, place.node, flags, handle, info);
}

kern_return_t file_serve_create(struct lpc_request *rq, const char *path, uint32_t flags, mach_port_t *handle,
				struct file_info *info)
{
	struct tmpfs_target target;
	struct place place;
	uint32_t node;
	kern_return_t error = tmpfs_target(rq, &target);
	if (!error)
		error = check_flags(&target, flags | FILE_OPEN_CREATE);
	if (!error)
		error = resolve(&target, path, &place);
	if (!error && place.node)
		error = FILE_EXISTS;
	if (!error)
		error = make(&target, &place, false, &node);
	return error ? error : give_handle(rq, target.fs, node, flags, handle, info);
}

kern_return_t file_serve_stat(struct lpc_request *rq, const char *path, struct file_info *info)
{
	struct tmpfs_target target;
	struct place place;
	kern_return_t error = tmpfs_target(rq, &target);
	if (!error)
		error = resolve(&target, path, &place);
	if (!error && !place.node)
		error = FILE_NOT_FOUND;
	if (!error)
		fill_info(target.fs, place.node, info);
	return error;
}

kern_return_t file_serve_list(struct lpc_request *rq, uint64_t cookie, uint64_t *next, uint8_t *entries,
			      mach_msg_type_number_t *entriesCnt)
{
	struct tmpfs_target target;
	struct store_info info;
	size_t used = 0, room = *entriesCnt < FILE_LIST_MAX ? *entriesCnt : FILE_LIST_MAX;
	uint32_t node = 0;
	*entriesCnt = 0;
	kern_return_t error = tmpfs_target(rq, &target);
	if (!error && target.info.state != STORE_DIRECTORY)
		error = FILE_NOT_DIRECTORY;
	if (error)
		return error;
	while ((node = store_next(&target.fs->store, target.node, cookie, node))) {
		store_info(&target.fs->store, node, &info);
		struct file_entry entry = {
			.node = node,
			.size = info.size,
			.modified = info.modified,
			.type = info.state == STORE_DIRECTORY ? FILE_TYPE_DIRECTORY : FILE_TYPE_FILE,
			.name_length = (uint32_t)strlen(info.name),
		};
		if (!file_entry_put(entries, room, &used, &entry, info.name))
			break;
		cookie = info.serial;
	}
	*entriesCnt = (mach_msg_type_number_t)used;
	*next = node ? cookie : 0;
	return KERN_SUCCESS;
}

// The target of a change to what directories hold.
static kern_return_t target_to_change(struct lpc_request *rq, struct tmpfs_target *target)
{
	kern_return_t error = tmpfs_target(rq, target);
	return !error && !(target->rights & FILE_OPEN_WRITE) ? FILE_NO_RIGHT : error;
}

kern_return_t file_serve_make_directory(struct lpc_request *rq, const char *path)
{
	struct tmpfs_target target;
	struct place place;
	uint32_t node;
	kern_return_t error = target_to_change(rq, &target);
	if (!error)
		error = resolve(&target, path, &place);
	if (!error && place.node)
		error = FILE_EXISTS;
	return error ? error : make(&target, &place, true, &node);
}

static bool is_empty(struct tmpfs *fs, uint32_t node)
{
	struct store_info info;
	store_info(&fs->store, node, &info);
	return info.state != STORE_DIRECTORY || info.size == 0;
}

kern_return_t file_serve_remove(struct lpc_request *rq, const char *path)
{
	struct tmpfs_target target;
	struct place place;
	kern_return_t error = target_to_change(rq, &target);
	if (!error)
		error = resolve(&target, path, &place);
	if (error)
		return error;
	if (!place.node)
		return FILE_NOT_FOUND;
	if (!place.name)
		return FILE_BUSY;
	if (!is_empty(target.fs, place.node))
		return FILE_NOT_EMPTY;
	error = store_remove(&target.fs->store, place.node, now());
	if (!error)
		tmpfs_orphaned(rq->context, place.node);
	return error;
}

// Whether the node at `from` may take the name `to`.
static kern_return_t check_rename(struct tmpfs *fs, const struct place *from, const struct place *to)
{
	bool moves_directory = state_of(fs, from->node) == STORE_DIRECTORY;
	if (moves_directory && store_is_above(&fs->store, from->node, to->directory))
		return FILE_BUSY;
	if (!to->node || to->node == from->node)
		return KERN_SUCCESS;
	bool replaces_directory = state_of(fs, to->node) == STORE_DIRECTORY;
	if (moves_directory != replaces_directory)
		return moves_directory ? FILE_NOT_DIRECTORY : FILE_IS_DIRECTORY;
	return is_empty(fs, to->node) ? KERN_SUCCESS : FILE_NOT_EMPTY;
}

kern_return_t file_serve_rename(struct lpc_request *rq, const char *from_path, const char *to_path)
{
	struct tmpfs_target target;
	struct place from, to;
	kern_return_t error = target_to_change(rq, &target);
	if (!error)
		error = resolve(&target, from_path, &from);
	if (!error)
		error = resolve(&target, to_path, &to);
	if (!error && !from.node)
		error = FILE_NOT_FOUND;
	if (!error && (!from.name || !to.name))
		error = FILE_BUSY;
	if (!error)
		error = check_rename(target.fs, &from, &to);
	if (error || to.node == from.node)
		return error;
	error = store_rename(&target.fs->store, from.node, to.directory, to.name, to.length, to.node, now());
	if (!error && to.node)
		tmpfs_orphaned(rq->context, to.node);
	return error;
}
