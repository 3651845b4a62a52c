// SPDX-License-Identifier: MIT
// Handles for clients, and the right for the server: seat_lookup and seat_take.
#include "seat.h"

#include "../core/trace.h"
#include "../debug/complaint.h"
#include "../device/device.h"
#include "../task/task.h"
#include "kernel_seat.h"
#include "seat_table.h"

#define CIRCLE_ROOM 256u

static struct complaint complaint; // about look-ups and attempts to take that were refused

// The seat whose server the task is, if that has not taken its seat yet, with a reference; else NULL.
static struct seat *seat_being_started(struct task *task)
{
	lock_acquire(&task->lock);
	struct seat *seat = task->seat ? seat_reference(task->seat) : NULL;
	lock_release(&task->lock);
	if (!seat)
		return NULL;
	lock_acquire(&seat->lock);
	bool starting = seat->state == SEAT_STARTING && seat->occupant == task;
	lock_release(&seat->lock);
	if (starting)
		return seat;
	seat_release(seat);
	return NULL;
}

// Notes that the task, if its seat waits for it, now waits for `needed`.
static kern_return_t check_circle(struct task *task, struct seat *needed)
{
	struct seat *starter = seat_being_started(task);
	if (!starter)
		return KERN_SUCCESS;
	char circle[CIRCLE_ROOM];
	lock_acquire(&seat_table_lock);
	bool fine = seat_need_locked(starter, needed, circle, sizeof(circle));
	lock_release(&seat_table_lock);
	seat_release(starter);
	if (fine)
		return KERN_SUCCESS;
	if (complaint_allowed(&complaint))
		log_line("seat", "refused to let task %u (%s) look up %s: servers would wait for each other: %s",
			 task->id, task->name, needed->name, circle);
	return KERN_ALREADY_WAITING;
}

kern_return_t seat_lookup(struct task *task, const char *name, struct right *right)
{
	if (!grants_allow(task->grants, name)) {
		if (complaint_allowed(&complaint))
			log_line("seat", "task %u (%s) looked up %s, which it has not been granted", task->id, task->name,
				 name);
		return KERN_DENIED;
	}
	if (kernel_seat_lookup(name, right))
		return right->kind == RIGHT_NONE ? KERN_RESOURCE_SHORTAGE : KERN_SUCCESS;
	struct seat *seat = seat_find(name);
	if (!seat) {
		if (complaint_allowed(&complaint))
			log_line("seat", "task %u (%s) looked up %s: no such seat", task->id, task->name, name);
		return KERN_NOT_FOUND;
	}
	kern_return_t error = check_circle(task, seat);
	if (!error) {
		lock_acquire(&seat->lock);
		seat->lookups++;
		bool vacant = seat->state == SEAT_VACANT;
		trace_record_text(vacant ? TRACE_LIFE : TRACE_TRAFFIC, TRACE_SEAT_LOOKUP, seat->id, 0, 0, seat->name);
		if (vacant)
			seat_begin_locked(seat);
		lock_release(&seat->lock);
		*right = port_make_send(seat->port);
	}
	seat_release(seat);
	return error;
}

struct seat *seat_of_occupant(struct task *task)
{
	lock_acquire(&task->lock);
	struct seat *seat = task->seat ? seat_reference(task->seat) : NULL;
	lock_release(&task->lock);
	if (!seat)
		return NULL;
	lock_acquire(&seat->lock);
	bool occupant = seat->occupant == task;
	lock_release(&seat->lock);
	if (occupant)
		return seat;
	seat_release(seat);
	return NULL;
}

// ---- Taking --------------------------------------------------------------------------------------------------------

// Seat lock held. May the task sit down now?
static kern_return_t check_take_locked(const struct seat *seat, const struct task *task, bool manager)
{
	if (seat->occupant == task)
		return seat->state == SEAT_STARTING && seat->verdict == SEAT_REASON_NONE ? KERN_SUCCESS
											 : KERN_NOT_RECEIVER;
	bool free = !seat->occupant && (seat->state == SEAT_VACANT || seat->state == SEAT_BACKING_OFF ||
					seat->state == SEAT_DISABLED);
	return free && manager ? KERN_SUCCESS : KERN_NOT_RECEIVER;
}

