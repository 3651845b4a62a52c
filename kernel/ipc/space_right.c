// SPDX-License-Identifier: MIT
// Rights into and out of spaces: what messages and kernel calls do with names. Each taking has two halves: entry_claim
// checks, entry_take acts and cannot fail.
#include "space.h"

#include "message.h"
#include "notify.h"
#include "transit.h"

#define CLAIM_RECEIVE 0x8000u // in entry.claims: the receive right; below: user references

static const struct right right_none = {NULL, RIGHT_NONE};

// ---- Out -----------------------------------------------------------------------------------------------------------

static bool may_make(const struct entry *entry, bool send)
{
	if (!(entry->type & ENTRY_RECEIVE) || (entry->claims & CLAIM_RECEIVE))
		return false;
	return !send || !(entry->badge->port->flags & (PORT_SPECIAL_REPLY | PORT_REPLY));
}

static bool may_move_receive(const struct entry *entry, uint32_t guard_flags)
{
	if (!(entry->type & ENTRY_RECEIVE) || (entry->claims & CLAIM_RECEIVE))
		return false;
	uint8_t flags = entry->badge->port->flags;
	if (flags & (PORT_IMMOVABLE | PORT_GUARD_IMMOVABLE | PORT_SPECIAL_REPLY))
		return false;
	return !(guard_flags & MACH_MSG_GUARD_FLAGS_UNGUARDED_ON_SEND) || !(flags & PORT_GUARDED);
}

// User references that nobody claimed yet.
static bool has_unclaimed(const struct entry *entry) { return entry->urefs > (entry->claims & ~CLAIM_RECEIVE); }

kern_return_t entry_claim(struct entry *entry, mach_msg_type_name_t disposition, uint32_t guard_flags)
{
	bool allowed = false;
	switch (disposition) {
	case MACH_MSG_TYPE_MAKE_SEND:
		allowed = may_make(entry, true);
		break;
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		allowed = may_make(entry, false);
		break;
	case MACH_MSG_TYPE_COPY_SEND:
		allowed = (entry->type & (ENTRY_SEND | ENTRY_DEAD)) && has_unclaimed(entry);
		break;
	case MACH_MSG_TYPE_MOVE_SEND:
		allowed = (entry->type & (ENTRY_SEND | ENTRY_DEAD)) && has_unclaimed(entry);
		entry->claims += allowed;
		break;
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		allowed = (entry->type & (ENTRY_SEND_ONCE | ENTRY_DEAD)) && has_unclaimed(entry);
		entry->claims += allowed;
		break;
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		allowed = may_move_receive(entry, guard_flags);
		if (allowed)
			entry->claims |= CLAIM_RECEIVE;
		break;
	}
	return allowed ? KERN_SUCCESS : KERN_INVALID_RIGHT;
}

void space_remove_entry(struct space *space, mach_port_name_t name, struct entry *entry)
{
	struct right notify = request_cancel_locked(entry);
	entry_free(space, name, entry);
	notify_port_deleted(notify, name);
}

// Drops one user reference of a send right; the badge's right is the caller's if that was the last.
static bool entry_drop_send(struct space *space, mach_port_name_t name, struct entry *entry)
{
	if (--entry->urefs > 0)
		return false;
	entry->type &= (uint8_t)~ENTRY_SEND;
	if (entry->type == 0) {
		space_hash_remove(space, name_index(name), entry);
		space_remove_entry(space, name, entry);
	}
	return true;
}

static struct right take_receive(struct space *space, mach_port_name_t name, struct entry *entry)
{
	struct badge *badge = entry->badge;
	lock_acquire(&badge->port->lock);
	port_leave_space_locked(badge->port);
	lock_release(&badge->port->lock);
	entry->type &= (uint8_t)~ENTRY_RECEIVE;
	if (entry->type == 0) {
		space_hash_remove(space, name_index(name), entry);
		space_remove_entry(space, name, entry);
	}
	return (struct right){badge, RIGHT_RECEIVE};
}

static struct right take_dead(struct space *space, mach_port_name_t name, struct entry *entry, bool move)
{
	if (move && --entry->urefs == 0)
		space_remove_entry(space, name, entry);
	return (struct right){NULL, RIGHT_DEAD};
}

static struct right make_right(struct port *port, bool once)
{
	lock_acquire(&port->lock);
	struct right right = once ? port_make_send_once_locked(port) : badge_make_locked(&port->plain);
	lock_release(&port->lock);
	return right;
}

