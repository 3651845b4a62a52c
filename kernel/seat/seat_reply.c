// SPDX-License-Identifier: MIT
// What servers answer to messages of the kernel's own: heartbeats (seat_heartbeat.c) and requests to the loader
// (seat_image.c). Each seat has one port for what is about it. A request that dies with a server sends a notification, which does
// not say which request it was: a heartbeat's is taken for the loader's then, and the loader asked once more than it need be.
#include "seat.h"

#include "../ipc/request.h"

#include <gila/loader.h>
#include <mach/notify.h>

static void take_answered(struct seat *seat, const mach_msg_header_t *message, mach_msg_size_t size)
{
	struct loader_answered answered = {.code = KERN_FAILURE};
	if (size >= sizeof(mig_reply_error_t))
		memcpy(&answered, message, size < sizeof(answered) ? size : sizeof(answered));
	seat_asked_over(seat, answered.request, answered.code);
}

static bool reply_demux(struct lpc_request *request)
{
	struct seat *seat = container_of(request_object(request), struct seat, object);
	switch (request->message->msgh_id) {
	case SEAT_PONG_ID:
		seat_pong(seat);
		break;
	case LOADER_ANSWERED_ID:
		take_answered(seat, request->message, request->size);
		break;
	case MACH_NOTIFY_SEND_ONCE:
		seat_asked_over(seat, 0, MIG_SERVER_DIED);
		break;
	default:
		return false; // nonsense
	}
	request->result = LPC_NO_REPLY;
	return true;
}

static const struct port_object_ops reply_ops = {.name = "seat", .demux = reply_demux};

struct port *seat_create_reply_port(struct seat *seat)
{
	return port_create_object(&account_kernel, &reply_ops, &seat->object);
}
