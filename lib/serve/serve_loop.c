// SPDX-License-Identifier: MIT
// The loop of a server: one call sends the last answer and takes the next request.
//
// What is due later is waited for with a timer of the kernel rather than with a timeout of the receive: one timeout would count for the send
// as well, which must not block. It is set only when something is due earlier than it rings; it may ring for nothing.
//
// A hosted server that has lanes, or waits for its device, looks at those while it waits for the next request (look), for LOOK_TIME after the
// last time that there was something. If looking was in vain it is left out for some requests, more each time.
#include "serve.h"

#include "serve_buffer.h"
#include "serve_lane.h"

#include <lib/gila/look.h>
#include <abi/traps.h>
#include <mach/mach_init.h>

#define RECEIVE (MACH_RCV_MSG | MACH_RCV_TRAILER_TYPE(MACH_MSG_TRAILER_FORMAT_0) | MACH_RCV_TRAILER_ELEMENTS(MACH_RCV_TRAILER_BADGE))

#define LOOK_TIME UINT64_C(400000) // ns
#define LOOK_LATE UINT64_C(200000) // ns between two looks: others want the core for long
#define LOOK_SKIP_MAX 31u

struct buffer {
	mach_msg_header_t head;
	uint8_t rest[SERVE_MESSAGE_MAX - sizeof(mach_msg_header_t)];
} __attribute__((aligned(8)));

static struct buffer request, reply;
static mach_port_t timer;
static uint64_t armed = UINT64_MAX; // when the timer rings; UINT64_MAX: it is not set

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
	timer = error ? MACH_PORT_NULL : mk_timer_create_trap();
	if (!error)
		error = timer == MACH_PORT_NULL ? KERN_RESOURCE_SHORTAGE : serve_listen(serve, timer);
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

static void send_answer(mach_msg_header_t *answer)
{
	if (mach_msg(answer, MACH_SEND_MSG | MACH_SEND_TIMEOUT, answer->msgh_size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL))
		mach_msg_destroy(answer); // the client is gone, or left no room
}

// The answer to go with the next receive: that of the request before, or one that came later.
static mach_msg_header_t *choose(bool answer)
{
	if (!answer)
		return serve_answer_take();
	serve_answer_release();
	return &reply.head;
}

// Sees to it that the server is woken by then. False: at once.
static bool wait_until(uint64_t due)
{
	if (due >= armed)
		return true;
	if (due <= gila_time() || mk_timer_arm_trap(timer, due) != KERN_SUCCESS)
		return false;
	armed = due;
	return true;
}

// Sends the answer, if there is one, and receives, until something is due: the send must not block, the receive may.
static mach_msg_return_t next(struct serve *serve, mach_msg_header_t *answer, uint64_t due)
{
	mach_msg_option_t options = RECEIVE | (wait_until(due) ? 0 : MACH_RCV_TIMEOUT);
	if (answer)
		return mach_msg_overwrite(answer, options | MACH_SEND_MSG | MACH_SEND_TIMEOUT, answer->msgh_size,
					  sizeof(request), serve->set, 0, MACH_PORT_NULL, &request.head, 0);
	return mach_msg(&request.head, options, 0, sizeof(request), serve->set, 0, MACH_PORT_NULL);
}

static struct {
	uint64_t since, last; // gila_time: when there was something, when was looked; 0: not yet in this wait
	uint32_t skip, fails;
	bool found;           // in this wait
} looks;

// What is due next; memory of clients that has not been used for a while is let go on the way.
static uint64_t work(struct serve *serve)
{
	serve_answers_held = true;
	uint64_t due = serve->work ? serve->work(serve) : UINT64_MAX, buffers = serve_buffer_expire(), lanes = serve_lanes_expire();
	serve_answers_held = false;
	due = due < buffers ? due : buffers;
	return due < lanes ? due : lanes;
}

static bool look_once(struct serve *serve, bool over)
{
	bool found = serve_lanes_any() && serve_lanes_serve(serve);
	return (serve->waits && serve->look(serve, over)) || found;
}

// Lanes say so before the last look, so that nobody posts to a server that sleeps and is not seen.
static enum look look_end(struct serve *serve)
{
	serve_lanes_close();
	if (look_once(serve, true)) {
		serve_lanes_open();
		return LOOK_FOUND;
	}
	looks.fails = looks.found ? 0 : looks.fails * 2 + 1 < LOOK_SKIP_MAX ? looks.fails * 2 + 1 : LOOK_SKIP_MAX;
	looks.skip = looks.fails;
	return LOOK_OVER;
}

static enum look look_and_work(struct serve *serve)
{
	enum look result = LOOK_MORE;
	uint64_t now = gila_time();
	if (look_once(serve, false)) {
		result = LOOK_FOUND;
	} else if (looks.since == 0) {
		looks.since = now;
	} else if (now - looks.since > LOOK_TIME || now - looks.last > LOOK_LATE) {
		result = look_end(serve);
	}
	looks.last = now;
	if (result != LOOK_FOUND)
		return result;
	looks.since = gila_time();
	looks.found = true;
	uint64_t due = work(serve);
	if (!wait_until(due))
		work(serve);
	serve_answer_release(); // there is no receive that it could go with
	return result;
}

static enum look look(void *context)
{
	struct serve *serve = context;
	serve->looks = true;
	enum look result = look_and_work(serve);
	serve->looks = false;
	return result;
}

// Whether this wait is one to look in.
static bool look_begin(struct serve *serve)
{
	if (gila_trap_bare || !(serve->waits || serve_lanes_any()))
		return false;
	if (looks.skip > 0) {
		looks.skip--;
		serve_lanes_close();
		return false;
	}
	looks.since = looks.last = 0;
	looks.found = false;
	serve_lanes_open();
	return look_set(look, serve);
}

int serve_main(struct serve *serve)
{
	if (begin(serve))
		return 1;
	bool answer = false;
	while (!serve->stopping) {
		serve_lanes_serve(serve);
		uint64_t due = work(serve);
		if (serve->stopping)
			break;
		bool looks_on = look_begin(serve);
		if (!looks_on && serve_lanes_serve(serve)) // who posts from here on rings
			due = work(serve);
		mach_msg_header_t *sent = choose(answer);
		mach_msg_return_t result = next(serve, sent, due);
		if (looks_on)
			look_set(NULL, NULL); // lanes stay open: the next wait looks again, or closes them
		if (result == MACH_MSG_SUCCESS && request.head.msgh_local_port == timer) {
			armed = UINT64_MAX;
			answer = false;
			continue;
		}
		if (result == MACH_MSG_SUCCESS) {
			answer = serve_dispatch(serve, &request.head, request.head.msgh_size, badge_of(&request.head), &reply.head);
			continue;
		}
		bool sending = sent && (result & 0x10004000) == 0x10000000;
		answer = false;
		if (sending) {
			mach_msg_destroy(sent); // the client is gone, or left no room
		} else if (result == MACH_RCV_INVALID_NAME || result == MACH_RCV_PORT_DIED) {
			gila_logf("%s: the seat was taken away", serve->seat);
			return 1;
		}
		// Else nothing in time, or a request that is too large or whose rights found no room: the kernel has destroyed it.
	}
	serve_answer_release();
	if (answer)
		send_answer(&reply.head);
	return serve->status;
}
