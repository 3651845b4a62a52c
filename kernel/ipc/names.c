// SPDX-License-Identifier: MIT
// Names of any kind of right; see names.h.
#include "names.h"

#include "message.h"
#include "notify.h"

// The entry, with the space locked; an error: not locked.
static kern_return_t space_lock_entry(struct space *space, mach_port_name_t name, struct entry **entry)
{
	lock_acquire(&space->lock);
	kern_return_t error = KERN_INVALID_TASK;
	if (space->state == SPACE_LIVE) {
		*entry = space_entry(space, name);
		error = *entry ? KERN_SUCCESS : KERN_INVALID_NAME;
	}
	if (error)
		lock_release(&space->lock);
	return error;
}

static mach_port_type_t entry_mach_type(const struct entry *entry)
{
	mach_port_type_t type = (mach_port_type_t)entry->type << 16;
	if (entry->request)
		type |= request_type(entry->request);
	return type;
}

kern_return_t name_type(struct space *space, mach_port_name_t name, mach_port_type_t *type)
{
	struct entry *entry;
	if (name == MACH_PORT_NULL)
		return KERN_INVALID_NAME;
	if (name == MACH_PORT_DEAD) {
		*type = MACH_PORT_TYPE_DEAD_NAME;
		return KERN_SUCCESS;
	}
	kern_return_t error = space_lock_entry(space, name, &entry);
	if (error)
		return error;
	*type = entry_mach_type(entry);
	lock_release(&space->lock);
	return KERN_SUCCESS;
}

// ---- Making --------------------------------------------------------------------------------------------------------

static kern_return_t allocate_entry(struct space *space, mach_port_name_t *name, struct entry **entry)
{
	if (space->state != SPACE_LIVE)
		return KERN_INVALID_TASK;
	return *name ? entry_alloc_name(space, *name, entry) : entry_alloc(space, name, entry);
}

static kern_return_t allocate_dead(struct space *space, mach_port_name_t *name)
{
	struct entry *entry;
	lock_acquire(&space->lock);
	kern_return_t error = allocate_entry(space, name, &entry);
	if (!error) {
		entry->type = ENTRY_DEAD;
		entry->urefs = 1;
	}
	lock_release(&space->lock);
	return error;
}

static kern_return_t allocate_set(struct space *space, mach_port_name_t *name)
{
	struct port_set *set = port_set_create(space->account);
	if (!set)
		return KERN_RESOURCE_SHORTAGE;
	struct entry *entry;
	lock_acquire(&space->lock);
	kern_return_t error = allocate_entry(space, name, &entry);
	if (!error) {
		entry->type = ENTRY_SET;
		entry->set = set;
		set->name = *name;
	} else {
		port_set_end(set);
	}
	lock_release(&space->lock);
	if (error)
		port_set_release(set);
	return error;
}

static kern_return_t allocate_port(struct space *space, mach_port_name_t *name)
{
	struct port *port = port_create(space->account);
	if (!port)
		return KERN_RESOURCE_SHORTAGE;
	struct right right = {&port->plain, RIGHT_RECEIVE};
	kern_return_t error = space_insert_right(space, right, name);
	if (error)
		right_release(right);
	return error;
}

kern_return_t name_allocate(struct space *space, mach_port_right_t right, mach_port_name_t *name)
{
	if (*name && !MACH_PORT_VALID(*name))
		return KERN_INVALID_VALUE;
	switch (right) {
	case MACH_PORT_RIGHT_RECEIVE:
		return allocate_port(space, name);
	case MACH_PORT_RIGHT_PORT_SET:
		return allocate_set(space, name);
	case MACH_PORT_RIGHT_DEAD_NAME:
		return allocate_dead(space, name);
	}
	return KERN_INVALID_VALUE;
}

kern_return_t name_insert(struct space *space, mach_port_name_t name, struct right right)
{
	if (!MACH_PORT_VALID(name))
		return KERN_INVALID_VALUE;
	if (!right_valid(right))
		return KERN_INVALID_CAPABILITY;
	return space_insert_right(space, right, &name);
}

// ---- Dropping ------------------------------------------------------------------------------------------------------

