// SPDX-License-Identifier: MIT
// Threads: their life, their way in and out of the kernel; see thread.h for the states.
//
// A thread ends only in its own context: thread_terminate sets AST_DIE and makes it run; it unwinds whatever it was
// doing (waits end with WAIT_KILLED) and ends where it would have returned to user mode.
#include "thread.h"

#include "../core/sched.h"
#include "../core/trace.h"
#include "../ipc/mach_msg.h"
#include "../trap/trap.h"
#include "task.h"
#include "task_port.h"

#define SUSPEND_LIMIT 0x7fff

static _Atomic uint32_t last_id;

static void thread_destroy(struct object *object)
{
	struct thread *thread = container_of(object, struct thread, object);
	struct task *task = thread->task;
	struct account *account = task->account;
	assert(!thread->stack && !thread->registered);
	md_thread_destroy(thread);
	account_refund(account, ACCOUNT_THREAD, 1);
	kfree(account, thread, sizeof(*thread));
	task_release(task);
}

static void thread_print(struct object *object, char *to, size_t room)
{
	struct thread *thread = container_of(object, struct thread, object);
	const char *why = thread_wait_why(thread);
	format_text(to, room, "thread %u of task %u (%s): %s%s%s", thread->id, thread->task->id, thread->name,
		    thread_state_name(atomic_load(&thread->state)), why ? ", waits for " : "", why ? why : "");
}

const struct object_kind thread_kind = {"thread", thread_destroy, thread_print};

const char *thread_state_name(enum thread_state state)
{
	static const char *const names[] = {"new",     "ready",   "running", "woken", "blocking",
					    "waking", "blocked", "user",    "dead"};
	return (unsigned)state < array_count(names) ? names[state] : "?";
}

const char *thread_wait_why(const struct thread *thread)
{
	if (atomic_load(&thread->wait) & WAIT_QUICK)
		return receive_port_why;
	return *(const char *const volatile *)&thread->wait_why; // its own, who may be at work
}

struct thread *thread_create(struct task *task, const char *name)
{
	if (!account_charge(task->account, ACCOUNT_THREAD, 1))
		return NULL;
	struct thread *thread = kalloc(task->account, sizeof(*thread));
	if (!thread)
		goto refund;
	object_init(&thread->object, &thread_kind);
	object_reference(&thread->object);
	thread->id = atomic_fetch_add(&last_id, 1) + 1;
	thread->task = task_reference(task);
	thread->space = &task->space;
	thread->who = thread->id | (uint64_t)task->id << 32;
	list_init(&thread->task_link);
	list_init(&thread->ready_link);
	list_init(&thread->wait_link);
	thread->ipc.home = &port_nowhere;
	format_text(thread->name, sizeof(thread->name), "%s", name);
	if (md_thread_init(thread) != KERN_SUCCESS)
		goto free;
	lock_acquire(&task->lock);
	bool accepted = task->state == TASK_NEW || task->state == TASK_ALIVE;
	if (accepted) {
		list_push_back(&task->threads, &thread->task_link);
		task->thread_count++;
		thread->registered = true;
		if (task->suspend_count > 0)
			atomic_fetch_or(&thread->ast, AST_SUSPEND);
	}
	lock_release(&task->lock);
	if (accepted)
		return thread;
	md_thread_destroy(thread);
free:
	kfree(task->account, thread, sizeof(*thread));
	task_release(task);
refund:
	account_refund(task->account, ACCOUNT_THREAD, 1);
	return NULL;
}

static void thread_unregister(struct thread *thread)
{
	struct task *task = thread->task;
	lock_acquire(&task->lock);
	list_remove(&thread->task_link);
	thread->registered = false;
	task->thread_count--;
	bool last = task->thread_count == 0 && task->state == TASK_DYING;
	lock_release(&task->lock);
	if (last)
		task_threads_gone(task);
}

// The end, in the thread's own context.
_Noreturn static void thread_exit(struct thread *self)
{
	md_thread_kill(self);
	ipc_thread_end(self);
	thread_unregister(self);
	thread_end_port(self);
	atomic_store(&self->state, THREAD_DEAD);
	thread_release(self);
	sched_leave();
}

// ---- Kernel threads ------------------------------------------------------------------------------------------------

static void thread_run_function(struct thread *self)
{
	self->function(self->argument);
	thread_exit(thread_current());
}

kern_return_t thread_create_kernel(const char *name, void (*function)(void *), void *argument)
{
	struct thread *thread = thread_create(task_kernel, name);
	if (!thread)
		return KERN_RESOURCE_SHORTAGE;
	thread->function = function;
	thread->argument = argument;
	thread->continuation = thread_run_function;
	thread_ready(thread);
	thread_release(thread);
	return KERN_SUCCESS;
}

// ---- Into the kernel -----------------------------------------------------------------------------------------------

struct kern_trap_frame *kern_trap_frame(struct thread *thread) { return &thread->frame; }

static void thread_enter(struct thread *self)
{
	self->traps++;
	trap_dispatch(self);
}

