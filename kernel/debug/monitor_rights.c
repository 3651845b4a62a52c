// SPDX-License-Identifier: MIT
// The monitor's records of rights: what names a task has, and what is known of the ports behind them.
//
// A space is walked a few entries at a time, its lock let go in between. Locks: space, port, set, one after the other.
#include "monitor.h"

#include "../seat/seat.h"
#include "../task/task.h"
#include "../task/task_port.h"
#include "../task/thread.h"

_Static_assert((int)MONITOR_SEND == ENTRY_SEND && (int)MONITOR_RECEIVE == ENTRY_RECEIVE &&
		       (int)MONITOR_SEND_ONCE == ENTRY_SEND_ONCE && (int)MONITOR_SET == ENTRY_SET &&
		       (int)MONITOR_DEAD_NAME == ENTRY_DEAD && (int)MONITOR_PORT_DEAD == PORT_DEAD,
	       "the monitor tells rights and ports as the kernel numbers them");

// Port lock held: what the kernel's own port stands for.
static void fill_object_locked(const struct port *port, struct monitor_right *record)
{
	format_text(record->kind, sizeof(record->kind), "%s", port->ops->name);
	if (!port->served)
		return;
	if (port->ops == &task_port_ops)
		record->object = container_of(port->served, struct task, object)->id;
	else if (port->ops == &thread_port_ops)
		record->object = container_of(port->served, struct thread, object)->id;
}

static void fill_port(struct port *port, struct monitor_right *record)
{
	lock_acquire(&port->lock);
	record->port = port->id;
	record->state = port_state(port);
	record->queued = port->queued;
	record->limit = port->limit;
	record->sequence = port->sequence;
	record->send_rights = atomic_load(&port->plain.send_rights);
	record->send_once_rights = atomic_load(&port->send_once_rights);
	if (record->state == PORT_LIVE)
		record->owner = container_of(atomic_load(&port->space), struct task, space)->id;
	if (port->ops)
		fill_object_locked(port, record);
	record->seat = seat_id_of_port_locked(port);
	lock_release(&port->lock);
}

// Space lock held.
static void fill_entry(struct space *space, struct entry *entry, uint32_t index, struct monitor_right *record)
{
	*record = (struct monitor_right){
		.name = entry->name,
		.types = entry->type,
		.urefs = entry->urefs,
	};
	if (entry->type == ENTRY_SET) {
		lock_acquire(&entry->set->lock);
		record->members = entry->set->count;
		lock_release(&entry->set->lock);
		return;
	}
	if (entry->type == ENTRY_DEAD)
		return;
	record->badge = entry->type & ENTRY_SEND ? entry->badge->value : 0;
	fill_port(entry->badge->port, record);
}

uint32_t monitor_list_rights(struct task *task, uint32_t *place, struct monitor_right *records, uint32_t room)
{
	struct space *space = &task->space;
	uint32_t count = 0, index = *place;
	lock_acquire(&space->lock);
	while (count < room && space->state == SPACE_LIVE) {
		struct entry *entry = space_next_entry(space, index, &index);
		if (!entry)
			break;
		fill_entry(space, entry, index, &records[count++]);
		*place = ++index;
	}
	lock_release(&space->lock);
	return count;
}

kern_return_t monitor_print_name(struct task *task, mach_port_name_t name, char *line, size_t room)
{
	struct space *space = &task->space;
	struct object *object = NULL;
	lock_acquire(&space->lock);
	struct entry *entry = space->state == SPACE_LIVE ? space_entry(space, name) : NULL;
	if (entry && entry->type == ENTRY_SET)
		object = &entry->set->object;
	else if (entry && entry->type != ENTRY_DEAD)
		object = &entry->badge->port->object;
	if (object)
		object_reference(object);
	lock_release(&space->lock);
	if (!object)
		return KERN_INVALID_NAME;
	object->kind->print(object, line, room);
	object_release(object);
	return KERN_SUCCESS;
}
