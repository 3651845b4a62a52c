// SPDX-License-Identifier: MIT
// Receiving: from a port or a port set, blocking with a continuation.
//
// self->ipc holds everything that the receive needs, so nothing of it is on the stack while it blocks.
#include "../core/sched.h"
#include "../core/trace.h"
#include "../task/task.h"
#include "../task/thread.h"
#include "mach_msg.h"

#include <abi/trap_numbers.h>
#include <md_quick.h>

const char receive_port_why[] = "receive";

_Noreturn static void receive_finish(struct thread *self, mach_msg_return_t result)
{
	struct ipc_thread *ipc = &self->ipc;
	if (result == MACH_RCV_TOO_LARGE && (ipc->option & MACH_RCV_LARGE)) {
		mach_msg_header_t header = {.msgh_size = ipc->size};
		if (ipc->option & MACH_RCV_LARGE_IDENTITY)
			header.msgh_local_port = ipc->name;
		if (ipc->receive_limit >= sizeof(header) &&
		    md_copy_out(self, ipc->receive_address, &header, sizeof(header)))
			result = MACH_RCV_INVALID_DATA;
	}
	thread_return((uint64_t)(uint32_t)result);
}

// A message has been taken off the queue or handed over.
_Noreturn static void receive_message(struct thread *self, struct message *message)
{
	struct port *port = message_port(message);
	// A thread that ends will never look at it: somebody else shall.
	if (unlikely(atomic_load_explicit(&self->ast, memory_order_relaxed) & AST_DIE)) {
		message_requeue(port, message);
		receive_finish(self, MACH_RCV_INTERRUPTED);
	}
	trace_record(TRACE_RECEIVE, (uint32_t)message_header(message)->msgh_id, port->id, message->size, 0);
	receive_finish(self, message_copy_out(self, message));
}

mach_msg_return_t port_dequeue_locked(struct port *port, uint32_t option, uint32_t limit, struct message **result,
				      uint32_t *size, bool *room)
{
	*room = false;
	if (port->queued == 0)
		return IPC_RETRY;
	struct message *message = container_of(port->messages.next, struct message, link);
	if ((option & MACH_RCV_LARGE) && message->size + trailer_size(option) > limit) {
		*size = message->size;
		return MACH_RCV_TOO_LARGE;
	}
	list_remove(&message->link);
	message->sequence = port->sequence++;
	if (--port->queued == 0 && !list_empty(&port->links))
		port_set_mark_empty_locked(port);
	*room = port->queued < port->limit && (!wait_queue_empty(&port->senders) || !list_empty(&port->armed));
	*result = message;
	return MACH_MSG_SUCCESS;
}

// The time-out counts from the beginning of the receive, not from that of a send before it.
static uint64_t receive_deadline(struct ipc_thread *ipc)
{
	if (!(ipc->option & MACH_RCV_TIMEOUT))
		return WAIT_FOREVER;
	if (ipc->deadline == 0)
		ipc->deadline = deadline_after(ipc->timeout);
	return ipc->deadline;
}

// ---- Waiting -------------------------------------------------------------------------------------------------------

_Noreturn static void receive_resume(struct thread *self);

// Of its arguments quick.c has checked the options; who has changed its registers meanwhile has changed what it asks for.
void receive_settle(struct thread *thread)
{
	struct ipc_thread *ipc = &thread->ipc;
	const uint64_t *arguments = md_user_arguments(thread);
	ipc->receive_address = arguments[0];
	ipc->option = (uint32_t)arguments[1] & (MACH_SEND_MSG | MACH_RCV_MSG | RECEIVE_QUICK_OPTIONS);
	ipc->receive_limit = (uint32_t)arguments[3];
	ipc->receive_name = (mach_port_name_t)arguments[4];
	ipc->deadline = 0;
	ipc->port = ipc->home;
	ipc->home = &port_nowhere;
	thread->frame.number = TRAP_mach_msg_trap;
	thread->wait_why = receive_port_why;
	thread->continuation = receive_resume;
}

