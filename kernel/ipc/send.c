// SPDX-License-Identifier: MIT
// Sending: to a waiting receiver directly, or into the queue; blocked senders and how they are let in.
//
// A blocked sender leaves its message in its thread->ipc. When the queue has room, whoever made the room claims the longest
// waiting sender, queues its message and makes it ready: order is kept and nobody overtakes.
#include "../core/sched.h"
#include "../core/trace.h"
#include "../task/thread.h"
#include "mach_msg.h"
#include "notify.h"
#include "request.h"

static void trace_message(enum trace_event event, struct message *message, struct port *port)
{
	struct right reply = message_right(message, 1);
	// The reply is sent to the port with that number: this is how readers pair them.
	trace_record(event, (uint32_t)message_header(message)->msgh_id, port->id, message->size,
		     right_valid(reply) ? right_port(reply)->id : 0);
}

// Whether the receiver wants to leave a message in the queue that is too large for it.
static bool receiver_declines(const struct thread *receiver, const struct message *message)
{
	const struct ipc_thread *ipc = &receiver->ipc;
	return (ipc->option & MACH_RCV_LARGE) && message->size + trailer_size(ipc->option) > ipc->receive_limit;
}

// Claims a receiver that takes the message; those that decline it are sent away. Port lock held. NULL: nobody waits.
static struct thread *claim_receiver_locked(struct port *port, struct message *message)
{
	for (;;) {
		struct thread *receiver = wait_claim(&port->receivers);
		if (!receiver && !(receiver = port_set_claim_receiver_locked(port)))
			return NULL;
		receiver->ipc.name = port->name;
		if (!receiver_declines(receiver, message)) {
			receiver->ipc.message = message;
			receiver->ipc.result = MACH_MSG_SUCCESS;
			message->sequence = port->sequence++;
			return receiver;
		}
		receiver->ipc.size = message->size;
		receiver->ipc.result = MACH_RCV_TOO_LARGE;
		thread_ready(receiver);
	}
}

static void enqueue_locked(struct port *port, struct message *message, bool front)
{
	if (front)
		list_push_front(&port->messages, &message->link);
	else
		list_push_back(&port->messages, &message->link);
	if (port->queued++ == 0 && !list_empty(&port->links))
		port_set_mark_ready_locked(port);
	if (port_state(port) == PORT_KEPT)
		port->keeper->wanted(port);
}

// Hands the message to a receiver or queues it. Port lock held. MACH_SEND_NO_BUFFER: it cannot be charged.
static struct send_outcome post_locked(struct port *port, struct message *message)
{
	struct thread *receiver = claim_receiver_locked(port, message);
	if (!receiver && !message_charge(message))
		return (struct send_outcome){MACH_SEND_NO_BUFFER, NULL};
	trace_message(TRACE_SEND, message, port);
	if (!receiver)
		enqueue_locked(port, message, false);
	return (struct send_outcome){MACH_MSG_SUCCESS, receiver};
}

static bool may_exceed_limit(const struct message *message)
{
	return (message->flags & (MESSAGE_KERNEL | MESSAGE_IF_ROOM)) == MESSAGE_KERNEL ||
	       message->items[0].right_kind == RIGHT_SEND_ONCE;
}

static void wait_for_room_locked(struct port *port, struct message *message, struct thread *self, uint64_t deadline)
{
	self->ipc.message = message;
	self->ipc.port = port_reference(port);
	wait_begin(&port->senders, deadline, WAIT_INTERRUPTIBLE, "send");
}

struct send_outcome message_send(struct message *message, struct thread *self, uint64_t deadline)
{
	struct port *port = message_port(message);
	struct send_outcome outcome = {MACH_MSG_SUCCESS, NULL};
	if (message->flags & MESSAGE_CIRCULAR)
		return (struct send_outcome){IPC_CIRCULAR, NULL};
	if (port->ops)
		return (struct send_outcome){request_serve(port, message), NULL};
	lock_acquire(&port->lock);
	if (!port_alive(port)) {
		outcome.result = MACH_SEND_INVALID_DEST;
	} else if (port->queued < port->limit || may_exceed_limit(message)) {
		outcome = post_locked(port, message);
	} else if (self && deadline > 0 && !message_charge(message)) {
		outcome.result = MACH_SEND_NO_BUFFER;
	} else if (self && deadline > 0) {
		wait_for_room_locked(port, message, self, deadline);
		outcome.result = IPC_BLOCKED;
	} else {
		outcome.result = MACH_SEND_TIMED_OUT;
	}
	lock_release(&port->lock);
	return outcome;
}

void message_requeue(struct port *port, struct message *message)
{
	struct thread *receiver = NULL;
	lock_acquire(&port->lock);
	bool alive = port_alive(port);
	if (alive) {
		receiver = claim_receiver_locked(port, message);
		if (!(message->flags & MESSAGE_CHARGED))
			message->account = &account_kernel; // its sender may be gone
		if (!receiver && (alive = message_charge(message)))
			enqueue_locked(port, message, true);
	}
	lock_release(&port->lock);
	if (receiver)
		thread_ready(receiver);
	if (!alive)
		message_destroy(message);
}

void port_let_senders_in(struct port *port)
{
	struct right notify;
	mach_port_name_t name;
	lock_acquire(&port->lock);
	while (port_alive(port) && port->queued < port->limit) {
		struct thread *sender = wait_claim(&port->senders);
		if (sender) {
			struct message *message = sender->ipc.message;
			sender->ipc.message = NULL;
			struct send_outcome outcome = post_locked(port, message);
			assert(outcome.result == MACH_MSG_SUCCESS); // it was charged when it began to wait
			if (outcome.receiver)
				thread_ready(outcome.receiver);
			thread_ready(sender);
			continue;
		}
		if (!request_take_armed_locked(port, &notify, &name))
			break;
		lock_release(&port->lock);
		notify_send_possible(notify, name);
		lock_acquire(&port->lock);
	}
	lock_release(&port->lock);
}

void port_deliver_queued(struct port *port)
{
	lock_acquire(&port->lock);
	while (port->queued > 0) {
		struct message *message = container_of(port->messages.next, struct message, link);
		struct thread *receiver = claim_receiver_locked(port, message);
		if (!receiver)
			break;
		list_remove(&message->link);
		if (--port->queued == 0)
			port_set_mark_empty_locked(port);
		thread_ready(receiver);
	}
	lock_release(&port->lock);
	port_let_senders_in(port);
}
