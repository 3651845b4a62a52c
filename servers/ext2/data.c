// SPDX-License-Identifier: MIT
// Reading contents: from the store's cache into memory of this process. Holes and unwritten blocks read as zeros.
//
// What is read in order is read ahead of: the window begins with AHEAD_MIN and doubles up to AHEAD_MAX; the next part
// of it is asked for when half of it is used up, so that the disk is busy while the client works.
#include "fs.h"

#define AHEAD_MIN (UINT64_C(64) << 10) // bytes
#define AHEAD_MAX (UINT64_C(1) << 20)
#define READERS 8u // that may share the reading of one file: their requests arrive out of order by so many
#define RUNS_MAX 64u

struct run_list {
	struct store_run runs[RUNS_MAX];
	size_t count;
};

// The blocks of the disk behind [first, end) of the file, as far as they find room. The first block that did not: *at.
static kern_return_t collect(struct fs *fs, struct node *node, uint32_t *at, uint32_t end, struct run_list *list)
{
	struct map_run run;
	while (*at < end && list->count < RUNS_MAX) {
		kern_return_t error = map_find(fs, node, *at, &run);
		if (error)
			return error;
		uint32_t left = run.first + run.count - *at, part = left < end - *at ? left : end - *at;
		if (run.kind == MAP_WRITTEN)
			list->runs[list->count++] = (struct store_run){.block = run.block + (*at - run.first),
								       .count = part};
		*at += part;
	}
	return KERN_SUCCESS;
}

bool data_is_random(const struct node *node, uint32_t first, uint32_t end)
{
	uint64_t slack = (uint64_t)(end - first) * READERS, next = node->ahead_next;
	return first + slack < next || first > next + slack;
}

// How far to read ahead of [first, end). Nothing: 0.
static uint32_t ahead_of(const struct fs *fs, struct node *node, uint32_t first, uint32_t end)
{
	uint32_t least = (uint32_t)(AHEAD_MIN >> fs->block_shift), most = (uint32_t)(AHEAD_MAX >> fs->block_shift);
	if (data_is_random(node, first, end)) {
		node->ahead_window = 0;
		node->ahead_end = node->ahead_next = end;
	} else if (node->ahead_window == 0) {
		node->ahead_window = least;
		node->ahead_end = end;
	}
	if (node->ahead_next < end)
		node->ahead_next = end;
	if (!node->ahead_window || node->ahead_end > end + node->ahead_window / 2)
		return 0;
	if (node->ahead_window < most)
		node->ahead_window *= 2;
	return end + node->ahead_window;
}

// The blocks that are needed now (the first `wanted` runs of the list), and some that will be. *all: it has all that are needed.
static kern_return_t plan(struct fs *fs, struct node *node, uint32_t first, uint32_t end, struct run_list *list, size_t *wanted, bool *all)
{
	uint32_t at = first, file_end = (uint32_t)((node_size(node) + fs->block_size - 1) >> fs->block_shift);
	uint32_t ahead = ahead_of(fs, node, first, end);
	list->count = 0;
	kern_return_t error = collect(fs, node, &at, end, list);
	*wanted = list->count;
	*all = at == end;
	if (!error && ahead && *all) {
		at = node->ahead_end > end ? node->ahead_end : end;
		error = collect(fs, node, &at, ahead < file_end ? ahead : file_end, list);
		node->ahead_end = at;
	}
	return error;
}

static uint32_t block_at(const struct fs *fs, uint64_t offset) { return (uint32_t)(offset >> fs->block_shift); }

static kern_return_t prefetch(struct fs *fs, struct node *node, uint64_t offset, uint64_t size)
{
	struct run_list list;
	size_t wanted;
	bool all;
	kern_return_t error = plan(fs, node, block_at(fs, offset), block_at(fs, offset + size - 1) + 1, &list, &wanted, &all);
	return error || list.count == 0 ? error : store_read_runs(fs->store, list.runs, wanted, list.count);
}