struct right entry_take(struct space *space, mach_port_name_t name, struct entry *entry, mach_msg_type_name_t disposition)
{
	struct badge *badge = entry->badge;
	entry->claims = 0;
	switch (disposition) {
	case MACH_MSG_TYPE_MAKE_SEND:
		return make_right(badge->port, false);
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		return port_make_send_once_locked(badge->port); // the space lock keeps it alive; no count needs the other
	case MACH_MSG_TYPE_COPY_SEND:
		return entry->type == ENTRY_DEAD ? take_dead(space, name, entry, false) : badge_copy(badge);
	case MACH_MSG_TYPE_MOVE_SEND:
		if (entry->type == ENTRY_DEAD)
			return take_dead(space, name, entry, true);
		return entry_drop_send(space, name, entry) ? (struct right){badge, RIGHT_SEND} : badge_copy(badge);
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		if (entry->type == ENTRY_DEAD)
			return take_dead(space, name, entry, true);
		space_remove_entry(space, name, entry);
		return (struct right){badge, RIGHT_SEND_ONCE};
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		return take_receive(space, name, entry);
	}
	return right_none;
}

kern_return_t space_take_right(struct space *space, mach_port_name_t name, mach_msg_type_name_t disposition,
			       struct right *right)
{
	if (!MACH_PORT_VALID(name)) {
		*right = (struct right){NULL, name == MACH_PORT_NULL ? RIGHT_NONE : RIGHT_DEAD};
		return KERN_SUCCESS;
	}
	kern_return_t error = KERN_INVALID_TASK;
	lock_acquire(&space->lock);
	if (space->state == SPACE_LIVE) {
		struct entry *entry = space_entry(space, name);
		error = entry ? entry_claim(entry, disposition, 0) : KERN_INVALID_NAME;
		if (!error)
			*right = entry_take(space, name, entry, disposition);
	}
	lock_release(&space->lock);
	return error;
}

kern_return_t space_copy_send(struct space *space, mach_port_name_t name, struct right *right)
{
	kern_return_t error = space_take_right(space, name, MACH_MSG_TYPE_COPY_SEND, right);
	return error == KERN_INVALID_RIGHT ? space_take_right(space, name, MACH_MSG_TYPE_MAKE_SEND, right) : error;
}

bool space_expel_receive(struct space *space, struct port *port)
{
	bool expelled = false;
	lock_acquire(&space->lock);
	// Only this space's lock would let it go elsewhere now.
	if (space->state == SPACE_LIVE && atomic_load_explicit(&port->space, memory_order_relaxed) == space) {
		mach_port_name_t name = port->name;
		struct entry *entry = space_entry(space, name);
		assert(entry && (entry->type & ENTRY_RECEIVE));
		lock_acquire(&port->lock);
		port_leave_space_locked(port);
		lock_release(&port->lock);
		entry->type &= (uint8_t)~ENTRY_RECEIVE;
		if (entry->type == 0) {
			space_hash_remove(space, name_index(name), entry);
			notify_port_deleted(request_cancel_locked(entry), name);
			entry->type = ENTRY_DEAD;
			entry->badge = NULL;
			entry->urefs = 1;
		}
		expelled = true;
	}
	lock_release(&space->lock);
	return expelled;
}

// ---- In ------------------------------------------------------------------------------------------------------------

// A fresh entry for the right; *name: in, the name wanted or NULL.
static kern_return_t put_fresh(struct space *space, struct right right, mach_port_name_t *name)
{
	struct entry *entry;
	if (right.kind != RIGHT_SEND_ONCE && !space_hash_reserve(space))
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = *name ? entry_alloc_name(space, *name, &entry) : entry_alloc(space, name, &entry);
	if (error)
		return error;
	entry->badge = right.badge;
	switch (right.kind) {
	case RIGHT_SEND:
		entry->type = ENTRY_SEND;
		entry->urefs = 1;
		break;
	case RIGHT_SEND_ONCE:
		entry->type = ENTRY_SEND_ONCE;
		entry->age = 0;
		entry->urefs = 1;
		return KERN_SUCCESS;
	default:
		entry->type = ENTRY_RECEIVE;
		lock_acquire(&right_port(right)->lock);
		port_enter_space_locked(right_port(right), space, *name);
		lock_release(&right_port(right)->lock);
		break;
	}
	space_hash_insert(space, name_index(*name), entry);
	return KERN_SUCCESS;
}

// The space has the badge's right already, in `entry`.
static kern_return_t put_again(struct space *space, struct right right, struct entry *entry, mach_port_name_t name,
			       bool stick)
{
	if (right.kind == RIGHT_RECEIVE) {
		assert(!(entry->type & ENTRY_RECEIVE));
		entry->type |= ENTRY_RECEIVE;
		lock_acquire(&right_port(right)->lock);
		port_enter_space_locked(right_port(right), space, name);
		lock_release(&right_port(right)->lock);
		return KERN_SUCCESS;
	}
	if (!(entry->type & ENTRY_SEND)) {
		entry->type |= ENTRY_SEND;
		entry->urefs = 1;
		return KERN_SUCCESS;
	}
	if (entry->urefs < MACH_PORT_UREFS_MAX)
		entry->urefs++;
	else if (!stick)
		return KERN_UREFS_OVERFLOW;
	badge_drop(right.badge); // not the last: the entry has one
	return KERN_SUCCESS;
}