_Noreturn static void receive_wait(struct thread *next)
{
	if (next)
		thread_block_handoff(receive_resume, next);
	thread_block_continue(receive_resume);
}

// Whoever is done with waiting leaves the queue under its lock, unless it was claimed by wait_claim, which took it off.
static enum wait_result receive_wait_end(struct thread *self)
{
	struct ipc_thread *ipc = &self->ipc;
	struct port *port = ipc->port;
	struct port_set *set = ipc->set;
	enum wait_result result;
	if (likely(atomic_load_explicit(&self->wait, memory_order_acquire) == WAIT_AWAKENED)) {
		result = wait_end(self);
	} else {
		struct lock *lock = port ? &port->lock : &set->lock;
		lock_acquire(lock);
		result = wait_end(self);
		lock_release(lock);
	}
	ipc->port = NULL;
	ipc->set = NULL;
	if (port)
		port_release(port);
	if (set)
		port_set_release(set);
	return result;
}

_Noreturn static void receive_resume(struct thread *self)
{
	struct ipc_thread *ipc = &self->ipc;
	switch (receive_wait_end(self)) {
	case WAIT_AWAKENED: {
		struct message *message = ipc->message;
		ipc->message = NULL;
		if (message)
			receive_message(self, message);
		if (ipc->result == IPC_RETRY)
			message_receive(self, NULL);
		receive_finish(self, ipc->result);
	}
	case WAIT_TIMED_OUT:
		receive_finish(self, MACH_RCV_TIMED_OUT);
	case WAIT_GONE:
		receive_finish(self, MACH_RCV_PORT_DIED);
	default:
		receive_finish(self, MACH_RCV_INTERRUPTED);
	}
}

// ---- From a port, from a set ---------------------------------------------------------------------------------------

// Ends the receive, or lets `next` run first, for which no better moment will come.
_Noreturn static void receive_end(struct thread *self, struct thread *next, mach_msg_return_t result)
{
	if (next)
		thread_ready(next);
	receive_finish(self, result);
}

// A poll never waits.
static bool receive_polls(const struct ipc_thread *ipc)
{
	return (ipc->option & MACH_RCV_TIMEOUT) && ipc->timeout == 0;
}

// The caller's reference on the port is used up.
_Noreturn static void receive_port(struct thread *self, struct port *port, struct thread *next)
{
	struct ipc_thread *ipc = &self->ipc;
	struct message *message;
	bool room;
	lock_acquire(&port->lock);
	mach_msg_return_t result =
		port_dequeue_locked(port, ipc->option, ipc->receive_limit, &message, &ipc->size, &room);
	ipc->name = port->name;
	// It was ours when the name was looked up; waiting for what has been moved away would never end.
	if (result == IPC_RETRY && atomic_load_explicit(&port->space, memory_order_relaxed) != &self->task->space)
		result = MACH_RCV_PORT_DIED;
	if (result == IPC_RETRY && receive_polls(ipc))
		result = MACH_RCV_TIMED_OUT;
	if (result == IPC_RETRY) {
		ipc->port = port;
		wait_begin(&port->receivers, receive_deadline(ipc), WAIT_INTERRUPTIBLE, receive_port_why);
		lock_release(&port->lock);
		receive_wait(next);
	}
	lock_release(&port->lock);
	if (room)
		port_let_senders_in(port);
	if (next)
		thread_ready(next);
	port_release(port);
	if (result == MACH_MSG_SUCCESS)
		receive_message(self, message);
	receive_finish(self, result);
}

// The port of the set that is to be asked next, with a reference; NULL: none is ready, the set lock is still held.
static struct port *set_next_port(struct port_set *set)
{
	lock_acquire(&set->lock);
	if (set->dead || list_empty(&set->ready))
		return NULL;
	// To the end, so that no busy port starves the others.
	struct list *node = list_pop(&set->ready);
	list_push_back(&set->ready, node);
	struct port *port = port_reference(container_of(node, struct set_link, ready_link)->port);
	lock_release(&set->lock);
	return port;
}

