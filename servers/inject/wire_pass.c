// SPDX-License-Identifier: MIT
// Messages on their way down and up; see wire.h. What is held back lies in one list; when it is due, or enough others have passed, it
// goes as if it had just come.
#include "wire.h"

#include <gila/lpc.h>
#include <string.h>

#define MS UINT64_C(1000000)
#define DELAY_MAX (10 * MS)
#define LATE_MAX (500 * MS)
#define BEHIND_MAX 8u
#define BEHIND_WAIT (MS) // whether others came or not
#define FULL_WAIT MS         // until a full ring is tried again
#define RING_MAX (50 * MS)   // until a device is woken whose ring was lost: the client cannot know, its requests were read

static uint32_t load(const _Atomic uint32_t *word) { return atomic_load_explicit(word, memory_order_acquire); }

// ---- What is held back -----------------------------------------------------------------------------------------------

// False: as many are held as can be; the message goes at once.
static bool hold(struct wire_session *session, const struct wire_parcel *parcel, uint64_t due, uint32_t behind)
{
	struct wire_parcel *held = session->free;
	if (!held)
		return false;
	session->free = held->next;
	*held = *parcel;
	held->due = due;
	held->behind = behind;
	held->next = session->held;
	session->held = held;
	return true;
}

// One message has passed those that wait for others to pass.
static void pass_by(struct wire_session *session, bool up)
{
	for (struct wire_parcel *held = session->held; held; held = held->next)
		if (held->up == up && held->behind > 0 && --held->behind == 0)
			held->due = 0;
}

// ---- Going ---------------------------------------------------------------------------------------------------------------

static struct wire_number *number_of(struct wire_session *session, uint64_t sequence)
{
	struct wire_number *number = &session->numbers[sequence % BLOCK_WINDOW];
	return number->request.sequence == sequence && sequence ? number : NULL;
}

static void data_down(struct wire_session *session, struct wire_number *number)
{
	if (number->request.operation != BLOCK_WRITE || number->down)
		return;
	number->down = !wire_copy(session, number, false, wire_roll(session->wire, INJECT_DAMAGE_WRITE));
}

// False: there is no room below.
static bool send_down(struct wire_session *session, const struct wire_parcel *parcel)
{
	struct wire *wire = session->wire;
	struct block_ring *ring = session->below.ring;
	uint32_t place = session->submitted % BLOCK_SLOTS;
	struct block_request request = parcel->request;
	struct wire_number *number = number_of(session, request.sequence);
	if (session->submitted - load(&ring->submit_head) >= BLOCK_SLOTS)
		return false;
	if (number)
		data_down(session, number);
	uint32_t *list = &session->below.lists[place * BLOCK_PAGES_MAX];
	if (request.pieces > 1 && request.pieces <= BLOCK_PAGES_MAX) {
		memcpy(list, parcel->pages, request.pieces * sizeof(*list));
		if (wire_roll(wire, INJECT_DAMAGE_PAGES))
			wire_flip(wire, list, request.pieces * sizeof(*list));
	}
	if (wire_roll(wire, INJECT_DAMAGE_REQUEST))
		wire_flip(wire, &request, sizeof(request));
	ring->requests[place] = request;
	session->submitted++;
	return true;
}

static bool has_ended(const struct block_reply *reply) { return reply->status != BLOCK_BUSY && reply->status != BLOCK_DAMAGED; }

// False: there is no room above.
static bool send_up(struct wire_session *session, const struct wire_parcel *parcel)
{
	struct wire *wire = session->wire;
	struct block_ring *ring = session->above.ring;
	struct block_reply reply = parcel->reply;
	struct wire_number *number = number_of(session, reply.sequence);
	if (session->replies - load(&ring->reply_head) >= BLOCK_SLOTS)
		return false;
	if (number && !number->up && has_ended(&reply)) {
		number->up = true;
		if (number->request.operation == BLOCK_READ && reply.status == BLOCK_OK)
			wire_copy(session, number, true, wire_roll(wire, INJECT_DAMAGE_READ));
	}
	if (wire_roll(wire, INJECT_DAMAGE_REPLY))
		wire_flip(wire, &reply, sizeof(reply));
	ring->replies[session->replies++ % BLOCK_SLOTS] = reply;
	return true;
}