// Seat lock held. A task that nobody launched becomes the occupant. False: it holds another seat already.
static bool adopt_locked(struct seat *seat, struct task *task)
{
	lock_acquire(&task->lock);
	bool alone = (!task->seat || task->seat == seat) && task->state == TASK_ALIVE;
	if (alone && !task->seat)
		task->seat = seat_reference(seat);
	lock_release(&task->lock);
	if (!alone)
		return false;
	seat->generation++;
	seat->launched = seat->occupant_generation = seat->generation;
	seat->occupant = task_reference(task);
	return true;
}

static kern_return_t take_locked(struct seat *seat, struct task *task, bool manager)
{
	kern_return_t error = check_take_locked(seat, task, manager);
	if (error)
		return error;
	if (seat->occupant != task && !adopt_locked(seat, task))
		return KERN_NOT_RECEIVER;
	uint64_t interval = seat->recipe->head.heartbeat_interval;
	seat->pinged = false;
	seat_set_deadline_locked(seat, interval ? md_clock_now() + interval : 0);
	seat_enter_locked(seat, SEAT_OCCUPIED);
	return KERN_SUCCESS;
}

// The right is the task's already, so that `occupied` is never said of a server that could still fail to get it.
static kern_return_t seat_sit_down(struct seat *seat, struct task *task, bool manager, mach_port_name_t *name)
{
	lock_acquire(&seat->lock);
	kern_return_t error = check_take_locked(seat, task, manager);
	lock_release(&seat->lock);
	if (error)
		return error;
	struct right right = port_take_kept(seat->port);
	if (right.kind == RIGHT_NONE)
		return KERN_NOT_RECEIVER;
	*name = MACH_PORT_NULL;
	error = space_insert_right(&task->space, right, name);
	if (error) {
		right_release(right); // back to the keeper
		return error;
	}
	lock_acquire(&seat->lock);
	error = take_locked(seat, task, manager);
	lock_release(&seat->lock);
	if (error)
		(void)port_recall(seat->port); // stopped or condemned meanwhile
	return error;
}

kern_return_t seat_take(struct task *task, const char *name, mach_port_name_t *port)
{
	struct seat *seat = seat_find(name);
	if (!seat) {
		if (complaint_allowed(&complaint))
			log_line("seat", "task %u (%s) wants to take %s: no such seat", task->id, task->name, name);
		return KERN_NOT_FOUND;
	}
	kern_return_t error = seat_sit_down(seat, task, grants_allow(task->grants, SEAT_GRANT_MANAGE), port);
	if (error && complaint_allowed(&complaint))
		log_line("seat", "task %u (%s) cannot take %s (error %d)", task->id, task->name, name, error);
	seat_release(seat);
	return error;
}

void seat_task_ended(struct seat *seat, struct task *task)
{
	static const enum seat_reason reasons[] = {
		[KERN_DEATH_EXIT] = SEAT_REASON_EXIT,
		[KERN_DEATH_SIGNAL] = SEAT_REASON_SIGNAL,
		[KERN_DEATH_LOAD] = SEAT_REASON_LOAD,
		[KERN_DEATH_PROTOCOL] = SEAT_REASON_PROTOCOL,
	};
	lock_acquire(&seat->lock);
	bool sat = seat->occupant == task, removed = false;
	lock_release(&seat->lock);
	// Before anybody else can be launched for the device. Nobody else ends this task's time in the seat.
	if (sat && seat->device)
		device_driver_ended(seat->device);
	lock_acquire(&seat->lock);
	if (sat) {
		removed = seat->state == SEAT_REMOVED;
		seat_ended_locked(seat, reasons[task->death_why], task->death_code);
		seat->occupant = NULL;
		seat_kick(seat, SEAT_LAUNCH_DUE); // a launch may have waited for this
	}
	lock_release(&seat->lock);
	if (removed && seat->device)
		device_seat_removed(seat->device);
	if (sat)
		task_release(task);
	seat_release(seat);
}
