// SPDX-License-Identifier: MIT
// What the kernel tells about itself: fixed-size records, fetched page by page through abi/monitor.defs.
//
// Look up MONITOR_NAME for the port (it must be granted). Each list call takes the id after which to go on (0 at first)
// and gives the records that fit; none means the end. Lists are snapshots of one record at a time.
#ifndef GILA_MONITOR_H
#define GILA_MONITOR_H

#include <stdint.h>

#define MONITOR_NAME "kernel/monitor"

#pragma pack(push, 4)

enum monitor_task_state { // as enum task_state
	MONITOR_TASK_NEW,
	MONITOR_TASK_ALIVE,
	MONITOR_TASK_DYING,
	MONITOR_TASK_CLEARING,
	MONITOR_TASK_DEAD,
};

struct monitor_task {
	uint32_t id;       // 0 is never given; the kernel's own threads are those of MONITOR_KERNEL_TASK
	uint32_t parent;   // id, 0: none
	uint32_t state;    // enum monitor_task_state
	uint32_t threads;
	uint32_t suspended; // count
	uint32_t names;    // in use in its port space
	uint64_t started;  // ns since boot
	uint64_t traps;    // of its living threads
	uint64_t kernel_bytes; // kernel memory charged to it
	uint64_t memory_bytes; // of memory objects
	uint32_t ports, messages; // charged to it
	char name[32];
	char seat[64];     // that it was launched for or holds; empty: none
};

#define MONITOR_KERNEL_TASK 0xffffffffu

enum monitor_thread_state { // as enum thread_state
	MONITOR_THREAD_NEW,
	MONITOR_THREAD_READY,
	MONITOR_THREAD_RUNNING,
	MONITOR_THREAD_WOKEN,
	MONITOR_THREAD_BLOCKING,
	MONITOR_THREAD_WAKING,
	MONITOR_THREAD_BLOCKED,
	MONITOR_THREAD_USER,
	MONITOR_THREAD_DEAD,
};

struct monitor_thread {
	uint32_t id, task;
	uint32_t state;     // enum monitor_thread_state
	uint32_t trap;      // the number of the trap it is in, or was in last
	uint32_t suspended; // count
	uint32_t port;      // id of the port it receives from, 0: a set, or none
	uint64_t traps;
	char name[24];
	char waits_for[24]; // empty: does not wait
};

enum monitor_right_types { // Mach's MACH_PORT_TYPE_* >> 16
	MONITOR_SEND = 1,
	MONITOR_RECEIVE = 2,
	MONITOR_SEND_ONCE = 4,
	MONITOR_SET = 8,
	MONITOR_DEAD_NAME = 16,
};

enum monitor_port_state { // as enum port_state
	MONITOR_PORT_LIVE,    // `owner` has the receive right
	MONITOR_PORT_TRANSIT, // it is in a message
	MONITOR_PORT_KEPT,    // it is with its seat
	MONITOR_PORT_OBJECT,  // the kernel itself serves the port
	MONITOR_PORT_DEAD,
};

// One name of a task, and the port behind it.
struct monitor_right {
	uint32_t name;
	uint32_t types;     // enum monitor_right_types, or-ed
	uint32_t urefs;     // of the send right or dead name
	uint32_t members;   // of a set
	uint32_t port;      // id, unique since boot; 0: a set or a dead name
	uint32_t state;     // enum monitor_port_state
	uint32_t owner;     // id of the task with the receive right, 0: none
	uint32_t seat;      // id of the seat that keeps the port, 0: none
	uint32_t object;    // MONITOR_PORT_OBJECT: id of the task or thread, 0: neither
	uint32_t queued, limit;
	uint32_t sequence;  // messages received so far
	uint32_t send_rights, send_once_rights;
	uint64_t badge;     // of the send right
	char kind[16];      // MONITOR_PORT_OBJECT: what it is
};

struct monitor_seat {
	uint32_t id;
	uint32_t state;     // enum seat_state of gila/seat.h
	uint32_t task;      // id of the occupant, 0: none
	uint32_t port;      // id
	uint32_t queued;    // messages
	uint32_t generation, restarts, failures; // see struct seat_event
	uint32_t reason;    // enum seat_reason: the last end
	int32_t code;
	uint32_t flags;     // enum seat_recipe_flags, MONITOR_SEAT_*
	uint32_t uses;      // patterns in its recipe
	uint64_t since;     // when the state began, ns since boot
	uint64_t next_try;  // backing off: when
	uint64_t lookups;
	char name[64];
	char program[128];  // cut off if longer
};

#define MONITOR_SEAT_AWAITS_PROGRAM 0x80000000u // starting: its program is a file that is on its way
#define MONITOR_SEAT_HAS_IMAGE 0x40000000u      // a program is kept for it in kernel memory

enum monitor_strings { MONITOR_USES, MONITOR_ARGUMENTS, MONITOR_ENVIRONMENT }; // arguments: without argument 0

// What an account counts: one record for each kind.
struct monitor_count {
	uint64_t count, limit; // UINT64_MAX: no limit
	char kind[16];
};

// What monitor_inject does to the server of a seat, beside monitor_kill.
enum monitor_fault {
	MONITOR_FAULT_STOP = 1,  // amount: ns, at most MONITOR_STOP_MAX, for which it is suspended
	MONITOR_FAULT_SHORTAGE,  // amount: every so-manieth charge of its account fails, until its end; 0: none any more
	MONITOR_FAULT_FLIP,      // amount: any number, which chooses a bit of the program's text in its memory, until its end
};
#define MONITOR_STOP_MAX UINT64_C(60000000000)

enum monitor_event { // as enum trace_event
	MONITOR_EVENT_NONE,
	MONITOR_EVENT_TRAP_ENTER,  // a: number, b: first argument
	MONITOR_EVENT_TRAP_EXIT,   // a: number, b: result
	MONITOR_EVENT_SEND,        // a: message id, b: port id, c: size, d: id of the port that takes the reply
	MONITOR_EVENT_RECEIVE,     // the same, without d
	MONITOR_EVENT_TASK_START,  // a: task, b: parent; text: name
	MONITOR_EVENT_TASK_END,    // a: task, b: enum gila_death, c: code
	MONITOR_EVENT_SEAT_STATE,  // a: seat id, b: state; text: name
	MONITOR_EVENT_SEAT_LOOKUP, // a: seat id; text: name
	MONITOR_EVENT_THREAD_SWITCH,
	MONITOR_EVENT_INTERRUPT,   // a: line
};

struct monitor_trace {
	uint64_t time;     // ns since boot
	uint64_t sequence;
	uint32_t thread;   // id, 0: none
	uint32_t task;     // id
	uint16_t event;    // enum monitor_event
	uint16_t cpu;
	uint32_t c;
	uint64_t a, b, d;
	char text[24];
};

struct monitor_kernel {
	uint64_t now;        // ns since boot
	int64_t calendar;    // ns since 1970
	uint64_t kernel_bytes; // kernel memory in use
	uint64_t unknown_traps;
	uint32_t cpus, page_size;
	uint32_t tasks, threads, ports, seats;
	char version[64];
};

#pragma pack(pop)

_Static_assert(sizeof(struct monitor_task) == 160, "");
_Static_assert(sizeof(struct monitor_thread) == 80, "");
_Static_assert(sizeof(struct monitor_right) == 80, "");
_Static_assert(sizeof(struct monitor_seat) == 264, "");
_Static_assert(sizeof(struct monitor_count) == 32, "");
_Static_assert(sizeof(struct monitor_trace) == 80, "");
_Static_assert(sizeof(struct monitor_kernel) == 120, "");

#endif
