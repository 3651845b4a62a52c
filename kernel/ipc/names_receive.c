// SPDX-License-Identifier: MIT
// Names of receive rights: what the owner of a port asks and sets; see names.h.
#include "mach_msg.h"
#include "names.h"

kern_return_t space_lock_receive(struct space *space, mach_port_name_t name, struct entry **entry)
{
	kern_return_t error = KERN_INVALID_TASK;
	lock_acquire(&space->lock);
	if (space->state == SPACE_LIVE) {
		*entry = space_entry(space, name);
		error = !*entry ? KERN_INVALID_NAME : KERN_INVALID_RIGHT;
		if (*entry && ((*entry)->type & ENTRY_RECEIVE))
			return KERN_SUCCESS;
	}
	lock_release(&space->lock);
	return error;
}

// The port of a receive right, with its lock and the space's held.
static kern_return_t lock_port(struct space *space, mach_port_name_t name, struct port **port)
{
	struct entry *entry;
	kern_return_t error = space_lock_receive(space, name, &entry);
	if (error)
		return error;
	*port = entry->badge->port;
	lock_acquire(&(*port)->lock);
	return KERN_SUCCESS;
}

static void unlock_port(struct space *space, struct port *port)
{
	lock_release(&port->lock);
	lock_release(&space->lock);
}

kern_return_t name_set_make_send_count(struct space *space, mach_port_name_t name, uint32_t count)
{
	struct port *port;
	kern_return_t error = lock_port(space, name, &port);
	if (error)
		return error;
	port->plain.make_send_count = count;
	unlock_port(space, port);
	return KERN_SUCCESS;
}

kern_return_t name_set_sequence(struct space *space, mach_port_name_t name, uint32_t sequence)
{
	struct port *port;
	kern_return_t error = lock_port(space, name, &port);
	if (error)
		return error;
	port->sequence = sequence;
	unlock_port(space, port);
	return KERN_SUCCESS;
}

kern_return_t name_get_context(struct space *space, mach_port_name_t name, uint64_t *context)
{
	struct port *port;
	kern_return_t error = lock_port(space, name, &port);
	if (error)
		return error;
	*context = port->flags & PORT_STRICT_GUARD ? 0 : port->context;
	unlock_port(space, port);
	return KERN_SUCCESS;
}

kern_return_t name_set_context(struct space *space, mach_port_name_t name, uint64_t context)
{
	struct port *port;
	kern_return_t error = lock_port(space, name, &port);
	if (error)
		return error;
	if (port->flags & PORT_STRICT_GUARD)
		error = KERN_INVALID_ARGUMENT;
	else
		port->context = context;
	unlock_port(space, port);
	return error;
}

static uint32_t count_requests(const struct port *port)
{
	uint32_t count = 0;
	list_for_each (link, &port->requests)
		count++;
	list_for_each (link, &port->armed)
		count++;
	return count;
}

// Words of a flavour; 0: unknown.
static uint32_t flavor_words(int flavor)
{
	switch (flavor) {
	case MACH_PORT_LIMITS_INFO:
		return MACH_PORT_LIMITS_INFO_COUNT;
	case MACH_PORT_RECEIVE_STATUS:
		return MACH_PORT_RECEIVE_STATUS_COUNT;
	case MACH_PORT_DNREQUESTS_SIZE:
		return MACH_PORT_DNREQUESTS_SIZE_COUNT;
	case MACH_PORT_INFO_EXT:
		return MACH_PORT_INFO_EXT_COUNT;
	case MACH_PORT_SERVICE_THROTTLED:
		return MACH_PORT_SERVICE_THROTTLED_COUNT;
	}
	return 0;
}

kern_return_t name_get_attributes(struct space *space, mach_port_name_t name, int flavor, integer_t *info,
				  uint32_t *count)
{
	union {
		mach_port_limits_t limits;
		mach_port_status_t status;
		mach_port_info_ext_t extended;
		integer_t word;
	} value = {.extended = {.mpie_boost_cnt = 0}};
	uint32_t words = flavor_words(flavor);
	if (words == 0)
		return KERN_INVALID_VALUE;
	if (*count < words)
		return KERN_FAILURE;
	struct port *port;
	kern_return_t error = lock_port(space, name, &port);
	if (error)
		return error;
	if (flavor == MACH_PORT_LIMITS_INFO)
		value.limits.mpl_qlimit = port->limit;
	else if (flavor == MACH_PORT_RECEIVE_STATUS)
		port_status_locked(port, &value.status);
	else if (flavor == MACH_PORT_INFO_EXT)
		port_status_locked(port, &value.extended.mpie_status);
	else if (flavor == MACH_PORT_DNREQUESTS_SIZE)
		value.word = (integer_t)count_requests(port);
	unlock_port(space, port);
	memcpy(info, &value, words * sizeof(integer_t));
	*count = words;
	return KERN_SUCCESS;
}