// What was taken from an entry and is to be dropped once the space is unlocked.
struct dropped {
	struct right rights[2];
	unsigned count;
	struct port_set *set;
};

static void dropped_add(struct dropped *dropped, struct right right) { dropped->rights[dropped->count++] = right; }

static void dropped_end(struct dropped *dropped)
{
	for (unsigned i = 0; i < dropped->count; i++)
		right_release(dropped->rights[i]);
	if (dropped->set)
		port_set_release(dropped->set);
}

// A guarded port is not to be ended by accident. Space lock held.
static bool entry_guarded(const struct entry *entry)
{
	return (entry->type & ENTRY_RECEIVE) && (entry->badge->port->flags & PORT_GUARDED);
}

static void drop_set(struct space *space, mach_port_name_t name, struct entry *entry, struct dropped *dropped)
{
	dropped->set = entry->set;
	port_set_end(entry->set);
	entry_free(space, name, entry);
}

kern_return_t name_destroy(struct space *space, mach_port_name_t name)
{
	struct entry *entry;
	struct dropped dropped = {.count = 0};
	if (!MACH_PORT_VALID(name))
		return KERN_SUCCESS;
	kern_return_t error = space_lock_entry(space, name, &entry);
	if (error)
		return error;
	uint8_t type = entry->type;
	if (entry_guarded(entry)) {
		error = KERN_INVALID_RIGHT;
	} else if (type == ENTRY_SET) {
		drop_set(space, name, entry, &dropped);
	} else if (type == ENTRY_DEAD) {
		space_remove_entry(space, name, entry);
	} else if (type == ENTRY_SEND_ONCE) {
		dropped_add(&dropped, entry_take(space, name, entry, MACH_MSG_TYPE_MOVE_SEND_ONCE));
	} else {
		if (type & ENTRY_SEND) {
			entry->urefs = 1;
			dropped_add(&dropped, entry_take(space, name, entry, MACH_MSG_TYPE_MOVE_SEND));
		}
		if (type & ENTRY_RECEIVE)
			dropped_add(&dropped, entry_take(space, name, entry, MACH_MSG_TYPE_MOVE_RECEIVE));
	}
	lock_release(&space->lock);
	dropped_end(&dropped);
	return error;
}

kern_return_t name_get_refs(struct space *space, mach_port_name_t name, mach_port_right_t right, uint32_t *refs)
{
	struct entry *entry;
	if (right >= MACH_PORT_RIGHT_NUMBER)
		return KERN_INVALID_VALUE;
	kern_return_t error = space_lock_entry(space, name, &entry);
	if (error)
		return error;
	bool counted = right == MACH_PORT_RIGHT_SEND || right == MACH_PORT_RIGHT_DEAD_NAME;
	bool held = entry->type & 1u << right;
	*refs = held ? (counted ? entry->urefs : 1) : 0;
	lock_release(&space->lock);
	return KERN_SUCCESS;
}

// Changes the user references of a send right or dead name.
static kern_return_t change_urefs(struct space *space, mach_port_name_t name, struct entry *entry, int32_t delta,
				  struct dropped *dropped)
{
	if (delta > 0 && (uint32_t)delta > MACH_PORT_UREFS_MAX - entry->urefs)
		return KERN_UREFS_OVERFLOW;
	if (delta < 0 && (uint32_t)-(int64_t)delta > entry->urefs)
		return KERN_INVALID_VALUE;
	uint32_t after = entry->urefs + (uint32_t)delta;
	if (after > 0) {
		entry->urefs = after;
	} else {
		entry->urefs = 1;
		dropped_add(dropped, entry_take(space, name, entry, MACH_MSG_TYPE_MOVE_SEND));
	}
	return KERN_SUCCESS;
}

