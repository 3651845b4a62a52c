// SPDX-License-Identifier: MIT
// The driver's side of the block interface: sessions, their rings, and requests that are checked before anybody sees them.
//
// To write a block device: fill a struct block_device, put block_demux (abi/block_server.h) into the serve's demux list with
// serve->context = a struct whose first member is the block_device pointer... see block_device_of; call block_session_done(request,
// status) for each request that `start` was given, in any order, and block_sessions_notify once after a batch.
// 1. start() gets only requests that are in the session's range, with data inside the data area and right sums, and never a write
//    that was carried out before.
// 2. Barriers are kept here: start() may run all that it is given at the same time.
// 3. A client may change the memory at any time: a request is copied once, then checked. It can spoil its own data, nothing else.
// 4. A session ends with the last right to it; its requests under way end first.
#ifndef BLOCK_SESSION_H
#define BLOCK_SESSION_H

#include <gila/block.h>
#include <serve/serve.h>

struct block_session;

// One request on its way, between start() and block_session_done().
struct block_task {
	struct block_session *session;
	struct block_request request; // the checked copy; `sector` is the device's
	uint32_t pages[BLOCK_PAGES_MAX];
	uint8_t *data;                // the session's data area, mapped
	uint64_t bus_address;         // of the data area, as block_device.memory_made or memory_known said
	uint64_t user;                // the device's own
	void *device_link;            // the device's own
};

struct block_device {
	struct block_info info;       // of the whole device; may change until the first attach
	// Makes a session's memory object that nobody can resize, or takes one that an earlier session had, and says where the device
	// finds its first byte. KERN_RESOURCE_SHORTAGE, KERN_INVALID_CAPABILITY.
	kern_return_t (*memory_make)(struct block_device *device, uint64_t size, mach_port_t *memory, uint64_t *bus_address);
	kern_return_t (*memory_take)(struct block_device *device, mach_port_t memory, uint64_t *bus_address);
	// The device does not reach that memory any more. May be NULL.
	void (*memory_gone)(struct block_device *device, uint64_t bus_address, uint64_t size);
	// Carries a request out, sooner or later.
	void (*start)(struct block_device *device, struct block_task *task);
	// Not ready: what block_attach answers instead. KERN_SUCCESS, BLOCK_NO_DEVICE. May be NULL.
	kern_return_t (*ready)(struct block_device *device);
	struct block_session *sessions; // the library's own
	void *context;
};

// For serve.demux, .gone and .start. The serve's context must be the struct block_device.
bool block_serve(struct lpc_request *rq);
void block_serve_gone(struct serve *serve, uint64_t badge);

// The request is over.
void block_session_done(struct block_task *task, enum block_status status);
// Looks at all rings for new requests, starts them, wakes clients whose replies are there. True: something was done. Call it after
// interrupts and when polling.
bool block_sessions_poll(struct block_device *device);
// Says that the device will not look by itself any more: clients ring from now on. True: something came in between, look again.
bool block_sessions_sleep(struct block_device *device);
unsigned block_sessions_under_way(const struct block_device *device);

#endif
