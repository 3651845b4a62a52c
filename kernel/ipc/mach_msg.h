// SPDX-License-Identifier: MIT
// mach_msg: sending and receiving by user threads. send.c and receive.c do the halves, mach_msg.c the trap.
//
// The path of a call: copyin (user buffer -> struct message), send (queue or hand over), receive (block with a
// continuation), copyout. A sender that finds a waiting receiver claims it and hands the message over directly; if it
// then blocks for its reply, the receiver runs next on this CPU.
#ifndef KERNEL_IPC_MACH_MSG_H
#define KERNEL_IPC_MACH_MSG_H

#include "ipc_thread.h"
#include "message.h"

#define IPC_RETRY ((mach_msg_return_t)0x1000ff00)   // never leaves kernel/ipc: look again
#define IPC_BLOCKED ((mach_msg_return_t)0x1000ff01) // the same: the wait has begun
#define IPC_CIRCULAR ((mach_msg_return_t)0x1000ff02) // the same: destroy the message and say it was sent

// The thread ends: its special reply port and whatever it still holds.
void ipc_thread_end(struct thread *thread);

// An absolute time.
static inline uint64_t deadline_after(mach_msg_timeout_t ms) { return md_clock_now() + ms * 1000000ull; }

// ---- copyin.c, copyout.c -------------------------------------------------------------------------------------------

// Makes a message of the user's buffer; all rights have been taken from the space, or nothing has happened.
mach_msg_return_t must_check message_copy_in(struct thread *self, uint64_t address, uint32_t size, uint32_t option,
					     struct message **message);
// Gives everything in the message to the thread's space and writes it, with its trailer, to the buffer that thread->ipc
// names. Consumes the message. MACH_RCV_INVALID_DATA, MACH_RCV_HEADER_ERROR, MACH_RCV_BODY_ERROR (| MACH_MSG_MASK bits).
mach_msg_return_t must_check message_copy_out(struct thread *self, struct message *message);
// After a send that failed when the rights were already taken: gives them back and writes the message back to `address`.
mach_msg_return_t message_pseudo_receive(struct thread *self, struct message *message, uint64_t address,
					 mach_msg_return_t result);
// The size of the trailer that the options ask for; 0: an unknown format.
uint32_t trailer_size(uint32_t option);
// Writes the trailer (at most sizeof(mach_msg_max_trailer_t) bytes); returns its size.
uint32_t trailer_fill(const struct message *message, uint64_t context, uint32_t option, void *to);

// ---- send.c --------------------------------------------------------------------------------------------------------

// What became of a send.
struct send_outcome {
	mach_msg_return_t result;
	struct thread *receiver; // claimed, holds the message: thread_ready() it or hand over to it. Or NULL
};
// Queues the message or hands it to a receiver; consumed on SUCCESS. When the queue is full: IPC_BLOCKED (`self` not NULL
// and deadline not 0: the message is in self->ipc and wait_begin was called), or MACH_SEND_TIMED_OUT.
// MACH_SEND_INVALID_DEST: the port died. MACH_SEND_NO_BUFFER. IPC_CIRCULAR. In these cases the message stays the caller's.
struct send_outcome message_send(struct message *message, struct thread *self, uint64_t deadline);
// A message that was handed to a receiver that ended before it saw it goes back to the front of the queue.
void message_requeue(struct port *port, struct message *message);
// The queue has room (or the limit rose): lets blocked senders in, tells who asked for send-possible. No lock held.
void port_let_senders_in(struct port *port);
// Messages that are queued are handed to receivers that wait (after the port joined a set or changed hands).
void port_deliver_queued(struct port *port);

// ---- receive.c, for quick.c (kern_message_quick) -------------------------------------------------------------------

// What quick.c serves of a receive: options that change nothing while it waits, MACH_RCV_LARGE and a trailer of format 0.
#define RECEIVE_QUICK_OPTIONS (MACH_RCV_LARGE | 0x0f000000u)
// A thread whose wait quick.c began was claimed by somebody else (wait.c): it is made to wait as receive.c would have let it.
void receive_settle(struct thread *thread);
// A thread that quick.c took out of its wait, now READY, could not be served: it receives again, as it did.
void receive_anew(struct thread *thread, uint64_t address, uint32_t option);
extern const char receive_port_why[];
// The thread waits there from now on, when it waits by quick.c; the reference is its own.
static inline void home_change(struct ipc_thread *ipc, struct port *home)
{
	struct port *old = ipc->home;
	ipc->home = home;
	if (old != &port_nowhere)
		port_release(old);
}

// ---- receive.c -----------------------------------------------------------------------------------------------------

// Receives as self->ipc says; blocks or returns to user mode. `next`: a claimed thread to be run when this one blocks.
_Noreturn void message_receive(struct thread *self, struct thread *next);
// The same from a port (the reference is used up) that self->ipc.receive_name denoted a moment ago.
_Noreturn void message_receive_from(struct thread *self, struct port *port, struct thread *next);
// The first message of the port if it suits `option`/`limit`; with SUCCESS it is taken off the queue (*message).
// IPC_RETRY: the queue is empty. MACH_RCV_TOO_LARGE: *size says what it needs. Port lock held; *room: call
// port_let_senders_in afterwards.
mach_msg_return_t must_check port_dequeue_locked(struct port *port, uint32_t option, uint32_t limit,
						 struct message **message, uint32_t *size, bool *room);

#endif
