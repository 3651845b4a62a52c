// SPDX-License-Identifier: MIT
// The trace rings; see trace.h. A record is written between two stores of its sequence number: odd while it is being
// written, so that a reader on another CPU can tell a torn one and skip it (a sequence lock per record).
#include "trace.h"

#include "../task/task.h"
#include "../task/thread.h"
#include "sched.h"

#define TRAFFIC_RECORDS 4096u
#define LIFE_RECORDS 512u

struct slot {
	_Atomic uint64_t guard; // 2 * (index + 1) when whole, odd while written
	_Atomic uint64_t words[sizeof(struct trace_record) / 8];
};
_Static_assert(sizeof(struct trace_record) % 8 == 0, "copied in words");

struct ring {
	struct slot *slots;
	_Atomic uint64_t head; // records written
};

static struct ring traffic[MD_CPU_LIMIT], life[MD_CPU_LIMIT];
static unsigned cpus;
static _Atomic uint64_t sequence;

static struct slot *slots_make(uint32_t records)
{
	struct slot *slots = md_pages_alloc((records * sizeof(struct slot) + MD_PAGE_SIZE - 1) / MD_PAGE_SIZE);
	if (!slots)
		panic("no memory for the trace");
	return slots;
}

void trace_module_init(void)
{
	cpus = md_cpu_count();
	for (unsigned i = 0; i < cpus; i++) {
		traffic[i].slots = slots_make(TRAFFIC_RECORDS);
		life[i].slots = slots_make(LIFE_RECORDS);
	}
}

// ---- Writing -------------------------------------------------------------------------------------------------------

#define WORD_TIME 0
#define WORD_SEQUENCE 1
#define WORD_WHO 2   // thread, task
#define WORD_EVENT 3 // event, cpu, c
#define WORD_A 4
#define WORD_B 5
#define WORD_D 6
#define WORD_TEXT 7
_Static_assert(offsetof(struct trace_record, thread) == 8 * WORD_WHO && offsetof(struct trace_record, event) == 8 * WORD_EVENT &&
		       offsetof(struct trace_record, a) == 8 * WORD_A && offsetof(struct trace_record, d) == 8 * WORD_D &&
		       offsetof(struct trace_record, text) == 8 * WORD_TEXT,
	       "words");

static inline void slot_put(struct slot *slot, unsigned word, uint64_t value)
{
	atomic_store_explicit(&slot->words[word], value, memory_order_relaxed);
}

// A slot that is being written.
struct writer {
	struct ring *ring;
	struct slot *slot;
	uint64_t index;
};

// The next slot of this CPU's ring: time, sequence and event are there. slot_done publishes it.
static inline struct writer slot_begin(enum trace_ring which, enum trace_event event, uint32_t c, unsigned count)
{
	unsigned cpu = md_cpu_self();
	struct ring *ring = which == TRACE_LIFE ? &life[cpu] : &traffic[cpu];
	uint64_t index = atomic_load_explicit(&ring->head, memory_order_relaxed);
	struct slot *slot = &ring->slots[index % (which == TRACE_LIFE ? LIFE_RECORDS : TRAFFIC_RECORDS)];
	atomic_store_explicit(&slot->guard, 2 * index + 1, memory_order_relaxed);
	atomic_thread_fence(memory_order_release);
	slot_put(slot, WORD_TIME, md_clock_now());
	slot_put(slot, WORD_SEQUENCE, atomic_fetch_add_explicit(&sequence, count, memory_order_relaxed));
	slot_put(slot, WORD_EVENT, (uint64_t)event | cpu << 16 | (uint64_t)c << 32);
	return (struct writer){ring, slot, index};
}

// Nothing may come between that would use the ring: a CPU writes one record at a time.
static inline void slot_done(const struct writer *writer)
{
	atomic_store_explicit(&writer->slot->guard, 2 * (writer->index + 1), memory_order_release);
	atomic_store_explicit(&writer->ring->head, writer->index + 1, memory_order_release);
}

static inline struct writer record_begin(enum trace_ring which, enum trace_event event, uint64_t a, uint64_t b, uint32_t c,
					 uint64_t d)
{
	struct thread *thread = thread_current();
	struct writer writer = slot_begin(which, event, c, 1);
	struct slot *slot = writer.slot;
	slot_put(slot, WORD_WHO, thread ? thread->who : 0);
	slot_put(slot, WORD_A, a);
	slot_put(slot, WORD_B, b);
	slot_put(slot, WORD_D, d);
	return writer;
}

static void put_text(struct slot *slot, const char *text)
{
	uint64_t words[sizeof(((struct trace_record *)NULL)->text) / 8] = {0};
	format_text((char *)words, sizeof(words), "%s", text);
	for (unsigned i = 0; i < array_count(words); i++)
		slot_put(slot, WORD_TEXT + i, words[i]);
}

static bool is_ready(void) { return life[md_cpu_self()].slots; }

void trace_record(enum trace_event event, uint64_t a, uint64_t b, uint32_t c, uint64_t d)
{
	if (unlikely(!is_ready()))
		return;
	struct writer writer = record_begin(TRACE_TRAFFIC, event, a, b, c, d);
	struct slot *slot = writer.slot;
	for (unsigned i = WORD_TEXT; i < array_count(slot->words); i++)
		slot_put(slot, i, 0);
	slot_done(&writer);
}

