// SPDX-License-Identifier: MIT
// The parts of the driver's side (session.h): session.c makes and ends sessions, session_memory.c has their memory, session_area.c gives
// them more, session_take.c reads requests, session_reply.c writes replies.
#ifndef BLOCK_SESSION_INTERNAL_H
#define BLOCK_SESSION_INTERNAL_H

#include "session.h"

#define SESSION_DOUBTS 64u                          // requests in a row with a wrong sum
#define SESSION_DOUBT_TIME UINT64_C(2000000000)     // ns that they take at least
#define SESSION_SPARE_TIME UINT64_C(1000000000)     // ns that the memory of one that has ended is kept
#define SESSION_TRUST_TIME UINT64_C(5000000000)     // ns that a server runs at least before a client's word ends it

// waiting -> open    nothing of an earlier session is in its way
// open -> ending     no right is left, another session has its memory, or its client broke the protocol
// waiting -> ending  another attach took its memory
// ending -> (freed)  nothing is under way
enum session_state {
	SESSION_WAITING,
	SESSION_OPEN,
	SESSION_ENDING,
};

enum window_state {
	WINDOW_EMPTY,
	WINDOW_RUNNING,
	WINDOW_DONE,
};

// What is known of a sequence number, at number % BLOCK_WINDOW.
struct window_entry {
	uint64_t sequence;
	uint64_t data_sum;
	uint16_t state;  // enum window_state
	uint16_t status; // when it is done
	bool queued;     // in `due`
};

// More memory, of number index + 1.
struct session_area {
	mach_port_t memory; // MACH_PORT_NULL: there is none
	uint64_t size, bus_address;
	unsigned under_way; // requests
};

struct block_session {
	struct block_session *next;
	struct block_device *device; // [I]
	enum session_state state;
	uint64_t badge;
	// What it may reach.
	uint64_t first, count;
	uint32_t flags; // enum block_attach_flags
	mach_port_t memory, notify;
	uint64_t size, data_size, bus_address; // of the memory object; of its data area; of the object's first byte
	// Mapped when it is open.
	struct block_ring *ring;
	const uint32_t *lists;
	uint8_t *data;
	uint32_t taken, replied, told; // counts, as the ring's; told: replies that are published
	bool armed; // the client is to ring for the next request
	uint64_t low, newest;
	struct window_entry window[BLOCK_WINDOW];
	uint16_t due[BLOCK_WINDOW]; // window entries that are to be answered, a ring
	uint32_t due_head, due_tail;
	struct session_area areas[BLOCK_AREAS];
	unsigned under_way;
	struct block_task *free;
	struct block_task tasks[BLOCK_SLOTS];
	struct serve_reply reply; // of the attach, while it waits
};

struct block_device *session_device(struct serve *serve);
struct block_session *session_of_badge(struct block_device *device, uint64_t badge); // NULL: none that is open or ending
// Gets the memory, made or taken over, and maps it: session->ring and what goes with it. A memory that was given stays the session's
// either way.
kern_return_t session_memory_get(struct block_session *session) GILA_CHECKED;
// The device does not reach it any more.
void session_memory_leave(struct block_session *session);
// The same, but not at once: it is the device's spare then. The session has none any more.
void session_memory_keep(struct block_session *session);
void session_spare_drop(struct block_device *device);
// True: it was dropped, because nobody came for it.
bool session_spare_expire(struct block_device *device);
// The area is given up; nothing may be under way there.
void session_area_drop(struct block_session *session, struct session_area *area);
bool session_area_has(const struct block_device *device, mach_port_t memory); // some area is that memory
void session_end(struct block_session *session, const char *why);
// Reads and starts requests while there are tasks for them. True: there were some.
bool session_take(struct block_session *session);
// Whether there are requests to be read now.
bool session_has_requests(const struct block_session *session);
// A reply that is not remembered.
void session_reply(struct block_session *session, uint64_t sequence, enum block_status status);
// The reply of a number that is done, as soon as there is room.
void session_reply_due(struct block_session *session, struct window_entry *entry);
// Publishes replies and wakes the client if it sleeps. True: there were some.
bool session_tell(struct block_session *session);

#endif
