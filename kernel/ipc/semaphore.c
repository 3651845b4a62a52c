// SPDX-License-Identifier: MIT
// Semaphores; see semaphore.h. Waiting threads keep no stack.
#include "semaphore.h"

#include "../core/sched.h"
#include "../task/task.h"
#include "../task/task_port.h"
#include "../task/thread.h"
#include "right.h"
#include <abi/trap_kernel.h>
#include <mach/clock_types.h>
#include <mach/sync_policy.h>

#define SEMAPHORE_KOBJECT_TYPE 23 // IKOT_SEMAPHORE of macOS

static void semaphore_destroy(struct object *object)
{
	struct semaphore *semaphore = container_of(object, struct semaphore, object);
	struct account *account = semaphore->account;
	port_release(semaphore->port);
	account_refund(account, ACCOUNT_SEMAPHORE, 1);
	kfree(account, semaphore, sizeof(*semaphore));
	account_release(account);
}

static void semaphore_print(struct object *object, char *to, size_t room)
{
	struct semaphore *semaphore = container_of(object, struct semaphore, object);
	format_text(to, room, "semaphore: count %d%s", semaphore->count, semaphore->ended ? ", ended" : "");
}

static const struct object_kind semaphore_kind = {"semaphore", semaphore_destroy, semaphore_print};

static bool semaphore_demux(struct lpc_request *request) { return false; }

static void semaphore_no_senders(struct port *port, struct object *served)
{
	semaphore_end(container_of(served, struct semaphore, object));
}

const struct port_object_ops semaphore_port_ops = {
	.name = "semaphore",
	.demux = semaphore_demux,
	.no_senders = semaphore_no_senders,
	.kobject_type = SEMAPHORE_KOBJECT_TYPE,
};

kern_return_t semaphore_create(struct task *owner, int policy, int value, struct right *right)
{
	struct account *account = owner->account;
	if (value < 0 || (policy & ~(SYNC_POLICY_ORDER_MASK | SYNC_POLICY_PREPOST)))
		return KERN_INVALID_ARGUMENT;
	if (!account_charge(account, ACCOUNT_SEMAPHORE, 1))
		return KERN_RESOURCE_SHORTAGE;
	struct semaphore *semaphore = kalloc(account, sizeof(*semaphore));
	if (!semaphore)
		goto refund;
	object_init(&semaphore->object, &semaphore_kind);
	lock_init(&semaphore->lock, RANK_SEMAPHORE);
	wait_queue_init(&semaphore->waiters);
	semaphore->count = value;
	semaphore->owner = owner->id;
	semaphore->last_first = policy & SYNC_POLICY_REVERSED;
	semaphore->account = account_reference(account);
	semaphore->port = port_create_object(account, &semaphore_port_ops, &semaphore->object);
	if (!semaphore->port)
		goto free;
	*right = port_make_send(semaphore->port);
	object_release(&semaphore->object); // the port has it now
	return KERN_SUCCESS;
free:
	account_release(account);
	kfree(account, semaphore, sizeof(*semaphore));
refund:
	account_refund(account, ACCOUNT_SEMAPHORE, 1);
	return KERN_RESOURCE_SHORTAGE;
}

void semaphore_end(struct semaphore *semaphore)
{
	lock_acquire(&semaphore->lock);
	bool first = !semaphore->ended;
	semaphore->ended = true;
	wait_wake_all(&semaphore->waiters, WAIT_GONE);
	lock_release(&semaphore->lock);
	if (first)
		port_end_object(semaphore->port); // drops the port's reference; the caller has one
}

// The one to be woken, claimed. Lock held.
static struct thread *claim_waiter(struct semaphore *semaphore)
{
	if (!semaphore->last_first)
		return wait_claim(&semaphore->waiters);
	while (!wait_queue_empty(&semaphore->waiters)) {
		struct list *link = semaphore->waiters.waiters.previous;
		struct thread *thread = container_of(link, struct thread, wait_link);
		list_remove(link);
		if (wait_claim_thread(thread, WAIT_AWAKENED))
			return thread;
	}
	return NULL;
}

