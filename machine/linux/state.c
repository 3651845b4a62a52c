// SPDX-License-Identifier: MIT
// Threads from outside: interrupting them, their registers, new ones, and copies of whole tasks.
//
// Registers are those that the client's stub keeps: return address, stack and frame pointer; the others read as 0. They
// can be read; writing them needs a client that enters by exception, which is not there.
#include "machine.h"

#include <errno.h>
#include <kernel/core/sched.h>
#include <mach/thread_status.h>
#include <md_quick.h>

// Quick messages: only kern_message_quick asks, which this machine does not call: its CPUs run no user mode.
const uint64_t *md_user_arguments(const struct thread *thread) { return thread->frame.arguments; }
bool md_user_prepare(struct thread *to, unsigned cpu) { return false; }
void md_user_stay(struct thread *to) {}
void md_user_switch(struct thread *from, struct thread *to, unsigned cpu) {}
struct kern_quick md_user_go(struct thread *to, uint64_t result) { return (struct kern_quick){NULL, 0}; }
bool md_user_holds(uint64_t address) { return false; }
bool md_quick_read(struct thread *from, uint64_t address, uint32_t size, struct md_quick_header *header, void *body)
{
	return false;
}
bool md_quick_write(struct thread *to, uint64_t address, uint32_t size, const struct md_quick_header *header, const void *body,
		    uint32_t trailer)
{
	return false;
}

void md_user_interrupt(struct thread *thread)
{
	struct process *process = thread->task->md.process;
	if (!process)
		return;
	md_lock_acquire(&process->lock);
	if (thread->md.state == MD_THREAD_USER)
		s2c_interrupt_locked(process, thread);
	md_lock_release(&process->lock);
}

kern_return_t md_thread_get_state(struct thread *thread, int flavor, uint32_t *state, uint32_t *count)
{
	struct process *process = thread->task->md.process;
	if (flavor != x86_THREAD_STATE64 || *count < x86_THREAD_STATE64_COUNT)
		return KERN_INVALID_ARGUMENT;
	if (!process)
		return KERN_FAILURE;
	x86_thread_state64_t registers = {.__cs = 0x33, .__rflags = 0x202};
	md_lock_acquire(&process->lock);
	bool known = thread->md.state == MD_THREAD_KERNEL;
	if (known) {
		struct channel_registers saved = channel_slot(thread->md.channel, thread->md.slot)->registers;
		registers.__rip = saved.instruction;
		registers.__rsp = saved.stack;
		registers.__rbp = saved.frame;
		registers.__rbx = saved.rbx;
		registers.__r12 = saved.r12;
		registers.__r13 = saved.r13;
		registers.__r14 = saved.r14;
		registers.__r15 = saved.r15;
	}
	md_lock_release(&process->lock);
	if (!known)
		return KERN_FAILURE;
	memcpy(state, &registers, sizeof(registers));
	*count = x86_THREAD_STATE64_COUNT;
	return KERN_SUCCESS;
}

kern_return_t md_thread_set_state(struct thread *thread, int flavor, const uint32_t *state, uint32_t count)
{
	return flavor == x86_THREAD_STATE64 ? KERN_NOT_SUPPORTED : KERN_INVALID_ARGUMENT;
}

// ---- New threads and clones: who is expected to come ---------------------------------------------------------------

// On the stack of the thread that asked, until its S2C has been answered and the newcomer has come.
struct expected {
	struct list link;
	uint32_t token;
	struct process *process;  // that was asked
	struct task *task;        // a clone's
	struct thread *thread;    // a thread's
	bool claimed;
	struct wait_queue waiters;
};

static struct {
	struct md_lock lock;
	struct list list;
	uint32_t last_token;
} expected = {.list = {&expected.list, &expected.list}};

static void expected_add(struct expected *entry, struct process *process)
{
	wait_queue_init(&entry->waiters);
	entry->process = process;
	md_lock_acquire(&expected.lock);
	if (++expected.last_token == 0)
		++expected.last_token;
	entry->token = expected.last_token;
	list_push_back(&expected.list, &entry->link);
	md_lock_release(&expected.lock);
}

static struct expected *expected_find_locked(pid_t pid, uint32_t token)
{
	list_for_each(link, &expected.list) {
		struct expected *entry = container_of(link, struct expected, link);
		if (entry->token == token && entry->process->pid == pid && !entry->claimed) {
			entry->claimed = true;
			struct thread *waiter = wait_claim(&entry->waiters);
			if (waiter)
				thread_ready(waiter);
			return entry;
		}
	}
	return NULL;
}

struct task *clone_claim(pid_t parent, uint32_t token)
{
	md_lock_acquire(&expected.lock);
	struct expected *entry = expected_find_locked(parent, token);
	struct task *task = entry ? entry->task : NULL;
	md_lock_release(&expected.lock);
	return task;
}

struct thread *start_claim(struct process *process, uint32_t token)
{
	md_lock_acquire(&expected.lock);
	struct expected *entry = expected_find_locked(process->pid, token);
	struct thread *thread = entry ? entry->thread : NULL; // with the reference that md_thread_start was given
	md_lock_release(&expected.lock);
	return thread;
}

#define ARRIVAL_TIME 2000000000u // ns

// Waits for the newcomer after the client has said that it made it. KERN_OPERATION_TIMED_OUT.
static kern_return_t expected_wait(struct expected *entry, kern_return_t error, int64_t result)
{
	uint64_t deadline = md_clock_now() + ARRIVAL_TIME;
	md_lock_acquire(&expected.lock);
	while (!error && result >= 0 && !entry->claimed && md_clock_now() < deadline) {
		wait_begin(&entry->waiters, deadline, WAIT_NO_KILL, "a new process or thread");
		md_lock_release(&expected.lock);
		thread_block();
		md_lock_acquire(&expected.lock);
		wait_end(thread_current());
	}
	list_remove(&entry->link);
	bool claimed = entry->claimed;
	md_lock_release(&expected.lock);
	if (claimed)
		return KERN_SUCCESS;
	return error ? error : result < 0 ? s2c_error(result) : KERN_OPERATION_TIMED_OUT;
}

kern_return_t md_task_clone(struct task *child, struct thread *thread, uint64_t result)
{
	struct expected entry = {.task = child};
	expected_add(&entry, thread->task->md.process);
	struct s2c request = {
		.operation = CHANNEL_CLONE, .arguments = {entry.token, result}, .file = -1, .only = thread};
	kern_return_t error = s2c_call(thread->task, &request);
	return expected_wait(&entry, error, request.result);
}

kern_return_t md_thread_start(struct thread *thread, uint64_t entry_point, uint64_t stack, uint64_t argument)
{
	struct process *process = thread->task->md.process;
	if (!process)
		return KERN_NOT_SUPPORTED; // a task without a process has no memory that code could be in
	struct expected entry = {.thread = thread};
	expected_add(&entry, process);
	struct s2c request = {
		.operation = CHANNEL_START_THREAD,
		.arguments = {entry_point, stack, argument, entry.token},
		.file = -1,
	};
	kern_return_t error = s2c_call(thread->task, &request);
	return expected_wait(&entry, error, request.result);
}
