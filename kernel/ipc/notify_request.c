// SPDX-License-Identifier: MIT
// Requests for dead-name and send-possible notifications; see notify.h.
//
// A request is freed by its entry, unless the port is just dying and has not come to it yet: then it becomes an ORPHAN
// that the port frees.
#include "message.h"
#include "notify.h"

static const struct right right_none = {NULL, RIGHT_NONE};

static struct port_request *request_create(struct space *space, struct port *port)
{
	struct port_request *request = kalloc(space->account, sizeof(*request));
	if (!request)
		return NULL;
	list_init(&request->link);
	request->port = port_reference(port);
	request->account = account_reference(space->account);
	return request;
}

static void request_free(struct port_request *request)
{
	struct account *account = request->account;
	port_release(request->port);
	kfree(account, request, sizeof(*request));
	account_release(account);
}

// Whether a request for send-possible is to be answered at once. Port lock held.
static bool port_has_room(const struct port *port) { return port->queued < port->limit; }

kern_return_t request_replace_locked(struct space *space, struct entry *entry, mach_port_name_t name,
				     bool send_possible, bool immediate, struct right notify, struct right *previous,
				     struct right *fire)
{
	*previous = *fire = right_none;
	struct port *port = entry->badge->port;
	struct port_request *request = NULL, *old = entry->request;
	if (notify.kind != RIGHT_NONE && !(request = request_create(space, port)))
		return KERN_RESOURCE_SHORTAGE;
	lock_acquire(&port->lock);
	if (!port_alive(port)) {
		lock_release(&port->lock);
		if (request)
			request_free(request);
		return KERN_INVALID_CAPABILITY;
	}
	if (old) {
		*previous = old->notify;
		list_remove(&old->link);
	}
	entry->request = NULL;
	if (send_possible && immediate && request && port_has_room(port)) {
		*fire = notify;
	} else if (request) {
		request->notify = notify;
		request->name = name;
		request->send_possible = send_possible;
		bool armed = send_possible && immediate;
		request->state = armed ? REQUEST_ARMED : REQUEST_WAITING;
		list_push_back(armed ? &port->armed : &port->requests, &request->link);
		entry->request = request;
	}
	lock_release(&port->lock);
	if (old)
		request_free(old);
	if (request && entry->request != request)
		request_free(request);
	return KERN_SUCCESS;
}

// Unlinks the entry's request; true when the port, which is dying, will free it.
static bool request_detach(struct port_request *request, struct right *notify)
{
	struct port *port = request->port;
	lock_acquire(&port->lock);
	bool orphan = !port_alive(port) && request->state != REQUEST_FIRED;
	if (orphan) {
		request->state = REQUEST_ORPHAN;
	} else {
		list_remove(&request->link);
		*notify = request->notify;
		request->notify = right_none;
	}
	lock_release(&port->lock);
	return orphan;
}

struct right request_cancel_locked(struct entry *entry)
{
	struct port_request *request = entry->request;
	struct right notify = right_none;
	if (!request)
		return notify;
	entry->request = NULL;
	if (!request_detach(request, &notify))
		request_free(request);
	return notify;
}

bool request_expire_locked(struct entry *entry)
{
	struct port_request *request = entry->request;
	if (!request)
		return false;
	entry->request = NULL;
	lock_acquire(&request->port->lock);
	// A send-possible request that was told of room before the port died is not told again.
	bool told = request->state != REQUEST_FIRED || !request->send_possible || request->died;
	lock_release(&request->port->lock);
	struct right notify = right_none;
	if (!request_detach(request, &notify))
		request_free(request);
	return told;
}

uint32_t request_type(struct port_request *request)
{
	lock_acquire(&request->port->lock);
	enum request_state state = request->state;
	lock_release(&request->port->lock);
	if (state == REQUEST_ARMED)
		return MACH_PORT_TYPE_SPREQUEST;
	if (state != REQUEST_WAITING)
		return 0;
	return request->send_possible ? MACH_PORT_TYPE_SPREQUEST_DELAYED : MACH_PORT_TYPE_DNREQUEST;
}

void request_rename_locked(struct entry *entry, mach_port_name_t name)
{
	struct port_request *request = entry->request;
	if (!request)
		return;
	lock_acquire(&request->port->lock);
	request->name = name;
	lock_release(&request->port->lock);
}

bool request_arm_locked(struct entry *entry)
{
	struct port_request *request = entry->request;
	if (!request)
		return false;
	struct port *port = request->port;
	bool armed = false;
	lock_acquire(&port->lock);
	if (port_alive(port) && request->send_possible && request->state != REQUEST_FIRED && !port_has_room(port)) {
		request->state = REQUEST_ARMED;
		list_remove(&request->link);
		list_push_back(&port->armed, &request->link);
		armed = true;
	}
	lock_release(&port->lock);
	return armed;
}

bool request_take_armed_locked(struct port *port, struct right *notify, mach_port_name_t *name)
{
	struct list *link = list_pop(&port->armed);
	if (!link)
		return false;
	struct port_request *request = container_of(link, struct port_request, link);
	request->state = REQUEST_FIRED;
	*notify = request->notify;
	*name = request->name;
	request->notify = right_none;
	return true;
}

void requests_fire_dead(struct port *port, struct doom *doom)
{
	(void)doom; // notifications bring no rights that could end ports
	lock_acquire(&port->lock);
	list_splice(&port->requests, &port->armed);
	struct list *link;
	while ((link = list_pop(&port->requests))) {
		struct port_request *request = container_of(link, struct port_request, link);
		bool orphan = request->state == REQUEST_ORPHAN;
		struct right notify = request->notify;
		mach_port_name_t name = request->name;
		request->notify = right_none;
		request->state = REQUEST_FIRED;
		request->died = true;
		lock_release(&port->lock);
		notify_dead_name(notify, name);
		if (orphan)
			request_free(request);
		lock_acquire(&port->lock);
	}
	lock_release(&port->lock);
}
