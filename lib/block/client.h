// SPDX-License-Identifier: MIT
// A client of a block device: asynchronous requests over shared memory that survive the death of the driver (abi/block.defs,
// <gila/block.h>).
//
// To use one: block_open; put data into client->data; fill a struct block_io, block_submit it, and block_wait for it or go on and
// call block_poll when BLOCK_DONE_ID or MACH_NOTIFY_NO_SENDERS arrives at client->notify. block_read and block_write do one
// contiguous piece and wait.
// 1. The client of one thread: no locks.
// 2. A request is over only when a reply with its number and right sums has come. When the driver died, the memory is shared with the
//    next one and everything unanswered is sent again, in order; so it is when no reply came in time or one was damaged. So callers
//    see errors of the device only, never those of its driver.
// 3. The data of a request under way is the driver's: it must not be changed until it is done.
// 4. client->memory holds all that a restarted client needs: keep it (gila_seat_save) and give it to block_open.
#ifndef BLOCK_CLIENT_H
#define BLOCK_CLIENT_H

#include <gila/block.h>
#include <gila/gila.h>
#include <stdbool.h>

struct block_client;

// Caller's; linked in while it is under way.
struct block_io {
	uint16_t operation;  // enum block_operation
	uint16_t flags;      // enum block_flags
	uint32_t count;      // sectors
	uint64_t sector;
	uint32_t pieces;     // 1: at `place`; more: pages[0 .. pieces) of `piece_size` bytes each
	uint32_t piece_size;
	uint64_t place;      // bytes from client->data
	const uint32_t *pages; // must stay valid until it is done
	void (*done_call)(struct block_io *io); // when it is done, from block_poll or block_wait; may submit. NULL: none
	void *context;
	bool done;
	kern_return_t error; // KERN_SUCCESS, BLOCK_FAILED, BLOCK_OUT_OF_RANGE, BLOCK_WRITE_PROTECTED, KERN_NOT_SUPPORTED
	// The library's own.
	uint64_t sequence, deadline;
	uint32_t tries;
	struct block_io *next;
};

struct block_open {
	const char *seat;     // of the device: must stay valid
	uint64_t first, count; // sectors; count 0: to the end
	bool writable;
	uint64_t data_size;   // bytes, whole pages
	mach_port_t memory;   // of an earlier client whose place this one takes; MACH_PORT_NULL: none. Becomes the client's on success
};

struct block_client {
	uint8_t *data;         // [I] the data area
	uint64_t data_size;    // [I]
	mach_port_t memory;    // [I]
	mach_port_t notify;    // [I] a receive right; the owner may put it into a set and call block_poll when it has got something
	struct block_info info; // [I] of the first attach: a device that changed its size is an error to who reaches beyond
	uint64_t reattached;   // how often the driver was replaced
	uint64_t resent;       // requests that were sent again
	uint64_t damaged;      // of them, because a sum was wrong
	uint64_t rings, wakes; // messages sent to and received from the driver
	// The library's own.
	struct block_open how;
	mach_port_t session;
	struct block_ring *ring;
	uint64_t sequence;
	uint32_t submitted, replied; // counts, as the ring's
	uint32_t under_way;
	struct block_io *waiting, **waiting_end; // not in the ring yet
	struct block_io *slots[BLOCK_SLOTS];     // under way, by sequence % BLOCK_SLOTS
};

// Attaches, launching the driver if need be. Errors of block_attach and gila_seat, each logged with the seat's name.
kern_return_t block_open(struct block_client *client, const struct block_open *how) GILA_CHECKED;
void block_close(struct block_client *client);
// Sends it, or keeps it until the ring has room.
void block_submit(struct block_client *client, struct block_io *io);
// Takes what has been answered, attaches again if the driver died, sends again what has waited too long. Never blocks.
void block_poll(struct block_client *client);
// The next time (gila_time) at which block_poll is due though no message comes: UINT64_MAX when nothing is under way.
uint64_t block_due(const struct block_client *client);
// Until the request is done; until none is under way. Others' done_call may be called meanwhile.
kern_return_t block_wait(struct block_client *client, struct block_io *io);
void block_wait_all(struct block_client *client);
// One piece in the data area, waiting. `size` bytes, any multiple of BLOCK_SECTOR, also more than one request takes.
kern_return_t block_read(struct block_client *client, uint64_t sector, uint64_t place, uint64_t size) GILA_CHECKED;
kern_return_t block_write(struct block_client *client, uint64_t sector, uint64_t place, uint64_t size) GILA_CHECKED;
kern_return_t block_flush(struct block_client *client) GILA_CHECKED;

#endif
