// SPDX-License-Identifier: MIT
// Requests to kernel objects; see request.h.
#include "../core/sched.h"
#include "../memory/memory.h"
#include "../task/task.h"
#include "../task/thread.h"
#include "mach_msg.h"
#include "request.h"

struct right request_right(struct lpc_request *rq, mach_port_t number)
{
	struct message *message = request_of(rq)->message;
	if (number == MACH_PORT_DEAD)
		return (struct right){NULL, RIGHT_DEAD};
	if (number < MESSAGE_NAME_BASE || number - MESSAGE_NAME_BASE >= message->item_count)
		return (struct right){NULL, RIGHT_NONE};
	return message_right(message, number - MESSAGE_NAME_BASE);
}

struct right *request_ports(struct lpc_request *rq, const void *argument, uint32_t *count)
{
	struct message *message = request_of(rq)->message;
	uintptr_t number = (uintptr_t)argument;
	*count = 0;
	if (number < MESSAGE_NAME_BASE || number - MESSAGE_NAME_BASE >= message->item_count)
		return NULL;
	struct message_item *item = &message->items[number - MESSAGE_NAME_BASE];
	if (item->kind != ITEM_PORTS)
		return NULL;
	*count = item->count;
	return item->ports;
}

// The next free item of the reply.
static struct message_item *reply_item(struct lpc_request *rq, uint32_t *number)
{
	struct message *reply = request_of(rq)->reply;
	*number = reply->item_count;
	bool room = message_set_item_count(reply, reply->item_count + 1);
	assert(room && reply->item_count <= MESSAGE_INLINE_ITEMS);
	return &reply->items[*number];
}

mach_port_t request_put_right(struct lpc_request *rq, struct right right)
{
	uint32_t number;
	if (!right_valid(right))
		return right.kind == RIGHT_NONE ? MACH_PORT_NULL : MACH_PORT_DEAD;
	(void)reply_item(rq, &number);
	message_set_right(request_of(rq)->reply, number, right);
	return number + MESSAGE_NAME_BASE;
}

void *request_put_memory(struct lpc_request *rq, struct memory *memory, uint32_t size)
{
	uint32_t number;
	struct message_item *item = reply_item(rq, &number);
	*item = (struct message_item){.kind = ITEM_MEMORY, .count = size, .memory = memory};
	return (void *)(uintptr_t)(number + MESSAGE_NAME_BASE);
}

void *request_put_bytes(struct lpc_request *rq, const void *bytes, uint32_t size, kern_return_t *error)
{
	struct memory *memory = NULL;
	*error = KERN_SUCCESS;
	if (size > 0) {
		*error = memory_create(request_of(rq)->reply->account, size, &memory);
		if (!*error)
			*error = memory_write(memory, 0, bytes, size);
	}
	if (!*error)
		return request_put_memory(rq, memory, size);
	if (memory)
		memory_release(memory);
	return NULL;
}

void *request_put_ports(struct lpc_request *rq, const struct right *rights, uint32_t count, kern_return_t *error)
{
	uint32_t number;
	struct account *account = request_of(rq)->reply->account;
	struct right *ports = count > 0 ? ports_alloc(account, count) : NULL;
	*error = count > 0 && !ports ? KERN_RESOURCE_SHORTAGE : KERN_SUCCESS;
	if (*error) {
		for (uint32_t i = 0; i < count; i++)
			right_release(rights[i]);
		return NULL;
	}
	if (ports)
		memcpy(ports, rights, count * sizeof(*rights));
	struct message_item *item = reply_item(rq, &number);
	*item = (struct message_item){
		.kind = ITEM_PORTS, .count = count, .ports = ports, .disposition = MACH_MSG_TYPE_PORT_SEND};
	return (void *)(uintptr_t)(number + MESSAGE_NAME_BASE);
}

static void request_prepare(struct request *request, uint32_t reply_size)
{
	struct message *message = request->message;
	const mach_msg_header_t *header = message_header(message);
	request->lpc = (struct lpc_request){
		.message = header,
		.size = message->size,
		.capacity = reply_size,
		.reply = message_header(request->reply),
		.badge = message->badge,
		.sender = &message->audit,
		.reply_port = header->msgh_local_port,
		.reply_type = MACH_MSGH_BITS_LOCAL(header->msgh_bits),
	};
	memset(request->lpc.reply, 0, sizeof(mig_reply_error_t));
}

// Sends what the dispatcher made of the reply to the reply port, if there is one.
static void reply_send(struct request *request, struct right to)
{
	struct message *reply = request->reply;
	mach_msg_header_t *header = message_header(reply);
	bool complex = header->msgh_bits & MACH_MSGH_BITS_COMPLEX;
	if (!complex)
		message_drop_body(reply); // of a handler that failed later
	if (!right_valid(to)) {
		message_destroy(reply);
		return;
	}
	mach_msg_id_t id = header->msgh_id;
	reply->size = header->msgh_size;
	message_address(reply, id, to, (struct right){NULL, RIGHT_NONE});
	if (complex)
		header->msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	message_send_kernel(reply);
}

mach_msg_return_t request_serve(struct port *port, struct message *message)
{
	struct request request = {.message = message, .port = port};
	uint32_t reply_size = port->ops->reply_size ? port->ops->reply_size : REQUEST_REPLY_SIZE;
	request.served = port_object(port, port->ops);
	if (!request.served)
		return MACH_SEND_INVALID_DEST;
	request.reply = message_create(message->account, reply_size);
	// Charged now: handlers may put rights and memory into it, which must not fail.
	if (!request.reply || !message_charge(request.reply)) {
		if (request.reply)
			message_free_empty(request.reply);
		object_release(request.served);
		return MACH_SEND_NO_BUFFER;
	}
	request_prepare(&request, reply_size);
	(void)port->ops->demux(&request.lpc);
	if (request.lpc.result == LPC_NO_REPLY)
		message_destroy(request.reply);
	else
		reply_send(&request, message_take_reply(message));
	message_destination_used(message);
	object_release(request.served);
	message_destroy(message);
	return MACH_MSG_SUCCESS;
}
