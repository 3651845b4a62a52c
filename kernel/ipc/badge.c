// SPDX-License-Identifier: MIT
// Badges: what all send rights with one value have in common; making send rights; no-more-senders requests.
//
// badge.holders counts what keeps a badge in use: one for each time that its rights went from none to some (given back by
// badge_unused), one for an outstanding request. While it is not 0 the badge holds a reference on its port; when it
// becomes 0, a badge other than the plain one is freed.
#include "message.h"
#include "notify.h"

static const struct right right_none = {NULL, RIGHT_NONE};

// Port lock held.
static void badge_hold_locked(struct badge *badge)
{
	if (badge->holders++ == 0)
		port_reference(badge->port);
}

// Port lock held. True: call badge_free after it is released.
static bool must_check badge_unhold_locked(struct badge *badge)
{
	assert(badge->holders > 0);
	if (--badge->holders > 0)
		return false;
	if (badge->account)
		tree_remove(&badge->port->badges, &badge->node);
	return true;
}

static void badge_free(struct badge *badge)
{
	struct port *port = badge->port;
	struct account *account = badge->account;
	if (account) {
		account_refund(account, ACCOUNT_BADGE, 1);
		kfree(account, badge, sizeof(*badge));
		account_release(account);
	}
	port_release(port);
}

static struct badge *badge_create(struct port *port, uint64_t value, struct account *account)
{
	if (!account_charge(account, ACCOUNT_BADGE, 1))
		return NULL;
	struct badge *badge = kalloc(account, sizeof(*badge));
	if (!badge) {
		account_refund(account, ACCOUNT_BADGE, 1);
		return NULL;
	}
	badge->port = port;
	badge->value = value;
	badge->account = account_reference(account);
	return badge;
}

// A badge that badge_create made and nobody used.
static void badge_discard(struct badge *badge)
{
	if (!badge)
		return;
	struct account *account = badge->account;
	account_refund(account, ACCOUNT_BADGE, 1);
	kfree(account, badge, sizeof(*badge));
	account_release(account);
}

struct badge *badge_find_locked(struct port *port, uint64_t value)
{
	if (value == 0)
		return &port->plain;
	struct tree_node *node = tree_find(&port->badges, &value);
	return node ? container_of(node, struct badge, node) : NULL;
}

// The badge with that value, made of *spare (which then is NULL) if it is not in use yet. Port lock held.
static struct badge *badge_get_locked(struct port *port, uint64_t value, struct badge **spare)
{
	struct badge *badge = badge_find_locked(port, value);
	if (badge)
		return badge;
	badge = *spare;
	*spare = NULL;
	bool inserted = tree_insert(&port->badges, &value, &badge->node);
	assert(inserted);
	return badge;
}

struct right badge_make_locked(struct badge *badge)
{
	badge->make_send_count++;
	if (atomic_fetch_add_explicit(&badge->send_rights, 1, memory_order_relaxed) == 0)
		badge_hold_locked(badge);
	return (struct right){badge, RIGHT_SEND};
}

struct right port_make_send_once_locked(struct port *port)
{
	atomic_fetch_add_explicit(&port->send_once_rights, 1, memory_order_relaxed);
	port_reference(port);
	return (struct right){&port->plain, RIGHT_SEND_ONCE};
}

struct right port_make_send(struct port *port)
{
	struct right right = {NULL, RIGHT_DEAD};
	lock_acquire(&port->lock);
	if (port_alive(port))
		right = badge_make_locked(&port->plain);
	lock_release(&port->lock);
	return right;
}

struct right port_make_send_once(struct port *port)
{
	struct right right = {NULL, RIGHT_DEAD};
	lock_acquire(&port->lock);
	if (port_alive(port))
		right = port_make_send_once_locked(port);
	lock_release(&port->lock);
	return right;
}

struct right port_make_badged(struct port *port, uint64_t value, struct account *account)
{
	if (value == 0)
		return port_make_send(port);
	struct badge *spare = badge_create(port, value, account);
	if (!spare)
		return right_none;
	struct right right = {NULL, RIGHT_DEAD};
	lock_acquire(&port->lock);
	if (port_alive(port))
		right = badge_make_locked(badge_get_locked(port, value, &spare));
	lock_release(&port->lock);
	badge_discard(spare);
	return right;
}

