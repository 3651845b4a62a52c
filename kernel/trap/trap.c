// SPDX-License-Identifier: MIT
// Trap dispatch; see trap.h.
#include "trap.h"

#include "../core/sched.h"
#include "../core/trace.h"
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

// What is answered from what never changes needs no state of the thread's: others may even end it meanwhile.
static inline struct kern_quick trap_answer(struct thread *self, uint32_t number, const uint64_t *arguments, uint64_t result)
{
	self->traps++;
	return trace_quick_trap(self, number, arguments[0], result);
}

struct kern_quick kern_trap_quick(struct thread *self, uint32_t number, const uint64_t *arguments)
{
	switch (number) {
	case TRAP_null:
		return trap_answer(self, number, arguments, 0);
	case TRAP_task_id:
		return trap_answer(self, number, arguments, self->task->id);
	case TRAP_thread_id:
		return trap_answer(self, number, arguments, self->id);
	}
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
