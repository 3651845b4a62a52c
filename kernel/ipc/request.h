// SPDX-License-Identifier: MIT
// Requests to kernel objects: a message to a kernel port is served at once by the port's dispatcher (struct
// port_object_ops.demux) in the sender's context, and the reply is sent to its reply port, whatever the queue limit.
//
// A handler gets a struct lpc_request; request_of(rq) finds the rest. In requests and replies of the kernel a mach_port_t is
// not a name but a number of a right in the message: request_take_right() takes one out of the request (what is left
// over is destroyed), request_put_right() puts one into the reply. In the same way the pointer of an out-of-line argument
// stands for a memory object or an array of rights.
#ifndef KERNEL_IPC_REQUEST_H
#define KERNEL_IPC_REQUEST_H

#include "message.h"
#include <gila/lpc.h>

#define REQUEST_REPLY_SIZE 512u // bytes of the largest reply, unless the port's ops say another
#define REQUEST_REPLY_ITEMS (MESSAGE_INLINE_ITEMS - MESSAGE_FIXED_ITEMS) // rights and memory in a reply

struct request {
	struct lpc_request lpc;
	struct message *message; // the request
	struct message *reply;
	struct port *port;       // that it was sent to
	struct object *served;   // and what that stands for; a reference
};

static inline struct request *request_of(struct lpc_request *rq) { return container_of(rq, struct request, lpc); }
// The object that the request's port stands for; valid until the handler returns.
static inline struct object *request_object(struct lpc_request *rq) { return request_of(rq)->served; }

// Takes a right of the request; NONE and DEAD for MACH_PORT_NULL and MACH_PORT_DEAD. The caller ends it (right.h).
static inline struct right request_take_right(struct lpc_request *rq, mach_port_t number)
{
	return message_take_right(request_of(rq)->message, number);
}
// Looks at a right without taking it.
struct right request_right(struct lpc_request *rq, mach_port_t number);
// Takes the memory of an out-of-line argument (NULL: 0 bytes); the caller releases it.
static inline struct memory *request_take_memory(struct lpc_request *rq, const void *argument, uint32_t *size)
{
	return message_take_memory(request_of(rq)->message, argument, size);
}
// The rights of an out-of-line array of ports (*count of them): still the request's, but each may be taken by setting its
// kind to RIGHT_NONE. NULL when there are none.
struct right *request_ports(struct lpc_request *rq, const void *argument, uint32_t *count);

// Puts a right (consumed) into the reply; the number to return. A handler puts at most REQUEST_REPLY_ITEMS.
mach_port_t request_put_right(struct lpc_request *rq, struct right right);
// Puts `size` bytes of a memory object (a reference, consumed; NULL: 0 bytes) into the reply; the pointer to return.
void *request_put_memory(struct lpc_request *rq, struct memory *memory, uint32_t size);
// The same for `size` bytes that are copied. NULL: no memory, unless size is 0.
void *request_put_bytes(struct lpc_request *rq, const void *bytes, uint32_t size, kern_return_t *error);
// Puts an array of rights (consumed, even on errors) into the reply.
void *request_put_ports(struct lpc_request *rq, const struct right *rights, uint32_t count, kern_return_t *error);

// Serves one message to a kernel port; for send.c. SUCCESS: consumed. MACH_SEND_INVALID_DEST, MACH_SEND_NO_BUFFER: not.
mach_msg_return_t must_check request_serve(struct port *port, struct message *message);

#endif