kern_return_t semaphore_signal(struct semaphore *semaphore, struct thread **claimed)
{
	kern_return_t error = KERN_SUCCESS;
	*claimed = NULL;
	lock_acquire(&semaphore->lock);
	if (semaphore->ended)
		error = KERN_TERMINATED;
	else if (!(*claimed = claim_waiter(semaphore)) && semaphore->count < INT32_MAX)
		semaphore->count++;
	lock_release(&semaphore->lock);
	return error;
}

// ---- Waiting -------------------------------------------------------------------------------------------------------

static kern_return_t wait_error(enum wait_result result)
{
	switch (result) {
	case WAIT_AWAKENED:
		return KERN_SUCCESS;
	case WAIT_TIMED_OUT:
		return KERN_OPERATION_TIMED_OUT;
	case WAIT_GONE:
		return KERN_TERMINATED;
	default:
		return KERN_ABORTED;
	}
}

_Noreturn static void semaphore_resume(struct thread *self)
{
	struct semaphore *semaphore = self->ipc.semaphore;
	self->ipc.semaphore = NULL;
	lock_acquire(&semaphore->lock);
	enum wait_result result = wait_end(self);
	lock_release(&semaphore->lock);
	object_release(&semaphore->object);
	thread_return((uint64_t)wait_error(result));
}

// Waits; the reference is used up. `next`: claimed, runs first if this one blocks.
static kern_return_t semaphore_wait(struct thread *self, struct semaphore *semaphore, uint64_t deadline,
				    struct thread *next)
{
	kern_return_t error = KERN_SUCCESS;
	lock_acquire(&semaphore->lock);
	bool blocks = false;
	if (semaphore->ended) {
		error = KERN_TERMINATED;
	} else if (semaphore->count > 0) {
		semaphore->count--;
	} else if (deadline == 0) {
		error = KERN_OPERATION_TIMED_OUT;
	} else {
		self->ipc.semaphore = semaphore;
		wait_begin(&semaphore->waiters, deadline, WAIT_INTERRUPTIBLE, "semaphore");
		blocks = true;
	}
	lock_release(&semaphore->lock);
	if (blocks && next)
		thread_block_handoff(semaphore_resume, next);
	if (blocks)
		thread_block_continue(semaphore_resume);
	if (next)
		thread_ready(next);
	object_release(&semaphore->object);
	return error;
}

// ---- Traps ---------------------------------------------------------------------------------------------------------

static struct semaphore *semaphore_named(struct thread *self, mach_port_name_t name)
{
	struct object *object = space_port_object(&self->task->space, name, &semaphore_port_ops);
	return object ? container_of(object, struct semaphore, object) : NULL;
}

uint64_t trap_gila_semaphore_create(struct thread *self, int policy, int value)
{
	struct right right;
	mach_port_name_t name = MACH_PORT_NULL;
	kern_return_t error = semaphore_create(self->task, policy, value, &right);
	if (!error && (error = space_insert_right(&self->task->space, right, &name)))
		right_release(right);
	return (uint64_t)(uint32_t)error << 32 | (error ? MACH_PORT_NULL : name);
}

kern_return_t trap_gila_semaphore_destroy(struct thread *self, mach_port_name_t name)
{
	struct semaphore *semaphore = semaphore_named(self, name);
	if (!semaphore)
		return KERN_INVALID_ARGUMENT;
	bool owned = semaphore->owner == self->task->id;
	if (owned)
		semaphore_end(semaphore);
	object_release(&semaphore->object);
	return owned ? KERN_SUCCESS : KERN_INVALID_RIGHT;
}

kern_return_t trap_semaphore_signal_trap(struct thread *self, mach_port_name_t name)
{
	struct thread *claimed;
	struct semaphore *semaphore = semaphore_named(self, name);
	if (!semaphore)
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = semaphore_signal(semaphore, &claimed);
	if (claimed)
		thread_ready(claimed);
	object_release(&semaphore->object);
	return error;
}

