// SPDX-License-Identifier: MIT
// The mach_msg traps; see mach_msg.h.
#include "mach_msg.h"

#include "../core/sched.h"
#include "../task/task.h"
#include "../task/thread.h"
#include <abi/trap_kernel.h>

// The send succeeded: on to the receive, or back.
_Noreturn static void after_send(struct thread *self, struct thread *receiver)
{
	if (self->ipc.option & MACH_RCV_MSG)
		message_receive(self, receiver);
	if (receiver)
		thread_ready(receiver);
	thread_return(MACH_MSG_SUCCESS);
}

// The message was not sent and comes back.
_Noreturn static void send_failed(struct thread *self, struct message *message, mach_msg_return_t result)
{
	result = message_pseudo_receive(self, message, self->ipc.send_address, result);
	thread_return((uint64_t)(uint32_t)result);
}

// Blocked for room in a queue, until now.
_Noreturn static void send_resume(struct thread *self)
{
	struct ipc_thread *ipc = &self->ipc;
	struct port *port = ipc->port;
	lock_acquire(&port->lock);
	enum wait_result result = wait_end(self);
	lock_release(&port->lock);
	ipc->port = NULL;
	port_release(port);
	struct message *message = ipc->message;
	ipc->message = NULL;
	switch (result) {
	case WAIT_AWAKENED:
		after_send(self, NULL);
	case WAIT_TIMED_OUT:
		send_failed(self, message, MACH_SEND_TIMED_OUT);
	case WAIT_GONE:
		send_failed(self, message, MACH_SEND_INVALID_DEST);
	case WAIT_KILLED:
		message_destroy(message);
		thread_return((uint64_t)MACH_SEND_INTERRUPTED);
	default:
		send_failed(self, message, MACH_SEND_INTERRUPTED);
	}
}

_Noreturn static void send_message(struct thread *self, uint32_t size)
{
	struct ipc_thread *ipc = &self->ipc;
	struct message *message;
	mach_msg_return_t error = message_copy_in(self, ipc->send_address, size, ipc->option, &message);
	if (error)
		thread_return((uint64_t)(uint32_t)error);
	uint64_t deadline = WAIT_FOREVER;
	if (ipc->option & MACH_SEND_TIMEOUT)
		deadline = ipc->timeout ? deadline_after(ipc->timeout) : 0;
	struct port *reply = ipc->port;
	ipc->port = NULL;
	struct send_outcome outcome = message_send(message, self, deadline);
	if (likely(outcome.result == MACH_MSG_SUCCESS && reply))
		message_receive_from(self, reply, outcome.receiver);
	if (reply)
		port_release(reply);
	if (outcome.result == MACH_MSG_SUCCESS)
		after_send(self, outcome.receiver);
	if (outcome.result == IPC_BLOCKED)
		thread_block_continue(send_resume);
	if (outcome.result == IPC_CIRCULAR) {
		// Nobody could ever receive it; Mach says it was sent.
		message_destroy(message);
		after_send(self, NULL);
	}
	send_failed(self, message, outcome.result);
}

static mach_msg_return_t mach_msg_start(struct thread *self, uint32_t send_size)
{
	struct ipc_thread *ipc = &self->ipc;
	ipc->deadline = 0;
	if (ipc->option & MACH_SEND_MSG)
		send_message(self, send_size);
	if (ipc->option & MACH_RCV_MSG)
		message_receive(self, NULL);
	return MACH_MSG_SUCCESS;
}

mach_msg_return_t trap_mach_msg_overwrite_trap(struct thread *self, user_addr_t msg, mach_msg_option_t option,
					       mach_msg_size_t send_size, mach_msg_size_t rcv_size,
					       mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
					       mach_port_name_t notify, user_addr_t rcv_msg)
{
	struct ipc_thread *ipc = &self->ipc;
	ipc->send_address = msg;
	ipc->receive_address = rcv_msg ? rcv_msg : msg;
	ipc->receive_limit = rcv_size;
	ipc->receive_name = rcv_name;
	ipc->option = (uint32_t)option;
	ipc->timeout = timeout;
	return mach_msg_start(self, send_size);
}

mach_msg_return_t trap_mach_msg_trap(struct thread *self, user_addr_t msg, mach_msg_option_t option,
				     mach_msg_size_t send_size, mach_msg_size_t rcv_size, mach_port_name_t rcv_name,
				     mach_msg_timeout_t timeout, mach_port_name_t notify)
{
	return trap_mach_msg_overwrite_trap(self, msg, option, send_size, rcv_size, rcv_name, timeout, notify, 0);
}

// ---- Reply ports ---------------------------------------------------------------------------------------------------

static struct port *make_reply_port(struct thread *self, uint8_t flags, mach_port_name_t *name)
{
	struct space *space = &self->task->space;
	struct port *port = port_create(space->account);
	*name = MACH_PORT_NULL;
	if (!port)
		return NULL;
	port->flags = flags;
	struct right right = {&port->plain, RIGHT_RECEIVE};
	port_reference(port);
	if (space_insert_right(space, right, name)) {
		right_release(right);
		*name = MACH_PORT_NULL;
	}
	return port;
}

mach_port_name_t trap_mach_reply_port(struct thread *self)
{
	mach_port_name_t name;
	struct port *port = make_reply_port(self, 0, &name);
	if (port)
		port_release(port);
	return name;
}

// The thread's special reply port becomes an ordinary one.
static void special_reply_port_unbind(struct thread *thread)
{
	struct port *port = thread->ipc.reply_port;
	thread->ipc.reply_port = NULL;
	if (!port)
		return;
	// Flags are also read under the lock of the space alone, which is the thread's task's: such a port cannot be moved.
	lock_acquire(&thread->task->space.lock);
	lock_acquire(&port->lock);
	port->flags &= (uint8_t)~PORT_SPECIAL_REPLY;
	lock_release(&port->lock);
	lock_release(&thread->task->space.lock);
	port_release(port);
}

mach_port_name_t trap_thread_get_special_reply_port(struct thread *self)
{
	mach_port_name_t name;
	special_reply_port_unbind(self);
	self->ipc.reply_port = make_reply_port(self, PORT_SPECIAL_REPLY, &name);
	return name;
}

void ipc_thread_end(struct thread *thread)
{
	struct ipc_thread *ipc = &thread->ipc;
	assert(!ipc->message && !ipc->port && !ipc->set && !ipc->semaphore);
	special_reply_port_unbind(thread);
	home_change(ipc, &port_nowhere);
}
