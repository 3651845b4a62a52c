// SPDX-License-Identifier: MIT
// Writing contents. Bytes go into the store's cache at once (store_data); what that changes in the metadata (size,
// time, blocks) is one operation, or several when it is much: then each leaves a file that is written up to some point.
//
// 1. Blocks are allocated in the order of the file, as near to the block before as there is room, many at a time.
// 2. A block is mapped in the operation that allocated it, with its contents in the store: nobody ever reads what was
//    in it before.
// 3. What lies behind the end of the file in its last block is cleared when the file grows over it.
#include "fs.h"

#define TAIL_ROOM 32u        // free blocks: with fewer the disk counts as full
#define WRITE_MOST (8u << 20) // bytes of one operation

static const uint8_t zeros[4096];

// A request that is under way.
struct job {
	uint64_t offset;
	const uint8_t *from;
	size_t left;
};

// Bytes into blocks that are mapped: [job->offset, + size) all lie in the run. `fresh`: they were not written before.
static kern_return_t fill_run(struct fs *fs, const struct map_run *run, struct job *job, size_t size, bool fresh)
{
	while (size > 0) {
		uint32_t within = (uint32_t)(job->offset & (fs->block_size - 1));
		uint32_t part = fs->block_size - within < size ? fs->block_size - within : (uint32_t)size;
		uint64_t block = run->block + ((uint32_t)(job->offset >> fs->block_shift) - run->first);
		kern_return_t error = store_data(fs->store, block, within, job->from, part, fresh);
		if (error)
			return error;
		job->offset += part, job->from += part, job->left -= part, size -= part;
	}
	return KERN_SUCCESS;
}

// How much of the job lies in the run.
static size_t part_of(const struct fs *fs, const struct map_run *run, const struct job *job)
{
	uint64_t end = (uint64_t)(run->first + run->count) << fs->block_shift;
	return end - job->offset < job->left ? (size_t)(end - job->offset) : job->left;
}

static uint32_t blocks_of(const struct fs *fs, const struct job *job, size_t size)
{
	return (uint32_t)((job->offset + size - 1) >> fs->block_shift) - (uint32_t)(job->offset >> fs->block_shift) + 1;
}

// The next part of the job goes into a hole, or into blocks that are allocated but unwritten.
static kern_return_t write_new(struct fs *fs, struct node *node, const struct map_run *there, struct job *job)
{
	size_t size = part_of(fs, there, job);
	uint32_t logical = (uint32_t)(job->offset >> fs->block_shift),
		 count = blocks_of(fs, job, size < WRITE_MOST ? size : WRITE_MOST);
	struct map_run run = {.first = logical,
			      .count = count,
			      .block = there->block + (logical - there->first),
			      .kind = MAP_WRITTEN};
	kern_return_t error;
	if (there->kind == MAP_UNWRITTEN) {
		error = map_written(fs, node, logical, count);
	} else {
		struct span span;
		error = alloc_blocks(fs, map_goal(fs, node, logical), count, &span);
		if (error)
			return error;
		error = map_fill(fs, node, logical, span);
		if (error && !fs->op.error)
			fs->op.error = error; // nothing of this operation may stay
		run.block = span.block;
		run.count = (uint32_t)span.count;
	}
	return error ? error : fill_run(fs, &run, job, part_of(fs, &run, job), true);
}

// As much of the job as one operation takes. FILE_NO_SPACE: perhaps something was done all the same.
static kern_return_t write_some(struct fs *fs, struct node *node, struct job *job)
{
	struct map_run run;
	kern_return_t error = KERN_SUCCESS;
	uint64_t most = job->offset + WRITE_MOST;
	while (!error && job->left > 0 && job->offset < most && !op_full(fs)) {
		error = map_find(fs, node, (uint32_t)(job->offset >> fs->block_shift), &run);
		if (!error && run.kind == MAP_WRITTEN)
			error = fill_run(fs, &run, job, part_of(fs, &run, job), false);
		else if (!error)
			error = write_new(fs, node, &run, job);
	}
	return error;
}

