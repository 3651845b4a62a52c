// SPDX-License-Identifier: MIT
// Heartbeats: a ping on the seat's port, and the pong that is to come (seat_reply.c) in time.
//
// Pings are sent past the queue limit, so a full queue is no excuse. Pongs are not numbered: a queued ping that the next
// server answers proves just as much.
#include "seat.h"

#include "../ipc/message.h"

void seat_pong(struct seat *seat)
{
	lock_acquire(&seat->lock);
	if (seat->state == SEAT_OCCUPIED && seat->pinged && seat->verdict == SEAT_REASON_NONE) {
		seat->pinged = false;
		seat_set_deadline_locked(seat, md_clock_now() + seat->recipe->head.heartbeat_interval);
	}
	lock_release(&seat->lock);
}

void seat_ping(struct seat *seat)
{
	struct right to = port_make_send(seat->port), answer = port_make_send_once(seat->reply_port);
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
