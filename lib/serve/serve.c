// SPDX-License-Identifier: MIT
// Requests through dispatchers, and answers that come later; see serve.h. The loop is in serve_loop.c.
#include "serve.h"

#include <mach/mach_init.h>
#include <string.h>


// Drops what the request carried, but not where the answer goes.
static void destroy_request(mach_msg_header_t *message)
{
	message->msgh_remote_port = MACH_PORT_NULL;
	message->msgh_bits &= ~(mach_msg_bits_t)MACH_MSGH_BITS_REMOTE_MASK;
	mach_msg_destroy(message);
}

// An empty answer to what the kernel asks servers of seats; see <gila/seat.h>.
static void answer_kernel(const mach_msg_header_t *message, mach_msg_header_t *reply)
{
	lpc_head_set(reply, MACH_MSGH_BITS(MACH_MSGH_BITS_REMOTE(message->msgh_bits), 0), message->msgh_remote_port,
		     MACH_PORT_NULL, sizeof(*reply), message->msgh_id + 100);
}

// Notifications and other messages that are no requests: they get no answer, whatever reply port they name.
static void take_message(struct serve *serve, mach_msg_header_t *message, mach_msg_size_t size, uint64_t badge)
{
	if (message->msgh_local_port == serve->notify) {
		if (message->msgh_id == MACH_NOTIFY_NO_SENDERS && serve->gone)
			serve->gone(serve, badge);
	} else if (serve->message) {
		serve->message(serve, message, size);
	}
	mach_msg_destroy(message);
}

bool serve_dispatch(struct serve *serve, mach_msg_header_t *message, mach_msg_size_t size, uint64_t badge,
		    mach_msg_header_t *reply)
{
	struct lpc_request rq;
	if (message->msgh_local_port != serve->port) {
		take_message(serve, message, size, badge);
		return false;
	}
	if (message->msgh_id == SEAT_PING_ID || message->msgh_id == SEAT_SETTLE_ID) {
		if (message->msgh_id == SEAT_SETTLE_ID && serve->settle)
			serve->settle(serve);
		answer_kernel(message, reply);
		return message->msgh_remote_port != MACH_PORT_NULL;
	}
	lpc_request_init(&rq, message, size, reply, SERVE_MESSAGE_MAX);
	rq.badge = badge;
	rq.context = serve;
	bool known = false;
	for (size_t i = 0; !known && serve->demux[i]; i++)
		known = serve->demux[i](&rq);
	if (!known && message->msgh_remote_port == MACH_PORT_NULL) {
		take_message(serve, message, size, badge);
		return false;
	}
	if (rq.result == LPC_NO_REPLY)
		return false;
	if (!known || rq.result != KERN_SUCCESS)
		destroy_request(message);
	return rq.reply_port != MACH_PORT_NULL;
}

kern_return_t serve_mint(struct serve *serve, uint64_t badge, mach_port_t *send)
{
	return gila_badge_make(serve->port, badge, send);
}

kern_return_t serve_watch(struct serve *serve, uint64_t badge)
{
	return gila_badge_watch(serve->port, badge, serve->notify);
}

kern_return_t serve_listen(struct serve *serve, mach_port_t receive)
{
	return gila_set_add(serve->set, receive);
}

// ---- Answers that come later -----------------------------------------------------------------------------------------

static union {
	mach_msg_header_t head;
	uint8_t bytes[SERVE_MESSAGE_MAX];
} laters[2] __attribute__((aligned(8))), *later = &laters[0]; // two: the loop may be sending one

bool serve_answers_held;
static bool held; // `later` is an answer that the loop sends

kern_return_t serve_defer(struct lpc_request *rq, struct serve_reply *reply)
{
	reply->port = rq->reply_port;
	reply->type = rq->reply_type;
	reply->id = rq->message->msgh_id;
	return LPC_NO_REPLY;
}

void serve_answer_begin(const struct serve_reply *reply, struct lpc_request *rq)
{
	serve_answer_release();
	memset(rq, 0, sizeof(*rq));
	rq->reply = &later->head;
	rq->capacity = sizeof(*later);
	rq->reply_port = reply->port;
	rq->reply_type = reply->type;
}

void serve_answer_send(struct serve_reply *reply, struct lpc_request *rq, kern_return_t error)
{
	if (reply->port == MACH_PORT_NULL)
		return;
	if (error)
		lpc_reply_code(rq, reply->id, error);
	reply->port = MACH_PORT_NULL;
	held = true;
	if (!serve_answers_held)
		serve_answer_release();
}

mach_msg_header_t *serve_answer_take(void)
{
	if (!held)
		return NULL;
	mach_msg_header_t *answer = &later->head;
	held = false;
	later = later == &laters[0] ? &laters[1] : &laters[0];
	return answer;
}

void serve_answer_release(void)
{
	mach_msg_header_t *answer = &later->head;
	if (!held)
		return;
	held = false;
	if (mach_msg(answer, MACH_SEND_MSG | MACH_SEND_TIMEOUT, answer->msgh_size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL))
		mach_msg_destroy(answer); // the client is gone, or left no room
}

void serve_reply_drop(struct serve_reply *reply)
{
	gila_port_drop(reply->port);
	reply->port = MACH_PORT_NULL;
}

void serve_stop(struct serve *serve, int status)
{
	serve->stopping = true;
	serve->status = status;
}
