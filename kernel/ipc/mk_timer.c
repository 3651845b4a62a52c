// SPDX-License-Identifier: MIT
// mk_timer: a port that receives a message when a time comes. The name of the receive right names the timer; the timer
// watches its port (port_watch) and ends with it.
//
// References: one of the port's (until it died), one of the armed or posted firing.
#include "../core/sched.h"
#include "../core/timer.h"
#include "../core/work.h"
#include "../task/task.h"
#include "../task/thread.h"
#include "message.h"
#include "names.h"
#include <abi/trap_kernel.h>
#include <mach/mk_timer.h>

struct mk_timer {
	struct object object;
	struct port *port;       // [I] no reference: valid while not dead
	struct timer timer;      // armed under `lock`
	struct work work;        // sends the message; posted by the timer
	_Atomic bool posted;     // [a] the work has a reference
	struct lock lock;        // RANK_SEMAPHORE
	uint64_t deadline;       // [l] 0: not armed
	bool dead;               // [l] the port died
	struct account *account; // [I] a reference
};

static void mk_timer_destroy(struct object *object)
{
	struct mk_timer *timer = container_of(object, struct mk_timer, object);
	struct account *account = timer->account;
	account_refund(account, ACCOUNT_TIMER, 1);
	kfree(account, timer, sizeof(*timer));
	account_release(account);
}

static void mk_timer_print(struct object *object, char *to, size_t room)
{
	struct mk_timer *timer = container_of(object, struct mk_timer, object);
	format_text(to, room, "timer, due at %llu ns", (unsigned long long)timer->deadline);
}

static const struct object_kind mk_timer_kind = {"timer", mk_timer_destroy, mk_timer_print};

// In the timer queue: only posts. The reference of the armed state goes to the work, unless that has one already.
static void mk_timer_due(struct timer *due)
{
	struct mk_timer *timer = container_of(due, struct mk_timer, timer);
	if (atomic_exchange(&timer->posted, true))
		object_release(&timer->object);
	else
		work_post(&timer->work);
}

static void mk_timer_fire(struct work *work)
{
	struct mk_timer *timer = container_of(work, struct mk_timer, work);
	struct right right = {NULL, RIGHT_NONE};
	struct port *port = NULL;
	atomic_store(&timer->posted, false);
	lock_acquire(&timer->lock);
	// It may have been cancelled, or armed for later, after it was due.
	if (timer->deadline != 0 && timer->deadline <= md_clock_now()) {
		timer->deadline = 0;
		port = port_reference(timer->port);
	}
	lock_release(&timer->lock);
	if (port) {
		right = port_make_send(port);
		port_release(port);
	}
	if (right.kind == RIGHT_SEND) {
		struct message *message = message_create_kernel(&account_kernel, sizeof(mk_timer_expire_msg_t), 0,
								right, (struct right){NULL, RIGHT_NONE});
		// A queue that is full already tells that the timer fired.
		if (message)
			(void)message_send_kernel_if_room(message);
	}
	object_release(&timer->object);
}

// Disarms; returns the deadline, 0: was not armed. *release: drop the reference of the armed state. Lock held.
static uint64_t mk_timer_disarm_locked(struct mk_timer *timer, bool *release)
{
	uint64_t before = timer->deadline;
	timer->deadline = 0;
	*release = timer_cancel(&timer->timer);
	return before;
}

static void mk_timer_port_died(struct port *port)
{
	struct mk_timer *timer = port->keeper_data;
	bool release;
	lock_acquire(&timer->lock);
	timer->dead = true;
	(void)mk_timer_disarm_locked(timer, &release);
	lock_release(&timer->lock);
	if (release)
		object_release(&timer->object);
	object_release(&timer->object);
}

static const struct port_keeper_ops mk_timer_ops = {.died = mk_timer_port_died};

