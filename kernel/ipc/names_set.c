// SPDX-License-Identifier: MIT
// Names of port sets and their members; see names.h.
#include "names.h"

// Member and set with the space locked; an error: not locked. set MACH_PORT_NULL: *set_out is NULL.
static kern_return_t lock_member(struct space *space, mach_port_name_t member, mach_port_name_t set, struct port **port,
				 struct port_set **set_out)
{
	kern_return_t error = KERN_INVALID_TASK;
	*set_out = NULL;
	lock_acquire(&space->lock);
	if (space->state == SPACE_LIVE) {
		struct entry *entry = space_entry(space, member), *holder = NULL;
		if (set != MACH_PORT_NULL)
			holder = space_entry(space, set);
		if (!entry || (set != MACH_PORT_NULL && !holder))
			error = KERN_INVALID_NAME;
		else if (!(entry->type & ENTRY_RECEIVE) || (holder && holder->type != ENTRY_SET))
			error = KERN_INVALID_RIGHT;
		else
			error = KERN_SUCCESS;
		if (!error) {
			*port = entry->badge->port;
			if (holder)
				*set_out = holder->set;
			return KERN_SUCCESS;
		}
	}
	lock_release(&space->lock);
	return error;
}

kern_return_t name_insert_member(struct space *space, mach_port_name_t member, mach_port_name_t name)
{
	struct port *port;
	struct port_set *set;
	kern_return_t error = lock_member(space, member, name, &port, &set);
	if (error)
		return error;
	error = !set ? KERN_INVALID_NAME : port->flags & PORT_SPECIAL_REPLY ? KERN_INVALID_RIGHT : KERN_SUCCESS;
	if (!error)
		error = port_set_insert(set, port);
	lock_release(&space->lock);
	return error;
}

kern_return_t name_extract_member(struct space *space, mach_port_name_t member, mach_port_name_t name)
{
	struct port *port;
	struct port_set *set;
	kern_return_t error = lock_member(space, member, name, &port, &set);
	if (error)
		return error;
	error = set ? port_set_extract(set, port) : KERN_INVALID_NAME;
	lock_release(&space->lock);
	return error;
}

kern_return_t name_move_member(struct space *space, mach_port_name_t member, mach_port_name_t after)
{
	struct port *port;
	struct port_set *set;
	kern_return_t error = lock_member(space, member, after, &port, &set);
	if (error)
		return error;
	if (port->flags & PORT_SPECIAL_REPLY) {
		lock_release(&space->lock);
		return KERN_INVALID_RIGHT;
	}
	// Into the new one first: what can fail comes before what cannot.
	if (set)
		error = port_set_insert(set, port);
	if (error == KERN_ALREADY_IN_SET)
		error = KERN_SUCCESS;
	if (!error) {
		lock_acquire(&port->lock);
		bool was_member = !list_empty(&port->links);
		port_set_extract_others_locked(port, set);
		lock_release(&port->lock);
		if (!set && !was_member)
			error = KERN_NOT_IN_SET;
	}
	lock_release(&space->lock);
	return error;
}

static uint32_t copy_names(struct port_set *set, uint32_t *names, uint32_t room)
{
	uint32_t found = 0;
	lock_acquire(&set->lock);
	list_for_each (node, &set->members) {
		if (found == room)
			break;
		// The names of members stand still under the space's lock.
		names[found++] = container_of(node, struct set_link, set_link)->port->name;
	}
	lock_release(&set->lock);
	return found;
}

kern_return_t name_list_members(struct space *space, mach_port_name_t name, uint32_t **names, uint32_t *count,
				size_t *bytes)
{
	uint32_t room = 0;
	*names = NULL;
	*bytes = 0;
	for (;;) {
		kern_return_t error = KERN_INVALID_TASK;
		uint32_t needed = 0;
		lock_acquire(&space->lock);
		if (space->state == SPACE_LIVE) {
			struct entry *entry = space_entry(space, name);
			error = !entry ? KERN_INVALID_NAME : entry->type != ENTRY_SET ? KERN_INVALID_RIGHT : KERN_SUCCESS;
			needed = error ? 0 : entry->set->count;
			if (!error && needed <= room) {
				*count = copy_names(entry->set, *names, room);
				lock_release(&space->lock);
				return KERN_SUCCESS;
			}
		}
		lock_release(&space->lock);
		kfree(space->account, *names, *bytes);
		*names = NULL;
		if (error)
			return error;
		room = needed + 16;
		*bytes = room * sizeof(uint32_t);
		*names = kalloc(space->account, *bytes);
		if (!*names)
			return KERN_RESOURCE_SHORTAGE;
	}
}
