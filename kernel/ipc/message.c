// SPDX-License-Identifier: MIT
// Message buffers: allocation, destruction, and messages that the kernel makes; see message.h.
#include "message.h"

#include "../core/sched.h"
#include "../memory/memory.h"
#include "mach_msg.h"

// Buffers up to this size are the kernel's until the message has to wait: they are many, short-lived, and at most one
// for each thread.
#define SMALL_BYTES 1024u

static struct account *buffer_account(struct account *account, size_t bytes)
{
	return bytes <= SMALL_BYTES ? &account_kernel : account;
}

bool message_charge(struct message *message)
{
	if (message->flags & MESSAGE_CHARGED)
		return true;
	if (!account_charge(message->account, ACCOUNT_MESSAGE, 1))
		return false;
	account_reference(message->account);
	message->flags |= MESSAGE_CHARGED;
	return true;
}

struct message *message_create(struct account *account, uint32_t size)
{
	size_t room = (size + sizeof(mach_msg_max_trailer_t) + 7) & ~(size_t)7;
	size_t bytes = sizeof(struct message) + room + MESSAGE_INLINE_ITEMS * sizeof(struct message_item);
	struct message *message = kalloc_raw(buffer_account(account, bytes), bytes);
	if (!message)
		return NULL;
	list_init(&message->link);
	message->account = account;
	message->items = (struct message_item *)(void *)(message->data + room);
	message->item_count = MESSAGE_FIXED_ITEMS;
	message->size = size;
	message->capacity = (uint32_t)bytes;
	message->sequence = 0;
	message->badge = 0;
	message->flags = 0;
	message->give_back = NULL;
	memset(message->items, 0, MESSAGE_FIXED_ITEMS * sizeof(struct message_item));
	if (bytes > SMALL_BYTES && !message_charge(message)) {
		kfree(account, message, bytes);
		return NULL;
	}
	return message;
}

bool message_set_item_count(struct message *message, uint32_t count)
{
	uint32_t before = message->item_count;
	if (!message_charge(message)) // from now on it may hold what is charged
		return false;
	if (count > before && count <= MESSAGE_INLINE_ITEMS)
		memset(&message->items[before], 0, (count - before) * sizeof(struct message_item));
	if (count > MESSAGE_INLINE_ITEMS) {
		assert(before <= MESSAGE_INLINE_ITEMS);
		struct message_item *items = kalloc(message->account, count * sizeof(*items));
		if (!items)
			return false;
		memcpy(items, message->items, before * sizeof(*items));
		message->items = items;
	}
	message->item_count = count;
	return true;
}

void message_free_empty(struct message *message)
{
	if (unlikely(message->give_back != NULL)) {
		message->give_back(message);
		return;
	}
	struct account *account = message->account;
	uint32_t bytes = message->capacity;
	bool charged = message->flags & MESSAGE_CHARGED;
	if (message->item_count > MESSAGE_INLINE_ITEMS)
		kfree(account, message->items, message->item_count * sizeof(struct message_item));
	kfree(buffer_account(account, bytes), message, bytes);
	if (!charged)
		return;
	account_refund(account, ACCOUNT_MESSAGE, 1);
	account_release(account);
}

#define PORTS_BYTES(count) ((count) * (sizeof(struct right) + sizeof(mach_port_name_t)))

struct right *ports_alloc(struct account *account, uint32_t count) { return kalloc(account, PORTS_BYTES(count)); }

void ports_free(struct account *account, struct right *ports, uint32_t count)
{
	kfree(account, ports, PORTS_BYTES(count));
}

static void item_destroy(struct message *message, uint32_t number, struct doom *doom)
{
	struct message_item *item = &message->items[number];
	switch (item->kind) {
	case ITEM_RIGHT:
		// Nobody is to be told that nobody took a notification.
		if (number == 0 && (message->flags & MESSAGE_KERNEL) && item->right_kind == RIGHT_SEND_ONCE)
			send_once_used(item->badge->port);
		else
			right_doom(message_right(message, number), doom);
		break;
	case ITEM_MEMORY:
		if (item->memory)
			memory_release(item->memory);
		break;
	case ITEM_PORTS:
		for (uint32_t i = 0; i < item->count; i++)
			right_doom(item->ports[i], doom);
		ports_free(message->account, item->ports, item->count);
		break;
	}
	item->kind = ITEM_NONE;
}

void doom_run(struct doom *doom)
{
	struct list *link;
	while ((link = list_pop(&doom->messages))) {
		struct message *message = container_of(link, struct message, link);
		// The destination last: until then its port, whose queue others may be in, stays.
		for (uint32_t i = message->item_count; i-- > 0;)
			item_destroy(message, i, doom);
		message_free_empty(message);
	}
}

void message_drop_body(struct message *message)
{
	struct doom doom;
	doom_init(&doom);
	for (uint32_t i = MESSAGE_FIXED_ITEMS; i < message->item_count; i++)
		item_destroy(message, i, &doom);
	doom_run(&doom);
}

void message_destroy(struct message *message)
{
	struct doom doom;
	doom_init(&doom);
	doom_add(&doom, message);
	doom_run(&doom);
}