kern_return_t data_clear_tail(struct fs *fs, struct node *node)
{
	struct map_run run;
	uint64_t size = node_size(node);
	uint32_t within = (uint32_t)(size & (fs->block_size - 1)), logical = (uint32_t)(size >> fs->block_shift);
	if (within == 0 || !node_has_map(node))
		return KERN_SUCCESS;
	kern_return_t error = map_find(fs, node, logical, &run);
	if (error || run.kind != MAP_WRITTEN)
		return error;
	return store_data(fs->store, run.block + (logical - run.first), within, zeros, fs->block_size - within, false);
}

// Whether everything is there already, so that only bytes change.
static kern_return_t is_overwrite(struct fs *fs, struct node *node, uint64_t offset, uint64_t size, bool *overwrite)
{
	struct map_run run;
	*overwrite = !node_is_inline(node) && offset + size <= node_size(node) && !node_time_is_due(fs, node);
	uint32_t end = (uint32_t)((offset + size - 1) >> fs->block_shift) + 1;
	for (uint32_t at = (uint32_t)(offset >> fs->block_shift); *overwrite && at < end; at = run.first + run.count) {
		kern_return_t error = map_find(fs, node, at, &run);
		if (error)
			return error;
		*overwrite = run.kind == MAP_WRITTEN;
	}
	return KERN_SUCCESS;
}

static kern_return_t overwrite(struct fs *fs, struct node *node, struct job *job)
{
	struct map_run run;
	kern_return_t error = fs_can_write(fs) ? KERN_SUCCESS : FILE_READ_ONLY;
	if (!error && fs->state == FS_QUIET) { // contents are written with a commit, for which the journal must run
		error = op_begin(fs);
		if (!error)
			error = op_end(fs);
	}
	while (!error && job->left > 0) {
		error = map_find(fs, node, (uint32_t)(job->offset >> fs->block_shift), &run);
		if (!error)
			error = fill_run(fs, &run, job, part_of(fs, &run, job), false);
	}
	fs->busy_since = gila_time();
	if (!fs->dirty_since)
		fs->dirty_since = fs->busy_since ? fs->busy_since : 1;
	return error;
}

// Inside of an operation, up to its end or its cancellation.
static kern_return_t change(struct fs *fs, struct node *node, struct job *job)
{
	bool fits = false;
	kern_return_t error = KERN_SUCCESS;
	uint64_t before = job->offset;
	if (node_is_inline(node)) {
		error = inline_write(fs, node, job->offset, job->from, job->left, &fits);
		if (!error && fits)
			job->offset += job->left, job->left = 0;
		if (!error && !fits)
			error = inline_expand(fs, node);
	}
	if (!error && !fits) {
		if (before > node_size(node))
			error = data_clear_tail(fs, node);
		if (!error)
			error = write_some(fs, node, job);
		if (error == FILE_NO_SPACE && job->offset > before)
			error = KERN_SUCCESS; // what was done stays, the rest is tried again
	}
	if (!error && job->offset > node_size(node))
		error = node_set_size(fs, node, job->offset);
	if (!error) {
		node_touch(fs, node, true);
		error = node_put(fs, node);
	}
	return op_finish(fs, error);
}

// Blocks behind the end that wait to be freed must be gone before the end moves.
static kern_return_t prepare(struct fs *fs, ext2_ino_t ino)
{
	bool done;
	kern_return_t error = KERN_SUCCESS;
	while (!error && orphan_is_long(fs, ino))
		error = orphan_step(fs, ino, &done);
	return error;
}