static kern_return_t set_limit(struct space *space, mach_port_name_t name, uint32_t limit)
{
	struct port *port;
	if (limit > MACH_PORT_QLIMIT_MAX)
		return KERN_INVALID_VALUE;
	kern_return_t error = space_find_receive(space, name, &port);
	if (error)
		return error;
	port_set_limit(port, limit);
	port_release(port);
	return KERN_SUCCESS;
}

kern_return_t name_set_attributes(struct space *space, mach_port_name_t name, int flavor, const integer_t *info,
				  uint32_t count)
{
	struct port *port;
	uint8_t flag = PORT_IMPORTANCE;
	switch (flavor) {
	case MACH_PORT_LIMITS_INFO:
		return count < MACH_PORT_LIMITS_INFO_COUNT ? KERN_FAILURE : set_limit(space, name, (uint32_t)info[0]);
	case MACH_PORT_TEMPOWNER:
		flag = PORT_TEMPOWNER;
		break;
	case MACH_PORT_IMPORTANCE_RECEIVER:
	case MACH_PORT_DENAP_RECEIVER:
		break;
	default:
		return KERN_INVALID_ARGUMENT;
	}
	kern_return_t error = lock_port(space, name, &port);
	if (error)
		return error;
	port->flags |= flag;
	unlock_port(space, port);
	return KERN_SUCCESS;
}

kern_return_t name_get_send_rights(struct space *space, mach_port_name_t name, uint32_t *count)
{
	struct entry *entry;
	kern_return_t error = space_lock_receive(space, name, &entry);
	if (error)
		return error;
	*count = atomic_load(&entry->badge->send_rights);
	lock_release(&space->lock);
	return KERN_SUCCESS;
}

kern_return_t name_get_requests(struct space *space, mach_port_name_t name, uint32_t *count)
{
	struct port *port;
	kern_return_t error = lock_port(space, name, &port);
	if (error)
		return error;
	*count = count_requests(port);
	unlock_port(space, port);
	return KERN_SUCCESS;
}

// The queued message that will be received as number `sequence`; 0: the first. Port lock held.
static struct message *find_queued_locked(struct port *port, uint32_t sequence)
{
	uint32_t skip = sequence ? sequence - port->sequence : 0;
	if (skip >= port->queued)
		return NULL;
	list_for_each (link, &port->messages)
		if (skip-- == 0)
			return container_of(link, struct message, link);
	return NULL;
}

kern_return_t name_peek(struct space *space, mach_port_name_t name, uint32_t trailer, struct name_peek *peek)
{
	struct port *port;
	if (trailer_size(trailer) == 0)
		return KERN_INVALID_VALUE;
	kern_return_t error = lock_port(space, name, &port);
	if (error)
		return error;
	struct message *message = find_queued_locked(port, peek->sequence);
	if (message) {
		if (peek->sequence == 0)
			peek->sequence = port->sequence;
		peek->size = message->size;
		peek->id = message_header(message)->msgh_id;
		peek->trailer_size = trailer_fill(message, port->context, trailer, peek->trailer);
	}
	unlock_port(space, port);
	return message ? KERN_SUCCESS : KERN_FAILURE;
}

kern_return_t name_kernel_object(struct space *space, mach_port_name_t name, uint32_t *type, char *text, size_t room)
{
	kern_return_t error = KERN_INVALID_TASK;
	lock_acquire(&space->lock);
	if (space->state == SPACE_LIVE) {
		struct entry *entry = space_entry(space, name);
		error = entry ? KERN_INVALID_RIGHT : KERN_INVALID_NAME;
		if (entry && (entry->type & (ENTRY_SEND | ENTRY_RECEIVE))) {
			struct port *port = entry->badge->port;
			*type = port->ops ? port->ops->kobject_type : 0;
			lock_acquire(&port->lock);
			if (text)
				port_kind.print(&port->object, text, room);
			lock_release(&port->lock);
			error = KERN_SUCCESS;
		}
	}
	lock_release(&space->lock);
	return error;
}