// The timer behind a receive right, with a reference.
static struct mk_timer *mk_timer_named(struct thread *self, mach_port_name_t name)
{
	struct entry *entry;
	if (space_lock_receive(&self->task->space, name, &entry))
		return NULL;
	struct mk_timer *timer = NULL;
	if (entry->badge->port->keeper == &mk_timer_ops) {
		timer = entry->badge->port->keeper_data; // the port is alive, so its reference is there
		object_reference(&timer->object);
	}
	lock_release(&self->task->space.lock);
	return timer;
}

static struct mk_timer *mk_timer_create(struct account *account)
{
	if (!account_charge(account, ACCOUNT_TIMER, 1))
		return NULL;
	struct mk_timer *timer = kalloc(account, sizeof(*timer));
	struct port *port = timer ? port_create(account) : NULL;
	if (!port) {
		kfree(account, timer, sizeof(*timer));
		account_refund(account, ACCOUNT_TIMER, 1);
		return NULL;
	}
	object_init(&timer->object, &mk_timer_kind);
	lock_init(&timer->lock, RANK_SEMAPHORE);
	timer_init(&timer->timer, mk_timer_due);
	work_init(&timer->work, mk_timer_fire);
	timer->account = account_reference(account);
	timer->port = port;
	port_watch(port, &mk_timer_ops, timer);
	return timer;
}

mach_port_name_t trap_mk_timer_create_trap(struct thread *self)
{
	mach_port_name_t name = MACH_PORT_NULL;
	struct mk_timer *timer = mk_timer_create(self->task->account);
	if (!timer)
		return MACH_PORT_NULL;
	struct right right = {&timer->port->plain, RIGHT_RECEIVE};
	if (space_insert_right(&self->task->space, right, &name)) {
		right_release(right); // ends the timer as well
		return MACH_PORT_NULL;
	}
	return name;
}

kern_return_t trap_mk_timer_destroy_trap(struct thread *self, mach_port_name_t name)
{
	struct mk_timer *timer = mk_timer_named(self, name);
	if (!timer)
		return KERN_INVALID_ARGUMENT;
	object_release(&timer->object);
	return name_mod_refs(&self->task->space, name, MACH_PORT_RIGHT_RECEIVE, -1) ? KERN_INVALID_ARGUMENT : KERN_SUCCESS;
}

kern_return_t trap_mk_timer_arm_trap(struct thread *self, mach_port_name_t name, uint64_t deadline)
{
	struct mk_timer *timer = mk_timer_named(self, name);
	if (!timer)
		return KERN_INVALID_ARGUMENT;
	bool release;
	lock_acquire(&timer->lock);
	bool dead = timer->dead;
	(void)mk_timer_disarm_locked(timer, &release);
	if (!dead) {
		timer->deadline = deadline ? deadline : 1;
		object_reference(&timer->object);
		timer_set(&timer->timer, timer->deadline);
	}
	lock_release(&timer->lock);
	if (release)
		object_release(&timer->object);
	object_release(&timer->object);
	return dead ? KERN_INVALID_ARGUMENT : KERN_SUCCESS;
}

kern_return_t trap_mk_timer_arm_leeway_trap(struct thread *self, mach_port_name_t timer, uint64_t flags,
					    uint64_t deadline, uint64_t leeway)
{
	return trap_mk_timer_arm_trap(self, timer, deadline);
}

kern_return_t trap_mk_timer_cancel_trap(struct thread *self, mach_port_name_t name, user_addr_t result_time)
{
	struct mk_timer *timer = mk_timer_named(self, name);
	if (!timer)
		return KERN_INVALID_ARGUMENT;
	bool release;
	lock_acquire(&timer->lock);
	uint64_t before = mk_timer_disarm_locked(timer, &release);
	lock_release(&timer->lock);
	if (release)
		object_release(&timer->object);
	object_release(&timer->object);
	return result_time ? md_copy_out(self, result_time, &before, sizeof(before)) : KERN_SUCCESS;
}
