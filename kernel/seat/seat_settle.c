// SPDX-License-Identifier: MIT
// Before the end of the system: servers that keep memory for the next one are asked to bring what is in it to where it stays.
//
// Each seat that keeps memory gets SEAT_SETTLE_ID, past its queue limit, also one whose server is gone: the message has the next
// one launched, which finds what was left. An answer, or the death of whoever had the request, counts one down.
// Lock: settle_lock (RANK_WATCH), over the count and who waits for it.
#include "seat.h"

#include "../core/sched.h"
#include "../ipc/message.h"
#include "../ipc/request.h"
#include "kernel_seat.h"

#include <mach/notify.h>

static struct lock settle_lock;
static struct wait_queue settle_waiters; // [settle_lock]
static unsigned settle_left;             // [settle_lock] answers that are to come

static void settle_count(unsigned more, unsigned fewer)
{
	struct thread *waiter = NULL;
	lock_acquire(&settle_lock);
	settle_left += more;
	settle_left -= fewer < settle_left ? fewer : settle_left;
	if (settle_left == 0)
		waiter = wait_claim(&settle_waiters);
	lock_release(&settle_lock);
	if (waiter)
		thread_ready(waiter);
}

static bool settle_demux(struct lpc_request *request)
{
	mach_msg_id_t id = request->message->msgh_id;
	if (id != SEAT_SETTLED_ID && id != MACH_NOTIFY_SEND_ONCE)
		return false;
	settle_count(0, 1);
	request->result = LPC_NO_REPLY;
	return true;
}

static const struct port_object_ops settle_ops = {.name = "settle", .demux = settle_demux};
static void settle_destroy(struct object *object) { panic("the object behind the settle port was released"); }
static void settle_print(struct object *object, char *to, size_t room) { format_text(to, room, "settle"); }
static const struct object_kind settle_kind = {"settle", settle_destroy, settle_print};
static struct object settle;
static struct port *settle_port;

void seat_settle_module_init(void)
{
	lock_init(&settle_lock, RANK_WATCH);
	wait_queue_init(&settle_waiters);
	object_init(&settle, &settle_kind);
	settle_port = port_create_object(&account_kernel, &settle_ops, &settle);
	if (!settle_port)
		panic("no memory for the port of seats that settle");
}

static bool seat_keeps(struct seat *seat)
{
	lock_acquire(&seat->lock);
	bool keeps = seat->kept && seat->state != SEAT_DISABLED && seat->state != SEAT_REMOVED;
	lock_release(&seat->lock);
	return keeps;
}

static void seat_ask(struct seat *seat)
{
	struct right to = port_make_send(seat->port), answer = port_make_send_once(settle_port);
	struct message *message = NULL;
	if (to.kind == RIGHT_SEND && answer.kind == RIGHT_SEND_ONCE)
		message = message_create_kernel(&account_kernel, sizeof(mach_msg_header_t), SEAT_SETTLE_ID, to, answer);
	if (message) {
		settle_count(1, 0);
		message_send_kernel(message);
	} else {
		log_line("seat", "%s: cannot be asked to settle", seat->name);
	}
}

// False: time is up.
static bool settle_wait(uint64_t deadline)
{
	for (;;) {
		lock_acquire(&settle_lock);
		bool done = settle_left == 0;
		if (!done)
			wait_begin(&settle_waiters, deadline, WAIT_NO_KILL, "seats that settle");
		lock_release(&settle_lock);
		if (done)
			return true;
		thread_block();
		lock_acquire(&settle_lock);
		enum wait_result result = wait_end(thread_current());
		lock_release(&settle_lock);
		if (result == WAIT_TIMED_OUT)
			return false;
	}
}

bool seats_settle(uint64_t deadline)
{
	uint32_t id = 0;
	settle_count(1, 0); // so that an early answer is not the last
	for (struct seat *seat; (seat = seat_next(id));) {
		id = seat->id;
		if (seat_keeps(seat))
			seat_ask(seat);
		seat_release(seat);
	}
	settle_count(0, 1);
	if (settle_wait(deadline))
		return true;
	log_line("seat", "%u seats have not settled in time", settle_left);
	return false;
}
