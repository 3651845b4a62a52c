// SPDX-License-Identifier: MIT
// Files of the boot archive. A handle's node is the archive's own index of it, the same in every server's life.
#include "bootfs.h"

#include <abi/file_server.h>
#include <serve/serve_buffer.h>
#include <gila/file_entry.h>
#include <gila/file_name.h>
#include <serve/handle.h>
#include <serve/serve.h>
#include <stdlib.h>
#include <string.h>

bool bootfs_open(struct bootfs *fs, size_t size, struct archive_error *error)
{
	size_t index_size;
	if (archive_measure(fs->data, size, &index_size, error))
		return false;
	void *index = malloc(index_size);
	if (!index) {
		*error = (struct archive_error){.status = ARCHIVE_NO_MEMORY};
		return false;
	}
	if (archive_open(&fs->archive, fs->data, size, index, index_size, error) == ARCHIVE_OK)
		return true;
	free(index);
	return false;
}

void bootfs_close(struct bootfs *fs)
{
	// The nodes are at the start of the memory that the index was given.
	free((void *)(uintptr_t)fs->archive.nodes);
	fs->archive.nodes = NULL;
}

// The node of the request's handle, and what that may do.
static kern_return_t target(struct lpc_request *rq, struct bootfs **fs, const struct archive_node **node)
{
	struct serve *serve = rq->context;
	struct handle handle = {.node = 0};
	*fs = serve->context;
	if (rq->badge != 0 && (!handle_from_badge(rq->badge, &handle) || handle.generation != 0 ||
			       handle.node >= (*fs)->archive.count))
		return FILE_STALE;
	*node = &(*fs)->archive.nodes[handle.node];
	return KERN_SUCCESS;
}

static kern_return_t from_archive(enum archive_status status)
{
	switch (status) {
	case ARCHIVE_OK:
		return KERN_SUCCESS;
	case ARCHIVE_NOT_A_DIRECTORY:
		return FILE_NOT_DIRECTORY;
	case ARCHIVE_PATH_TOO_LONG:
		return FILE_NAME_TOO_LONG;
	default: // also links that lead in circles or out of the archive
		return FILE_NOT_FOUND;
	}
}

// Symbolic links are followed.
static kern_return_t resolve(struct bootfs *fs, const struct archive_node *from, const char *path,
			     const struct archive_node **node)
{
	char full[TAR_PATH_MAX + FILE_PATH_MAX + 2];
	struct file_path walk = {.rest = path};
	while (file_path_next(&walk))
		continue;
	if (walk.error)
		return walk.error;
	memcpy(full, from->path, from->path_length);
	full[from->path_length] = '/';
	size_t length = strlen(path);
	memcpy(full + from->path_length + 1, path, length);
	return from_archive(archive_resolve(&fs->archive, full, from->path_length + 1 + length, node));
}

static uint32_t type_of(const struct archive_node *node)
{
	return node->type == TAR_DIRECTORY ? FILE_TYPE_DIRECTORY : node->type == TAR_FILE ? FILE_TYPE_FILE : FILE_TYPE_LINK;
}