static kern_return_t write_part(struct fs *fs, ext2_ino_t ino, struct job *job)
{
	struct node *node;
	bool only_bytes;
	kern_return_t error = prepare(fs, ino);
	if (!error)
		error = node_get(fs, ino, &node);
	if (!error && job->offset + job->left > map_size_max(fs, node))
		error = FILE_TOO_LARGE;
	if (!error)
		error = is_overwrite(fs, node, job->offset, job->left, &only_bytes);
	if (error)
		return error;
	if (only_bytes)
		return overwrite(fs, node, job);
	error = op_begin(fs);
	return error ? error : change(fs, node, job);
}

kern_return_t data_write(struct fs *fs, ext2_ino_t ino, uint64_t offset, const void *from, size_t size)
{
	struct job job = {.offset = offset, .from = from, .left = size};
	bool reclaimed = false;
	if (offset > INT64_MAX - size)
		return FILE_TOO_LARGE;
	while (job.left > 0) {
		struct job before = job;
		kern_return_t error = write_part(fs, ino, &job);
		if (error == FILE_NO_SPACE && !reclaimed && fs_reclaim(fs)) {
			reclaimed = true;
			job = before;
			continue;
		}
		if (error)
			return error;
	}
	return KERN_SUCCESS;
}

// ---- Another size ---------------------------------------------------------------------------------------------------

// The last block goes to another place, with zeros behind the new end: what is on the disk stays as it was until the
// commit, and no other system finds old bytes when it makes the file longer. On a full disk it stays where it is; we
// ourselves clear it when the file grows.
static kern_return_t move_tail(struct fs *fs, struct node *node, uint64_t size)
{
	struct map_run run;
	struct span span;
	uint32_t within = (uint32_t)(size & (fs->block_size - 1)), logical = (uint32_t)(size >> fs->block_shift);
	kern_return_t error = within ? map_find(fs, node, logical, &run) : KERN_SUCCESS;
	if (error || !within || run.kind != MAP_WRITTEN || ext2fs_free_blocks_count(fs_super(fs)) < TAIL_ROOM)
		return error;
	uint64_t old = run.block + (logical - run.first);
	error = alloc_blocks(fs, old, 1, &span);
	if (!error)
		error = map_move(fs, node, logical, span.block);
	if (!error)
		error = fs_read(fs, old, fs->scratch);
	if (!error)
		error = store_data(fs->store, span.block, 0, fs->scratch, within, true);
	return error ? error : alloc_free(fs, old, 1);
}

static kern_return_t shrink(struct fs *fs, struct node *node, uint64_t size)
{
	bool done = false;
	kern_return_t error = move_tail(fs, node, size);
	if (!error)
		error = node_set_size(fs, node, size);
	if (!error)
		error = map_cut(fs, node, (uint32_t)((size + fs->block_size - 1) >> fs->block_shift), &done);
	if (!error && !done)
		error = orphan_add(fs, node, ORPHAN_CUT); // the rest follows
	return error;
}

static kern_return_t resize_once(struct fs *fs, ext2_ino_t ino, uint64_t size)
{
	struct node *node;
	bool fits = false;
	kern_return_t error = prepare(fs, ino);
	if (!error)
		error = node_get(fs, ino, &node);
	if (!error && size > map_size_max(fs, node))
		error = FILE_TOO_LARGE;
	if (!error)
		error = op_begin(fs);
	if (error)
		return error;
	if (node_is_inline(node)) {
		error = inline_resize(fs, node, size, &fits);
		if (!error && !fits)
			error = inline_expand(fs, node);
	}
	if (!error && !fits) {
		if (size < node_size(node)) {
			error = shrink(fs, node, size);
		} else if (size > node_size(node)) {
			error = data_clear_tail(fs, node);
			if (!error)
				error = node_set_size(fs, node, size);
		}
	}
	if (!error) {
		node_touch(fs, node, true);
		error = node_put(fs, node);
	}
	return op_finish(fs, error);
}

kern_return_t data_resize(struct fs *fs, ext2_ino_t ino, uint64_t size)
{
	kern_return_t error = resize_once(fs, ino, size);
	if (error == FILE_NO_SPACE && fs_reclaim(fs))
		error = resize_once(fs, ino, size);
	return error;
}