kern_return_t trap_semaphore_signal_all_trap(struct thread *self, mach_port_name_t name)
{
	struct semaphore *semaphore = semaphore_named(self, name);
	if (!semaphore)
		return KERN_INVALID_ARGUMENT;
	lock_acquire(&semaphore->lock);
	kern_return_t error = semaphore->ended ? KERN_TERMINATED : KERN_NOT_WAITING;
	struct thread *thread;
	while ((thread = claim_waiter(semaphore))) {
		thread_ready(thread);
		error = KERN_SUCCESS;
	}
	semaphore->count = 0;
	lock_release(&semaphore->lock);
	object_release(&semaphore->object);
	return error;
}

kern_return_t trap_semaphore_signal_thread_trap(struct thread *self, mach_port_name_t name, mach_port_name_t who)
{
	if (who == MACH_PORT_NULL)
		return trap_semaphore_signal_trap(self, name);
	struct thread *thread = thread_named(self, who);
	struct semaphore *semaphore = thread ? semaphore_named(self, name) : NULL;
	kern_return_t error = semaphore ? KERN_NOT_WAITING : KERN_INVALID_ARGUMENT;
	if (semaphore) {
		lock_acquire(&semaphore->lock);
		bool waits = false;
		list_for_each (link, &semaphore->waiters.waiters)
			waits |= container_of(link, struct thread, wait_link) == thread;
		if (waits && wait_claim_thread(thread, WAIT_AWAKENED)) {
			thread_ready(thread);
			error = KERN_SUCCESS;
		}
		lock_release(&semaphore->lock);
		object_release(&semaphore->object);
	}
	if (thread)
		thread_release(thread);
	return error;
}

static kern_return_t wait_and_signal(struct thread *self, mach_port_name_t wait, mach_port_name_t signal,
				     uint64_t deadline)
{
	struct thread *claimed = NULL;
	struct semaphore *semaphore = semaphore_named(self, wait);
	if (!semaphore)
		return KERN_INVALID_ARGUMENT;
	if (signal != MACH_PORT_NULL) {
		struct semaphore *other = semaphore_named(self, signal);
		kern_return_t error = other ? semaphore_signal(other, &claimed) : KERN_INVALID_ARGUMENT;
		if (other)
			object_release(&other->object);
		if (error) {
			object_release(&semaphore->object);
			return error;
		}
	}
	return semaphore_wait(self, semaphore, deadline, claimed);
}

// Absolute; 0: do not wait. KERN_INVALID_VALUE.
static kern_return_t deadline_of(uint32_t seconds, int32_t nanoseconds, uint64_t *deadline)
{
	if (nanoseconds < 0 || (uint64_t)nanoseconds >= NSEC_PER_SEC)
		return KERN_INVALID_VALUE;
	uint64_t wait = seconds * NSEC_PER_SEC + (uint64_t)nanoseconds;
	*deadline = wait ? md_clock_now() + wait : 0;
	return KERN_SUCCESS;
}

kern_return_t trap_semaphore_wait_trap(struct thread *self, mach_port_name_t semaphore)
{
	return wait_and_signal(self, semaphore, MACH_PORT_NULL, WAIT_FOREVER);
}

kern_return_t trap_semaphore_wait_signal_trap(struct thread *self, mach_port_name_t wait_semaphore,
					      mach_port_name_t signal_semaphore)
{
	return wait_and_signal(self, wait_semaphore, signal_semaphore, WAIT_FOREVER);
}

kern_return_t trap_semaphore_timedwait_trap(struct thread *self, mach_port_name_t semaphore, uint32_t seconds,
					    int32_t nanoseconds)
{
	return trap_semaphore_timedwait_signal_trap(self, semaphore, MACH_PORT_NULL, seconds, nanoseconds);
}

kern_return_t trap_semaphore_timedwait_signal_trap(struct thread *self, mach_port_name_t wait_semaphore,
						   mach_port_name_t signal_semaphore, uint32_t seconds,
						   int32_t nanoseconds)
{
	uint64_t deadline;
	kern_return_t error = deadline_of(seconds, nanoseconds, &deadline);
	return error ? error : wait_and_signal(self, wait_semaphore, signal_semaphore, deadline);
}
