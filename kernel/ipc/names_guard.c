// SPDX-License-Identifier: MIT
// Making ports with all their attributes, guarding them, ending them, minting badges; see names.h.
//
// A breach of a guard only fails. On macOS it is also an exception (EXC_GUARD) of the thread, which comes with exceptions.
#include "message.h"
#include "names.h"
#include "notify.h"

#define CONSTRUCT_FLAGS                                                                                                \
	(MPO_CONTEXT_AS_GUARD | MPO_QLIMIT | MPO_TEMPOWNER | MPO_IMPORTANCE_RECEIVER | MPO_INSERT_SEND_RIGHT |         \
	 MPO_STRICT | MPO_DENAP_RECEIVER | MPO_IMMOVABLE_RECEIVE | MPO_FILTER_MSG | MPO_TG_BLOCK_TRACKING |            \
	 MPO_REPLY_PORT | MPO_PROVISIONAL_REPLY_PORT | MPO_EXCEPTION_PORT)

static uint8_t construct_flags(uint32_t options)
{
	uint32_t flags = 0;
	if (options & MPO_CONTEXT_AS_GUARD)
		flags |= PORT_GUARDED | (options & MPO_STRICT ? PORT_STRICT_GUARD : 0);
	if (options & MPO_IMMOVABLE_RECEIVE)
		flags |= PORT_IMMOVABLE;
	if (options & MPO_TEMPOWNER)
		flags |= PORT_TEMPOWNER;
	if (options & (MPO_IMPORTANCE_RECEIVER | MPO_DENAP_RECEIVER))
		flags |= PORT_IMPORTANCE;
	if (options & MPO_REPLY_PORT)
		flags |= PORT_REPLY;
	return (uint8_t)flags;
}

// Both rights of a new port, under one name.
static kern_return_t insert_both(struct space *space, struct port *port, bool send, mach_port_name_t *name)
{
	struct right receive = {&port->plain, RIGHT_RECEIVE}, right = {NULL, RIGHT_NONE};
	if (send)
		right = port_make_send(port);
	kern_return_t error = KERN_INVALID_TASK;
	lock_acquire(&space->lock);
	if (space->state == SPACE_LIVE)
		error = space_put_right(space, receive, name);
	if (!error && send) {
		kern_return_t added = space_put_right(space, right, name); // to the same entry: needs no room
		assert(!added);
	}
	lock_release(&space->lock);
	if (error) {
		right_release(right);
		right_release(receive);
	}
	return error;
}

kern_return_t name_construct(struct space *space, const mach_port_options_t *options, uint64_t context,
			     mach_port_name_t *name)
{
	uint32_t flags = options->flags;
	if (flags & ~(uint32_t)CONSTRUCT_FLAGS)
		return KERN_INVALID_ARGUMENT;
	if ((flags & MPO_STRICT) && !(flags & MPO_CONTEXT_AS_GUARD))
		return KERN_INVALID_ARGUMENT;
	if ((flags & MPO_REPLY_PORT) && (flags & MPO_INSERT_SEND_RIGHT))
		return KERN_INVALID_ARGUMENT;
	if ((flags & MPO_QLIMIT) && options->mpl.mpl_qlimit > MACH_PORT_QLIMIT_MAX)
		return KERN_INVALID_VALUE;
	struct port *port = port_create(space->account);
	if (!port)
		return KERN_RESOURCE_SHORTAGE;
	port->context = context;
	port->flags = construct_flags(flags);
	if (flags & MPO_QLIMIT)
		port->limit = options->mpl.mpl_qlimit;
	return insert_both(space, port, flags & MPO_INSERT_SEND_RIGHT, name);
}

static kern_return_t destruct_check(struct entry *entry, int32_t delta, uint64_t guard)
{
	struct port *port = entry->badge->port;
	bool guarded = port->flags & PORT_GUARDED;
	if (guarded ? port->context != guard : guard != 0)
		return KERN_INVALID_ARGUMENT;
	if (delta == 0)
		return KERN_SUCCESS;
	if (!(entry->type & ENTRY_SEND))
		return KERN_INVALID_RIGHT;
	return delta > 0 || (uint32_t)-(int64_t)delta > entry->urefs ? KERN_INVALID_VALUE : KERN_SUCCESS;
}

