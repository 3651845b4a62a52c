// SPDX-License-Identifier: MIT
// Contents of files in ext2: write, append, truncate, sync; by value and by memory object. Reading is in ext2_read.c, but for
// read_memory.
//
// A sync without a driver is put aside until its commit is over: reads, and writes that need no operation, go on meanwhile.
// Bytes are moved by data_read and data_write (fs.h), to and from memory of this process.
#include "ext2.h"

#include <abi/file_server.h>
#include <serve/serve_buffer.h>

// Memory objects are copied through here: what a client can shrink is never mapped.
static uint8_t bounce[262144] __attribute__((aligned(4096)));

kern_return_t file_serve_read_memory(struct lpc_request *rq, uint64_t offset, uint64_t size, mach_port_t *memory,
				     uint64_t *start, uint64_t *count)
{
	struct ext2_target target;
	kern_return_t error = ext2_target_file(rq, FILE_OPEN_READ, &target);
	if (error)
		return error;
	if (size > FILE_MEMORY_MAX)
		return FILE_TOO_LARGE;
	uint64_t end = node_size(target.node), there = offset < end ? end - offset : 0;
	if (there > size)
		there = size;
	error = gila_memory_make(there ? there : 1, memory);
	for (uint64_t done = 0; !error && done < there; done += sizeof(bounce)) {
		size_t part = there - done < sizeof(bounce) ? (size_t)(there - done) : sizeof(bounce), got;
		error = data_read(target.fs, target.node, offset + done, bounce, part, &got);
		if (!error)
			error = gila_memory_put(*memory, done, bounce, got);
		if (error)
			gila_port_drop(*memory);
	}
	*start = 0;
	*count = there;
	return error;
}

kern_return_t file_serve_write(struct lpc_request *rq, uint64_t offset, const uint8_t *data,
			       mach_msg_type_number_t dataCnt)
{
	struct ext2_target target;
	kern_return_t error = ext2_target_file(rq, FILE_OPEN_WRITE, &target);
	return error ? error : data_write(target.fs, target.ino, offset, data, dataCnt);
}

kern_return_t ext2_write_from(struct lpc_request *rq, struct aside *write)
{
	struct ext2_target target;
	uint8_t *from;
	kern_return_t error = ext2_target_file(rq, FILE_OPEN_WRITE, &target);
	if (!error && write->size > FILE_MEMORY_MAX)
		error = FILE_TOO_LARGE;
	if (!error)
		error = serve_buffer_map(write->memory, write->start, write->size, false, &from);
	if (error)
		return error;
	write->kind = ASIDE_DIRECT_WRITE;
	write->got = write->size;
	if (!ext2_direct_begin(rq, &target, write, from, &error))
		error = data_write(target.fs, target.ino, write->offset, from, write->size);
	return error;
}

kern_return_t file_serve_write_memory(struct lpc_request *rq, uint64_t offset, mach_port_t memory, uint64_t start,
				      uint64_t size)
{
	struct aside write = {.badge = rq->badge, .offset = offset, .size = size, .memory = memory, .start = start};
	kern_return_t error = ext2_write_from(rq, &write);
	if (!error)
		serve_buffer_done(memory);
	return error;
}

kern_return_t file_serve_append(struct lpc_request *rq, const uint8_t *data, mach_msg_type_number_t dataCnt,
				uint64_t *offset)
{
	struct ext2_target target;
	kern_return_t error = ext2_target_file(rq, FILE_OPEN_WRITE, &target);
	if (error)
		return error;
	*offset = node_size(target.node);
	return data_write(target.fs, target.ino, *offset, data, dataCnt);
}

kern_return_t file_serve_truncate(struct lpc_request *rq, uint64_t size)
{
	struct ext2_target target;
	kern_return_t error = ext2_target_file(rq, FILE_OPEN_WRITE, &target);
	return error ? error : data_resize(target.fs, target.ino, size);
}

// One commit takes everything along that was changed before it began, so it does not matter which file a sync is about; several that wait
// may have the same one.
bool ext2_sync_go_on(struct fs *fs, const struct aside *sync, kern_return_t *error)
{
	*error = KERN_SUCCESS;
	for (;;) {
		if (!fs_commit_is_over(fs))
			return false;
		if (store_committed(fs->store) >= sync->ticket)
			return true;
		if (fs->state != FS_BUSY) {
			*error = fs->state == FS_FAILED ? FILE_IO : KERN_SUCCESS;
			return true;
		}
		*error = fs_commit_begin(fs);
		if (*error)
			return true;
	}
}

kern_return_t file_serve_sync(struct lpc_request *rq)
{
	struct ext2 *ext2 = ((struct serve *)rq->context)->context;
	struct ext2_target target;
	kern_return_t error = ext2_target(rq, &target);
	if (error)
		return error;
	// While there is a driver a commit is quicker than the turns of the loop that its steps would take.
	bool quick = target.fs->client->state == BLOCK_CLIENT_ATTACHED;
	if (quick || target.fs->state != FS_BUSY || !ext2_aside_room(ext2))
		return fs_commit(target.fs);
	// The superblock's counts are one more change (fs_commit_begin).
	uint64_t changes = store_changes(target.fs->store) + target.fs->counts_changed;
	struct aside sync = {.kind = ASIDE_SYNC, .badge = rq->badge, .ticket = changes};
	return ext2_sync_go_on(target.fs, &sync, &error) ? error : ext2_aside(ext2, rq, &sync);
}
