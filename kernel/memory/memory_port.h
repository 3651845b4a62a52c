// SPDX-License-Identifier: MIT
// Rights to memory objects: memory.h's objects as ports. Locks: see memory.h.
#ifndef KERNEL_MEMORY_MEMORY_PORT_H
#define KERNEL_MEMORY_MEMORY_PORT_H

#include "../ipc/request.h"
#include "memory.h"

// IKOT_NAMED_ENTRY of macOS: what mach_port_kobject says of memory entries.
#define MEMORY_KOBJECT_TYPE 28

extern const struct port_object_ops memory_port_ops;

// A send right to the object's kernel port, for the caller to move into a message or a space. NONE: no memory.
struct right memory_make_send(struct memory *memory) must_check;
// The object behind a kernel port, with a reference; NULL when the port is no memory object's (or is dead).
struct memory *memory_from_port(struct port *port) must_check;

// The object whose right a request to the kernel carries, with a reference; NULL when it carries none.
static inline struct memory *request_memory(struct lpc_request *rq, mach_port_t number)
{
	struct right right = request_right(rq, number);
	return right.kind == RIGHT_SEND ? memory_from_port(right_port(right)) : NULL;
}

#endif
