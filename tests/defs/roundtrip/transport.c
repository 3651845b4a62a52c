// SPDX-License-Identifier: MIT
// See transport.h.
#include "transport.h"

#include "file_server.h"

#include <stdlib.h>
#include <string.h>

struct transport transport;
struct served served;

static mach_msg_type_name_t received_as(mach_msg_type_name_t disposition)
{
	switch (disposition) {
	case MACH_MSG_TYPE_COPY_SEND:
	case MACH_MSG_TYPE_MAKE_SEND:
		return MACH_MSG_TYPE_PORT_SEND;
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		return MACH_MSG_TYPE_PORT_SEND_ONCE;
	default:
		return disposition;
	}
}

// What the kernel does to dispositions on the way.
static void carry(mach_msg_header_t *message)
{
	if (!(message->msgh_bits & MACH_MSGH_BITS_COMPLEX))
		return;
	unsigned count = ((mach_msg_base_t *)message)->body.msgh_descriptor_count;
	char *at = (char *)message + sizeof(mach_msg_base_t);
	while (count--) {
		mach_msg_type_descriptor_t *any = (void *)at;
		if (any->type == MACH_MSG_PORT_DESCRIPTOR) {
			mach_msg_port_descriptor_t *port = (void *)at;
			port->disposition = received_as(port->disposition);
			at += sizeof(*port);
		} else {
			mach_msg_ool_ports_descriptor_t *ports = (void *)at;
			if (any->type == MACH_MSG_OOL_PORTS_DESCRIPTOR)
				ports->disposition = received_as(ports->disposition);
			at += sizeof(*ports);
		}
	}
}

static void *exactly(const void *data, mach_msg_size_t size)
{
	void *copy = malloc(size ? size : 1);
	memcpy(copy, data, size);
	return copy;
}

bool transport_dispatch(const mach_msg_header_t *request, mach_msg_size_t size, mach_msg_size_t capacity)
{
	mach_msg_header_t *in = exactly(request, size), *out = malloc(capacity);
	struct lpc_request rq = {.message = in, .size = size, .reply = out, .capacity = capacity,
				 .reply_port = REPLY_PORT, .reply_type = MACH_MSG_TYPE_MOVE_SEND_ONCE, .badge = 77};
	memset(out, 0xa5, capacity);
	bool known = file_demux(&rq);
	transport.result = rq.result;
	transport.reply_size = 0;
	if (rq.result != LPC_NO_REPLY) {
		transport.reply_size = out->msgh_size;
		memcpy(transport.reply, out, out->msgh_size); // ASan: not beyond the capacity
	}
	free(in);
	free(out);
	return known;
}

static void deliver(const mach_msg_header_t *request, mach_msg_size_t size)
{
	memcpy(transport.request, request, size);
	mach_msg_header_t *head = (mach_msg_header_t *)transport.request;
	mach_msg_bits_t bits = head->msgh_bits;
	head->msgh_bits = (bits & MACH_MSGH_BITS_COMPLEX) |
			  MACH_MSGH_BITS(received_as(MACH_MSGH_BITS_LOCAL(bits)), MACH_MSG_TYPE_PORT_SEND);
	head->msgh_local_port = request->msgh_remote_port;
	head->msgh_remote_port = request->msgh_local_port;
	carry(head);
	transport.request_size = size;
	if (transport.spoil_request)
		transport.spoil_request(head, &transport.request_size);
	transport_dispatch(head, transport.request_size, TRANSPORT_LARGEST);
}

mach_msg_return_t lpc_call(mach_msg_header_t *request, mach_msg_size_t send_size, mach_msg_header_t *reply,
			   mach_msg_size_t receive_limit, mach_msg_timeout_t timeout_ms, unsigned flags)
{
	transport.flags = flags;
	transport.timeout_ms = timeout_ms;
	if (transport.fail)
		return transport.fail;
	if (send_size > receive_limit || request->msgh_size != send_size)
		abort();
	deliver(request, send_size);
	if (transport.result == LPC_NO_REPLY)
		return MIG_SERVER_DIED;
	mach_msg_header_t *answer = (mach_msg_header_t *)transport.reply;
	carry(answer);
	if (transport.spoil_reply)
		transport.spoil_reply(answer, &transport.reply_size);
	if (transport.reply_size + sizeof(mach_msg_trailer_t) > receive_limit)
		return MACH_RCV_TOO_LARGE;
	memset(reply, 0x5a, receive_limit);
	memcpy(reply, answer, transport.reply_size);
	return MACH_MSG_SUCCESS;
}

mach_msg_return_t lpc_send(mach_msg_header_t *request, mach_msg_size_t send_size, mach_msg_timeout_t timeout_ms,
			   unsigned flags)
{
	transport.flags = flags;
	transport.timeout_ms = timeout_ms;
	if (transport.fail)
		return transport.fail;
	deliver(request, send_size);
	return MACH_MSG_SUCCESS;
}

kern_return_t lpc_reply_refuse(mach_msg_header_t *reply, kern_return_t why)
{
	transport.refused++;
	return why;
}
