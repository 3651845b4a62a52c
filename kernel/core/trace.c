// SPDX-License-Identifier: MIT
// The trace rings; see trace.h. A CPU writes the slot of its ring's head and then moves the head on, so what a reader has copied
// was whole if the head, looked at afterwards, has not come round to that slot.
#include "trace.h"

#include "../task/task.h"
#include "../task/thread.h"
#include "sched.h"

#define RING_RECORDS 4096u
#define WITH_TEXT 0x8000u // in slot.event: the slot ends with a text, and c is the record's b

// A record as it lies in a ring: a cache line.
struct slot {
	_Atomic uint32_t stamp[2]; // md_clock_stamp
	_Atomic uint64_t sequence;
	_Atomic uint64_t who;      // thread, task
	_Atomic uint32_t event;
	_Atomic uint32_t c;
	_Atomic uint64_t a;
	_Atomic uint64_t rest[3];  // b, d, and who receives a message; or 24 bytes of text
};
_Static_assert(sizeof(struct slot) == 64, "a cache line");
_Static_assert(sizeof(((struct trace_record *)NULL)->text) == 24, "as long as the rest of a slot");
#define REST_B 0
#define REST_D 1
#define REST_TO 2

struct ring {
	struct slot *slots;
	_Atomic uint64_t head; // records written
};

static struct ring rings[MD_CPU_LIMIT];
static unsigned rings_count;
static _Atomic uint64_t sequence;

void trace_module_init(void)
{
	rings_count = md_cpu_count();
	for (unsigned i = 0; i < rings_count; i++) {
		size_t pages = (RING_RECORDS * sizeof(struct slot) + MD_PAGE_SIZE - 1) / MD_PAGE_SIZE;
		rings[i].slots = md_pages_alloc(pages);
		if (!rings[i].slots)
			panic("no memory for the trace");
	}
}

// ---- Writing -------------------------------------------------------------------------------------------------------

#define put(field, value) atomic_store_explicit(&(field), value, memory_order_relaxed)

// The next slot of this CPU's ring: all but what differs is there. slot_done publishes it.
static inline struct slot *slot_begin(struct ring *ring, enum trace_event event, uint32_t c, unsigned count)
{
	uint64_t index = atomic_load_explicit(&ring->head, memory_order_relaxed);
	struct slot *slot = &ring->slots[index % RING_RECORDS];
	atomic_thread_fence(memory_order_release); // who sees what is written now sees the head, too
	struct md_stamp stamp = md_clock_stamp();
	put(slot->stamp[0], stamp.low);
	put(slot->stamp[1], stamp.high);
	put(slot->sequence, atomic_fetch_add_explicit(&sequence, count, memory_order_relaxed));
	put(slot->event, event);
	put(slot->c, c);
	return slot;
}

// Nothing may come between that would use the ring: a CPU writes one record at a time.
static inline void slot_done(struct ring *ring)
{
	uint64_t index = atomic_load_explicit(&ring->head, memory_order_relaxed);
	atomic_store_explicit(&ring->head, index + 1, memory_order_release);
}

static inline struct ring *ring_here(void) { return &rings[md_cpu_self()]; }

static uint64_t who_here(void)
{
	struct thread *thread = thread_current();
	return thread ? thread->who : 0;
}

void trace_record(enum trace_event event, uint64_t a, uint64_t b, uint32_t c, uint64_t d)
{
	struct ring *ring = ring_here();
	if (unlikely(!ring->slots))
		return;
	struct slot *slot = slot_begin(ring, event, c, 1);
	put(slot->who, who_here());
	put(slot->a, a);
	put(slot->rest[REST_B], b);
	put(slot->rest[REST_D], d);
	slot_done(ring);
}

void trace_record_text(enum trace_event event, uint64_t a, uint32_t b, const char *text)
{
	struct ring *ring = ring_here();
	uint64_t words[3] = {0};
	if (!ring->slots)
		return;
	format_text((char *)words, sizeof(words), "%s", text);
	struct slot *slot = slot_begin(ring, event | WITH_TEXT, b, 1);
	put(slot->who, who_here());
	put(slot->a, a);
	for (unsigned i = 0; i < array_count(words); i++)
		put(slot->rest[i], words[i]);
	slot_done(ring);
}

// ---- Several in one ------------------------------------------------------------------------------------------------

struct kern_quick trace_quick_trap(struct thread *thread, uint32_t number, uint64_t argument, uint64_t result)
{
	struct ring *ring = ring_here();
	struct slot *slot = slot_begin(ring, TRACE_QUICK_TRAP, number, 2);
	put(slot->who, thread->who);
	put(slot->a, argument);
	put(slot->rest[REST_D], result);
	slot_done(ring);
	return (struct kern_quick){thread, result};
}

void trace_quick_message(const struct thread *from, const struct thread *to, uint64_t argument, uint32_t id, uint32_t port,
			 uint32_t reply, uint32_t size)
{
	struct ring *ring = ring_here();
	struct slot *slot = slot_begin(ring, TRACE_QUICK_MESSAGE, size, 4);
	put(slot->who, from->who);
	put(slot->a, id);
	put(slot->rest[REST_B], port | (uint64_t)reply << 32);
	put(slot->rest[REST_D], argument);
	put(slot->rest[REST_TO], to->who);
	slot_done(ring);
}

// ---- Reading -------------------------------------------------------------------------------------------------------

