// SPDX-License-Identifier: MIT
// Gila's files; see files.h.
#include "files.h"

#include <abi/file.h>
#include <abi/traps.h>
#include <gila/file.h>
#include <string.h>

#define MOST (FILE_OPEN_READ | FILE_OPEN_WRITE)

static kern_return_t open_file(const char *path, uint32_t flags, uint32_t *handle)
{
	return gila_file_open(path, flags, handle, NULL);
}

static kern_return_t create_file(const char *path, uint32_t *handle) { return gila_file_create(path, MOST, handle); }

static kern_return_t sync_all(const char *path)
{
	struct gila_place place;
	mach_port_t seat;
	kern_return_t error = gila_place_find(path, &place);
	if (!error)
		error = gila_seat(place.seat, &seat);
	return error ? error : file_sync(seat);
}

static kern_return_t size_of(uint32_t handle, uint64_t *size)
{
	struct file_info info;
	kern_return_t error = gila_file_info(handle, &info);
	*size = error ? 0 : info.size;
	return error;
}

static kern_return_t info_of(const char *path, struct files_info *info)
{
	struct file_info found;
	kern_return_t error = gila_path_info(path, &found);
	if (!error)
		*info = (struct files_info){found.size, found.type == FILE_TYPE_DIRECTORY};
	return error;
}

static kern_return_t list(const char *path, files_entry *entry, void *context)
{
	struct gila_list list;
	kern_return_t error = gila_list_begin(&list, path);
	if (error)
		return error;
	while (!(error = gila_list_next(&list)) && !list.done && entry(context, list.name))
		;
	gila_list_end(&list);
	return error;
}

// Calls that return ids return 0 then (docs/hosted.md).
static bool is_gone(void) { return gila_task_id() == 0; }

const struct files files_gila = {
	.open = open_file,
	.create = create_file,
	.close = gila_file_close,
	.read = gila_file_read,
	.write = gila_file_write,
	.append = gila_file_append,
	.resize = gila_file_resize,
	.sync = gila_file_sync,
	.sync_all = sync_all,
	.size = size_of,
	.info = info_of,
	.rename = gila_path_rename,
	.remove = gila_path_remove,
	.make_directory = gila_path_make_directory,
	.list = list,
	.gone = is_gone,
};

const struct files *files_of(const char **path)
{
	size_t prefix = strlen(FILES_HOST);
	if (strncmp(*path, FILES_HOST, prefix) != 0)
		return &files_gila;
	*path += prefix;
	return &files_host;
}
