// SPDX-License-Identifier: MIT
// Seats by trap (abi/seat_traps.defs).
#include "seat.h"

#include "../task/task.h"
#include "../task/thread.h"

#include <abi/trap_kernel.h>
#include <gila/seat_name.h>

// False: not zero-terminated, or not a name that a seat can have.
static bool name_unpack(struct seat_name *name)
{
	const char *text = (const char *)name->words;
	return text[SEAT_NAME_MAX] == 0 && grants_name_valid(text, false);
}

uint64_t trap_seat_lookup(struct thread *self, uint64_t name0, uint64_t name1, uint64_t name2, uint64_t name3,
			  uint64_t name4, uint64_t name5, uint64_t name6, uint64_t name7)
{
	struct seat_name name = {{name0, name1, name2, name3, name4, name5, name6, name7}};
	struct right right = {NULL, RIGHT_NONE};
	mach_port_name_t port = MACH_PORT_NULL;
	if (!name_unpack(&name))
		return seat_result(KERN_INVALID_ARGUMENT, port);
	kern_return_t error = seat_lookup(self->task, (const char *)name.words, &right);
	if (error)
		return seat_result(error, port);
	error = space_insert_right(&self->task->space, right, &port);
	if (error)
		right_release(right);
	return seat_result(error, port);
}

uint64_t trap_seat_take(struct thread *self, uint64_t name0, uint64_t name1, uint64_t name2, uint64_t name3,
			uint64_t name4, uint64_t name5, uint64_t name6, uint64_t name7)
{
	struct seat_name name = {{name0, name1, name2, name3, name4, name5, name6, name7}};
	mach_port_name_t port = MACH_PORT_NULL;
	if (!name_unpack(&name))
		return seat_result(KERN_INVALID_ARGUMENT, port);
	kern_return_t error = seat_take(self->task, (const char *)name.words, &port);
	return seat_result(error, error ? MACH_PORT_NULL : port);
}

kern_return_t trap_seat_self(struct thread *self, user_addr_t name, uint32_t size)
{
	struct task *task = self->task;
	lock_acquire(&task->lock);
	struct seat *seat = task->seat ? seat_reference(task->seat) : NULL;
	lock_release(&task->lock);
	if (!seat)
		return KERN_NOT_FOUND;
	uint32_t needed = 0;
	while (seat->name[needed++])
		;
	kern_return_t error = KERN_INVALID_ARGUMENT;
	if (size >= needed)
		error = md_copy_out(self, name, seat->name, needed);
	seat_release(seat);
	return error;
}
