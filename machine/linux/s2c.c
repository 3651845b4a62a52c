// SPDX-License-Identifier: MIT
// Server to client: what only a process can do to itself (map memory, take a descriptor, fork) is asked of one of its
// threads. A thread that waits in a trap gets the request as a special reply; if there is none, a signal makes one trap.
//
// 1. A process is asked one thing at a time (process->s2c); the rest waits in order.
// 2. The slot of the carrier belongs to the client until it answers; a result that becomes due meanwhile waits.
// 3. A client that does not answer within ANSWER_TIME is killed as a bad one, unless it is stopped (a debugger).
// 4. The request lies on the stack of the thread that waits. Who settles it takes it off the process first.
// Lock: the process's. The waiter's queue is guarded by it as well.
#include "machine.h"

#include <errno.h>
#include <kernel/core/sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ANSWER_TIME 2000000000u // ns

static _Atomic uint32_t last_id;

int s2c_signal(void) { return SIGRTMIN + 5; }

kern_return_t s2c_error(int64_t result)
{
	switch (result < 0 ? -result : 0) {
	case 0:
		return KERN_SUCCESS;
	case ENOMEM:
	case EAGAIN:
	case EMFILE:
	case ENFILE:
		return KERN_RESOURCE_SHORTAGE;
	case EEXIST:
		return KERN_NO_SPACE;
	case EINVAL:
	case EBADF:
		return KERN_INVALID_ARGUMENT;
	case EACCES:
	case EPERM:
		return KERN_PROTECTION_FAILURE;
	default:
		return KERN_FAILURE;
	}
}

void s2c_interrupt_locked(struct process *process, struct thread *thread)
{
	syscall(SYS_tgkill, process->pid, thread->md.tid, s2c_signal());
}

// ---- Settling ------------------------------------------------------------------------------------------------------

static void s2c_settle_locked(struct s2c *request, kern_return_t error, int64_t result)
{
	request->settled = true;
	request->error = error;
	request->result = result;
	struct thread *waiter = wait_claim(&request->waiters);
	if (waiter)
		thread_ready(waiter);
}

// Whatever is under way is so no more; its carrier's slot stays the client's.
static void s2c_drop_locked(struct process *process)
{
	struct s2c *request = process->s2c;
	process->s2c = NULL;
	if (request && request->carrier) {
		request->carrier->md.s2c = S2C_ABANDONED;
		request->carrier = NULL;
	}
}

static _Atomic uint32_t *s2c_deliver_locked(struct process *process, struct s2c *request, struct thread *carrier)
{
	list_remove(&request->link);
	if (request->file >= 0) {
		int error = s2c_send_descriptor(process, request->id, request->file);
		if (error) {
			s2c_settle_locked(request, s2c_error(-error), 0);
			return NULL;
		}
	}
	struct channel *channel = carrier->md.channel;
	struct channel_slot *slot = channel_slot(channel, carrier->md.slot);
	slot->operation = request->operation;
	memcpy(slot->arguments, request->arguments, sizeof(request->arguments));
	request->carrier = carrier;
	carrier->md.s2c = request;
	process->s2c = request;
	return channel_answer_locked(channel, carrier->md.slot, CHANNEL_S2C);
}

_Atomic uint32_t *s2c_offer_locked(struct process *process, struct thread *thread)
{
	_Atomic uint32_t *word = NULL;
	while (!process->s2c && !list_empty(&process->s2c_queue)) {
		struct s2c *request = container_of(process->s2c_queue.next, struct s2c, link);
		if (request->only && request->only != thread)
			break;
		word = s2c_deliver_locked(process, request, thread);
	}
	return word;
}

_Atomic uint32_t *s2c_start_locked(struct process *process)
{
	if (process->s2c || list_empty(&process->s2c_queue) || !process->channel)
		return NULL;
	struct s2c *request = container_of(process->s2c_queue.next, struct s2c, link);
	struct thread *carrier = request->only;
	if (carrier && (carrier->md.state != MD_THREAD_KERNEL || carrier->md.s2c || carrier->md.channel != process->channel))
		carrier = NULL;
	if (!carrier && !request->only)
		carrier = channel_carrier_locked(process->channel);
	if (carrier)
		return s2c_offer_locked(process, carrier);
	// Linux chooses a thread that lets the signal in; its handler traps.
	syscall(SYS_pidfd_send_signal, process->pidfd, s2c_signal(), NULL, 0);
	return NULL;
}