// ---- Taking things out ---------------------------------------------------------------------------------------------

struct right message_take_right(struct message *message, mach_port_t number)
{
	if (number == MACH_PORT_DEAD)
		return (struct right){NULL, RIGHT_DEAD};
	uint32_t item = number - MESSAGE_NAME_BASE;
	if (number < MESSAGE_NAME_BASE || item >= message->item_count)
		return (struct right){NULL, RIGHT_NONE};
	struct right right = message_right(message, item);
	if (message->items[item].kind == ITEM_RIGHT)
		message->items[item].kind = ITEM_NONE;
	return right;
}

struct memory *message_take_memory(struct message *message, const void *address, uint32_t *size)
{
	uintptr_t number = (uintptr_t)address;
	*size = 0;
	if (number < MESSAGE_NAME_BASE || number - MESSAGE_NAME_BASE >= message->item_count)
		return NULL;
	struct message_item *item = &message->items[number - MESSAGE_NAME_BASE];
	if (item->kind != ITEM_MEMORY)
		return NULL;
	item->kind = ITEM_NONE;
	*size = item->count;
	return item->memory;
}

// ---- Messages of the kernel ----------------------------------------------------------------------------------------

uint32_t right_disposition(struct right right)
{
	switch (right.kind) {
	case RIGHT_NONE:
	case RIGHT_DEAD:
		return 0;
	case RIGHT_SEND:
		return MACH_MSG_TYPE_PORT_SEND;
	case RIGHT_SEND_ONCE:
		return MACH_MSG_TYPE_PORT_SEND_ONCE;
	case RIGHT_RECEIVE:
		return MACH_MSG_TYPE_PORT_RECEIVE;
	}
	return 0;
}

static mach_port_t right_number(struct right right, uint32_t item)
{
	if (right.kind == RIGHT_NONE)
		return MACH_PORT_NULL;
	return right.kind == RIGHT_DEAD ? MACH_PORT_DEAD : item + MESSAGE_NAME_BASE;
}

void message_address(struct message *message, mach_msg_id_t id, struct right remote, struct right local)
{
	*message_header(message) = (mach_msg_header_t){
		.msgh_bits = MACH_MSGH_BITS(right_disposition(remote), right_disposition(local)),
		.msgh_size = message->size,
		.msgh_remote_port = right_number(remote, 0),
		.msgh_local_port = right_number(local, 1),
		.msgh_id = id,
	};
	message_set_right(message, 0, remote);
	message_set_right(message, 1, local);
	message->badge = remote.kind == RIGHT_SEND ? remote.badge->value : 0;
	message->security = (security_token_t)KERNEL_SECURITY_TOKEN_VALUE;
	message->audit = (audit_token_t)KERNEL_AUDIT_TOKEN_VALUE;
	message->flags |= MESSAGE_KERNEL;
}

struct message *message_create_kernel(struct account *account, uint32_t size, mach_msg_id_t id, struct right remote,
				      struct right local)
{
	assert(remote.kind == RIGHT_SEND || remote.kind == RIGHT_SEND_ONCE);
	assert(size >= sizeof(mach_msg_header_t) && size <= MESSAGE_SIZE_LIMIT);
	struct message *message = message_create(account, size);
	if (!message) {
		if (remote.kind == RIGHT_SEND_ONCE)
			send_once_used(right_port(remote));
		else
			right_release(remote);
		right_release(local);
		return NULL;
	}
	memset(message->data, 0, size);
	message_address(message, id, remote, local);
	return message;
}

struct message *message_lend(struct account *account, uint32_t size, void (*give_back)(struct message *), void *lender)
{
	struct message *message = message_create(account, size);
	if (!message)
		return NULL;
	if (!message_charge(message)) {
		message_free_empty(message);
		return NULL;
	}
	memset(message->data, 0, size);
	message->give_back = give_back;
	message->lender = lender;
	return message;
}

void message_lend_end(struct message *message)
{
	message->give_back = NULL;
	message_free_empty(message);
}

void message_post(struct message *message, struct doom *doom)
{
	struct send_outcome outcome = message_send(message, NULL, 0);
	if (outcome.receiver)
		thread_ready(outcome.receiver);
	if (outcome.result != MACH_MSG_SUCCESS)
		doom_add(doom, message);
}

void message_send_kernel(struct message *message)
{
	struct doom doom;
	doom_init(&doom);
	message_post(message, &doom);
	doom_run(&doom);
}

bool message_send_kernel_if_room(struct message *message)
{
	message->flags |= MESSAGE_IF_ROOM;
	struct send_outcome outcome = message_send(message, NULL, 0);
	if (outcome.receiver)
		thread_ready(outcome.receiver);
	if (outcome.result == MACH_MSG_SUCCESS)
		return true;
	message_destroy(message);
	return false;
}

void message_destination_used(struct message *message)
{
	struct right right = message_right(message, 0);
	message->items[0].kind = ITEM_NONE;
	if (right.kind == RIGHT_SEND)
		badge_drop(right.badge);
	else
		send_once_used(right_port(right));
}