// Moves a thread from user mode to a continuation in the kernel; false when it is not in user mode (any more).
static bool thread_take_from_user(struct thread *thread, void (*continuation)(struct thread *))
{
	uint8_t state = THREAD_USER;
	if (!atomic_compare_exchange_strong(&thread->state, &state, THREAD_READY))
		return false;
	thread->continuation = continuation;
	sched_entered(thread);
	return true;
}

// A thread that is being ended meanwhile is not let in: its end is on the way.
void kern_trap(struct thread *thread) { (void)thread_take_from_user(thread, thread_enter); }

struct thread *kern_thread_attach(struct task *task)
{
	struct thread *thread = thread_create(task, task->name);
	uint8_t state = THREAD_NEW;
	if (thread && !atomic_compare_exchange_strong(&thread->state, &state, THREAD_USER)) {
		thread_release(thread); // the task is being ended, and so was the thread
		return NULL;
	}
	return thread;
}

void kern_thread_detach(struct thread *thread)
{
	thread_terminate(thread);
	thread_release(thread);
}

// ---- Back to user mode ---------------------------------------------------------------------------------------------

_Noreturn static void thread_go(uint64_t result);

static void thread_resumed(struct thread *self)
{
	lock_acquire(&self->task->lock);
	wait_end(self);
	lock_release(&self->task->lock);
	thread_go(self->result);
}

// Does what was asked of the thread before it may return; comes back when nothing is left.
static void thread_serve_ast(struct thread *self, uint64_t result)
{
	if (atomic_load(&self->ast) & AST_DIE)
		thread_exit(self);
	struct task *task = self->task;
	lock_acquire(&task->lock);
	if (!(atomic_load(&self->ast) & AST_SUSPEND)) {
		lock_release(&task->lock);
		return;
	}
	self->result = result;
	wait_begin(&task->suspended, WAIT_FOREVER, WAIT_UNINTERRUPTIBLE, "resume");
	lock_release(&task->lock);
	thread_block_continue(thread_resumed);
}

_Noreturn static void thread_go(uint64_t result)
{
	struct thread *self = thread_current();
	lock_assert_none();
	// Whoever sees THREAD_USER may end the thread while this CPU is still publishing the result.
	thread_reference(self);
	for (;;) {
		if (unlikely(atomic_load(&self->ast) & (AST_DIE | AST_SUSPEND))) {
			thread_release(self);
			thread_serve_ast(self, result);
			thread_reference(self);
		}
		atomic_store(&self->state, THREAD_USER);
		if (likely(!(atomic_load(&self->ast) & (AST_DIE | AST_SUSPEND))))
			break;
		uint8_t state = THREAD_USER;
		if (!atomic_compare_exchange_strong(&self->state, &state, THREAD_RUNNING)) {
			thread_release(self);
			sched_leave();
		}
	}
	md_user_resume(self, result);
	thread_release(self);
	sched_leave();
}

_Noreturn void thread_return(uint64_t result)
{
	trace_record(TRACE_TRAP_EXIT, thread_current()->frame.number, result, 0, 0);
	thread_go(result);
}

// ---- What others do to it ------------------------------------------------------------------------------------------

void thread_terminate(struct thread *thread)
{
	atomic_fetch_or(&thread->ast, AST_DIE);
	if (thread_take_from_user(thread, thread_exit))
		return;
	uint8_t state = THREAD_NEW;
	if (atomic_compare_exchange_strong(&thread->state, &state, THREAD_READY)) {
		thread->continuation = thread_exit;
		sched_entered(thread);
		return;
	}
	if (wait_claim_thread(thread, WAIT_KILLED))
		thread_ready(thread);
}

void thread_abort(struct thread *thread)
{
	atomic_fetch_or(&thread->ast, AST_ABORT);
	if (wait_claim_thread(thread, WAIT_INTERRUPTED)) {
		atomic_fetch_and(&thread->ast, (uint8_t)~AST_ABORT);
		thread_ready(thread);
	}
}

void thread_post_ast(struct thread *thread, enum thread_ast bits)
{
	atomic_fetch_or(&thread->ast, bits);
	if (atomic_load(&thread->state) == THREAD_USER)
		md_user_interrupt(thread);
}

void thread_update_suspension(struct thread *thread)
{
	struct task *task = thread->task;
	lock_assert_held(&task->lock);
	if (thread->suspend_count > 0 || task->suspend_count > 0) {
		thread_post_ast(thread, AST_SUSPEND);
		return;
	}
	atomic_fetch_and(&thread->ast, (uint8_t)~AST_SUSPEND);
	// Threads of the task that are still suspended look at their bit and wait again.
	wait_wake_all(&task->suspended, WAIT_AWAKENED);
}

static kern_return_t thread_change_suspension(struct thread *thread, int by)
{
	struct task *task = thread->task;
	kern_return_t result = KERN_FAILURE;
	lock_acquire(&task->lock);
	int count = thread->suspend_count + by;
	if (count >= 0 && count <= SUSPEND_LIMIT) {
		thread->suspend_count = (uint16_t)count;
		thread_update_suspension(thread);
		result = KERN_SUCCESS;
	}
	lock_release(&task->lock);
	return result;
}

kern_return_t thread_suspend(struct thread *thread) { return thread_change_suspension(thread, 1); }
kern_return_t thread_resume(struct thread *thread) { return thread_change_suspension(thread, -1); }
