// SPDX-License-Identifier: MIT
// The server's side of lanes (<lib/gila/file_lane.h>): reads and writes of open files that come through shared memory, while the server
// looks there. serve_loop.c looks for as long as it brings something.
//
// To have lanes: put lane_demux (<abi/lane_server.h>) among the demultiplexers, call serve_lane_add in lane_serve_open, serve_lane_lend and
// serve_lane_settle in the others, and set serve->move. A request that must wait is kept by its struct lane_request, and ended with
// serve_lane_done.
// 1. A client may change its page at any time: the fields are read once, the copy is checked; the data are only copied.
// 2. At most SERVE_LANES; the one that was not used longest goes first, one that was not used for SERVE_LANE_TIME goes too. A lane in
//    which a request waits stays.
#ifndef SERVE_SERVE_LANE_H
#define SERVE_SERVE_LANE_H

#include "serve.h"

#include <lib/gila/file_lane.h>

#define SERVE_LANES 32u
#define SERVE_LANE_TIME UINT64_C(500000000) // ns

struct lane_request {
	uint64_t badge;
	uint32_t lane, place; // which
	enum file_lane_operation operation;
	uint64_t offset;
	size_t size;         // READ, WRITE: at most FILE_LANE_DATA
	mach_port_t memory;  // READ_INTO, WRITE_FROM: a right that the lane holds while the request is under way
	uint64_t start;      // in it; not checked
	bool beside;         // others of the lane were posted with it
};

// What serve->move did: the request is answered with *error and *count, or will be with serve_lane_done.
enum serve_moved { SERVE_MOVED, SERVE_MOVES_LATER };

// Offers a lane to who holds the badge; the memory as a request brings it, the right stays the request's.
kern_return_t serve_lane_add(uint64_t badge, mach_port_t memory) GILA_CHECKED;
// Both for who holds the badge; the rights as a request brings them. They are consumed unless there is an error.
kern_return_t serve_lane_lend(uint64_t badge, mach_port_t lane, uint32_t number, mach_port_t memory) GILA_CHECKED;
kern_return_t serve_lane_settle(struct lpc_request *rq, mach_port_t lane, uint32_t place) GILA_CHECKED;
// Where the data of READ and WRITE are.
uint8_t *serve_lane_data(const struct lane_request *request);
void serve_lane_done(const struct lane_request *request, kern_return_t error, uint64_t count);

// ---- For serve_loop.c and tests --------------------------------------------------------------------------------------

// Carries out what was posted. True: there was something.
bool serve_lanes_serve(struct serve *serve);
bool serve_lanes_any(void);
// Tells clients whether the server looks.
void serve_lanes_open(void);
void serve_lanes_close(void);
// Lets go of those that were not used for SERVE_LANE_TIME. When the next one is due (gila_time); UINT64_MAX: none is left.
uint64_t serve_lanes_expire(void);
void serve_lanes_drop_all(void);

#endif
