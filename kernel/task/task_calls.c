// SPDX-License-Identifier: MIT
// Calls on tasks (abi/task.defs), but for those that make threads (thread_start.c) and tell about the task (task_info.c).
#include "task.h"

#include "../core/sched.h"
#include "../ipc/request.h"
#include "../ipc/semaphore.h"
#include "task_port.h"
#include "thread.h"

#include <abi/task_server.h>

static struct task *target(struct lpc_request *rq) { return container_of(request_object(rq), struct task, object); }

kern_return_t task_call_task_create(struct lpc_request *rq, mach_port_t *ledgers, mach_msg_type_number_t ledger_count,
				    boolean_t inherit_memory, mach_port_t *child)
{
	return KERN_FAILURE;
}

kern_return_t task_call_task_terminate(struct lpc_request *rq)
{
	task_terminate(target(rq), KERN_DEATH_PROTOCOL, 0);
	return KERN_SUCCESS;
}

kern_return_t task_call_task_suspend(struct lpc_request *rq) { return task_suspend(target(rq)); }
kern_return_t task_call_task_resume(struct lpc_request *rq) { return task_resume(target(rq)); }

// ---- Threads -------------------------------------------------------------------------------------------------------

// Send rights to the ports of `count` threads, whose references are dropped; those that have ended are left out.
static uint32_t make_sends(struct thread **threads, uint32_t count, struct right *rights)
{
	uint32_t made = 0;
	for (uint32_t i = 0; i < count; i++) {
		rights[made] = thread_make_send(threads[i]);
		if (rights[made].kind == RIGHT_SEND)
			made++;
		thread_release(threads[i]);
	}
	return made;
}

kern_return_t task_call_task_threads(struct lpc_request *rq, mach_port_t **list, mach_msg_type_number_t *count)
{
	struct account *account = thread_current()->task->account;
	uint32_t room = target(rq)->thread_count; // a racy look: threads that come now are not listed
	struct thread **threads = kalloc(account, room * sizeof(*threads) + 1);
	struct right *rights = kalloc(account, room * sizeof(*rights) + 1);
	kern_return_t error = threads && rights ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
	if (!error) {
		*count = make_sends(threads, task_list_threads(target(rq), 0, threads, room), rights);
		*list = request_put_ports(rq, rights, *count, &error);
	}
	kfree(account, rights, room * sizeof(*rights) + 1);
	kfree(account, threads, room * sizeof(*threads) + 1);
	return error;
}

kern_return_t task_call_thread_create(struct lpc_request *rq, mach_port_t *child) { return KERN_NOT_SUPPORTED; }

// ---- Ports kept with the task --------------------------------------------------------------------------------------

kern_return_t task_call_mach_ports_register(struct lpc_request *rq, mach_port_t *ports, mach_msg_type_number_t n)
{
	struct task *task = target(rq);
	uint32_t count = 0;
	struct right *given = request_ports(rq, ports, &count), before[TASK_REGISTERED_PORTS];
	if (count > TASK_REGISTERED_PORTS)
		return KERN_INVALID_ARGUMENT;
	lock_acquire(&task->lock);
	bool alive = task->state == TASK_ALIVE;
	for (uint32_t i = 0; alive && i < TASK_REGISTERED_PORTS; i++) {
		before[i] = task->registered[i];
		task->registered[i] = i < count ? given[i] : (struct right){NULL, RIGHT_NONE};
		if (i < count)
			given[i].kind = RIGHT_NONE;
	}
	lock_release(&task->lock);
	for (uint32_t i = 0; alive && i < TASK_REGISTERED_PORTS; i++)
		right_release(before[i]);
	return alive ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

// A copy of a right that is kept with the task; NONE where there is none.
static struct right copy_kept(struct task *task, const struct right *kept)
{
	lock_acquire(&task->lock);
	struct right copy = kept->kind == RIGHT_SEND ? right_copy_send(*kept) : (struct right){NULL, RIGHT_NONE};
	lock_release(&task->lock);
	return copy;
}

kern_return_t task_call_mach_ports_lookup(struct lpc_request *rq, mach_port_t **ports, mach_msg_type_number_t *count)
{
	struct task *task = target(rq);
	struct right copies[TASK_REGISTERED_PORTS];
	kern_return_t error = KERN_SUCCESS;
	for (uint32_t i = 0; i < TASK_REGISTERED_PORTS; i++)
		copies[i] = copy_kept(task, &task->registered[i]);
	*ports = request_put_ports(rq, copies, TASK_REGISTERED_PORTS, &error);
	*count = TASK_REGISTERED_PORTS;
	return error;
}

kern_return_t task_call_task_get_special_port(struct lpc_request *rq, task_special_port_t which, mach_port_t *port)
{
	struct task *task = target(rq);
	struct right right;
	if (which <= 0 || which >= TASK_SPECIAL_PORTS)
		return KERN_INVALID_ARGUMENT;
	if (which == TASK_KERNEL_PORT || which == TASK_NAME_PORT)
		right = task_make_send(task);
	else if (which == TASK_HOST_PORT)
		right = host_make_send();
	else
		right = copy_kept(task, &task->special[which]);
	*port = request_put_right(rq, right);
	return KERN_SUCCESS;
}

kern_return_t task_call_task_set_special_port(struct lpc_request *rq, task_special_port_t which, mach_port_t port)
{
	struct task *task = target(rq);
	if (which <= 0 || which >= TASK_SPECIAL_PORTS)
		return KERN_INVALID_ARGUMENT;
	if (which == TASK_KERNEL_PORT || which == TASK_NAME_PORT || which == TASK_HOST_PORT)
		return KERN_DENIED;
	struct right right = request_take_right(rq, port);
	lock_acquire(&task->lock);
	if (task->state == TASK_ALIVE) {
		struct right before = task->special[which];
		task->special[which] = right;
		right = before;
	}
	lock_release(&task->lock);
	right_release(right);
	return KERN_SUCCESS;
}

// ---- Semaphores ----------------------------------------------------------------------------------------------------

kern_return_t task_call_mach_semaphore_create(struct lpc_request *rq, mach_port_t *semaphore, int policy, int value)
{
	struct right right;
	kern_return_t error = semaphore_create(target(rq), policy, value, &right);
	if (!error)
		*semaphore = request_put_right(rq, right);
	return error;
}

kern_return_t task_call_mach_semaphore_destroy(struct lpc_request *rq, mach_port_t name)
{
	struct right right = request_take_right(rq, name);
	struct object *object =
		right.kind == RIGHT_SEND ? port_object(right_port(right), &semaphore_port_ops) : NULL;
	struct semaphore *semaphore = object ? container_of(object, struct semaphore, object) : NULL;
	bool owned = semaphore && semaphore->owner == target(rq)->id;
	if (owned)
		semaphore_end(semaphore);
	if (object)
		object_release(object);
	right_release(right);
	return owned ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}
