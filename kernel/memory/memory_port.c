// SPDX-License-Identifier: MIT
// Kernel ports of memory objects: made with the first send right, ended with the last.
//
// The port has a reference on the object, and the object one on the port; the no-senders callback breaks the circle. A
// right that is being made while the last one goes is announced in `making`, so that the port stays for it.
#include "memory_port.h"

#include "../task/task.h"

static void memory_no_senders(struct port *port, struct object *served)
{
	struct memory *memory = container_of(served, struct memory, object);
	lock_acquire(&memory->lock);
	bool unused = memory->port == port && memory->making == 0 && atomic_load(&port->plain.send_rights) == 0;
	if (unused)
		memory->port = NULL;
	lock_release(&memory->lock);
	if (!unused)
		return;
	port_end_object(port);
	port_release(port);
}

// Everything that can be done with a memory object is a trap.
static bool memory_demux(struct lpc_request *request) { return false; }

const struct port_object_ops memory_port_ops = {
	.name = "memory",
	.demux = memory_demux,
	.no_senders = memory_no_senders,
	.kobject_type = MEMORY_KOBJECT_TYPE,
};

// The object's port, with a reference and announced in `making`; NULL: no memory.
static struct port *memory_begin_make(struct memory *memory)
{
	struct port *fresh = NULL, *port;
	for (;;) {
		lock_acquire(&memory->lock);
		if (!memory->port && fresh) {
			memory->port = fresh;
			fresh = NULL;
		}
		port = memory->port;
		if (port) {
			port_reference(port);
			memory->making++;
		}
		lock_release(&memory->lock);
		if (port)
			break;
		fresh = port_create_object(memory->account, &memory_port_ops, &memory->object);
		if (!fresh)
			return NULL;
	}
	if (fresh) { // somebody else was faster
		port_end_object(fresh);
		port_release(fresh);
	}
	return port;
}

struct right memory_make_send(struct memory *memory)
{
	struct port *port = memory_begin_make(memory);
	if (!port)
		return (struct right){NULL, RIGHT_NONE};
	struct right right = port_make_send(port);
	lock_acquire(&memory->lock);
	memory->making--;
	lock_release(&memory->lock);
	port_release(port);
	return right;
}

struct memory *memory_from_port(struct port *port)
{
	struct object *object = port_object(port, &memory_port_ops);
	return object ? container_of(object, struct memory, object) : NULL;
}
