// SPDX-License-Identifier: MIT
// The client's half of LPC: sends requests, waits for replies, repeats what may be repeated (<gila/lpc.h>). Generated stubs
// call it.
//
// 1. A reply port on which a reply may still come is never used again: when a call was given up, the port is dropped.
// 2. MACH_NOTIFY_SEND_ONCE on the reply port says that whoever held the request let it go unanswered.
#include <gila/lpc.h>
#include <mach/mig.h>

// Drops the rights and memory in a message (<mach/mach.h>).
void mach_msg_destroy(mach_msg_header_t *message);

// How often an idempotent request is sent. Between two tries it waits in the queue of the seat, which backs off, so that
// this many failures are a server that dies of this very request.
#define LPC_TRIES 32

static mach_msg_option_t lpc_options(unsigned flags)
{
	unsigned options = flags & ~LPC_FLAGS;
	if (flags & LPC_TIMEOUT)
		options |= MACH_SEND_TIMEOUT | MACH_RCV_TIMEOUT;
	if (flags & LPC_INTERRUPTIBLE)
		options |= MACH_SEND_INTERRUPT | MACH_RCV_INTERRUPT;
	return (mach_msg_option_t)options;
}

// Whether the kernel gave the request back unsent, as if it had just been received (rights that were to be moved
// are in it).
static bool lpc_was_returned(mach_msg_return_t result)
{
	return result == MACH_SEND_TIMED_OUT || result == MACH_SEND_INTERRUPTED;
}

// Whether nothing was sent and no reply can come.
static bool lpc_was_refused(mach_msg_return_t result)
{
	return result == MACH_SEND_INVALID_DATA || result == MACH_SEND_INVALID_DEST ||
	       result == MACH_SEND_INVALID_HEADER || result == MACH_SEND_INVALID_RIGHT ||
	       result == MACH_SEND_INVALID_MEMORY || result == MACH_SEND_INVALID_TYPE ||
	       result == MACH_SEND_MSG_TOO_SMALL || result == MACH_SEND_TOO_LARGE;
}

// One exchange in one buffer.
static mach_msg_return_t lpc_exchange(mach_msg_header_t *message, mach_msg_size_t send_size, mach_msg_size_t limit,
				      mach_msg_timeout_t timeout_ms, mach_msg_option_t options)
{
	bool own = message->msgh_local_port == MACH_PORT_NULL;
	mach_port_t port = own ? mig_get_reply_port() : message->msgh_local_port;
	if (port == MACH_PORT_NULL)
		return MACH_SEND_INVALID_REPLY;
	message->msgh_local_port = port;
	mach_msg_return_t result = mach_msg(message, options | MACH_SEND_MSG | MACH_RCV_MSG, send_size, limit, port,
					    timeout_ms, MACH_PORT_NULL);
	if (lpc_was_returned(result))
		mach_msg_destroy(message);
	if (!own)
		return result;
	if (result == MACH_MSG_SUCCESS || lpc_was_refused(result))
		mig_put_reply_port(port);
	else
		mig_dealloc_reply_port(port);
	return result;
}

mach_msg_return_t lpc_call(mach_msg_header_t *request, mach_msg_size_t send_size, mach_msg_header_t *reply,
			   mach_msg_size_t receive_limit, mach_msg_timeout_t timeout_ms, unsigned flags)
{
	unsigned tries = (flags & LPC_IDEMPOTENT) && request != reply ? LPC_TRIES : 1;
	mach_msg_option_t options = lpc_options(flags);
	mach_msg_return_t result = MIG_SERVER_DIED;
	while (result == MIG_SERVER_DIED && tries-- > 0) {
		if (request != reply)
			__builtin_memcpy(reply, request, send_size);
		result = lpc_exchange(reply, send_size, receive_limit, timeout_ms, options);
		if (result == MACH_MSG_SUCCESS && reply->msgh_id == MACH_NOTIFY_SEND_ONCE)
			result = MIG_SERVER_DIED;
	}
	return result;
}

mach_msg_return_t lpc_send(mach_msg_header_t *request, mach_msg_size_t send_size, mach_msg_timeout_t timeout_ms,
			   unsigned flags)
{
	mach_msg_option_t options = lpc_options(flags) & ~(MACH_RCV_TIMEOUT | MACH_RCV_INTERRUPT);
	mach_msg_return_t result =
		mach_msg(request, options | MACH_SEND_MSG, send_size, 0, MACH_PORT_NULL, timeout_ms, MACH_PORT_NULL);
	if (lpc_was_returned(result))
		mach_msg_destroy(request);
	return result;
}

kern_return_t lpc_reply_refuse(mach_msg_header_t *reply, kern_return_t why)
{
	mach_msg_destroy(reply);
	return why;
}
