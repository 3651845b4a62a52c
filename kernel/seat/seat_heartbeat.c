// SPDX-License-Identifier: MIT
// Heartbeats: a ping on the seat's port, and the pong that is to come to a port of the kernel's own in time.
//
// Pings are sent past the queue limit, so a full queue is no excuse. Pongs are not numbered: a queued ping that the next
// server answers proves just as much.
#include "seat.h"

#include "../ipc/message.h"
#include "../ipc/request.h"

static void seat_pong(struct seat *seat)
{
	lock_acquire(&seat->lock);
	if (seat->state == SEAT_OCCUPIED && seat->pinged && seat->verdict == SEAT_REASON_NONE) {
		seat->pinged = false;
		seat_set_deadline_locked(seat, md_clock_now() + seat->recipe->head.heartbeat_interval);
	}
	lock_release(&seat->lock);
}

static bool pong_demux(struct lpc_request *request)
{
	if (request->message->msgh_id != SEAT_PONG_ID)
		return false; // the notification of a server that dropped the ping, or nonsense
	seat_pong(container_of(request_object(request), struct seat, object));
	request->result = LPC_NO_REPLY;
	return true;
}

static const struct port_object_ops pong_ops = {.name = "seat", .demux = pong_demux};

struct port *seat_create_pong_port(struct seat *seat)
{
	return port_create_object(&account_kernel, &pong_ops, &seat->object);
}

void seat_ping(struct seat *seat)
{
	struct right to = port_make_send(seat->port), answer = port_make_send_once(seat->pong_port);
	if (to.kind != RIGHT_SEND || answer.kind != RIGHT_SEND_ONCE) { // the seat was just removed
		right_release(to);
		right_release(answer);
		return;
	}
	struct message *ping =
		message_create_kernel(&account_kernel, sizeof(mach_msg_header_t), SEAT_PING_ID, to, answer);
	if (ping)
		message_send_kernel(ping);
	else
		log_line("seat", "%s: no memory for a ping", seat->name);
}