static kern_return_t change_refs(struct space *space, mach_port_name_t name, struct entry *entry,
				 mach_port_right_t right, int32_t delta, struct dropped *dropped)
{
	if (!(entry->type & 1u << right))
		return KERN_INVALID_RIGHT;
	if (right == MACH_PORT_RIGHT_SEND || right == MACH_PORT_RIGHT_DEAD_NAME)
		return delta ? change_urefs(space, name, entry, delta, dropped) : KERN_SUCCESS;
	if (delta == 0)
		return KERN_SUCCESS;
	if (delta != -1)
		return KERN_INVALID_VALUE;
	if (right == MACH_PORT_RIGHT_PORT_SET) {
		drop_set(space, name, entry, dropped);
	} else if (right == MACH_PORT_RIGHT_SEND_ONCE) {
		dropped_add(dropped, entry_take(space, name, entry, MACH_MSG_TYPE_MOVE_SEND_ONCE));
	} else {
		if (entry_guarded(entry))
			return KERN_INVALID_RIGHT;
		dropped_add(dropped, entry_take(space, name, entry, MACH_MSG_TYPE_MOVE_RECEIVE));
	}
	return KERN_SUCCESS;
}

kern_return_t name_mod_refs(struct space *space, mach_port_name_t name, mach_port_right_t right, int32_t delta)
{
	struct entry *entry;
	struct dropped dropped = {.count = 0};
	if (right > MACH_PORT_RIGHT_DEAD_NAME)
		return KERN_INVALID_VALUE;
	kern_return_t error = space_lock_entry(space, name, &entry);
	if (error)
		return error;
	error = change_refs(space, name, entry, right, delta, &dropped);
	lock_release(&space->lock);
	dropped_end(&dropped);
	return error;
}

// ---- Renaming, listing ---------------------------------------------------------------------------------------------

static void rename_entry(struct space *space, mach_port_name_t from, struct entry *old, mach_port_name_t to,
			 struct entry *entry)
{
	bool hashed = old->type & (ENTRY_SEND | ENTRY_RECEIVE);
	if (hashed)
		space_hash_remove(space, name_index(from), old);
	entry->badge = old->badge;
	entry->request = old->request;
	entry->urefs = old->urefs;
	entry->type = old->type;
	old->request = NULL;
	if (hashed)
		space_hash_insert(space, name_index(to), entry);
	if (entry->type & ENTRY_RECEIVE) {
		struct port *port = entry->badge->port;
		lock_acquire(&port->lock);
		port->name = to;
		lock_release(&port->lock);
	}
	if (entry->type == ENTRY_SET)
		entry->set->name = to;
	request_rename_locked(entry, to);
	entry_free(space, from, old);
}

kern_return_t name_rename(struct space *space, mach_port_name_t from, mach_port_name_t to)
{
	struct entry *old, *entry;
	if (!MACH_PORT_VALID(to))
		return KERN_INVALID_VALUE;
	kern_return_t error = space_lock_entry(space, from, &old);
	if (error)
		return error;
	error = entry_alloc_name(space, to, &entry);
	if (!error)
		rename_entry(space, from, old, to, entry);
	lock_release(&space->lock);
	return error == KERN_FAILURE ? KERN_NAME_EXISTS : error;
}

kern_return_t name_list(struct space *space, uint32_t **words, uint32_t *count, size_t *bytes)
{
	uint32_t room = 0;
	*words = NULL;
	*bytes = 0;
	for (;;) {
		lock_acquire(&space->lock);
		uint32_t needed = space->in_use;
		if (space->state == SPACE_LIVE && needed <= room)
			break;
		bool live = space->state == SPACE_LIVE;
		lock_release(&space->lock);
		kfree(space->account, *words, *bytes);
		*words = NULL;
		if (!live)
			return KERN_INVALID_TASK;
		room = needed + 16;
		*bytes = 2 * room * sizeof(uint32_t);
		*words = kalloc(space->account, *bytes);
		if (!*words)
			return KERN_RESOURCE_SHORTAGE;
	}
	uint32_t found = 0, index = 0;
	for (struct entry *entry; found < room && (entry = space_next_entry(space, index, &index)); index++) {
		mach_port_name_t name = entry->name;
		entry = space_entry(space, name); // dead rights become dead names
		(*words)[found] = name;
		(*words)[room + found] = entry_mach_type(entry);
		found++;
	}
	lock_release(&space->lock);
	if (found)
		memmove(*words + found, *words + room, found * sizeof(uint32_t));
	*count = found;
	return KERN_SUCCESS;
}
