// SPDX-License-Identifier: MIT
// The rings of the trace, for trace.c, and for the message path, which writes its record in line.
//
// A CPU writes the slot at its ring's head and then moves the head on. So what a reader has copied was whole if the head, looked at
// afterwards, has not come round to that slot.
#ifndef KERNEL_CORE_TRACE_RING_H
#define KERNEL_CORE_TRACE_RING_H

#include "trace.h"

#include "../task/thread.h"

#define TRACE_RING_RECORDS 4096u // of traffic
#define TRACE_LIFE_RECORDS 512u
#define TRACE_WITH_TEXT 0x8000u // in trace_slot.event: the slot ends with a text, and a's upper half is the record's b
// trace_slot.rest
#define TRACE_REST_B 0
#define TRACE_REST_D 1
#define TRACE_REST_TO 2

// A record as it lies in a ring: a cache line.
struct trace_slot {
	_Atomic uint32_t stamp[2]; // md_clock_stamp
	_Atomic uint64_t sequence;
	_Atomic uint64_t who;      // thread, task
	_Atomic uint32_t event;
	_Atomic uint32_t c;
	_Atomic uint64_t a;
	union {
		_Atomic uint64_t rest[3];  // b, d, and who receives a message; or 24 bytes of text
		_Atomic uint32_t halves[6];
	};
};
_Static_assert(sizeof(struct trace_slot) == 64, "a cache line");
_Static_assert(sizeof(((struct trace_record *)NULL)->text) == 24, "as long as the rest of a slot");

struct trace_ring {
	struct trace_slot *slots;
	uint64_t head; // [o: its CPU, others read it] bytes written; trace_head, trace_done
};

extern struct trace_ring trace_rings[MD_CPU_LIMIT]; // of traffic
extern _Atomic uint64_t trace_sequence;

#define trace_put(field, value) atomic_store_explicit(&(field), value, memory_order_relaxed)

// The next slot of the ring: all but what differs is there. trace_done publishes it. Nothing may come between that would use the
// ring: a CPU writes one record at a time.
static inline struct trace_slot *trace_begin_in(struct trace_ring *ring, unsigned records, unsigned event, uint32_t c, unsigned count)
{
	uint64_t at = ring->head % (records * sizeof(struct trace_slot));
	struct trace_slot *slot = (void *)((char *)ring->slots + at);
	atomic_thread_fence(memory_order_release); // who sees what is written now sees the head, too
	struct md_stamp stamp = md_clock_stamp();
	trace_put(slot->stamp[0], stamp.low);
	trace_put(slot->stamp[1], stamp.high);
	trace_put(slot->sequence, atomic_fetch_add_explicit(&trace_sequence, count, memory_order_relaxed));
	trace_put(slot->event, event);
	trace_put(slot->c, c);
	return slot;
}

static inline struct trace_slot *trace_begin(struct trace_ring *ring, unsigned event, uint32_t c, unsigned count)
{
	return trace_begin_in(ring, TRACE_RING_RECORDS, event, c, count);
}

// One addition, which the compiler makes one store of; as an atomic it would be three instructions.
static inline __attribute__((no_sanitize("thread"))) void trace_done(struct trace_ring *ring)
{
	atomic_thread_fence(memory_order_release);
	ring->head += sizeof(struct trace_slot);
}

// Records written.
static inline uint64_t trace_head(const struct trace_ring *ring)
{
	return __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE) / sizeof(struct trace_slot);
}

#endif
