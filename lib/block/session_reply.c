// SPDX-License-Identifier: MIT
// Replies on their way into a ring; see session_internal.h.
//
// A reply that a number was done with is remembered in the window until the number is old, so nothing is lost when the ring has no
// room; other replies are then dropped, and the client asks again.
#include "session_internal.h"

#include "sum.h"

#include <gila/lpc.h>

// Places for replies. The client's count is checked.
static uint32_t room(struct block_session *session)
{
	uint32_t unread = session->replied - atomic_load_explicit(&session->ring->reply_head, memory_order_acquire);
	if (unread > BLOCK_SLOTS) {
		session_end(session, "it has read more replies than there were");
		return 0;
	}
	return BLOCK_SLOTS - unread;
}

static void write_reply(struct block_session *session, uint64_t sequence, enum block_status status, uint64_t data_sum)
{
	struct block_reply reply = {.sequence = sequence, .status = status, .data_sum = data_sum};
	reply.sum = block_sum_reply(&reply);
	session->ring->replies[session->replied++ % BLOCK_SLOTS] = reply;
}

void session_reply(struct block_session *session, uint64_t sequence, enum block_status status)
{
	if (session->state == SESSION_OPEN && room(session))
		write_reply(session, sequence, status, 0);
}

void session_reply_due(struct block_session *session, struct window_entry *entry)
{
	if (entry->queued)
		return;
	entry->queued = true;
	session->due[session->due_tail++ % BLOCK_WINDOW] = (uint16_t)(entry - session->window);
}

void block_session_done(struct block_task *task, enum block_status status)
{
	struct block_session *session = task->session;
	struct window_entry *entry = &session->window[task->request.sequence % BLOCK_WINDOW];
	entry->state = WINDOW_DONE;
	entry->status = (uint16_t)status;
	bool sums = session->flags & BLOCK_ATTACH_SUMS;
	if (sums && status == BLOCK_OK && task->request.operation == BLOCK_READ && session->state == SESSION_OPEN)
		entry->data_sum = block_sum_data(session->data, &task->request, task->pages);
	task->next = session->free;
	session->free = task;
	if (task->area)
		session->areas[task->area - 1].under_way--;
	session->under_way--;
	session->device->under_way--;
	if (session->state == SESSION_OPEN)
		session_reply_due(session, entry);
}

static void wake(struct block_session *session)
{
	mach_msg_header_t message;
	lpc_head_set(&message, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), session->notify, MACH_PORT_NULL, sizeof(message),
		     BLOCK_DONE_ID);
	session->device->counts.notifications++;
	// A full queue wakes the client as well; one that is gone is told by the end of its rights.
	mach_msg_return_t result = lpc_send(&message, sizeof(message), 0, LPC_TIMEOUT);
	(void)result;
}

bool session_tell(struct block_session *session)
{
	while (session->due_head != session->due_tail && room(session)) {
		struct window_entry *entry = &session->window[session->due[session->due_head++ % BLOCK_WINDOW]];
		entry->queued = false;
		write_reply(session, entry->sequence, (enum block_status)entry->status, entry->data_sum);
	}
	uint32_t before = session->told;
	if (before == session->replied || session->state != SESSION_OPEN)
		return false;
	session->told = session->replied;
	atomic_store_explicit(&session->ring->reply_tail, session->replied, memory_order_release);
	atomic_thread_fence(memory_order_seq_cst); // the client sees this, or we see that it sleeps
	if (block_must_wake(atomic_load_explicit(&session->ring->client_waits, memory_order_relaxed), before, session->replied))
		wake(session);
	return true;
}