// IPC_RETRY: the set had nothing, its lock is held.
static mach_msg_return_t set_dequeue(struct port_set *set, struct ipc_thread *ipc, struct message **message)
{
	struct port *port;
	while ((port = set_next_port(set))) {
		mach_msg_return_t result = IPC_RETRY;
		bool room = false;
		lock_acquire(&port->lock);
		if (port_set_contains_locked(set, port)) {
			ipc->name = port->name;
			result = port_dequeue_locked(port, ipc->option, ipc->receive_limit, message, &ipc->size, &room);
		}
		lock_release(&port->lock);
		if (room)
			port_let_senders_in(port);
		port_release(port);
		if (result != IPC_RETRY)
			return result;
	}
	return IPC_RETRY;
}

// The caller's reference on the set is used up.
_Noreturn static void receive_set(struct thread *self, struct port_set *set, struct thread *next)
{
	struct ipc_thread *ipc = &self->ipc;
	struct message *message;
	mach_msg_return_t result = set_dequeue(set, ipc, &message);
	if (result == IPC_RETRY) {
		if (set->dead)
			result = MACH_RCV_PORT_DIED;
		else if (receive_polls(ipc))
			result = MACH_RCV_TIMED_OUT;
		if (result == IPC_RETRY) {
			ipc->set = set;
			wait_begin(&set->receivers, receive_deadline(ipc), WAIT_INTERRUPTIBLE, "receive from a set");
		}
		lock_release(&set->lock);
		if (result == IPC_RETRY)
			receive_wait(next);
	}
	if (next)
		thread_ready(next);
	port_set_release(set);
	if (result == MACH_MSG_SUCCESS)
		receive_message(self, message);
	receive_finish(self, result);
}

_Noreturn void message_receive_from(struct thread *self, struct port *port, struct thread *next)
{
	// Still ours, so the name says the same as a moment ago.
	bool ours = atomic_load_explicit(&port->space, memory_order_relaxed) == &self->task->space;
	if (likely(ours && trailer_size(self->ipc.option) != 0))
		receive_port(self, port, next);
	port_release(port);
	message_receive(self, next);
}

_Noreturn void message_receive(struct thread *self, struct thread *next)
{
	struct ipc_thread *ipc = &self->ipc;
	struct space *space = &self->task->space;
	struct port *port = NULL;
	struct port_set *set = NULL;
	if (trailer_size(ipc->option) == 0)
		receive_end(self, next, MACH_RCV_INVALID_TRAILER);
	lock_acquire(&space->lock);
	struct entry *entry = space->state == SPACE_LIVE ? space_entry(space, ipc->receive_name) : NULL;
	if (entry && (entry->type & ENTRY_RECEIVE))
		port = port_reference(entry->badge->port);
	else if (entry && (entry->type & ENTRY_SET))
		set = port_set_reference(entry->set);
	lock_release(&space->lock);
	ipc->name = ipc->receive_name;
	if (port)
		receive_port(self, port, next);
	if (set)
		receive_set(self, set, next);
	receive_end(self, next, MACH_RCV_INVALID_NAME);
}

_Noreturn static void receive_again(struct thread *self) { message_receive(self, NULL); }

void receive_anew(struct thread *thread, uint64_t address, uint32_t option)
{
	struct ipc_thread *ipc = &thread->ipc;
	ipc->receive_address = address;
	ipc->receive_limit = (uint32_t)md_user_arguments(thread)[3];
	ipc->option = option;
	ipc->receive_name = (mach_port_name_t)md_user_arguments(thread)[4];
	ipc->deadline = 0;
	thread->frame.number = TRAP_mach_msg_trap;
	thread->continuation = receive_again;
	sched_entered(thread);
}
