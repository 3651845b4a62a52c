// SPDX-License-Identifier: MIT
// The trace; see trace.h, and trace_ring.h for how records lie in a ring.
#include "trace.h"

#include "../task/task.h"
#include "../task/thread.h"
#include "sched.h"
#include "trace_ring.h"

struct trace_ring trace_rings[MD_CPU_LIMIT];
static struct trace_ring lives[MD_CPU_LIMIT];
_Atomic uint64_t trace_sequence;
static unsigned cpus;

static struct trace_slot *slots_make(uint32_t records)
{
	struct trace_slot *slots = md_pages_alloc((records * sizeof(struct trace_slot) + MD_PAGE_SIZE - 1) / MD_PAGE_SIZE);
	if (!slots)
		panic("no memory for the trace");
	return slots;
}

void trace_module_init(void)
{
	cpus = md_cpu_count();
	for (unsigned i = 0; i < cpus; i++) {
		lives[i].slots = slots_make(TRACE_LIFE_RECORDS);
		trace_rings[i].slots = slots_make(TRACE_RING_RECORDS);
	}
}

// ---- Writing -------------------------------------------------------------------------------------------------------

static uint64_t who_here(void)
{
	struct thread *thread = thread_current();
	return thread ? thread->who : 0;
}

void trace_record(enum trace_event event, uint64_t a, uint64_t b, uint32_t c, uint64_t d)
{
	struct trace_ring *ring = &trace_rings[md_cpu_self()];
	if (unlikely(!ring->slots))
		return;
	struct trace_slot *slot = trace_begin(ring, event, c, 1);
	trace_put(slot->who, who_here());
	trace_put(slot->a, a);
	trace_put(slot->rest[TRACE_REST_B], b);
	trace_put(slot->rest[TRACE_REST_D], d);
	trace_done(ring);
}

void trace_record_text(enum trace_ring_kind which, enum trace_event event, uint32_t a, uint32_t b, uint32_t c, const char *text)
{
	struct trace_ring *ring = which == TRACE_LIFE ? &lives[md_cpu_self()] : &trace_rings[md_cpu_self()];
	unsigned records = which == TRACE_LIFE ? TRACE_LIFE_RECORDS : TRACE_RING_RECORDS;
	uint64_t words[3] = {0};
	if (!ring->slots)
		return;
	format_text((char *)words, sizeof(words), "%s", text);
	struct trace_slot *slot = trace_begin_in(ring, records, event | TRACE_WITH_TEXT, c, 1);
	trace_put(slot->who, who_here());
	trace_put(slot->a, a | (uint64_t)b << 32);
	for (unsigned i = 0; i < array_count(words); i++)
		trace_put(slot->rest[i], words[i]);
	trace_done(ring);
}

// ---- Reading -------------------------------------------------------------------------------------------------------

// A slot, copied: what the ring has under one number.
struct copy {
	struct trace_record record; // of a kind with several: what they share
	uint64_t to;                // who receives a message
	unsigned count;             // records in it
};

static void copy_take(struct copy *copy, struct trace_slot *slot, unsigned cpu)
{
	struct trace_record *record = &copy->record;
	uint64_t rest[3], who = atomic_load_explicit(&slot->who, memory_order_relaxed);
	uint32_t event = atomic_load_explicit(&slot->event, memory_order_relaxed);
	uint32_t c = atomic_load_explicit(&slot->c, memory_order_relaxed);
	struct md_stamp stamp = {atomic_load_explicit(&slot->stamp[0], memory_order_relaxed),
				 atomic_load_explicit(&slot->stamp[1], memory_order_relaxed)};
	uint64_t a = atomic_load_explicit(&slot->a, memory_order_relaxed);
	bool text = event & TRACE_WITH_TEXT;
	for (unsigned i = 0; i < array_count(rest); i++)
		rest[i] = atomic_load_explicit(&slot->rest[i], memory_order_relaxed);
	*record = (struct trace_record){
		.time = md_clock_of(stamp),
		.sequence = atomic_load_explicit(&slot->sequence, memory_order_relaxed),
		.thread = (uint32_t)who,
		.task = (uint32_t)(who >> 32),
		.event = (uint16_t)(event & ~TRACE_WITH_TEXT),
		.cpu = (uint16_t)cpu,
		.c = c,
		.a = text ? (uint32_t)a : a,
		.b = text ? a >> 32 : rest[TRACE_REST_B],
		.d = text ? 0 : rest[TRACE_REST_D],
	};
	if (text)
		memcpy(record->text, rest, sizeof(record->text));
	copy->to = rest[TRACE_REST_TO];
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
static bool ring_find(struct trace_ring *ring, unsigned records, unsigned cpu, uint64_t from, struct trace_record *best)
{
	uint64_t head = trace_head(ring);
	uint64_t low = head >= records ? head - records + 1 : 0, high = head;
	bool found = false;
	// Sequences grow along the ring: search by halves.
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		struct copy copy;
		copy_take(&copy, &ring->slots[middle % records], cpu);
		atomic_thread_fence(memory_order_acquire);
		bool whole = trace_head(ring) - middle < records;
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

static void find_earlier(struct trace_ring *ring, unsigned records, unsigned cpu, uint64_t from, struct trace_record *best)
{
	struct trace_record record;
	if (ring_find(ring, records, cpu, from, &record) && record.sequence < best->sequence)
		*best = record;
}

size_t trace_read(uint64_t *cursor, struct trace_record *to, size_t count)
{
	size_t got = 0;
	for (; got < count; got++) {
		struct trace_record best = {.sequence = UINT64_MAX};
		for (unsigned i = 0; i < cpus; i++) {
			find_earlier(&trace_rings[i], TRACE_RING_RECORDS, i, *cursor, &best);
			find_earlier(&lives[i], TRACE_LIFE_RECORDS, i, *cursor, &best);
		}
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