struct right right_copy_send(struct right right)
{
	if (right.kind != RIGHT_SEND || !port_alive(right_port(right)))
		return (struct right){NULL, right.kind == RIGHT_NONE ? RIGHT_NONE : RIGHT_DEAD};
	return badge_copy(right.badge);
}

// The port is told of by callbacks only while it lives; each sees whether rights were made again meanwhile.
static void port_tell_no_senders(struct port *port)
{
	if (port->keeper && port->keeper->no_senders)
		port->keeper->no_senders(port);
	if (!port->ops || !port->ops->no_senders)
		return;
	struct object *served = port_object(port, port->ops);
	if (!served)
		return;
	port->ops->no_senders(port, served);
	object_release(served);
}

void badge_unused(struct badge *badge)
{
	struct port *port = badge->port;
	struct right notify = right_none;
	uint64_t value = badge->value;
	lock_acquire(&port->lock);
	bool none = port_alive(port) && atomic_load(&badge->send_rights) == 0;
	uint32_t count = badge->make_send_count;
	if (none && badge->no_senders.kind != RIGHT_NONE) {
		notify = badge->no_senders;
		badge->no_senders = right_none;
		badge->holders--; // not the last: that of the rights comes next
	}
	bool unused = badge_unhold_locked(badge);
	if (none)
		port_reference(port);
	lock_release(&port->lock);
	if (unused)
		badge_free(badge);
	if (!none)
		return;
	notify_no_senders(notify, count, value);
	if (value == 0)
		port_tell_no_senders(port);
	port_release(port);
}

kern_return_t port_request_no_senders(struct port *port, uint64_t value, uint32_t sync, struct right notify,
				      struct account *account, struct right *previous)
{
	*previous = right_none;
	struct badge *spare = NULL;
	if (value != 0 && !(spare = badge_create(port, value, account)))
		return KERN_RESOURCE_SHORTAGE;
	lock_acquire(&port->lock);
	if (!port_alive(port)) {
		lock_release(&port->lock);
		badge_discard(spare);
		return KERN_INVALID_CAPABILITY;
	}
	struct badge *badge = badge_get_locked(port, value, &spare);
	uint32_t count = badge->make_send_count;
	bool now = notify.kind != RIGHT_NONE && atomic_load(&badge->send_rights) == 0 && sync <= count;
	badge_hold_locked(badge); // for this call
	*previous = badge->no_senders;
	badge->no_senders = now ? right_none : notify;
	bool unused = false;
	if (badge->no_senders.kind != RIGHT_NONE)
		badge_hold_locked(badge);
	if (previous->kind != RIGHT_NONE)
		badge->holders--; // not the last: that of this call comes next
	unused = badge_unhold_locked(badge);
	lock_release(&port->lock);
	if (unused)
		badge_free(badge);
	badge_discard(spare);
	if (now)
		notify_no_senders(notify, count, value);
	return KERN_SUCCESS;
}

size_t badge_take_requests_locked(struct port *port, uint64_t *from, struct right *to, size_t room)
{
	size_t count = 0;
	if (port->plain.no_senders.kind != RIGHT_NONE) {
		to[count++] = port->plain.no_senders;
		port->plain.no_senders = right_none;
		if (badge_unhold_locked(&port->plain))
			port_release(port); // not the last: the caller has one
	}
	struct tree_node *node = *from == UINT64_MAX ? NULL : tree_find_from(&port->badges, from);
	for (struct tree_node *next; node && count < room; node = next) {
		next = tree_next(node);
		struct badge *badge = container_of(node, struct badge, node);
		*from = badge->value == UINT64_MAX ? UINT64_MAX : badge->value + 1;
		if (badge->no_senders.kind == RIGHT_NONE)
			continue;
		to[count++] = badge->no_senders;
		badge->no_senders = right_none;
		if (badge_unhold_locked(badge))
			badge_free(badge);
	}
	return count;
}