kern_return_t data_ask(struct fs *fs, struct node *node, uint64_t offset, size_t size, uint64_t *ticket)
{
	struct run_list list;
	size_t wanted;
	bool all;
	uint64_t end = node_size(node);
	*ticket = STORE_NOT_ASKED;
	if (offset >= end || size == 0 || size > AHEAD_MAX || node_is_inline(node) || !node_has_map(node) || end > map_size_max(fs, node))
		return KERN_SUCCESS;
	if (size > end - offset)
		size = (size_t)(end - offset);
	kern_return_t error = plan(fs, node, block_at(fs, offset), block_at(fs, offset + size - 1) + 1, &list, &wanted, &all);
	if (error || !all)
		return error;
	return store_ask_runs(fs->store, list.runs, wanted, list.count, ticket);
}

// A part of one run.
static kern_return_t read_run(struct fs *fs, uint64_t block, uint32_t within, uint8_t *to, uint64_t size)
{
	const uint8_t *data;
	while (size > 0) {
		uint64_t part = fs->block_size - within < size ? fs->block_size - within : size;
		kern_return_t error = store_get(fs->store, block, &data);
		if (error)
			return error;
		memcpy(to, data + within, part);
		to += part, size -= part;
		block++;
		within = 0;
	}
	return KERN_SUCCESS;
}

static kern_return_t read_mapped(struct fs *fs, struct node *node, uint64_t offset, uint8_t *to, uint64_t size)
{
	struct map_run run;
	kern_return_t error = KERN_SUCCESS;
	while (!error && size > 0) {
		uint32_t logical = block_at(fs, offset), within = (uint32_t)(offset & (fs->block_size - 1));
		error = map_find(fs, node, logical, &run);
		if (error)
			return error;
		uint64_t part = ((uint64_t)(run.first + run.count - logical) << fs->block_shift) - within;
		if (part > size)
			part = size;
		if (run.kind == MAP_WRITTEN)
			error = read_run(fs, run.block + (logical - run.first), within, to, part);
		else
			memset(to, 0, part);
		to += part, offset += part, size -= part;
	}
	return error;
}

// Much of it at once would not find room in the cache.
static kern_return_t read_pieces(struct fs *fs, struct node *node, uint64_t offset, uint8_t *to, uint64_t size, bool asked)
{
	kern_return_t error = KERN_SUCCESS;
	while (!error && size > 0) {
		uint64_t part = AHEAD_MAX - offset % AHEAD_MAX;
		if (part > size)
			part = size;
		if (!asked)
			error = prefetch(fs, node, offset, part);
		if (!error)
			error = read_mapped(fs, node, offset, to, part);
		to += part, offset += part, size -= part;
	}
	return error;
}

static kern_return_t read_inline(struct fs *fs, struct node *node, uint64_t offset, void *to, size_t size)
{
	uint8_t *data;
	size_t have;
	kern_return_t error = inline_read(fs, node, &data, &have);
	if (error)
		return error;
	size_t part = offset >= have ? 0 : have - offset < size ? have - (size_t)offset : size;
	memcpy(to, data + offset * (part > 0), part);
	memset((uint8_t *)to + part, 0, size - part);
	free(data);
	return KERN_SUCCESS;
}

static kern_return_t read_any(struct fs *fs, struct node *node, uint64_t offset, void *to, size_t size, size_t *got, bool asked)
{
	uint64_t end = node_size(node);
	*got = 0;
	if (offset >= end || size == 0)
		return KERN_SUCCESS;
	if (size > end - offset)
		size = (size_t)(end - offset);
	kern_return_t error = KERN_SUCCESS;
	if (node_is_inline(node))
		error = read_inline(fs, node, offset, to, size);
	else if (!node_has_map(node) && node_is_link(node)) // a short one
		memcpy(to, (uint8_t *)node->inode.i_block + offset, size);
	else if (!node_has_map(node))
		error = FILE_NO_RIGHT; // a device or a pipe
	else if (end > map_size_max(fs, node))
		error = fs_damaged(fs, "inode %u: %llu bytes are more than it can have", node->ino,
				   (unsigned long long)end);
	else
		error = read_pieces(fs, node, offset, to, size, asked);
	*got = error ? 0 : size;
	return error;
}

kern_return_t data_read(struct fs *fs, struct node *node, uint64_t offset, void *to, size_t size, size_t *got)
{
	return read_any(fs, node, offset, to, size, got, false);
}

kern_return_t data_read_asked(struct fs *fs, struct node *node, uint64_t offset, void *to, size_t size, size_t *got)
{
	return read_any(fs, node, offset, to, size, got, true);
}
