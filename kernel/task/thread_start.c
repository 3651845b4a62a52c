// SPDX-License-Identifier: MIT
// Starting threads, and reading and changing the registers of others; see thread_start.h.
#include "thread_start.h"

#include "../core/sched.h"
#include "../ipc/request.h"
#include "task.h"
#include "task_port.h"
#include "thread.h"

#include <abi/task_server.h>
#include <abi/thread_act_server.h>
#include <mach/thread_status.h>

#define HOLD_PATIENCE UINT64_C(1000000000) // ns that a thread has to come into the kernel
#define HOLD_LOOK UINT64_C(1000000)        // ns between two looks

kern_return_t thread_begin(struct thread *thread, uint64_t entry, uint64_t stack, uint64_t argument)
{
	// From here on it may trap, and be ended, at any time.
	uint8_t state = THREAD_NEW;
	if (!atomic_compare_exchange_strong(&thread->state, &state, THREAD_USER))
		return KERN_TERMINATED;
	thread_reference(thread); // the machine's
	kern_return_t error = md_thread_start(thread, entry, stack, argument);
	if (error) {
		thread_terminate(thread);
		thread_release(thread);
	}
	return error;
}

kern_return_t thread_start(struct task *task, uint64_t entry, uint64_t stack, uint64_t argument, struct thread **result)
{
	struct thread *thread = thread_create(task, task->name);
	if (!thread)
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = thread_begin(thread, entry, stack, argument);
	if (error) {
		thread_release(thread);
		return error;
	}
	*result = thread;
	return KERN_SUCCESS;
}

// Entry, stack pointer and first argument out of a register state. False: none that a thread can start with.
static bool take_state(thread_flavor_t flavor, const natural_t *words, uint32_t count, uint64_t *entry, uint64_t *stack,
		       uint64_t *argument)
{
	if (flavor == x86_THREAD_STATE64 && count >= x86_THREAD_STATE64_COUNT) {
		x86_thread_state64_t state;
		memcpy(&state, words, sizeof(state));
		*entry = state.__rip;
		*stack = state.__rsp;
		*argument = state.__rdi;
		return true;
	}
	if (flavor == ARM_THREAD_STATE64 && count >= ARM_THREAD_STATE64_COUNT) {
		arm_thread_state64_t state;
		memcpy(&state, words, sizeof(state));
		*entry = state.__pc;
		*stack = state.__sp;
		*argument = state.__x[0];
		return true;
	}
	return false;
}

kern_return_t task_call_thread_create_running(struct lpc_request *rq, thread_flavor_t flavor, const natural_t *words,
					      mach_msg_type_number_t count, mach_port_t *child)
{
	struct task *task = container_of(request_object(rq), struct task, object);
	struct thread *thread;
	uint64_t entry, stack, argument;
	if (!take_state(flavor, words, count, &entry, &stack, &argument))
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = thread_start(task, entry, stack, argument, &thread);
	if (error)
		return error;
	*child = request_put_right(rq, thread_make_send(thread));
	thread_release(thread);
	return KERN_SUCCESS;
}

// ---- Registers -----------------------------------------------------------------------------------------------------

static bool is_held(struct thread *thread)
{
	enum thread_state state = atomic_load(&thread->state);
	return thread == thread_current() || state == THREAD_BLOCKED || state == THREAD_DEAD;
}

static void thread_let_go(struct thread *thread)
{
	if (thread_resume(thread) != KERN_SUCCESS) // somebody else undid our suspension
		log_line("thread", "thread %u was resumed while its registers were looked at", thread->id);
}

// Keeps the thread in the kernel until thread_let_go. KERN_ABORTED: it did not come, or the caller is to end.
static kern_return_t must_check thread_hold(struct thread *thread)
{
	kern_return_t error = thread_suspend(thread);
	uint64_t deadline = md_clock_now() + HOLD_PATIENCE;
	while (!error && !is_held(thread)) {
		wait_begin(NULL, md_clock_now() + HOLD_LOOK, WAIT_INTERRUPTIBLE, "a thread to stop");
		enum wait_result result = thread_block();
		wait_end(thread_current());
		if (result != WAIT_TIMED_OUT || md_clock_now() >= deadline)
			error = KERN_ABORTED;
	}
	if (error == KERN_ABORTED)
		thread_let_go(thread);
	if (!error && atomic_load(&thread->state) == THREAD_DEAD)
		return KERN_TERMINATED;
	return error;
}

kern_return_t thread_call_thread_get_state(struct lpc_request *rq, thread_flavor_t flavor, natural_t *state,
					   mach_msg_type_number_t *count)
{
	struct thread *thread = container_of(request_object(rq), struct thread, object);
	if (thread == thread_current())
		return md_thread_get_state(thread, flavor, state, count);
	kern_return_t error = thread_hold(thread);
	if (error)
		return error;
	error = md_thread_get_state(thread, flavor, state, count);
	thread_let_go(thread);
	return error;
}

kern_return_t thread_call_thread_set_state(struct lpc_request *rq, thread_flavor_t flavor, const natural_t *state,
					   mach_msg_type_number_t count)
{
	struct thread *thread = container_of(request_object(rq), struct thread, object);
	if (thread == thread_current())
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = thread_hold(thread);
	if (error)
		return error;
	error = md_thread_set_state(thread, flavor, state, count);
	thread_let_go(thread);
	return error;
}

kern_return_t thread_call_act_get_state(struct lpc_request *rq, thread_flavor_t flavor, natural_t *state,
					mach_msg_type_number_t *count)
{
	return thread_call_thread_get_state(rq, flavor, state, count);
}

kern_return_t thread_call_act_set_state(struct lpc_request *rq, thread_flavor_t flavor, const natural_t *state,
					mach_msg_type_number_t count)
{
	return thread_call_thread_set_state(rq, flavor, state, count);
}
