// SPDX-License-Identifier: MIT
// Dropping rights; see right.h.
#include "message.h"
#include "notify.h"
#include "transit.h"

void send_once_used(struct port *port)
{
	atomic_fetch_sub_explicit(&port->send_once_rights, 1, memory_order_relaxed);
	port_release(port);
}

void right_doom(struct right right, struct doom *doom)
{
	switch (right.kind) {
	case RIGHT_NONE:
	case RIGHT_DEAD:
		return;
	case RIGHT_SEND:
		badge_drop(right.badge);
		return;
	case RIGHT_SEND_ONCE:
		notify_send_once(right);
		return;
	case RIGHT_RECEIVE:
		port_drop_receive(right.badge->port, doom);
		return;
	}
}

void right_release(struct right right)
{
	struct doom doom;
	doom_init(&doom);
	right_doom(right, &doom);
	doom_run(&doom);
}
