// SPDX-License-Identifier: MIT
// The always-on trace: two rings of fixed-size records per CPU, newest kept: one of what every trap and message leaves, one of
// the few things that tell who lives, which the first would push out within milliseconds. Recording takes no lock and
// allocates nothing. Readers merge the rings by time (trace_read).
#ifndef KERNEL_CORE_TRACE_H
#define KERNEL_CORE_TRACE_H

#include "base.h"
#include <machine/kern.h>

struct thread;

enum trace_event {
	TRACE_NONE,
	TRACE_TRAP_ENTER,   // a: number, b: first argument
	TRACE_TRAP_EXIT,    // a: number, b: result
	TRACE_SEND,         // a: message id, b: port number (port->id), c: size; d: port that takes the reply, or 0
	TRACE_RECEIVE,      // the same, without d
	TRACE_TASK_START,   // a: task id; text: name
	TRACE_TASK_END,     // a: task id, b: why, c: code; text: name
	TRACE_SEAT_STATE,   // a: seat id, b: state; text: name
	TRACE_SEAT_LOOKUP,  // a: seat id; text: name
	TRACE_THREAD_SWITCH,
	TRACE_INTERRUPT,    // a: line
	TRACE_EVENTS,
	// Several records in one slot of a ring (trace_ring.h): readers get them one by one (trace.c).
	TRACE_QUICK_TRAP = TRACE_EVENTS,
	TRACE_QUICK_MESSAGE,
};

enum trace_ring_kind {
	TRACE_TRAFFIC,
	TRACE_LIFE, // starts and ends of tasks, states of seats, look-ups that launch
};

struct trace_record {
	uint64_t time;   // md_clock_now
	uint64_t sequence;
	uint32_t thread; // id, 0: none
	uint32_t task;   // id
	uint16_t event;
	uint16_t cpu;
	uint32_t c;
	uint64_t a, b, d;
	char text[24];   // truncated, terminated
};

void trace_module_init(void);
void trace_record(enum trace_event event, uint64_t a, uint64_t b, uint32_t c, uint64_t d);
void trace_record_text(enum trace_ring_kind which, enum trace_event event, uint32_t a, uint32_t b, uint32_t c, const char *text);
// Copies up to `count` records that are newer than *cursor in time order; moves *cursor. Returns how many.
size_t trace_read(uint64_t *cursor, struct trace_record *to, size_t count);
const char *trace_event_name(enum trace_event event);

#endif
