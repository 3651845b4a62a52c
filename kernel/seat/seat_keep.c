// SPDX-License-Identifier: MIT
// What a seat keeps for its servers (abi/keep_traps.defs): one memory object, until the seat ends.
#include "seat.h"

#include "../memory/memory_port.h"
#include "../task/task.h"
#include "../task/thread.h"

#include <abi/trap_kernel.h>

// The seat that the task sits on or was launched for, with a reference; NULL: none.
static struct seat *seat_of_task(struct task *task)
{
	lock_acquire(&task->lock);
	struct seat *seat = task->seat ? seat_reference(task->seat) : NULL;
	lock_release(&task->lock);
	return seat;
}

// Exchanges what is kept, if the task is the seat's server still. `memory` and the result are references.
static kern_return_t seat_keep(struct seat *seat, struct task *task, struct memory *memory, struct memory **before)
{
	kern_return_t result = KERN_NOT_FOUND;
	lock_acquire(&seat->lock);
	if (seat->occupant == task && seat->state != SEAT_REMOVED) {
		*before = seat->kept;
		seat->kept = memory;
		result = KERN_SUCCESS;
	}
	lock_release(&seat->lock);
	return result;
}

kern_return_t trap_seat_keep(struct thread *self, mach_port_name_t name)
{
	struct memory *memory = NULL, *before = NULL;
	if (name != MACH_PORT_NULL) {
		struct object *object = space_port_object(&self->task->space, name, &memory_port_ops);
		if (!object)
			return KERN_INVALID_CAPABILITY;
		memory = container_of(object, struct memory, object);
	}
	struct seat *seat = seat_of_task(self->task);
	kern_return_t error = seat ? seat_keep(seat, self->task, memory, &before) : KERN_NOT_FOUND;
	if (seat)
		seat_release(seat);
	if (error)
		before = memory;
	if (before)
		memory_release(before);
	return error;
}

static struct memory *seat_get_kept(struct seat *seat, struct task *task)
{
	lock_acquire(&seat->lock);
	struct memory *memory = seat->occupant == task && seat->kept ? memory_reference(seat->kept) : NULL;
	lock_release(&seat->lock);
	return memory;
}

uint64_t trap_seat_kept(struct thread *self)
{
	struct seat *seat = seat_of_task(self->task);
	struct memory *memory = seat ? seat_get_kept(seat, self->task) : NULL;
	if (seat)
		seat_release(seat);
	if (!memory)
		return (uint64_t)KERN_NOT_FOUND << 32;
	struct right right = memory_make_send(memory);
	memory_release(memory);
	mach_port_name_t name = MACH_PORT_NULL;
	kern_return_t error = right.kind == RIGHT_NONE ? KERN_RESOURCE_SHORTAGE
						       : space_insert_right(&self->task->space, right, &name);
	if (error)
		right_release(right);
	return error ? (uint64_t)error << 32 : name;
}
