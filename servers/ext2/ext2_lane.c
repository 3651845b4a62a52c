// SPDX-License-Identifier: MIT
// Lanes to files of ext2: the same reads and writes as by message (ext2_read.c, ext2_data.c), by shared memory.
#include "ext2.h"

#include <abi/lane_server.h>

kern_return_t lane_serve_open(struct lpc_request *rq, mach_port_t memory)
{
	struct ext2_target target;
	kern_return_t error = ext2_target_file(rq, 0, &target);
	if (!error)
		error = serve_lane_add(rq->badge, memory);
	if (!error)
		gila_port_drop(memory); // the map keeps it
	return error;
}

static kern_return_t write_lane(struct serve *serve, const struct lane_request *request, uint64_t *count)
{
	struct ext2_target target;
	struct lpc_request rq = {.badge = request->badge, .context = serve};
	kern_return_t error = ext2_target_file(&rq, FILE_OPEN_WRITE, &target);
	if (!error)
		error = data_write(target.fs, target.ino, request->offset, serve_lane_data(request), request->size);
	*count = error ? 0 : request->size;
	return error;
}

int ext2_move(struct serve *serve, const struct lane_request *request, kern_return_t *error, uint64_t *count)
{
	if (request->operation == FILE_LANE_READ)
		return ext2_read_lane(serve, request, error, count);
	*error = write_lane(serve, request, count);
	return SERVE_MOVED;
}
