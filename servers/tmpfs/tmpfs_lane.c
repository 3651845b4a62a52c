// SPDX-License-Identifier: MIT
// Lanes to files of tmpfs: the same reads and writes as by message (tmpfs_data.c), by shared memory.
#include "tmpfs.h"

#include <abi/lane_server.h>
#include <serve/serve_buffer.h>

kern_return_t lane_serve_open(struct lpc_request *rq, mach_port_t memory)
{
	struct tmpfs_target target;
	kern_return_t error = tmpfs_target_file(rq, 0, &target);
	if (!error)
		error = serve_lane_add(rq->badge, memory);
	if (!error)
		gila_port_drop(memory); // the map keeps it
	return error;
}

kern_return_t lane_serve_lend(struct lpc_request *rq, mach_port_t lane, uint32_t number, mach_port_t memory)
{
	return serve_lane_lend(rq->badge, lane, number, memory);
}

kern_return_t lane_serve_ring(struct lpc_request *rq) { return KERN_SUCCESS; } // the loop looks after each message

kern_return_t lane_serve_settle(struct lpc_request *rq, mach_port_t lane, uint32_t place)
{
	return serve_lane_settle(rq, lane, place);
}

int tmpfs_move(struct serve *serve, const struct lane_request *request, kern_return_t *error, uint64_t *count)
{
	struct tmpfs_target target;
	struct lpc_request rq = {.badge = request->badge, .context = serve};
	bool write = request->operation == FILE_LANE_WRITE || request->operation == FILE_LANE_WRITE_FROM;
	uint8_t *data = serve_lane_data(request);
	*error = tmpfs_target_file(&rq, write ? FILE_OPEN_WRITE : FILE_OPEN_READ, &target);
	if (!*error && request->size > FILE_MEMORY_MAX)
		*error = FILE_TOO_LARGE;
	if (!*error && request->memory != MACH_PORT_NULL)
		*error = serve_buffer_map(request->memory, request->start, request->size, !write, &data);
	if (*error)
		return SERVE_MOVED;
	if (write)
		*error = store_write(&target.fs->store, target.node, request->offset, data, request->size, (uint64_t)gila_time_calendar());
	*count = write ? request->size : store_read(&target.fs->store, target.node, request->offset, data, request->size);
	return SERVE_MOVED;
}
