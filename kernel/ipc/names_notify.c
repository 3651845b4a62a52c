// SPDX-License-Identifier: MIT
// Requests for notifications, by name; see names.h.
#include "message.h"
#include "names.h"
#include "notify.h"
#include <mach/notify.h>

static const struct right right_none = {NULL, RIGHT_NONE};

static kern_return_t request_port_destroyed(struct space *space, mach_port_name_t name, uint32_t sync,
					    struct right notify, struct right *previous)
{
	struct entry *entry;
	if (sync != 0)
		return KERN_INVALID_VALUE;
	kern_return_t error = space_lock_receive(space, name, &entry);
	if (error)
		return error;
	struct port *port = entry->badge->port;
	lock_acquire(&port->lock);
	*previous = port->destroyed;
	port->destroyed = notify;
	lock_release(&port->lock);
	lock_release(&space->lock);
	return KERN_SUCCESS;
}

kern_return_t name_badge_notify(struct space *space, mach_port_name_t receive, uint64_t badge, uint32_t sync,
				struct right notify, struct right *previous)
{
	struct port *port;
	*previous = right_none;
	if (notify.kind == RIGHT_DEAD)
		return KERN_INVALID_CAPABILITY;
	kern_return_t error = space_find_receive(space, receive, &port);
	if (error)
		return error;
	error = port_request_no_senders(port, badge, sync, notify, space->account, previous);
	port_release(port);
	return error;
}

// The name is dead already: told at once, if that is asked. The notification brings a user reference.
static kern_return_t request_of_dead(struct entry *entry, uint32_t sync, struct right notify, struct right *fire)
{
	if (sync == 0 || notify.kind == RIGHT_NONE)
		return KERN_INVALID_ARGUMENT;
	if (entry->urefs >= MACH_PORT_UREFS_MAX)
		return KERN_UREFS_OVERFLOW;
	entry->urefs++;
	*fire = notify;
	return KERN_SUCCESS;
}

static kern_return_t request_dead_name(struct space *space, mach_port_name_t name, bool send_possible, uint32_t sync,
				       struct right notify, struct right *previous)
{
	struct right fire_possible = right_none, fire_dead = right_none;
	kern_return_t error = KERN_INVALID_TASK;
	lock_acquire(&space->lock);
	struct entry *entry = NULL;
	if (space->state == SPACE_LIVE) {
		entry = space_entry(space, name);
		error = !entry ? KERN_INVALID_NAME : KERN_INVALID_RIGHT;
	}
	if (entry && (entry->type & (ENTRY_SEND | ENTRY_SEND_ONCE | ENTRY_RECEIVE)))
		error = request_replace_locked(space, entry, name, send_possible, sync != 0, notify, previous,
					       &fire_possible);
	if (error == KERN_INVALID_CAPABILITY)
		entry = space_entry(space, name); // died meanwhile
	if (entry && entry->type == ENTRY_DEAD)
		error = request_of_dead(entry, sync, notify, &fire_dead);
	lock_release(&space->lock);
	notify_send_possible(fire_possible, name);
	notify_dead_name(fire_dead, name);
	return error;
}

kern_return_t name_request_notification(struct space *space, mach_port_name_t name, mach_msg_id_t what, uint32_t sync,
					struct right notify, struct right *previous)
{
	*previous = right_none;
	if (notify.kind != RIGHT_NONE && notify.kind != RIGHT_SEND_ONCE)
		return KERN_INVALID_CAPABILITY;
	switch (what) {
	case MACH_NOTIFY_PORT_DESTROYED:
		return request_port_destroyed(space, name, sync, notify, previous);
	case MACH_NOTIFY_NO_SENDERS:
		return name_badge_notify(space, name, 0, sync, notify, previous);
	case MACH_NOTIFY_DEAD_NAME:
		return request_dead_name(space, name, false, sync, notify, previous);
	case MACH_NOTIFY_SEND_POSSIBLE:
		return request_dead_name(space, name, true, sync, notify, previous);
	}
	return KERN_INVALID_VALUE;
}