static bool send(struct wire_session *session, const struct wire_parcel *parcel, uint64_t now)
{
	bool sent = parcel->up ? send_up(session, parcel) : send_down(session, parcel);
	if (sent)
		pass_by(session, parcel->up);
	else
		hold(session, parcel, now + FULL_WAIT, 0); // else it is lost, as on any wire
	return sent;
}

// A message has come: what happens to it?
static void pass(struct wire_session *session, const struct wire_parcel *parcel, uint64_t now)
{
	struct wire *wire = session->wire;
	bool up = parcel->up;
	wire->passed++;
	if (wire_roll(wire, up ? INJECT_DROP_REPLY : INJECT_DROP_REQUEST))
		return;
	bool again = wire_roll(wire, up ? INJECT_REPEAT_REPLY : INJECT_REPEAT_REQUEST);
	if (!up && wire_roll(wire, INJECT_REPEAT_LATE))
		hold(session, parcel, now + wire_random(wire, LATE_MAX), 0);
	if (up && again && wire_random(wire, 2)) {
		hold(session, parcel, now + wire_random(wire, LATE_MAX), 0);
		again = false;
	}
	bool held = false;
	if (wire_roll(wire, up ? INJECT_DELAY_REPLY : INJECT_DELAY_REQUEST))
		held = hold(session, parcel, now + wire_random(wire, DELAY_MAX), 0);
	else if (wire_roll(wire, INJECT_REORDER))
		held = hold(session, parcel, now + BEHIND_WAIT, 1 + (uint32_t)wire_random(wire, BEHIND_MAX));
	if (!held)
		send(session, parcel, now);
	if (again)
		send(session, parcel, now);
}

// ---- Coming --------------------------------------------------------------------------------------------------------------

// A number that the client uses for the first time, or again because it got no answer.
static void note(struct wire_session *session, const struct wire_parcel *parcel)
{
	const struct block_request *request = &parcel->request;
	struct wire_number *number = &session->numbers[request->sequence % BLOCK_WINDOW];
	if (number->request.sequence == request->sequence)
		return;
	*number = (struct wire_number){.request = *request};
	if (!wire_request_valid(session, request, parcel->pages)) {
		number->request.sequence = 0; // no data go with it
		return;
	}
	if (request->pieces > 1)
		memcpy(number->pages, parcel->pages, request->pieces * sizeof(*number->pages));
}

static bool take_requests(struct wire_session *session, uint64_t now)
{
	struct block_ring *ring = session->above.ring;
	struct wire_parcel parcel = {0};
	uint32_t tail = load(&ring->submit_tail), before = session->requests;
	if (tail - before > BLOCK_SLOTS) {
		wire_end(session, "more requests than the ring has places");
		return true;
	}
	while (session->requests != tail) {
		uint32_t place = session->requests++ % BLOCK_SLOTS;
		parcel.request = ring->requests[place];
		atomic_signal_fence(memory_order_seq_cst); // the copy is what is used from here on
		uint32_t pieces = parcel.request.pieces;
		if (pieces > 1 && pieces <= BLOCK_PAGES_MAX)
			memcpy(parcel.pages, &session->above.lists[place * BLOCK_PAGES_MAX], pieces * sizeof(*parcel.pages));
		note(session, &parcel);
		pass(session, &parcel, now);
	}
	atomic_store_explicit(&ring->submit_head, session->requests, memory_order_release);
	return before != tail;
}

static bool take_replies(struct wire_session *session, uint64_t now)
{
	struct block_ring *ring = session->below.ring;
	struct wire_parcel parcel = {.up = true};
	uint32_t tail = load(&ring->reply_tail), before = session->answered;
	if (tail - before > BLOCK_SLOTS) {
		wire_end(session, "more replies than the ring has places");
		return true;
	}
	while (session->answered != tail) {
		parcel.reply = ring->replies[session->answered++ % BLOCK_SLOTS];
		atomic_signal_fence(memory_order_seq_cst);
		pass(session, &parcel, now);
	}
	atomic_store_explicit(&ring->reply_head, session->answered, memory_order_release);
	return before != tail;
}

