// SPDX-License-Identifier: MIT
// A lane: memory shared by a client and a file server, through which reads and writes of one open file go without the kernel
// while the server looks at it. It is a short cut only: everything that it cannot do, or not soon, goes by message.
//
//   client   FREE -> POSTED, and POSTED -> FREE if nobody takes it in time; TAKEN -> SLEEPING; DONE -> FREE
//   server   POSTED -> TAKEN; TAKEN -> DONE; SLEEPING -> DONE, and wakes the client
// 1. One request at a time. Its fields are the client's until POSTED; the server reads each once, after TAKEN.
// 2. A server that takes a write does it at once. A read may stay TAKEN until the disk has answered; the client need not wait for it:
//    it may ask again by message, and uses the lane no more until it is DONE. Reads and writes can be repeated, so nothing is lost if
//    the server dies meanwhile: a lane dies with its server, and who sleeps does so for a short time.
// 3. `looks` is a hint: a client that posts to a server that does not look takes its request back.
#ifndef GILA_FILE_LANE_H
#define GILA_FILE_LANE_H

#include <gila/gila.h>
#include <stdatomic.h>

#define FILE_LANE_DATA 65536u // bytes that one request moves at most
#define FILE_LANE_HEAD 4096u
#define FILE_LANE_SIZE (FILE_LANE_HEAD + FILE_LANE_DATA)

enum file_lane_state { FILE_LANE_FREE, FILE_LANE_POSTED, FILE_LANE_TAKEN, FILE_LANE_SLEEPING, FILE_LANE_DONE };
enum file_lane_looks { FILE_LANE_SLEEPS, FILE_LANE_LOOKS, FILE_LANE_OVER /* the server has let go of it */ };
enum file_lane_operation { FILE_LANE_READ, FILE_LANE_WRITE };

// At the beginning of the memory; the data are FILE_LANE_HEAD behind it.
struct file_lane {
	_Atomic uint32_t looks;  // enum file_lane_looks, the server's
	uint32_t unused[15];
	_Atomic uint32_t state;  // enum file_lane_state
	uint32_t operation;      // enum file_lane_operation
	uint64_t offset, size;
	uint64_t count;          // answer: bytes that were moved
	kern_return_t error;     // answer: what the same request by message returns
};

static inline uint8_t *file_lane_data(struct file_lane *lane) { return (uint8_t *)lane + FILE_LANE_HEAD; }

// Moves at most FILE_LANE_DATA bytes between `data` and the file. True: it is done, with *error and *count. False: nothing happened, use
// a message.
bool file_lane_move(mach_port_t file, enum file_lane_operation operation, uint64_t offset, void *data, size_t size, size_t *count,
		    kern_return_t *error) GILA_CHECKED;
// The file is about to be closed.
void file_lane_close(mach_port_t file);
// Drops all; none may be in use.
void file_lanes_drop(void);

#endif
