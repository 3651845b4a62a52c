// SPDX-License-Identifier: MIT
// Port sets; see set.h.
#include "set.h"

#include "../core/sched.h"
#include "../task/thread.h"
#include "mach_msg.h"

static void port_set_destroy(struct object *object)
{
	struct port_set *set = container_of(object, struct port_set, object);
	struct account *account = set->account;
	assert(set->dead && list_empty(&set->members));
	account_refund(account, ACCOUNT_PORT_SET, 1);
	kfree(account, set, sizeof(*set));
	account_release(account);
}

static void port_set_print(struct object *object, char *to, size_t room)
{
	struct port_set *set = container_of(object, struct port_set, object);
	format_text(to, room, "port set 0x%x: %u ports%s", set->name, set->count, set->dead ? ", dead" : "");
}

const struct object_kind port_set_kind = {"port set", port_set_destroy, port_set_print};

struct port_set *port_set_create(struct account *account)
{
	if (!account_charge(account, ACCOUNT_PORT_SET, 1))
		return NULL;
	struct port_set *set = kalloc(account, sizeof(*set));
	if (!set) {
		account_refund(account, ACCOUNT_PORT_SET, 1);
		return NULL;
	}
	object_init(&set->object, &port_set_kind);
	lock_init(&set->lock, RANK_PORT_SET);
	list_init(&set->members);
	list_init(&set->ready);
	wait_queue_init(&set->receivers);
	set->account = account_reference(account);
	return set;
}

static struct set_link *port_find_link_locked(const struct port *port, const struct port_set *set)
{
	list_for_each (node, &port->links) {
		struct set_link *link = container_of(node, struct set_link, port_link);
		if (link->set == set)
			return link;
	}
	return NULL;
}

bool port_set_contains_locked(const struct port_set *set, const struct port *port)
{
	return port_find_link_locked(port, set) != NULL;
}

// Port lock held, space lock held or space dead.
static void link_remove(struct set_link *link)
{
	struct port_set *set = link->set;
	lock_acquire(&set->lock);
	list_remove(&link->port_link);
	list_remove(&link->set_link);
	list_remove(&link->ready_link);
	set->count--;
	lock_release(&set->lock);
	kfree(set->account, link, sizeof(*link));
}

kern_return_t port_set_insert(struct port_set *set, struct port *port)
{
	struct set_link *link = kalloc(set->account, sizeof(*link));
	if (!link)
		return KERN_RESOURCE_SHORTAGE;
	lock_acquire(&port->lock);
	if (port_find_link_locked(port, set)) {
		lock_release(&port->lock);
		kfree(set->account, link, sizeof(*link));
		return KERN_ALREADY_IN_SET;
	}
	link->port = port;
	link->set = set;
	list_init(&link->ready_link);
	list_push_back(&port->links, &link->port_link);
	lock_acquire(&set->lock);
	list_push_back(&set->members, &link->set_link);
	set->count++;
	if (port->queued > 0)
		list_push_back(&set->ready, &link->ready_link);
	lock_release(&set->lock);
	bool queued = port->queued > 0;
	lock_release(&port->lock);
	if (queued)
		port_deliver_queued(port);
	return KERN_SUCCESS;
}

kern_return_t port_set_extract(struct port_set *set, struct port *port)
{
	lock_acquire(&port->lock);
	struct set_link *link = port_find_link_locked(port, set);
	if (link)
		link_remove(link);
	lock_release(&port->lock);
	return link ? KERN_SUCCESS : KERN_NOT_IN_SET;
}

void port_set_extract_others_locked(struct port *port, const struct port_set *keep)
{
	list_for_each_safe (node, &port->links) {
		struct set_link *link = container_of(node, struct set_link, port_link);
		if (link->set != keep)
			link_remove(link);
	}
}

void port_set_extract_all_locked(struct port *port) { port_set_extract_others_locked(port, NULL); }

void port_set_end(struct port_set *set)
{
	// Members only change under the space's lock: the list stands still between these locks.
	while (!list_empty(&set->members)) {
		struct set_link *link = container_of(set->members.next, struct set_link, set_link);
		struct port *port = link->port;
		lock_acquire(&port->lock);
		link_remove(link);
		lock_release(&port->lock);
	}
	lock_acquire(&set->lock);
	set->dead = true;
	wait_wake_all(&set->receivers, WAIT_GONE);
	lock_release(&set->lock);
}

void port_set_mark_ready_locked(struct port *port)
{
	list_for_each (node, &port->links) {
		struct set_link *link = container_of(node, struct set_link, port_link);
		lock_acquire(&link->set->lock);
		if (list_empty(&link->ready_link))
			list_push_back(&link->set->ready, &link->ready_link);
		// It may have begun to wait since port_set_claim_receiver_locked found nobody.
		struct thread *thread = wait_claim(&link->set->receivers);
		lock_release(&link->set->lock);
		if (thread) {
			thread->ipc.result = IPC_RETRY;
			thread_ready(thread);
		}
	}
}

void port_set_mark_empty_locked(struct port *port)
{
	list_for_each (node, &port->links) {
		struct set_link *link = container_of(node, struct set_link, port_link);
		lock_acquire(&link->set->lock);
		list_remove(&link->ready_link);
		lock_release(&link->set->lock);
	}
}

struct thread *port_set_claim_receiver_locked(struct port *port)
{
	list_for_each (node, &port->links) {
		struct set_link *link = container_of(node, struct set_link, port_link);
		lock_acquire(&link->set->lock);
		struct thread *thread = wait_claim(&link->set->receivers);
		lock_release(&link->set->lock);
		if (thread)
			return thread;
	}
	return NULL;
}
