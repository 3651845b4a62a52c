// SPDX-License-Identifier: MIT
// Conservation of rights; see check.h.
#include "check.h"

#include "../task/task.h"
#include "../task/thread.h"
#include "message.h"
#include "notify.h"

static unsigned faults;

static void fault(const struct port *port, const char *what, uint64_t found, uint64_t counted)
{
	faults++;
	log_line("check", "port %u: %s: found %llu, counted %llu", port->id, what, (unsigned long long)found,
		 (unsigned long long)counted);
}

void ipc_check_hold(struct right right)
{
	if (right.kind == RIGHT_SEND)
		right.badge->checked++;
	else if (right.kind == RIGHT_SEND_ONCE)
		right.badge->port->checked_once++;
	else if (right.kind == RIGHT_RECEIVE)
		right.badge->port->checked_receive++;
}

static void hold_message(struct message *message)
{
	for (uint32_t i = 0; i < message->item_count; i++) {
		struct message_item *item = &message->items[i];
		if (item->kind == ITEM_RIGHT)
			ipc_check_hold(message_right(message, i));
		for (uint32_t j = 0; item->kind == ITEM_PORTS && j < item->count; j++)
			ipc_check_hold(item->ports[j]);
	}
}

static void hold_requests(struct list *requests)
{
	list_for_each (link, requests)
		ipc_check_hold(container_of(link, struct port_request, link)->notify);
}

static void port_reset(struct port *port, void *context)
{
	port->checked_once = port->checked_receive = 0;
	port->plain.checked = 0;
	for (struct tree_node *node = tree_first(&port->badges); node; node = tree_next(node))
		container_of(node, struct badge, node)->checked = 0;
}

static void port_hold(struct port *port, void *context)
{
	list_for_each (link, &port->messages)
		hold_message(container_of(link, struct message, link));
	list_for_each (link, &port->senders.waiters) {
		struct thread *sender = container_of(link, struct thread, wait_link);
		if (sender->ipc.message)
			hold_message(sender->ipc.message);
	}
	hold_requests(&port->requests);
	hold_requests(&port->armed);
	ipc_check_hold(port->destroyed);
	ipc_check_hold(port->plain.no_senders);
	for (struct tree_node *node = tree_first(&port->badges); node; node = tree_next(node))
		ipc_check_hold(container_of(node, struct badge, node)->no_senders);
}

static void space_hold(struct space *space)
{
	uint32_t index = 0, used = 0, hashed = 0;
	if (space->state != SPACE_LIVE)
		return;
	for (struct entry *entry; (entry = space_next_entry(space, index, &index)); index++) {
		used++;
		if (entry->claims) {
			faults++;
			log_line("check", "name 0x%x is still claimed", entry->name);
		}
		if (entry->type & ENTRY_SEND)
			ipc_check_hold((struct right){entry->badge, RIGHT_SEND});
		if (entry->type & ENTRY_SEND_ONCE)
			ipc_check_hold((struct right){entry->badge, RIGHT_SEND_ONCE});
		if (entry->type & ENTRY_RECEIVE)
			ipc_check_hold((struct right){entry->badge, RIGHT_RECEIVE});
		if (!(entry->type & (ENTRY_SEND | ENTRY_RECEIVE)))
			continue;
		hashed++;
		mach_port_name_t name = 0;
		if (space_find_badge(space, entry->badge, &name) != entry)
			fault(entry->badge->port, "the name that its badge leads to", name, index << 8);
	}
	if (used != space->in_use || hashed != space->hashed) {
		faults++;
		log_line("check", "a space has %u names, %u by badge; counted %u, %u", used, hashed, space->in_use,
			 space->hashed);
	}
}

static void tasks_hold(void)
{
	struct task *task, *next;
	for (task = task_next(0); task; task = next) {
		space_hold(&task->space);
		for (unsigned i = 0; i < TASK_SPECIAL_PORTS; i++)
			ipc_check_hold(task->special[i]);
		for (unsigned i = 0; i < array_count(task->registered); i++)
			ipc_check_hold(task->registered[i]);
		next = task_next(task->id);
		task_release(task);
	}
}

static bool anybody_waits(const struct wait_queue *queue)
{
	list_for_each (link, &queue->waiters) {
		const struct thread *thread = container_of(link, struct thread, wait_link);
		if ((atomic_load(&thread->wait) & 0xff) == WAIT_WAITING)
			return true;
	}
	return false;
}

static void check_queue(struct port *port)
{
	uint32_t length = 0;
	list_for_each (link, &port->messages)
		length++;
	if (length != port->queued)
		fault(port, "messages", length, port->queued);
	if (port->queued > 0 && anybody_waits(&port->receivers))
		fault(port, "a receiver sleeps while messages are queued", 1, port->queued);
	if (port->queued < port->limit && anybody_waits(&port->senders))
		fault(port, "a sender sleeps while there is room", 1, port->queued);
	list_for_each (node, &port->links) {
		struct set_link *link = container_of(node, struct set_link, port_link);
		bool ready = !list_empty(&link->ready_link);
		if (ready != (port->queued > 0))
			fault(port, "ready in a set", ready, port->queued);
		if (ready && anybody_waits(&link->set->receivers))
			fault(port, "a set's receiver sleeps while messages are queued", 1, port->queued);
	}
}

static void check_badge(struct badge *badge, bool loose)
{
	uint32_t counted = atomic_load(&badge->send_rights);
	if (loose ? badge->checked > counted : badge->checked != counted)
		fault(badge->port, "send rights", badge->checked, counted);
}

static void port_check(struct port *port, void *context)
{
	bool loose = *(bool *)context;
	check_badge(&port->plain, loose);
	for (struct tree_node *node = tree_first(&port->badges); node; node = tree_next(node))
		check_badge(container_of(node, struct badge, node), loose);
	uint32_t once = atomic_load(&port->send_once_rights);
	if (loose ? port->checked_once > once : port->checked_once != once)
		fault(port, "send-once rights", port->checked_once, once);
	enum port_state state = port_state(port);
	bool held = state == PORT_LIVE || state == PORT_TRANSIT;
	if (port->checked_receive > held || (!loose && port->checked_receive != held))
		fault(port, "receive rights", port->checked_receive, held);
	check_queue(port);
}

void ipc_check_begin(void)
{
	faults = 0;
	port_for_each(port_reset, NULL);
	port_for_each(port_hold, NULL);
	tasks_hold();
}

unsigned ipc_check_end(void)
{
	bool loose = false;
	port_for_each(port_check, &loose);
	return faults;
}

unsigned ipc_check_loose(void)
{
	bool loose = true;
	port_for_each(port_check, &loose);
	return faults;
}
