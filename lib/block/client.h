// SPDX-License-Identifier: MIT
// A client of a block device: asynchronous requests over shared memory that survive the death of the driver (abi/block.defs,
// <gila/block.h>).
//
// To use one: block_open; put data into client->data; fill a struct block_io, block_submit it, and block_wait for it or go on and
// call block_message with each message that arrives at client->notify. block_read and block_write do one
// contiguous piece and wait.
// 1. The client of one thread: no locks.
// 2. A request is over only when a reply with its number and right sums has come. When the driver died, the memory is shared with the
//    next one and everything unanswered is sent again, in order; what no reply came to in time, or a damaged one, is sent again too. So
//    callers see errors of the device only, never those of its driver. One that cannot be had for BLOCK_PATIENCE is an error.
// 3. The data of a request under way is the driver's: it must not be changed until it is done.
// 4. client->memory holds all that a restarted client needs: keep it (gila_seat_save) and give it to block_open.
// 5. done_call may submit; it must not poll or wait.
// 6. block_poll does not wait for a driver that is being launched: it is asked for a session, and the answer is a message like others. Only
//    sharing the areas with one that is there waits, for BLOCK_ATTACH_MS at most.
// 7. Areas are shared with the next driver, too. One that it does not take is lost: what is under way there fails, and whatever comes.
#ifndef BLOCK_CLIENT_H
#define BLOCK_CLIENT_H

#include "spin.h"

#include <gila/block.h>
#include <gila/gila.h>
#include <stdbool.h>

#define BLOCK_ATTACH_MS 2000u                     // to open, and for each area
#define BLOCK_PATIENCE UINT64_C(60000000000)      // ns without a driver after which requests fail

struct block_client;

// Caller's; linked in while it is under way.
struct block_io {
	uint16_t operation;  // enum block_operation
	uint16_t flags;      // enum block_flags
	uint32_t count;      // sectors
	uint64_t sector;
	uint32_t pieces;     // 1: at `place`; more: pages[0 .. pieces) of `piece_size` bytes each
	uint32_t piece_size;
	uint64_t place;      // bytes from client->data; or block_area_place
	const uint32_t *pages; // must stay valid until it is done
	void (*done_call)(struct block_io *io); // when it is done, from block_poll or block_wait; may submit. NULL: none
	void *context;
	bool done;
	kern_return_t error; // KERN_SUCCESS, BLOCK_FAILED, BLOCK_OUT_OF_RANGE, BLOCK_WRITE_PROTECTED, KERN_NOT_SUPPORTED
	// The library's own.
	uint32_t sent;       // sectors that are in requests
	uint32_t parts;      // requests under way for it
	struct block_io *next;
};

// A request under way: an io, or a part of one that is larger than the device takes.
struct block_part {
	struct block_io *io;     // NULL: free
	uint64_t sequence;
	uint64_t sent, deadline; // gila_time
	uint32_t offset, count;  // sectors of the io
	uint32_t number;         // of its latest copy in the ring
	uint16_t tries;
	uint16_t state;          // enum part_state (client_internal.h)
	bool again;              // sent more than once, and the driver has not said since that it knows it
};

// lost -> attaching -> attached -> lost; attaching -> lost: it was refused, or the driver died with the question.
enum block_client_state {
	BLOCK_CLIENT_LOST,      // no session: asked for at attach_due, if anything needs it
	BLOCK_CLIENT_ATTACHING, // the seat was asked; there will be one answer
	BLOCK_CLIENT_ATTACHED,
};

// More memory, of number index + 1.
struct block_area {
	enum { BLOCK_AREA_FREE, BLOCK_AREA_SHARED, BLOCK_AREA_LOST /* the driver does not take it */ } state;
	mach_port_t memory;
	uint64_t size;
};

struct block_open {
	// Nothing that client and driver tell each other is right any more, however often they begin anew: one of the two is damaged. A
	// server that survives its own end ends. NULL: it goes on trying.
	void (*in_doubt)(const struct block_client *client);
	const char *seat;     // of the device: must stay valid
	uint64_t first, count; // sectors; count 0: to the end
	bool writable;
	bool sums;            // asks for BLOCK_SUMS_DATA
	uint64_t data_size;   // bytes, whole pages
	mach_port_t memory;   // of an earlier client whose place this one takes; MACH_PORT_NULL: none. Becomes the client's on success
};