kern_return_t space_put_right(struct space *space, struct right right, mach_port_name_t *name)
{
	*name = right.kind == RIGHT_NONE ? MACH_PORT_NULL : MACH_PORT_DEAD;
	if (!right_valid(right))
		return KERN_SUCCESS;
	if (right.kind != RIGHT_RECEIVE && !port_alive(right_port(right))) {
		right_doom(right, NULL); // of a dead port: harmless under the lock
		return KERN_SUCCESS;
	}
	if (right.kind == RIGHT_RECEIVE)
		transit_leave(right_port(right));
	struct entry *entry = right.kind == RIGHT_SEND_ONCE ? NULL : space_find_badge(space, right.badge, name);
	if (entry)
		return put_again(space, right, entry, *name, true);
	*name = MACH_PORT_NULL;
	return put_fresh(space, right, name);
}

// With a name that the caller chose (mach_port_insert_right).
static kern_return_t put_named(struct space *space, struct right right, mach_port_name_t name)
{
	if (!right_valid(right) || (right.kind != RIGHT_RECEIVE && !port_alive(right_port(right))))
		return KERN_INVALID_CAPABILITY;
	if (right.kind == RIGHT_RECEIVE)
		transit_leave(right_port(right));
	mach_port_name_t other = MACH_PORT_NULL;
	struct entry *entry = right.kind == RIGHT_SEND_ONCE ? NULL : space_find_badge(space, right.badge, &other);
	if (!entry)
		return put_fresh(space, right, &name);
	if (other != name)
		return KERN_RIGHT_EXISTS;
	return put_again(space, right, entry, name, false);
}

kern_return_t space_insert_right(struct space *space, struct right right, mach_port_name_t *name)
{
	kern_return_t error = KERN_INVALID_TASK;
	lock_acquire(&space->lock);
	if (space->state == SPACE_LIVE) {
		if (*name == MACH_PORT_NULL)
			error = space_put_right(space, right, name);
		else
			error = put_named(space, right, *name);
	}
	lock_release(&space->lock);
	return error;
}

// ---- Look-ups ------------------------------------------------------------------------------------------------------

struct object *space_port_object(struct space *space, mach_port_name_t name, const struct port_object_ops *ops)
{
	struct object *object = NULL;
	lock_acquire(&space->lock);
	if (space->state == SPACE_LIVE) {
		struct entry *entry = space_entry(space, name);
		if (entry && (entry->type & ENTRY_SEND))
			object = port_object(entry->badge->port, ops);
	}
	lock_release(&space->lock);
	return object;
}

kern_return_t space_find_receive(struct space *space, mach_port_name_t name, struct port **port)
{
	kern_return_t error = KERN_INVALID_TASK;
	lock_acquire(&space->lock);
	if (space->state == SPACE_LIVE) {
		struct entry *entry = space_entry(space, name);
		error = !entry ? KERN_INVALID_NAME : KERN_INVALID_RIGHT;
		if (entry && (entry->type & ENTRY_RECEIVE)) {
			*port = port_reference(entry->badge->port);
			error = KERN_SUCCESS;
		}
	}
	lock_release(&space->lock);
	return error;
}

kern_return_t space_deallocate(struct space *space, mach_port_name_t name)
{
	struct right drop = right_none;
	kern_return_t error = KERN_INVALID_TASK;
	lock_acquire(&space->lock);
	if (space->state == SPACE_LIVE) {
		struct entry *entry = space_entry(space, name);
		error = !entry ? KERN_INVALID_NAME : KERN_INVALID_RIGHT;
		mach_msg_type_name_t how = MACH_MSG_TYPE_MOVE_SEND;
		if (entry && (entry->type & ENTRY_SEND_ONCE))
			how = MACH_MSG_TYPE_MOVE_SEND_ONCE;
		if (entry && (entry->type & (ENTRY_SEND | ENTRY_SEND_ONCE | ENTRY_DEAD))) {
			drop = entry_take(space, name, entry, how);
			error = KERN_SUCCESS;
		}
	}
	lock_release(&space->lock);
	right_release(drop);
	return error;
}

uint32_t space_age_answers(struct space *space)
{
	uint32_t oldest = 0, index = 0;
	lock_acquire(&space->lock);
	for (struct entry *entry; space->state == SPACE_LIVE && (entry = space_next_entry(space, index, &index)); index++) {
		if (!(entry->type & ENTRY_SEND_ONCE))
			continue;
		if (entry->age < UINT32_MAX)
			entry->age++;
		if (entry->age > oldest)
			oldest = entry->age;
	}
	lock_release(&space->lock);
	return oldest;
}
