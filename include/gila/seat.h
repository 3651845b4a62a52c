// SPDX-License-Identifier: MIT
// Seats as programs see them: states, recipes as they are sent to the kernel, heartbeats, and events.
//
// The calls are declared in abi/seat.defs. A recipe is a struct seat_recipe_head with strings behind it, each ended by
// a zero byte, in this order: name, program, arguments, environment, uses. docs/seats.md explains the fields.
#ifndef GILA_SEAT_H
#define GILA_SEAT_H

#include <mach/message.h>
#include <mach/ndr.h>
#include <stdint.h>

#define SEAT_NAME_MAX 63u      // bytes of a seat's name or of a pattern, without the zero byte
#define SEAT_PROGRAM_MAX 255u  // bytes of a program's path
#define SEAT_RECIPE_MAX 16384u // bytes of a packed recipe
#define SEAT_STRINGS_MAX 256u  // arguments, environment words and patterns, each
#define SEAT_GRANT_MANAGE "kernel/seats" // the grant to register, start, stop and replace seats

// Names start with a letter or digit and contain letters, digits and . _ - + : @ , /, no empty component. "kernel/..." names
// the kernel's own services. Patterns are names in which * stands for any text, "/" included.

enum seat_state {
	SEAT_VACANT = 1,  // nobody there, nobody coming: a look-up, a message or a start launches the server
	SEAT_STARTING,    // launched, has not taken its seat yet
	SEAT_OCCUPIED,
	SEAT_BACKING_OFF, // ended too often too soon: the next launch waits for its time
	SEAT_DISABLED,    // stopped by somebody: look-ups give the handle, messages wait in the queue until it is started
	SEAT_REMOVED,     // for ever; handles are dead names
};

enum seat_reason { // why the last occupant ended
	SEAT_REASON_NONE,          // there was none
	SEAT_REASON_EXIT,          // code: exit status
	SEAT_REASON_SIGNAL,        // code: signal number
	SEAT_REASON_LOAD,          // the program could not be launched; code: kern_return_t
	SEAT_REASON_START_TIMEOUT, // it did not take its seat in time
	SEAT_REASON_HEARTBEAT,     // it did not answer
	SEAT_REASON_LEFT,          // it gave its receive right away
	SEAT_REASON_STOPPED,       // seat_stop or seat_restart
	SEAT_REASON_PROTOCOL,      // ended by the kernel for breaking the protocol
};

enum seat_recipe_flags {
	SEAT_TERMINAL = 1,       // gets the machine's own terminal
	SEAT_START_BOOT = 2,     // for init: launched at boot (the kernel leaves `start` to a seat_start call)
	SEAT_RESTART_DEMAND = 4, // after its end it stays vacant until it is needed; else it is launched again at once
	SEAT_PROGRAM_FILE = 8,   // if the boot archive has no such program, it is a file: the seat `loader` fetches it
};

#define SEAT_RECIPE_VERSION 1u

// Times in nanoseconds. 0 means the default that stands behind the field.
struct seat_recipe_head {
	uint32_t version; // SEAT_RECIPE_VERSION
	uint32_t flags;   // enum seat_recipe_flags
	uint64_t backoff_initial;   // wait before the second restart in a row: 100 ms
	uint64_t backoff_cap;       // longest wait: 30 s
	uint64_t backoff_reset;     // a run of this length, from readiness, is stable: 10 s. SEAT_RESET_ALWAYS: any
	uint32_t backoff_factor;    // in thousandths, 1000 to 1000000: 2000
	uint32_t argument_count;    // the program's name (argument 0) is not among them
	uint64_t start_timeout;     // from launch to seat_take: 10 s
	uint64_t heartbeat_interval; // from an answer to the next ping: none
	uint64_t heartbeat_timeout; // for the answer: the interval
	uint64_t heartbeat_answers; // that a request may wait for its answer, counted in whole intervals: for ever
	uint64_t limit_memory;      // bytes of memory objects
	uint64_t limit_kernel;      // bytes of kernel memory
	uint32_t limit_threads, limit_ports, limit_messages, limit_rights;
	uint32_t environment_count;
	uint32_t uses_count;
};

#define SEAT_RESET_ALWAYS UINT64_MAX

// Heartbeat: the server answers SEAT_PING_ID on its seat's port with an empty SEAT_PONG_ID to the reply port.
#define SEAT_PING_ID 71980
#define SEAT_PONG_ID (SEAT_PING_ID + 100)

// Before the system ends, servers of seats that keep memory (seat_keep) are asked to bring what is in it to where it stays, such as a
// disk, and answer SEAT_SETTLE_ID with an empty SEAT_SETTLED_ID. Requests may still come after that.
#define SEAT_SETTLE_ID 71981
#define SEAT_SETTLED_ID (SEAT_SETTLE_ID + 100)

// What a port that was given to seat_watch receives, when its queue has room: one message per event, the count of
// those that found none in `lost` of the next.
#define SEAT_EVENT_ID 71990

enum seat_event_kind {
	SEAT_EVENT_STATE = 1,  // a seat changed its state
	SEAT_EVENT_TASK_START, // `task`, `name`
	SEAT_EVENT_TASK_END,   // `task`, `name`, `reason` EXIT, SIGNAL, LOAD or PROTOCOL, `code`
	// A device can be asked for: a driver was found for it, and `seat` with `name` is the device's. And: the seat is removed.
	SEAT_EVENT_DEVICE_ADDED,
	SEAT_EVENT_DEVICE_REMOVED,
};

struct seat_event {
	mach_msg_header_t head;
	NDR_record_t ndr;
	uint64_t time;       // ns since boot
	uint32_t kind;       // enum seat_event_kind
	uint32_t seat;       // id, or 0
	uint32_t state;      // enum seat_state, the new one
	uint32_t before;     // the old one
	uint32_t reason;     // enum seat_reason
	int32_t code;
	uint32_t task;       // id; the occupant's, or 0
	uint32_t generation; // launches so far
	uint32_t restarts;   // launches that followed an end that nobody asked for
	uint32_t lost;
	char name[64];
};

_Static_assert(sizeof(struct seat_recipe_head) == 112, "packed recipes start with 112 bytes");
_Static_assert(sizeof(struct seat_event) == 144, "seat events have no padding");

#endif
