// SPDX-License-Identifier: MIT
// The loop of a server: one call sends the last answer and takes the next request.
#include "serve.h"

#include <mach/mach_init.h>


#define RECEIVE (MACH_RCV_MSG | MACH_RCV_TRAILER_TYPE(MACH_MSG_TRAILER_FORMAT_0) | MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_BADGE))

struct buffer {
	mach_msg_header_t head;
	uint8_t rest[SERVE_MESSAGE_MAX - sizeof(mach_msg_header_t)];
} __attribute__((aligned(8)));

static struct buffer request, reply;

static uint64_t badge_of(const mach_msg_header_t *message)
{
	const char *end = (const char *)message + round_msg(message->msgh_size);
	return ((const mach_msg_badge_trailer_t *)(const void *)end)->msgh_badge;
}

static kern_return_t begin(struct serve *serve)
{
	static char name[SEAT_NAME_MAX + 1];
	kern_return_t error = KERN_SUCCESS;
	if (!serve->seat) {
		error = gila_seat_name(name);
		serve->seat = name;
	}
	if (!error)
		error = gila_set_make(&serve->set);
	if (!error)
		error = gila_port_make(&serve->notify);
	if (!error)
		error = serve_listen(serve, serve->notify);
	if (!error)
		error = gila_seat_sit(serve->seat, &serve->port);
	if (!error)
		error = serve_listen(serve, serve->port);
	if (error)
		gila_logf("cannot take the seat %s: %s", *serve->seat ? serve->seat : "(none)", gila_error_text(error));
	else if (serve->start)
		error = serve->start(serve);
	return error;
}

static void send_answer(void)
{
	if (mach_msg(&reply.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT, reply.head.msgh_size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL))
		mach_msg_destroy(&reply.head); // the client is gone, or left no room
}

// Sends the answer, if there is one, and receives. The send must not block; the receive may, until `due`. One timeout counts for
// both, so the send goes by itself when the receive has one.
static mach_msg_return_t next(struct serve *serve, bool answer, uint64_t due)
{
	uint64_t now = due == UINT64_MAX || due == 0 ? 0 : gila_time();
	uint64_t ms = due <= now ? 0 : (due - now + 999999) / 1000000;
	bool limited = due != UINT64_MAX;
	if (answer && (!limited || ms == 0))
		return mach_msg_overwrite(&reply.head, RECEIVE | MACH_SEND_MSG | MACH_SEND_TIMEOUT | (limited ? MACH_RCV_TIMEOUT : 0),
					  reply.head.msgh_size, sizeof(request), serve->set, 0, MACH_PORT_NULL, &request.head, 0);
	if (answer)
		send_answer();
	return mach_msg(&request.head, RECEIVE | (limited ? MACH_RCV_TIMEOUT : 0), 0, sizeof(request), serve->set,
			ms < 3600000 ? (mach_msg_timeout_t)ms : 3600000, MACH_PORT_NULL);
}

int serve_main(struct serve *serve)
{
	if (begin(serve))
		return 1;
	bool answer = false;
	while (!serve->stopping) {
		uint64_t due = serve->work ? serve->work(serve) : UINT64_MAX;
		if (serve->stopping)
			break;
		mach_msg_return_t result = next(serve, answer, due);
		if (result == MACH_MSG_SUCCESS) {
			answer = serve_dispatch(serve, &request.head, request.head.msgh_size, badge_of(&request.head), &reply.head);
			continue;
		}
		bool sending = answer && (result & 0x10004000) == 0x10000000;
		answer = false;
		if (sending) {
			mach_msg_destroy(&reply.head); // the client is gone, or left no room
		} else if (result == MACH_RCV_INVALID_NAME || result == MACH_RCV_PORT_DIED) {
			gila_logf("%s: the seat was taken away", serve->seat);
			return 1;
		}
		// Else nothing in time, or a request that is too large or whose rights found no room: the kernel has destroyed it.
	}
	if (answer)
		send_answer();
	return serve->status;
}