struct block_client {
	uint8_t *data;         // [I] the data area
	uint64_t data_size;    // [I]
	mach_port_t memory;    // [I]
	mach_port_t notify;    // [I] a receive right; the owner may put it into a set and call block_message with what it has got
	struct block_info info; // [I] of the first attach: a device that changed its size is an error to who reaches beyond
	uint64_t reattached;   // how often the driver was replaced
	uint64_t resent;       // requests that were sent again
	uint64_t damaged;      // of them, because a sum was wrong
	uint64_t rings, wakes; // messages sent to and received from the driver
	struct block_area areas[BLOCK_AREAS];
	// The library's own.
	struct block_open how;
	enum block_client_state state;
	mach_port_t session;
	struct block_ring *ring;
	uint32_t *lists;           // page lists
	struct block_spin spin;
	bool sleeps;                               // the driver was asked for a message
	uint64_t badge;            // of the right that the present driver got for notify
	uint64_t attach_due, attach_delay, lost_since; // ns
	bool answered;             // a good reply came in this session
	unsigned doubts;           // sessions in a row that ended by wrong sums, without a good reply
	uint64_t usual;            // ns that replies take at most these days
	uint64_t patience;         // ns that the driver may say BLOCK_BUSY before it is not believed
	uint64_t complained;       // when the driver's misbehaviour was last logged
	uint32_t transfer, piece_limit, range; // of the present driver, checked
	bool sums_data;            // the present driver wants it
	uint64_t sequence;         // of the next request
	uint32_t submitted, published, replied; // counts, as the ring's
	uint32_t under_way;        // parts
	uint32_t again;            // parts that are to be sent again
	struct block_io *barrier;  // a barrier that is under way
	struct block_io *waiting, **waiting_end;   // not (wholly) in the ring yet
	struct block_io *finished, **finished_end; // done, but nobody was told yet
	struct block_part parts[BLOCK_SLOTS];      // by sequence % BLOCK_SLOTS
};

// Attaches, launching the driver if need be. Errors of block_attach and gila_seat, each logged with the seat's name.
kern_return_t block_open(struct block_client *client, const struct block_open *how) GILA_CHECKED;
void block_close(struct block_client *client);
// Sends it, or keeps it until the ring has room.
void block_submit(struct block_client *client, struct block_io *io);
// Takes what has been answered, attaches again if the driver died, sends again what has waited too long. Whatever is answered after it
// has returned sends a message.
void block_poll(struct block_client *client);
// The same for who will look again soon: no message is asked for.
void block_look(struct block_client *client);
// A message was received from client->notify (with MACH_RCV_TRAILER_BADGE, as lib/serve does): BLOCK_DONE_ID, the MACH_NOTIFY_NO_SENDERS
// that says that the driver is gone, or what became of an attach. Polls. The caller destroys the message.
void block_message(struct block_client *client, const mach_msg_header_t *message);
// The next time (gila_time) at which block_poll is due though no message comes: UINT64_MAX when nothing is under way.
uint64_t block_due(const struct block_client *client);
// Until the request is done; until none is under way. Others' done_call may be called meanwhile.
kern_return_t block_wait(struct block_client *client, struct block_io *io);
void block_wait_all(struct block_client *client);
// One piece in the data area, waiting. `size` bytes, any multiple of BLOCK_SECTOR, also more than one request takes.
kern_return_t block_read(struct block_client *client, uint64_t sector, uint64_t place, uint64_t size) GILA_CHECKED;
kern_return_t block_write(struct block_client *client, uint64_t sector, uint64_t place, uint64_t size) GILA_CHECKED;
kern_return_t block_flush(struct block_client *client) GILA_CHECKED;

// ---- Areas: memory without a ring, which can be given to others ------------------------------------------------------------

// A new one of the driver's making, or memory that a driver of that device has made earlier, for this client or another; the right
// stays the caller's. *area: its number. Waits for the driver, BLOCK_ATTACH_MS at most. KERN_INVALID_CAPABILITY: the device does not
// reach that memory. KERN_NOT_SUPPORTED: this device, or who is between, has no areas. KERN_RESOURCE_SHORTAGE: no more of them.
// KERN_ABORTED: there is no driver just now. Other errors of messages.
kern_return_t block_area_make(struct block_client *client, uint64_t size, uint32_t *area) GILA_CHECKED;
kern_return_t block_area_take(struct block_client *client, mach_port_t memory, uint64_t size, uint32_t *area) GILA_CHECKED;
// Nothing may be under way there.
void block_area_drop(struct block_client *client, uint32_t area);
static inline uint64_t block_area_place(uint32_t area, uint64_t offset) { return (uint64_t)area << BLOCK_AREA_SHIFT | offset; }

#endif
