// SPDX-License-Identifier: MIT
// Turns trace events into Chrome's Trace Event Format, which chrome://tracing and Perfetto open.
//
// chrome_begin; chrome_event for each event in time order; chrome_end; write and clear `out` in between as you like.
// A task is a process, a thread a thread. Slices: traps; calls (from a send to the receipt of its reply, by the same
// thread); serving (from the return of the trap that received a request to the trap that sends its reply). Arrows lead from
// each send to its receipt: messages of one port and id arrive in the order in which they were sent. Seat states are instants.
// A reply has its request's msgh_id plus 100 (docs/defs.md).
// Slices of one thread must nest: a call that began and ended in different traps is shown beside the thread (async).
// Format: "Trace Event Format", docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU.
#ifndef CLI_CHROME_H
#define CLI_CHROME_H

#include "event.h"

#define CHROME_OPEN 8u	    // calls, and requests served, that one thread may have open; the oldest is forgotten
#define CHROME_FLIGHT 1024u // messages that were sent and not received; the oldest is forgotten

struct chrome_message {
	uint64_t id, time;
	uint64_t trap; // number of the trap in the thread's life, to see whether two events were in one
	uint64_t flow; // number of the arrow
};

struct chrome_flight {
	uint64_t port, id, flow;
};

struct chrome_thread {
	uint32_t thread, task;
	bool used, in_trap;
	uint64_t traps;	      // that began
	uint64_t trap_number, trap_argument, trap_time;
	uint64_t user_time;   // when it last returned to user mode; 0: not seen
	struct chrome_message calls[CHROME_OPEN], serves[CHROME_OPEN];
	unsigned call_count, serve_count;
};

struct chrome {
	struct json json;
	struct chrome_thread *threads; // hashed by id, open addressing
	size_t used, room;	       // room: a power of two
	struct chrome_flight flights[CHROME_FLIGHT]; // oldest first
	size_t flight_count;
	uint64_t flows; // arrows so far
	uint64_t last_time;
};

void chrome_begin(struct chrome *chrome, struct text *out);
// The task's name, as far as it is known beforehand (a TASK_START event tells it too).
void chrome_name(struct chrome *chrome, uint32_t task, const char *name);
void chrome_event(struct chrome *chrome, const struct monitor_trace *event);
// Records that were overwritten before they were read.
void chrome_lost(struct chrome *chrome, uint64_t count);
// Shows what is unfinished up to the last event and closes the document.
void chrome_end(struct chrome *chrome);

#endif
