// SPDX-License-Identifier: MIT
// The skeleton of servers: what it does with messages that no dispatcher sees.
#include "serve.h"

#include <serve/handle.h>
#include <serve/serve_fake.h>

static uint64_t gone_badge;
static unsigned messages, requests;
static struct serve_reply deferred;
static kern_return_t handler_result;

static kern_return_t handle(struct lpc_request *rq)
{
	requests++;
	return rq->badge == 5 ? serve_defer(rq, &deferred) : handler_result;
}

static bool demux_some(struct lpc_request *rq)
{
	static kern_return_t (*const routines[1])(struct lpc_request *) = {handle};
	return lpc_dispatch(rq, routines, 1000, 1);
}

static bool (*const demux[])(struct lpc_request *) = {demux_some, NULL};
static void gone(struct serve *serve, uint64_t badge) { gone_badge = badge; }
static void take(struct serve *serve, const mach_msg_header_t *message, mach_msg_size_t size) { messages++; }
static struct serve serve = {.seat = "x", .demux = demux, .gone = gone, .message = take};

static union {
	mach_msg_header_t head;
	uint8_t bytes[SERVE_MESSAGE_MAX];
} reply;

static bool dispatch(mach_msg_id_t id, mach_port_t local, mach_port_t remote, uint64_t badge)
{
	mach_msg_header_t head = {.msgh_bits = MACH_MSGH_BITS(remote ? MACH_MSG_TYPE_MOVE_SEND_ONCE : 0, MACH_MSG_TYPE_PORT_SEND),
				  .msgh_size = sizeof(head),
				  .msgh_local_port = local,
				  .msgh_remote_port = remote,
				  .msgh_id = id};
	return serve_dispatch(&serve, &head, sizeof(head), badge, &reply.head);
}

static kern_return_t code(void) { return ((mig_reply_error_t *)&reply)->RetCode; }

TEST(heartbeats_are_answered)
{
	fake_begin(&serve);
	CHECK(dispatch(SEAT_PING_ID, FAKE_SEAT, FAKE_REPLY, 0));
	CHECK_EQ(reply.head.msgh_id, SEAT_PONG_ID);
	CHECK_EQ(reply.head.msgh_size, sizeof(mach_msg_header_t));
	CHECK_EQ(reply.head.msgh_remote_port, FAKE_REPLY);
	CHECK(!dispatch(SEAT_PING_ID, FAKE_SEAT, MACH_PORT_NULL, 0));
}

TEST(requests_are_answered_or_refused)
{
	fake_begin(&serve);
	requests = 0;
	handler_result = FILE_STALE;
	CHECK(dispatch(1000, FAKE_SEAT, FAKE_REPLY, 0));
	CHECK_EQ(code(), FILE_STALE);
	CHECK(dispatch(1001, FAKE_SEAT, FAKE_REPLY, 0));
	CHECK_EQ(code(), MIG_BAD_ID);
	CHECK(!dispatch(1000, FAKE_SEAT, MACH_PORT_NULL, 0)); // nobody to answer
	CHECK_EQ(requests, 2);
}

TEST(notifications_and_other_messages_get_no_answer)
{
	fake_begin(&serve);
	messages = 0;
	CHECK(!dispatch(MACH_NOTIFY_NO_SENDERS, serve.notify, MACH_PORT_NULL, 77));
	CHECK_EQ(gone_badge, 77);
	gone_badge = 0;
	CHECK(!dispatch(MACH_NOTIFY_NO_SENDERS, FAKE_SEAT, MACH_PORT_NULL, 78)); // a forged one
	CHECK_EQ(gone_badge, 0);
	CHECK_EQ(messages, 1);
	CHECK(!dispatch(1000, 99, FAKE_REPLY, 0)); // a port of serve_listen
	CHECK_EQ(messages, 2);
}

TEST(answers_may_come_later)
{
	struct lpc_request rq;
	fake_begin(&serve);
	CHECK(!dispatch(1000, FAKE_SEAT, FAKE_REPLY, 5));
	CHECK_EQ(deferred.port, FAKE_REPLY);
	serve_answer_begin(&deferred, &rq);
	serve_answer_send(&deferred, &rq, FILE_BUSY);
	CHECK_EQ(fake_answers, 1);
	CHECK_EQ(fake_answer.head.msgh_id, 1100);
	CHECK_EQ(((mig_reply_error_t *)&fake_answer)->RetCode, FILE_BUSY);
	CHECK_EQ(deferred.port, MACH_PORT_NULL);
	serve_answer_send(&deferred, &rq, FILE_BUSY);
	CHECK_EQ(fake_answers, 1);
}

TEST(handles_are_badges)
{
	struct handle handle = {.node = 0xfffffffe, .generation = 0xabcdef, .rights = FILE_OPEN_WRITE}, back;
	CHECK(handle_from_badge(handle_badge(handle), &back));
	CHECK(back.node == handle.node && back.generation == handle.generation && back.rights == handle.rights);
	CHECK(!handle_from_badge(5, &back));
	CHECK(!handle_from_badge(handle_badge(handle) | UINT64_C(1) << 60, &back));
}