kern_return_t name_destruct(struct space *space, mach_port_name_t name, int32_t delta, uint64_t guard)
{
	struct entry *entry;
	struct right send = {NULL, RIGHT_NONE}, receive = {NULL, RIGHT_NONE};
	kern_return_t error = space_lock_receive(space, name, &entry);
	if (error)
		return error;
	error = destruct_check(entry, delta, guard);
	if (!error) {
		if (delta < 0) {
			entry->urefs -= (uint32_t)-(int64_t)delta;
			if (entry->urefs == 0) {
				entry->urefs = 1;
				send = entry_take(space, name, entry, MACH_MSG_TYPE_MOVE_SEND);
			}
		}
		receive = entry_take(space, name, entry, MACH_MSG_TYPE_MOVE_RECEIVE);
	}
	lock_release(&space->lock);
	right_release(send);
	right_release(receive);
	return error;
}

// Replaces the guard flags of a port if `guard` is (or, to set one, no) guard now.
static kern_return_t change_guard(struct space *space, mach_port_name_t name, bool set, uint64_t guard, uint8_t flags)
{
	struct entry *entry;
	kern_return_t error = space_lock_receive(space, name, &entry);
	if (error)
		return error;
	struct port *port = entry->badge->port;
	lock_acquire(&port->lock);
	bool guarded = port->flags & PORT_GUARDED;
	if (set ? guarded : !guarded || port->context != guard) {
		error = KERN_INVALID_ARGUMENT;
	} else {
		port->flags &= (uint8_t) ~(PORT_GUARDED | PORT_STRICT_GUARD | PORT_GUARD_IMMOVABLE);
		port->flags |= flags;
		port->context = set ? guard : 0;
	}
	lock_release(&port->lock);
	lock_release(&space->lock);
	return error;
}

kern_return_t name_guard(struct space *space, mach_port_name_t name, uint64_t guard, uint64_t flags)
{
	if (flags & ~(uint64_t)(MPG_STRICT | MPG_IMMOVABLE_RECEIVE))
		return KERN_INVALID_ARGUMENT;
	uint32_t set = PORT_GUARDED;
	if (flags & MPG_STRICT)
		set |= PORT_STRICT_GUARD;
	if (flags & MPG_IMMOVABLE_RECEIVE)
		set |= PORT_GUARD_IMMOVABLE;
	return change_guard(space, name, true, guard, (uint8_t)set);
}

kern_return_t name_unguard(struct space *space, mach_port_name_t name, uint64_t guard)
{
	return change_guard(space, name, false, guard, 0);
}

kern_return_t name_swap_guard(struct space *space, mach_port_name_t name, uint64_t from, uint64_t to)
{
	struct entry *entry;
	kern_return_t error = space_lock_receive(space, name, &entry);
	if (error)
		return error;
	struct port *port = entry->badge->port;
	lock_acquire(&port->lock);
	uint8_t guard = port->flags & (PORT_GUARDED | PORT_STRICT_GUARD);
	if (guard != PORT_GUARDED || port->context != from)
		error = KERN_INVALID_ARGUMENT;
	else
		port->context = to;
	lock_release(&port->lock);
	lock_release(&space->lock);
	return error;
}

kern_return_t name_mint(struct space *space, mach_port_name_t receive, uint64_t badge, mach_port_name_t *name)
{
	struct port *port;
	kern_return_t error = space_find_receive(space, receive, &port);
	if (error)
		return error;
	struct right right = port_make_badged(port, badge, space->account);
	port_release(port);
	if (!right_valid(right))
		return right.kind == RIGHT_DEAD ? KERN_INVALID_NAME : KERN_RESOURCE_SHORTAGE;
	*name = MACH_PORT_NULL;
	error = space_insert_right(space, right, name);
	if (error)
		right_release(right);
	return error;
}
