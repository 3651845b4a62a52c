// SPDX-License-Identifier: MIT
// Much at once, straight between the disk and memory that it shares with the client (store_direct.c): reads of whole blocks, and writes of
// whole blocks that the file has already. What is left over (holes, the part of a block at the end) is done here.
//
// Files of which a good part fits into the cache go through it, so that what is read often is read from there.
#include "fs.h"

#define PIECES_MAX 16u

struct piece_list {
	struct store_piece pieces[PIECES_MAX];
	size_t count;
};

static bool is_whole(const struct fs *fs, const struct data_area *area, uint64_t offset)
{
	return ((offset | area->place) & (fs->block_size - 1)) == 0;
}

static bool is_large(const struct fs *fs, const struct node *node, uint64_t offset, size_t size, enum data_direct how)
{
	uint32_t first = (uint32_t)(offset >> fs->block_shift), end = first + (uint32_t)(size >> fs->block_shift);
	if (how != DATA_DIRECT_READ)
		return size >= (how == DATA_DIRECT_DEEP ? DATA_DIRECT_DEEP_MIN : DATA_DIRECT_WRITE_MIN);
	return size >= DATA_DIRECT_READ_MIN || (size >= DATA_DIRECT_RANDOM_MIN && data_is_random(node, first, end));
}

bool data_is_direct(const struct fs *fs, const struct node *node, uint64_t offset, size_t size, enum data_direct how)
{
	struct store_statistics statistics;
	if (!is_large(fs, node, offset, size, how) || node_is_inline(node) || !node_has_map(node) || node_size(node) > map_size_max(fs, node))
		return false;
	store_statistics(fs->store, &statistics);
	return node_size(node) >> fs->block_shift > statistics.frames / DATA_DIRECT_SHARE;
}

// Where [offset, + size) lies: whole blocks. KERN_NOT_SUPPORTED: in too many places; or, if `all` must be there, not everywhere.
static kern_return_t collect(struct fs *fs, struct node *node, const struct data_area *area, uint64_t offset, uint64_t size, bool all,
			     struct piece_list *list)
{
	struct map_run run;
	uint32_t first = (uint32_t)(offset >> fs->block_shift), end = first + (uint32_t)(size >> fs->block_shift);
	list->count = 0;
	for (uint32_t at = first; at < end; at = run.first + run.count) {
		kern_return_t error = map_find(fs, node, at, &run);
		if (error)
			return error;
		uint32_t left = run.first + run.count - at, part = left < end - at ? left : end - at;
		uint64_t done = (uint64_t)(at - first) << fs->block_shift;
		if (run.kind != MAP_WRITTEN && all)
			return KERN_NOT_SUPPORTED;
		if (run.kind != MAP_WRITTEN) {
			memset(area->bytes + done, 0, (uint64_t)part << fs->block_shift);
			continue;
		}
		if (list->count == PIECES_MAX)
			return KERN_NOT_SUPPORTED;
		list->pieces[list->count++] = (struct store_piece){
			.block = run.block + (at - run.first), .count = part, .place = area->place + done, .bytes = area->bytes + done};
	}
	return KERN_SUCCESS;
}

kern_return_t data_read_direct(struct fs *fs, struct node *node, uint64_t offset, size_t size, const struct data_area *area, size_t *got,
			       uint32_t *direct)
{
	struct piece_list list;
	uint64_t end = node_size(node);
	size_t rest = 0;
	if (offset >= end)
		return KERN_NOT_SUPPORTED;
	if (size > end - offset)
		size = (size_t)(end - offset);
	size_t whole = size & ~(size_t)(fs->block_size - 1);
	if (!is_whole(fs, area, offset) || !data_is_direct(fs, node, offset, size, DATA_DIRECT_READ))
		return KERN_NOT_SUPPORTED;
	kern_return_t error = collect(fs, node, area, offset, whole, false, &list);
	if (!error && whole < size)
		error = data_read(fs, node, offset + whole, area->bytes + whole, size - whole, &rest);
	if (!error)
		error = store_direct_read(fs->store, list.pieces, list.count, direct);
	*got = whole + rest;
	if (!error) { // where reading goes on
		node->ahead_next = (uint32_t)((offset + whole) >> fs->block_shift);
		node->ahead_window = 0;
	}
	return error;
}

// The times of the file, if they are due, and the journal runs.
static kern_return_t touch(struct fs *fs, struct node *node)
{
	if (fs->state != FS_QUIET && !node_time_is_due(fs, node))
		return KERN_SUCCESS;
	kern_return_t error = op_begin(fs);
	if (error)
		return error;
	node_touch(fs, node, true);
	return op_finish(fs, node_put(fs, node));
}

kern_return_t data_write_direct(struct fs *fs, struct node *node, uint64_t offset, size_t size, enum data_direct how,
				const struct data_area *area, uint32_t *direct)
{
	struct piece_list list;
	uint64_t end = node_size(node);
	if (!fs_can_write(fs))
		return FILE_READ_ONLY;
	if (!is_whole(fs, area, offset) || (size & (fs->block_size - 1)) || offset > end || size > end - offset ||
	    !data_is_direct(fs, node, offset, size, how))
		return KERN_NOT_SUPPORTED;
	kern_return_t error = collect(fs, node, area, offset, size, true, &list);
	if (!error)
		error = touch(fs, node);
	if (!error)
		error = store_direct_write(fs->store, list.pieces, list.count, direct);
	fs->busy_since = gila_time();
	if (!fs->dirty_since)
		fs->dirty_since = fs->busy_since ? fs->busy_since : 1;
	return error;
}
