// SPDX-License-Identifier: MIT
// Trap dispatch; see trap.h.
#include "trap.h"

#include "../core/sched.h"
#include "../core/trace_ring.h"
#include "../debug/complaint.h"
#include "../task/task.h"
#include "../task/thread.h"

#include <abi/trap_kernel.h>
#include <abi/trap_numbers.h>

static _Atomic uint64_t unknown_count;
static struct complaint complaint;

uint64_t trap_unknown_count(void) { return atomic_load(&unknown_count); }

// A client's mistake: it gets an error, the kernel goes on.
static uint64_t trap_unknown(struct thread *self)
{
	uint64_t count = atomic_fetch_add(&unknown_count, 1) + 1;
	if (complaint_allowed(&complaint))
		log_line("trap", "task %u (%s), thread %u: no trap has the number %u (%llu such calls so far)",
			 self->task->id, self->task->name, self->id, self->frame.number, (unsigned long long)count);
	return (uint64_t)KERN_INVALID_ARGUMENT;
}

// What is answered from what never changes needs no state of the thread's: others may even end it meanwhile. TRACE_TRAP_ENTER and
// TRACE_TRAP_EXIT are one record.
static inline struct kern_quick trap_answer(struct thread *self, uint32_t number, const uint64_t *arguments, uint64_t result)
{
	struct trace_ring *ring = &trace_rings[md_cpu_self()];
	struct trace_slot *slot = trace_begin(ring, TRACE_QUICK_TRAP, number, 2);
	trace_put(slot->who, self->who);
	trace_put(slot->a, arguments[0]);
	trace_put(slot->rest[TRACE_REST_D], result);
	trace_done(ring);
	self->traps++;
	return (struct kern_quick){self, result};
}

struct kern_quick kern_trap_quick(struct thread *self, uint32_t number, const uint64_t *arguments)
{
	if (likely(number == TRAP_null))
		return trap_answer(self, TRAP_null, arguments, 0);
	if (number == TRAP_task_id)
		return trap_answer(self, TRAP_task_id, arguments, self->task->id);
	if (number == TRAP_thread_id)
		return trap_answer(self, TRAP_thread_id, arguments, self->id);
	return (struct kern_quick){NULL, 0};
}

_Noreturn void trap_dispatch(struct thread *self)
{
	uint32_t number = self->frame.number;
	trace_record(TRACE_TRAP_ENTER, number, self->frame.arguments[0], 0, 0);
	uint64_t result;
	if (likely(number < TRAP_ENTRIES && trap_table[number].name))
		result = trap_table[number].thunk(self, self->frame.arguments);
	else
		result = trap_unknown(self);
	thread_return(result);
}