// A slot, copied: what the ring has under one number.
struct copy {
	struct trace_record record; // of a kind with several: what they share
	uint64_t to;                // who receives a message
	unsigned count;             // records in it
};

static void copy_take(struct copy *copy, struct slot *slot, unsigned cpu)
{
	struct trace_record *record = &copy->record;
	uint64_t rest[3], who = atomic_load_explicit(&slot->who, memory_order_relaxed);
	uint32_t event = atomic_load_explicit(&slot->event, memory_order_relaxed);
	uint32_t c = atomic_load_explicit(&slot->c, memory_order_relaxed);
	struct md_stamp stamp = {atomic_load_explicit(&slot->stamp[0], memory_order_relaxed),
				 atomic_load_explicit(&slot->stamp[1], memory_order_relaxed)};
	bool text = event & WITH_TEXT;
	for (unsigned i = 0; i < array_count(rest); i++)
		rest[i] = atomic_load_explicit(&slot->rest[i], memory_order_relaxed);
	*record = (struct trace_record){
		.time = md_clock_of(stamp),
		.sequence = atomic_load_explicit(&slot->sequence, memory_order_relaxed),
		.thread = (uint32_t)who,
		.task = (uint32_t)(who >> 32),
		.event = (uint16_t)(event & ~WITH_TEXT),
		.cpu = (uint16_t)cpu,
		.c = text ? 0 : c,
		.a = atomic_load_explicit(&slot->a, memory_order_relaxed),
		.b = text ? c : rest[REST_B],
		.d = text ? 0 : rest[REST_D],
	};
	if (text)
		memcpy(record->text, rest, sizeof(record->text));
	copy->to = rest[REST_TO];
	copy->count = record->event == TRACE_QUICK_MESSAGE ? 4 : record->event == TRACE_QUICK_TRAP ? 2 : 1;
}

// The record of a slot with sequence `want` (or the first later one).
static struct trace_record copy_expand(const struct copy *copy, uint64_t want)
{
	const struct trace_record *whole = &copy->record;
	unsigned part = want > whole->sequence ? (unsigned)(want - whole->sequence) : 0;
	if (copy->count == 1)
		return *whole;
	bool message = whole->event == TRACE_QUICK_MESSAGE, last = part == copy->count - 1;
	struct trace_record record = {.time = whole->time,
				      .sequence = whole->sequence + part,
				      .thread = message && part >= 2 ? (uint32_t)copy->to : whole->thread,
				      .task = message && part >= 2 ? (uint32_t)(copy->to >> 32) : whole->task,
				      .cpu = whole->cpu};
	if (message && !last && part > 0) {
		record.event = part == 1 ? TRACE_SEND : TRACE_RECEIVE;
		record.a = whole->a;
		record.b = (uint32_t)whole->b;
		record.c = whole->c;
		record.d = part == 1 ? whole->b >> 32 : 0;
		return record;
	}
	record.event = last ? TRACE_TRAP_EXIT : TRACE_TRAP_ENTER;
	record.a = message ? KERN_QUICK_MESSAGE : whole->c;
	if (!last)
		record.b = message ? whole->d : whole->a;
	else
		record.b = message ? 0 : whole->d;
	return record;
}

// The oldest record of the ring whose sequence is at least `from`; false when there is none that is whole.
static bool ring_find(unsigned cpu, uint64_t from, struct trace_record *best)
{
	struct ring *ring = &rings[cpu];
	uint64_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
	uint64_t low = head >= RING_RECORDS ? head - RING_RECORDS + 1 : 0, high = head;
	bool found = false;
	// Sequences grow along the ring: search by halves.
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		struct copy copy;
		copy_take(&copy, &ring->slots[middle % RING_RECORDS], cpu);
		atomic_thread_fence(memory_order_acquire);
		bool whole = atomic_load_explicit(&ring->head, memory_order_relaxed) - middle < RING_RECORDS;
		if (!whole || copy.record.sequence + copy.count <= from) { // overwritten meanwhile: what is left is newer
			low = middle + 1;
		} else {
			*best = copy_expand(&copy, from);
			found = true;
			high = middle;
		}
	}
	return found;
}

size_t trace_read(uint64_t *cursor, struct trace_record *to, size_t count)
{
	size_t got = 0;
	for (; got < count; got++) {
		struct trace_record best = {.sequence = UINT64_MAX}, record;
		for (unsigned i = 0; i < rings_count; i++)
			if (ring_find(i, *cursor, &record) && record.sequence < best.sequence)
				best = record;
		if (best.sequence == UINT64_MAX)
			break;
		to[got] = best;
		*cursor = best.sequence + 1;
	}
	return got;
}

const char *trace_event_name(enum trace_event event)
{
	static const char *const names[TRACE_EVENTS] = {
		[TRACE_NONE] = "none",
		[TRACE_TRAP_ENTER] = "trap",
		[TRACE_TRAP_EXIT] = "trap-exit",
		[TRACE_SEND] = "send",
		[TRACE_RECEIVE] = "receive",
		[TRACE_TASK_START] = "task-start",
		[TRACE_TASK_END] = "task-end",
		[TRACE_SEAT_STATE] = "seat-state",
		[TRACE_SEAT_LOOKUP] = "seat-lookup",
		[TRACE_THREAD_SWITCH] = "thread-switch",
		[TRACE_INTERRUPT] = "interrupt",
	};
	return (unsigned)event < TRACE_EVENTS ? names[event] : "?";
}
