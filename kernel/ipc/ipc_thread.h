// SPDX-License-Identifier: MIT
// What a thread keeps while it sends or receives: filled by the message code, embedded in struct thread.
#ifndef KERNEL_IPC_IPC_THREAD_H
#define KERNEL_IPC_IPC_THREAD_H

#include <mach/message.h>
#include <stdint.h>

struct message;
struct port;
struct port_set;
struct semaphore;

struct ipc_thread {
	struct message *message;   // receiving: handed over by the sender that claimed this thread; blocked sending: the
				   // message, taken by whoever claims it; owned
	struct port *port;         // what it blocks on (a reference), if a port; after the copy-in of a call, the port that
				   // it will receive from
	struct port_set *set;      // if a port set (a reference)
	struct semaphore *semaphore; // if a semaphore (a reference)
	uint64_t send_address;     // user buffer of the message being sent
	uint64_t receive_address;  // user buffer to receive into
	uint64_t deadline;         // absolute, of a receive with a time-out; 0: it has not waited yet
	uint32_t receive_limit;    // bytes in that buffer
	uint32_t option;           // MACH_RCV_*, MACH_SEND_*
	mach_port_name_t receive_name;
	mach_msg_timeout_t timeout; // ms
	mach_msg_return_t result;  // outcome set by the claimer; IPC_RETRY: look again
	mach_msg_size_t size;      // with MACH_RCV_TOO_LARGE: what it needs
	mach_port_name_t name;     // and the name of the port it waits at
	struct port *reply_port;   // special reply port of the thread; a reference
	struct port *home;         // where it waits, or waited last, by quick.c; a reference, or port_nowhere
};

// Where a thread waits that does not: in no space, of no name.
extern struct port port_nowhere;

#endif
