// SPDX-License-Identifier: MIT
// A lane: memory shared by a client and a file server, through which reads and writes of one open file go without the kernel
// while the server looks at it. It is a short cut only: everything that it cannot do, or not soon, goes by message.
//
//   client   FREE -> POSTED, and POSTED -> FREE if nobody takes it in time; TAKEN -> SLEEPING; DONE -> FREE
//   server   POSTED -> TAKEN; TAKEN -> DONE; SLEEPING -> DONE, and wakes the client
// 1. A lane has places for several requests. A request's fields are the client's until POSTED; the server reads each once, after TAKEN.
// 2. READ and WRITE have their bytes in the lane, and place 0 only; READ_INTO and WRITE_FROM have them in memory that the client lent.
// 3. A server that takes a WRITE does it at once. Others may stay TAKEN until the disk has answered. Who reads into the lane need not
//    wait for that: it may ask again by message, and uses the place no more until it is DONE. Memory that was lent is the server's and
//    the disk's until then, so its client waits, at last with a message (lane_settle), which tells when the server is another one.
// 4. Reads and writes can be repeated, so nothing is lost if the server dies: a lane dies with its server.
// 5. `looks` is a hint for READ and WRITE: who posts to a server that does not look takes its request back. For the others it is rung
//    (lane_ring): the server says that it sleeps before it looks for the last time.
#ifndef GILA_FILE_LANE_H
#define GILA_FILE_LANE_H

#include <gila/file.h>
#include <stdatomic.h>

#define FILE_LANE_DATA 65536u // bytes that READ and WRITE move at most
#define FILE_LANE_HEAD 4096u
#define FILE_LANE_SIZE (FILE_LANE_HEAD + FILE_LANE_DATA)
#define FILE_LANE_PLACES 16u
#define FILE_LANE_BUFFERS 16u // that are lent at a time

enum file_lane_state { FILE_LANE_FREE, FILE_LANE_POSTED, FILE_LANE_TAKEN, FILE_LANE_SLEEPING, FILE_LANE_DONE };
enum file_lane_looks { FILE_LANE_SLEEPS, FILE_LANE_LOOKS, FILE_LANE_OVER /* the server has let go of it */ };
enum file_lane_operation { FILE_LANE_READ, FILE_LANE_WRITE, FILE_LANE_READ_INTO, FILE_LANE_WRITE_FROM };

struct file_lane_place {
	_Atomic uint32_t state;  // enum file_lane_state
	uint32_t operation;      // enum file_lane_operation
	uint64_t offset, size;
	uint64_t start;          // READ_INTO, WRITE_FROM: in the buffer
	uint32_t buffer;         // the same: its number, below FILE_LANE_BUFFERS
	kern_return_t error;     // answer: what the same request by message returns
	uint64_t count;          // answer: bytes that were moved
	uint64_t unused[2];
};
_Static_assert(sizeof(struct file_lane_place) == 64, "a place is a cache line");

// At the beginning of the memory; the data are FILE_LANE_HEAD behind it.
struct file_lane {
	_Atomic uint32_t looks;  // enum file_lane_looks, the server's
	uint32_t unused[15];
	_Atomic uint32_t posted; // places that may be POSTED, a bit each: the client sets, the server clears
	uint32_t unused_too[15];
	struct file_lane_place places[FILE_LANE_PLACES];
};
_Static_assert(sizeof(struct file_lane) <= FILE_LANE_HEAD, "the data are behind it");

static inline uint8_t *file_lane_data(struct file_lane *lane) { return (uint8_t *)lane + FILE_LANE_HEAD; }

// Moves at most FILE_LANE_DATA bytes between `data` and the file. True: it is done, with *error and *count. False: nothing happened, use
// a message.
bool file_lane_move(mach_port_t file, enum file_lane_operation operation, uint64_t offset, void *data, size_t size, size_t *count,
		    kern_return_t *error) GILA_CHECKED;

// READ_INTO or WRITE_FROM memory that was made with gila_file_buffer_make. True: it is under way.
bool file_lane_begin(mach_port_t file, enum file_lane_operation operation, uint64_t offset, mach_port_t memory, uint64_t start,
		     uint64_t size, struct file_lane_flight *flight) GILA_CHECKED;
bool file_lane_is_over(const struct file_lane_flight *flight);
// Waits for it. True: it is done, with *error and *count. False: use a message. The flight is over in either case.
bool file_lane_end(struct file_lane_flight *flight, size_t *count, kern_return_t *error) GILA_CHECKED;

// The file is about to be closed; the memory to be dropped.
void file_lane_close(mach_port_t file);
void file_lanes_return(mach_port_t memory);
// Drops all; none may be in use.
void file_lanes_drop(void);

#endif