_Atomic uint32_t *s2c_answered_locked(struct process *process, struct thread *thread, int64_t result)
{
	struct s2c *request = thread->md.s2c;
	thread->md.s2c = NULL;
	if (request != S2C_ABANDONED) {
		process->s2c = NULL;
		request->carrier = NULL;
		s2c_settle_locked(request, KERN_SUCCESS, result);
	}
	if (process->s2c || list_empty(&process->s2c_queue))
		return NULL;
	// The next one to the same thread, unless its own result is due.
	return thread->md.answered ? s2c_start_locked(process) : s2c_offer_locked(process, thread);
}

void s2c_carrier_gone_locked(struct process *process, struct thread *thread)
{
	struct s2c *request = thread->md.s2c;
	thread->md.s2c = NULL;
	if (request == S2C_ABANDONED)
		return;
	process->s2c = NULL;
	request->carrier = NULL;
	s2c_settle_locked(request, KERN_ABORTED, 0);
}

void s2c_end_locked(struct process *process)
{
	struct s2c *request = process->s2c;
	s2c_drop_locked(process);
	if (request)
		s2c_settle_locked(request, KERN_TERMINATED, 0);
	struct list *link;
	while ((link = list_pop(&process->s2c_queue)))
		s2c_settle_locked(container_of(link, struct s2c, link), KERN_TERMINATED, 0);
}

// ---- Asking --------------------------------------------------------------------------------------------------------

static bool is_stopped(pid_t pid)
{
	pid_t parent;
	char state;
	return process_stat(pid, &parent, &state) && (state == 'T' || state == 't');
}

// Waits until the request is settled. False: time is up.
static bool s2c_wait(struct process *process, struct s2c *request)
{
	for (;;) {
		md_lock_acquire(&process->lock);
		bool settled = request->settled;
		if (!settled)
			wait_begin(&request->waiters, md_clock_now() + ANSWER_TIME, WAIT_NO_KILL, "an answer of the client");
		md_lock_release(&process->lock);
		if (settled)
			return true;
		thread_block();
		md_lock_acquire(&process->lock);
		enum wait_result result = wait_end(thread_current());
		settled = request->settled;
		md_lock_release(&process->lock);
		if (!settled && result == WAIT_TIMED_OUT && !is_stopped(process->pid))
			return false;
	}
}

static kern_return_t s2c_ask(struct process *process, struct s2c *request)
{
	md_lock_acquire(&process->lock);
	if (process->state != PROCESS_LIVE || !process->channel) {
		md_lock_release(&process->lock);
		return KERN_TERMINATED;
	}
	list_push_back(&process->s2c_queue, &request->link);
	_Atomic uint32_t *word = s2c_start_locked(process);
	md_lock_release(&process->lock);
	channel_wake(word);
	if (s2c_wait(process, request))
		return request->error;
	md_lock_acquire(&process->lock);
	bool settled = request->settled;
	if (!settled) {
		list_remove(&request->link);
		if (process->s2c == request)
			s2c_drop_locked(process);
	}
	md_lock_release(&process->lock);
	if (settled)
		return request->error;
	process_refuse(process, "it does not do what the kernel asks of it");
	return KERN_OPERATION_TIMED_OUT;
}

kern_return_t s2c_call(struct task *task, struct s2c *request)
{
	md_lock_acquire(&task->md.lock);
	struct process *process = task->md.process;
	if (process)
		process_reference(process);
	md_lock_release(&task->md.lock);
	if (!process)
		return KERN_TERMINATED;
	list_init(&request->link);
	wait_queue_init(&request->waiters);
	request->id = atomic_fetch_add(&last_id, 1) + 1;
	request->settled = false;
	request->carrier = NULL;
	if (request->operation == CHANNEL_MAP)
		request->arguments[4] = request->file >= 0 ? request->id : 0;
	else if (request->operation == CHANNEL_TAKE)
		request->arguments[1] = request->id;
	else if (request->operation == CHANNEL_GIVE)
		request->arguments[0] = request->id;
	kern_return_t error = s2c_ask(process, request);
	process_release(process);
	return error;
}
