// SPDX-License-Identifier: MIT
// The client's table of lanes; see file_lane.h. file_lane_table.c keeps it, file_lane.c moves bytes through what it has.
//
// 1. The table has one place for each file that hashes to it; files that do not get it use messages.
// 2. A lane holds a right to its file, so that the name stands for that file as long as the lane is there.
// 3. Who has entered a lane uses its page; it is dropped by the last one who leaves.
// 4. A lane that is of no use MISSES times in a row is dropped: its server is another one by now, or does not look.
#ifndef GILA_CLIENT_LANE_H
#define GILA_CLIENT_LANE_H

#include "file_lane.h"

struct client_lane {
	_Atomic uint32_t lock;  // of all that is not atomic
	mach_port_t file;
	uint32_t uses;          // since it has the place, or was refused
	uint32_t often;         // uses after which a lane is offered
	_Atomic uint32_t misses;
	uint32_t users;         // who have entered
	bool broken;            // nobody enters any more
	mach_port_t memory;     // of the page
	struct file_lane *page; // NULL: no lane yet; as it is while somebody has entered
	_Atomic uint32_t busy;  // places of the page that somebody here uses, a bit each
	mach_port_t lent[FILE_LANE_BUFFERS]; // MACH_PORT_NULL: nothing by that number
};

// The lane of the file, if it has one; makes one when it is time. NULL: use a message.
struct client_lane *client_lane_enter(mach_port_t file);
bool client_lane_is_looked_at(const struct client_lane *lane);
void client_lane_leave(struct client_lane *lane);
// It was of no use, so much; it is of no use at all.
void client_lane_miss(struct client_lane *lane, uint32_t weight);
void client_lane_break(struct client_lane *lane);
// The number by which the memory is lent to a lane that was entered; lends it. FILE_LANE_BUFFERS: not now.
uint32_t client_lane_lend(struct client_lane *lane, mach_port_t memory);

#endif
