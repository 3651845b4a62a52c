// SPDX-License-Identifier: MIT
// Contents of files in tmpfs: read, write, append, truncate, sync; by value and by memory object.
#include "tmpfs.h"

#include <abi/file_server.h>
#include <serve/serve_buffer.h>

// Memory objects are copied through here: what a client can shrink is never mapped.
static uint8_t bounce[65536] __attribute__((aligned(8)));

static uint64_t now(void) { return (uint64_t)gila_time_calendar(); }
static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

kern_return_t file_serve_read(struct lpc_request *rq, uint64_t offset, uint32_t size, uint8_t *data,
			      mach_msg_type_number_t *dataCnt)
{
	struct tmpfs_target target;
	size_t most = *dataCnt;
	*dataCnt = 0;
	kern_return_t error = tmpfs_target_file(rq, FILE_OPEN_READ, &target);
	if (!error)
		*dataCnt = (mach_msg_type_number_t)store_read(&target.fs->store, target.node, offset, data,
							      smaller(size, most));
	return error;
}

kern_return_t file_serve_read_memory(struct lpc_request *rq, uint64_t offset, uint64_t size, mach_port_t *memory,
				     uint64_t *start, uint64_t *count)
{
	struct tmpfs_target target;
	kern_return_t error = tmpfs_target_file(rq, FILE_OPEN_READ, &target);
	if (error)
		return error;
	if (size > FILE_MEMORY_MAX)
		return FILE_TOO_LARGE;
	uint64_t there = offset < target.info.size ? smaller(size, target.info.size - offset) : 0;
	error = gila_memory_make(there ? there : 1, memory);
	for (uint64_t done = 0; !error && done < there; done += sizeof(bounce)) {
		size_t got = store_read(&target.fs->store, target.node, offset + done, bounce,
					smaller(there - done, sizeof(bounce)));
		error = gila_memory_put(*memory, done, bounce, got);
		if (error)
			gila_port_drop(*memory);
	}
	*start = 0;
	*count = there;
	return error;
}

kern_return_t file_serve_read_into(struct lpc_request *rq, uint64_t offset, mach_port_t memory, uint64_t start, uint64_t size,
				   uint64_t *count)
{
	struct tmpfs_target target;
	uint8_t *to;
	kern_return_t error = tmpfs_target_file(rq, FILE_OPEN_READ, &target);
	if (!error)
		error = serve_buffer_map(memory, start, size, true, &to);
	if (error)
		return error;
	*count = store_read(&target.fs->store, target.node, offset, to, size);
	serve_buffer_done(memory);
	return KERN_SUCCESS;
}

kern_return_t file_serve_write(struct lpc_request *rq, uint64_t offset, const uint8_t *data, mach_msg_type_number_t dataCnt)
{
	struct tmpfs_target target;
	kern_return_t error = tmpfs_target_file(rq, FILE_OPEN_WRITE, &target);
	return error ? error : store_write(&target.fs->store, target.node, offset, data, dataCnt, now());
}

kern_return_t file_serve_write_memory(struct lpc_request *rq, uint64_t offset, mach_port_t memory, uint64_t start,
				      uint64_t size)
{
	struct tmpfs_target target;
	uint8_t *from;
	kern_return_t error = tmpfs_target_file(rq, FILE_OPEN_WRITE, &target);
	if (!error && size > FILE_MEMORY_MAX)
		error = FILE_TOO_LARGE;
	if (!error)
		error = serve_buffer_map(memory, start, size, false, &from);
	if (error)
		return error;
	error = store_write(&target.fs->store, target.node, offset, from, size, now());
	if (!error)
		serve_buffer_done(memory);
	return error;
}

kern_return_t file_serve_append(struct lpc_request *rq, const uint8_t *data, mach_msg_type_number_t dataCnt,
				uint64_t *offset)
{
	struct tmpfs_target target;
	kern_return_t error = tmpfs_target_file(rq, FILE_OPEN_WRITE, &target);
	if (error)
		return error;
	*offset = target.info.size;
	return store_write(&target.fs->store, target.node, *offset, data, dataCnt, now());
}

kern_return_t file_serve_truncate(struct lpc_request *rq, uint64_t size)
{
	struct tmpfs_target target;
	kern_return_t error = tmpfs_target_file(rq, FILE_OPEN_WRITE, &target);
	return error ? error : store_resize(&target.fs->store, target.node, size, now());
}

kern_return_t file_serve_sync(struct lpc_request *rq)
{
	// What is in the kept memory survives the server; there is nothing further away to bring it to.
	struct tmpfs_target target;
	return tmpfs_target(rq, &target);
}

// There is no disk below.
kern_return_t file_serve_buffer(struct lpc_request *rq, uint64_t size, mach_port_t *memory) { return KERN_NOT_SUPPORTED; }
