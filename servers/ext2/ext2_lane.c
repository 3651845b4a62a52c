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

kern_return_t lane_serve_lend(struct lpc_request *rq, mach_port_t lane, uint32_t number, mach_port_t memory)
{
	return serve_lane_lend(rq->badge, lane, number, memory);
}

kern_return_t lane_serve_ring(struct lpc_request *rq) { return KERN_SUCCESS; } // the loop looks after each message

kern_return_t lane_serve_settle(struct lpc_request *rq, mach_port_t lane, uint32_t place)
{
	return serve_lane_settle(rq, lane, place);
}

static kern_return_t write_lane(struct lpc_request *rq, struct aside *write)
{
	struct ext2_target target;
	kern_return_t error = ext2_target_file(rq, FILE_OPEN_WRITE, &target);
	if (!error)
		error = data_write(target.fs, target.ino, write->offset, serve_lane_data(&write->lane), write->size);
	write->got = write->size;
	return error;
}

int ext2_move(struct serve *serve, const struct lane_request *request, kern_return_t *error, uint64_t *count)
{
	static kern_return_t (*const calls[])(struct lpc_request *, struct aside *) = {
		[FILE_LANE_READ] = ext2_read_lane,
		[FILE_LANE_WRITE] = write_lane,
		[FILE_LANE_READ_INTO] = ext2_read_into,
		[FILE_LANE_WRITE_FROM] = ext2_write_from,
	};
	struct lpc_request rq = {.badge = request->badge, .context = serve};
	struct aside aside = {.way = ASIDE_BY_LANE,
			      .lane = *request,
			      .badge = request->badge,
			      .offset = request->offset,
			      .size = request->size,
			      .memory = request->memory,
			      .start = request->start};
	*error = calls[request->operation](&rq, &aside);
	if (*error == LPC_NO_REPLY)
		return SERVE_MOVES_LATER;
	*count = *error ? 0 : aside.got;
	return SERVE_MOVED;
}
