// SPDX-License-Identifier: MIT
// inject: a block device that is another one, seen through a bad wire. Between two sessions, one to the client above and one to the
// device below, requests and replies are passed on with their numbers and sums as they are; data are copied. Faults happen to some.
//
// What makes this fair: only the wire is bad, not memory. Data go up once for each number, with the first reply that gets through, and
// down until they went down undamaged: so a repeated or late message never writes over memory that its number does not own any more.
// 1. Sessions live as long as their client, or until the device below goes: then the client is told as if its driver had died.
// 2. The memory of the device's session is kept for the seat: an inject that was killed goes on with it, because what is under way
//    there must have ended before anything else begins.
// 3. The client's memory is one that nobody can resize; each field of a ring is read once, and the copy is used.
#ifndef INJECT_WIRE_H
#define INJECT_WIRE_H

#include <abi/block.h>
#include <gila/block.h>
#include <gila/inject.h>
#include <serve/serve.h>

#define WIRE_HELD 256u // messages that are held back, of a session

struct wire;

// One side's ring, as mapped.
struct wire_ring {
	struct block_ring *ring; // NULL: not mapped
	uint32_t *lists;
	uint8_t *data;
	mach_port_t memory;
};

// A message that waits, or is about to go.
struct wire_parcel {
	struct wire_parcel *next;
	uint64_t due;    // gila_time
	uint32_t behind; // so many others pass first
	bool up;
	struct block_request request; // down
	struct block_reply reply;     // up
	uint32_t pages[BLOCK_PAGES_MAX];
};

// What is known of a number, at number % BLOCK_WINDOW.
struct wire_number {
	struct block_request request; // as the client wrote it
	uint32_t pages[BLOCK_PAGES_MAX];
	bool down, up; // its data went down undamaged; its data went up
};

struct wire_session {
	struct wire_session *next;
	struct wire *wire;
	uint64_t badge;
	uint64_t data_size;
	bool ended; // it goes at the next sweep
	struct wire_ring above, below;
	mach_port_t notify;    // of the client
	mach_port_t session;   // of the device
	uint64_t below_badge;  // of the right that the device has for wire->listen
	uint32_t requests, told_above; // read above; replies published there
	uint32_t replies;      // written above
	uint32_t submitted, published; // below
	uint32_t answered;     // replies read below
	uint64_t ring_due;     // a ring was lost: when it comes after all; 0: none was
	struct wire_parcel *held, *free;
	struct wire_number numbers[BLOCK_WINDOW];
	struct wire_parcel parcels[WIRE_HELD];
};

struct wire {
	const char *device;    // [I] the seat below
	__typeof__(block_attach) *attach; // [I] block_attach; tests have a device of their own
	struct serve *serve;
	mach_port_t listen;    // receives what the device sends
	mach_port_t kept;      // memory of the device's session, of an earlier inject too; MACH_PORT_NULL: none
	uint64_t badge, below_badge;
	uint64_t random;
	uint32_t rates[INJECT_FAULTS]; // per million
	uint64_t counts[INJECT_FAULTS], passed;
	struct wire_session *sessions;
};

// wire.c: the server.
kern_return_t wire_start(struct serve *serve);
void wire_gone(struct serve *serve, uint64_t badge);
void wire_message(struct serve *serve, const mach_msg_header_t *message, mach_msg_size_t size);
uint64_t wire_work(struct serve *serve);
// wire_session.c
void wire_end(struct wire_session *session, const char *why);
bool wire_sweep(struct wire *wire); // frees what has ended
// wire_pass.c: one look at both rings. True: something was done; *due: when to look again at the latest.
bool wire_pass(struct wire_session *session, uint64_t now, uint64_t *due);
// Says to both sides that they must ring. True: something came in between.
bool wire_arm(struct wire_session *session);
// wire_data.c: copies the data of a checked request. True: with a flipped bit (`damage`).
bool wire_copy(struct wire_session *session, const struct wire_number *number, bool up, bool damage);
bool wire_request_valid(const struct wire_session *session, const struct block_request *request, const uint32_t *pages);
// wire_fault.c
uint64_t wire_random(struct wire *wire, uint64_t below);
// Whether the fault is to happen now; it is counted.
bool wire_roll(struct wire *wire, enum inject_fault fault);
void wire_flip(struct wire *wire, void *what, size_t size);
bool wire_set_rate(struct wire *wire, const char *word); // "drop-request=200"

#endif