void trace_record_text(enum trace_ring which, enum trace_event event, uint64_t a, uint64_t b, uint32_t c, const char *text)
{
	if (!is_ready())
		return;
	struct writer writer = record_begin(which, event, a, b, c, 0);
	put_text(writer.slot, text);
	slot_done(&writer);
}

// ---- Several in one ------------------------------------------------------------------------------------------------

struct kern_quick trace_quick_trap(struct thread *thread, uint32_t number, uint64_t argument, uint64_t result)
{
	struct writer writer = slot_begin(TRACE_TRAFFIC, TRACE_QUICK_TRAP, 0, 2);
	struct slot *slot = writer.slot;
	slot_put(slot, WORD_WHO, thread->who);
	slot_put(slot, WORD_A, number);
	slot_put(slot, WORD_B, argument);
	slot_put(slot, WORD_D, result);
	slot_done(&writer);
	return (struct kern_quick){thread, result};
}

void trace_quick_message(const struct thread *from, const struct thread *to, uint64_t argument, uint64_t kinds, uint64_t ports,
			 uint32_t size)
{
	struct writer writer = slot_begin(TRACE_TRAFFIC, TRACE_QUICK_MESSAGE, size, 4);
	struct slot *slot = writer.slot;
	slot_put(slot, WORD_WHO, from->who);
	slot_put(slot, WORD_A, kinds);
	slot_put(slot, WORD_B, ports);
	slot_put(slot, WORD_D, argument);
	slot_put(slot, WORD_TEXT, to->who);
	slot_done(&writer);
}

static unsigned record_count(const struct trace_record *record)
{
	return record->event == TRACE_QUICK_MESSAGE ? 4 : record->event == TRACE_QUICK_TRAP ? 2 : 1;
}

// Makes the record with sequence `want` (or the first later one) of what is in the slot.
static void record_expand(struct trace_record *record, uint64_t want)
{
	struct trace_record whole = *record;
	unsigned part = want > whole.sequence ? (unsigned)(want - whole.sequence) : 0;
	if (record_count(&whole) == 1)
		return;
	bool message = whole.event == TRACE_QUICK_MESSAGE, last = part == record_count(&whole) - 1;
	record->sequence += part;
	record->c = 0;
	record->d = 0;
	memset(record->text, 0, sizeof(record->text));
	if (message && part >= 2) {
		memcpy(&record->thread, whole.text, sizeof(uint32_t));
		memcpy(&record->task, whole.text + sizeof(uint32_t), sizeof(uint32_t));
	}
	if (message && (part == 1 || part == 2)) {
		record->event = part == 1 ? TRACE_SEND : TRACE_RECEIVE;
		record->a = (uint32_t)whole.a;
		record->b = (uint32_t)whole.b;
		record->c = whole.c;
		record->d = part == 1 ? whole.b >> 32 : 0;
		return;
	}
	record->event = last ? TRACE_TRAP_EXIT : TRACE_TRAP_ENTER;
	record->a = message ? whole.a >> 32 : whole.a;
	record->b = message ? (last ? 0 : whole.d) : last ? whole.d : whole.b;
}

// The oldest record of the ring whose sequence is at least `from`; false when there is none that is whole.
static bool ring_find(struct ring *ring, uint32_t records, uint64_t from, struct trace_record *best)
{
	uint64_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
	uint64_t low = head > records ? head - records : 0, high = head;
	bool found = false;
	// Sequences grow along the ring: search by halves.
	while (low < high) {
		uint64_t middle = low + (high - low) / 2;
		struct slot *slot = &ring->slots[middle % records];
		struct trace_record record;
		uint64_t *words = (uint64_t *)(void *)&record;
		uint64_t guard = atomic_load_explicit(&slot->guard, memory_order_acquire);
		for (unsigned i = 0; i < array_count(slot->words); i++)
			words[i] = atomic_load_explicit(&slot->words[i], memory_order_relaxed);
		atomic_thread_fence(memory_order_acquire);
		bool whole = guard == 2 * (middle + 1) &&
			     atomic_load_explicit(&slot->guard, memory_order_relaxed) == guard;
		if (!whole || record.sequence + record_count(&record) <= from) { // overwritten meanwhile: what is left is newer
			low = middle + 1;
		} else {
			*best = record;
			found = true;
			high = middle;
		}
	}
	if (found)
		record_expand(best, from);
	return found;
}

static void find_earlier(struct ring *ring, uint32_t records, uint64_t from, struct trace_record *best)
{
	struct trace_record record;
	if (ring_find(ring, records, from, &record) && record.sequence < best->sequence)
		*best = record;
}

size_t trace_read(uint64_t *cursor, struct trace_record *to, size_t count)
{
	size_t got = 0;
	for (; got < count; got++) {
		struct trace_record best = {.sequence = UINT64_MAX};
		for (unsigned i = 0; i < cpus; i++) {
			find_earlier(&traffic[i], TRAFFIC_RECORDS, *cursor, &best);
			find_earlier(&life[i], LIFE_RECORDS, *cursor, &best);
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
