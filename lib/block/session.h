// SPDX-License-Identifier: MIT
// The driver's side of the block interface: sessions, their rings, and requests that are checked before anybody sees them.
//
// To write a block device: fill a struct block_device and make it the serve's context; put block_serve into serve->demux, set
// serve->gone = block_serve_gone and serve->work = block_serve_work; call block_session_done for each request that `start` was given,
// in any order. Who has more to do between messages has a `work` of its own, that calls block_sessions_poll as long as it looks at the
// rings by itself, and block_sessions_sleep before it waits.
// 1. start() gets only requests that are in the session's range, with data inside the data area and right sums, and no number
//    that was carried out before. It may run all that it is given at the same time, in any order.
// 2. A client may change the memory at any time: a request is copied once, then checked. It can spoil its own data, nothing else.
// 3. A session ends with the last right to it, when its client attaches anew, or when its ring makes no sense. Its requests under way end
//    first; only then is another attach with the same memory, or (for an ended session) the same sectors, answered. The memory of the
//    last one that ended is kept for a second, for a client that comes back with it (session_memory.c).
// 4. What a session has in areas can be others' too: it is not mapped here, only the device reaches it.
// One thread, as everything that lib/serve runs.
#ifndef BLOCK_SESSION_H
#define BLOCK_SESSION_H

#include <gila/block.h>
#include <serve/serve.h>

#define BLOCK_SESSIONS_MAX 64u // of a device
#define BLOCK_AREAS_ROOM 64u   // block_device.areas of one that does not count memory

struct block_session;

// The memory of a session that has ended, which the device still reaches.
struct block_spare {
	mach_port_t memory; // MACH_PORT_NULL: none
	void *base;
	uint64_t size, bus_address;
	uint64_t until;     // gila_time
};

// One request on its way, between start() and block_session_done().
struct block_task {
	struct block_session *session;
	struct block_request request; // the checked copy; `sector` is the device's
	uint32_t pages[BLOCK_PAGES_MAX]; // if pieces > 1
	uint32_t area;                // that the data are in; request.place is from its beginning
	uint8_t *data;                // area 0: mapped; else NULL
	uint64_t bus_address;         // of the area, as block_device.memory_make or memory_take said
	uint64_t user;                // the device's own
	struct block_task *device_link; // the device's own
	struct block_task *next;      // the library's
};

struct block_device {
	struct block_info info;       // of the whole device; may change until the first attach
	// Makes a memory object that nobody can resize, for a session or one of its areas, or takes one that was made earlier, and says
	// where the device finds its first byte. KERN_RESOURCE_SHORTAGE, KERN_INVALID_CAPABILITY.
	kern_return_t (*memory_make)(struct block_device *device, uint64_t size, mach_port_t *memory, uint64_t *bus_address);
	kern_return_t (*memory_take)(struct block_device *device, mach_port_t memory, uint64_t size, uint64_t *bus_address);
	// The device does not reach that memory any more. May be NULL.
	void (*memory_gone)(struct block_device *device, uint64_t bus_address, uint64_t size);
	// Carries a request out, sooner or later.
	void (*start)(struct block_device *device, struct block_task *task);
	// All that was there has been started; comes before clients are told of replies. May be NULL.
	void (*started)(struct block_device *device);
	// Not ready: what block_attach answers instead. KERN_SUCCESS, BLOCK_NO_DEVICE. May be NULL.
	kern_return_t (*ready)(struct block_device *device);
	// This server may be damaged: for SESSION_DOUBT_TIME no request had a right sum, or a client that it has served for SESSION_TRUST_TIME
	// says that its answers have none. Whoever survives its own end ends here. NULL: it goes on.
	void (*in_doubt)(struct block_device *device, const char *why);
	uint32_t areas;               // that all sessions together may have; 0: none
	void *context;                // the device's own
	// The library's own.
	struct block_session *sessions;
	struct block_spare spare;
	struct serve *serve;
	uint64_t last_badge;
	unsigned under_way;
	uint64_t complained;
	uint64_t begun;               // gila_time of the first attach
	uint64_t doubt_since;         // gila_time of the first of `doubts`
	unsigned doubts;              // requests in a row with a wrong sum
	struct block_counts {
		uint64_t requests, again, damaged, invalid, notifications, rings;
	} counts;
};

// For serve.demux, .gone and .work. The serve's context must be the struct block_device.
bool block_serve(struct lpc_request *rq);
void block_serve_gone(struct serve *serve, uint64_t badge);
uint64_t block_serve_work(struct serve *serve);

// The request is over: BLOCK_OK, BLOCK_ERROR or BLOCK_UNSUPPORTED. Its task is the library's again.
void block_session_done(struct block_task *task, enum block_status status);
// Looks at all rings for new requests, starts them, wakes clients whose replies are there, answers attaches that waited. True: something
// was done. Call it after interrupts and when polling.
bool block_sessions_poll(struct block_device *device);
// Says that the device will not look by itself any more: clients ring from now on. True: something came in between, look again.
bool block_sessions_sleep(struct block_device *device);
// The next time (gila_time) at which block_sessions_poll is due though nobody rings; UINT64_MAX: none.
uint64_t block_sessions_due(const struct block_device *device);
unsigned block_sessions_under_way(const struct block_device *device);

// The memory ranges of a checked request, in order, those that touch made one. Calls `range` for each with its place in the
// data area.
void block_task_ranges(const struct block_task *task, void (*range)(void *context, uint64_t place, uint32_t size), void *context);

#endif