static void fill_info(const struct bootfs *fs, const struct archive_node *node, struct file_info *info)
{
	*info = (struct file_info){
		.node = (uint64_t)(node - fs->archive.nodes),
		.size = node->type == TAR_DIRECTORY ? node->child_count : node->size,
		.allocated = (node->size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK,
		.type = type_of(node),
		.access = FILE_OPEN_READ,
	};
}

kern_return_t file_serve_open(struct lpc_request *rq, const char *path, uint32_t flags, mach_port_t *handle,
			      struct file_info *info)
{
	struct bootfs *fs;
	const struct archive_node *from, *node;
	kern_return_t error = target(rq, &fs, &from);
	if (!error && ((flags & ~(uint32_t)FILE_OPEN_KNOWN) || !(flags & HANDLE_RIGHTS)))
		error = KERN_INVALID_ARGUMENT;
	if (!error)
		error = resolve(fs, from, path, &node);
	if (error == FILE_NOT_FOUND && (flags & FILE_OPEN_CREATE))
		error = FILE_READ_ONLY;
	if (!error && (flags & (FILE_OPEN_WRITE | FILE_OPEN_TRUNCATE)))
		error = FILE_READ_ONLY;
	if (!error && (flags & FILE_OPEN_DIRECTORY) && node->type != TAR_DIRECTORY)
		error = FILE_NOT_DIRECTORY;
	if (error)
		return error;
	struct handle open = {.node = (uint32_t)(node - fs->archive.nodes), .rights = FILE_OPEN_READ};
	fill_info(fs, node, info);
	return serve_mint(rq->context, handle_badge(open), handle);
}

// The contents that a read is about: *size is cut down to what is there.
static kern_return_t contents(struct lpc_request *rq, uint64_t offset, uint64_t *size, struct bootfs **fs,
			      const uint8_t **data)
{
	const struct archive_node *node;
	kern_return_t error = target(rq, fs, &node);
	if (error)
		return error;
	if (node->type != TAR_FILE)
		return FILE_IS_DIRECTORY;
	uint64_t there = offset < node->size ? node->size - offset : 0;
	if (*size > there)
		*size = there;
	*data = there ? node->data + offset : node->data;
	return KERN_SUCCESS;
}

kern_return_t file_serve_read(struct lpc_request *rq, uint64_t offset, uint32_t wanted, uint8_t *data,
			      mach_msg_type_number_t *dataCnt)
{
	struct bootfs *fs;
	const uint8_t *from;
	uint64_t size = wanted < *dataCnt ? wanted : *dataCnt;
	*dataCnt = 0;
	kern_return_t error = contents(rq, offset, &size, &fs, &from);
	if (!error && size > 0) {
		memcpy(data, from, size);
		*dataCnt = (mach_msg_type_number_t)size;
	}
	return error;
}

kern_return_t file_serve_read_memory(struct lpc_request *rq, uint64_t offset, uint64_t size, mach_port_t *memory,
				     uint64_t *start, uint64_t *count)
{
	struct bootfs *fs;
	const uint8_t *from;
	*count = size;
	kern_return_t error = contents(rq, offset, count, &fs, &from);
	if (!error)
		error = gila_port_copy(fs->memory);
	if (error)
		return error;
	*memory = fs->memory;
	*start = *count > 0 ? (uint64_t)(from - fs->data) : 0;
	return KERN_SUCCESS;
}

kern_return_t file_serve_read_into(struct lpc_request *rq, uint64_t offset, mach_port_t memory, uint64_t start, uint64_t size,
				   uint64_t *count)
{
	struct bootfs *fs;
	const uint8_t *from;
	uint8_t *to;
	*count = size;
	kern_return_t error = contents(rq, offset, count, &fs, &from);
	if (!error)
		error = serve_buffer_map(memory, start, *count, true, &to);
	if (error)
		return error;
	memcpy(to, from, *count);
	serve_buffer_done(memory);
	return KERN_SUCCESS;
}

kern_return_t file_serve_stat(struct lpc_request *rq, const char *path, struct file_info *info)
{
	struct bootfs *fs;
	const struct archive_node *from, *node;
	kern_return_t error = target(rq, &fs, &from);
	if (!error)
		error = resolve(fs, from, path, &node);
	if (!error)
		fill_info(fs, node, info);
	return error;
}

kern_return_t file_serve_list(struct lpc_request *rq, uint64_t cookie, uint64_t *next, uint8_t *entries,
			      mach_msg_type_number_t *entriesCnt)
{
	struct bootfs *fs;
	const struct archive_node *node;
	size_t used = 0, room = *entriesCnt < FILE_LIST_MAX ? *entriesCnt : FILE_LIST_MAX;
	*entriesCnt = 0;
	kern_return_t error = target(rq, &fs, &node);
	if (!error && node->type != TAR_DIRECTORY)
		error = FILE_NOT_DIRECTORY;
	if (error)
		return error;
	*next = 0;
	// The cookie counts children.
	for (uint64_t i = cookie; i < node->child_count; i++) {
		const struct archive_node *child = &fs->archive.nodes[node->first_child + i];
		struct file_entry entry = {
			.node = node->first_child + i,
			.size = child->type == TAR_DIRECTORY ? child->child_count : child->size,
			.type = type_of(child),
			.name_length = child->name_length,
		};
		if (!file_entry_put(entries, room, &used, &entry, child->name)) {
			*next = i;
			break;
		}
	}
	*entriesCnt = (mach_msg_type_number_t)used;
	return KERN_SUCCESS;
}

kern_return_t file_serve_sync(struct lpc_request *rq)
{
	struct bootfs *fs;
	const struct archive_node *node;
	return target(rq, &fs, &node);
}

// ---- What would change something ---------------------------------------------------------------------------------------

kern_return_t file_serve_create(struct lpc_request *rq, const char *path, uint32_t flags, mach_port_t *handle,
				struct file_info *info)
{
	return FILE_READ_ONLY;
}
kern_return_t file_serve_write(struct lpc_request *rq, uint64_t offset, const uint8_t *data, mach_msg_type_number_t dataCnt)
{
	return FILE_READ_ONLY;
}
kern_return_t file_serve_write_memory(struct lpc_request *rq, uint64_t offset, mach_port_t memory, uint64_t start,
				      uint64_t size)
{
	return FILE_READ_ONLY;
}
kern_return_t file_serve_append(struct lpc_request *rq, const uint8_t *data, mach_msg_type_number_t dataCnt,
				uint64_t *offset)
{
	return FILE_READ_ONLY;
}
kern_return_t file_serve_truncate(struct lpc_request *rq, uint64_t size) { return FILE_READ_ONLY; }
kern_return_t file_serve_rename(struct lpc_request *rq, const char *from, const char *to) { return FILE_READ_ONLY; }
kern_return_t file_serve_remove(struct lpc_request *rq, const char *path) { return FILE_READ_ONLY; }
kern_return_t file_serve_make_directory(struct lpc_request *rq, const char *path) { return FILE_READ_ONLY; }

// There is no disk below.
kern_return_t file_serve_buffer(struct lpc_request *rq, uint64_t size, mach_port_t *memory) { return KERN_NOT_SUPPORTED; }
