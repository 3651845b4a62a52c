// SPDX-License-Identifier: MIT
// Receive rights on their way; see transit.h.
#include "transit.h"

static struct lock transit_lock; // RANK_TRANSIT

void transit_module_init(void) { lock_init(&transit_lock, RANK_TRANSIT); }

bool transit_enter(struct port *port, struct port *destination)
{
	lock_acquire(&transit_lock);
	assert(!port->destination);
	unsigned depth = 0;
	struct port *at = destination;
	// A port in the chain is kept by the one before it, the first by the caller's message.
	while (at && at != port && depth++ < TRANSIT_DEPTH_LIMIT)
		at = at->destination;
	if (!at)
		port->destination = port_reference(destination);
	lock_release(&transit_lock);
	return !at;
}

void transit_leave(struct port *port)
{
	// Only the holder of the receive right, who calls this, sets it.
	if (!port->destination)
		return;
	lock_acquire(&transit_lock);
	struct port *destination = port->destination;
	port->destination = NULL;
	lock_release(&transit_lock);
	port_release(destination);
}