// Sends what is due; *due: when the next is.
static bool send_held(struct wire_session *session, uint64_t now, uint64_t *due)
{
	struct wire_parcel *list = session->held;
	bool did = false;
	session->held = NULL;
	while (list) {
		struct wire_parcel *parcel = list, copy;
		list = parcel->next;
		if (parcel->due > now) {
			*due = parcel->due < *due ? parcel->due : *due;
			parcel->next = session->held;
			session->held = parcel;
			continue;
		}
		copy = *parcel;
		parcel->next = session->free;
		session->free = parcel;
		did |= send(session, &copy, now);
	}
	for (const struct wire_parcel *parcel = session->held; parcel; parcel = parcel->next)
		*due = parcel->due < *due ? parcel->due : *due;
	return did;
}

// ---- Telling -------------------------------------------------------------------------------------------------------------

static void wake_below(struct wire_session *session)
{
	kern_return_t error = block_ring(session->session, 0);
	session->ring_due = 0;
	if (error && error != MACH_SEND_TIMED_OUT)
		wire_end(session, NULL);
}

static void tell_below(struct wire_session *session, uint64_t now)
{
	struct block_ring *ring = session->below.ring;
	uint32_t before = session->published;
	session->published = session->submitted;
	atomic_store_explicit(&ring->submit_tail, session->submitted, memory_order_release);
	atomic_thread_fence(memory_order_seq_cst); // the device sees this, or we see that it sleeps
	bool sleeps = before != session->submitted && block_must_wake(load(&ring->driver_waits), before, session->submitted);
	if (sleeps && wire_roll(session->wire, INJECT_LOSE_RING))
		session->ring_due = now + wire_random(session->wire, RING_MAX);
	else if (sleeps || (session->ring_due && now >= session->ring_due))
		wake_below(session);
}

static void tell_above(struct wire_session *session)
{
	struct block_ring *ring = session->above.ring;
	uint32_t before = session->told_above;
	mach_msg_header_t message;
	if (before == session->replies)
		return;
	session->told_above = session->replies;
	atomic_store_explicit(&ring->reply_tail, session->replies, memory_order_release);
	atomic_thread_fence(memory_order_seq_cst);
	if (!block_must_wake(load(&ring->client_waits), before, session->replies) || wire_roll(session->wire, INJECT_LOSE_WAKE))
		return;
	lpc_head_set(&message, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), session->notify, MACH_PORT_NULL, sizeof(message),
		     BLOCK_DONE_ID);
	mach_msg_return_t result = lpc_send(&message, sizeof(message), 0, LPC_TIMEOUT);
	(void)result; // a full queue wakes as well; a client that is gone is told of by its badge
}

bool wire_pass(struct wire_session *session, uint64_t now, uint64_t *due)
{
	bool did = take_requests(session, now);
	if (!session->ended)
		did |= take_replies(session, now);
	if (!session->ended)
		did |= send_held(session, now, due);
	if (!session->ended && did && wire_roll(session->wire, INJECT_END_SESSION))
		wire_end(session, NULL);
	if (session->ended)
		return true;
	tell_below(session, now);
	if (!session->ended)
		tell_above(session);
	if (session->ring_due)
		*due = session->ring_due < *due ? session->ring_due : *due;
	return did;
}

bool wire_arm(struct wire_session *session)
{
	struct block_ring *above = session->above.ring, *below = session->below.ring;
	atomic_store_explicit(&above->driver_waits, session->requests, memory_order_relaxed);
	atomic_store_explicit(&below->client_waits, session->answered, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst); // they see this, or we see what they wrote
	return load(&above->submit_tail) != session->requests || load(&below->reply_tail) != session->answered;
}
