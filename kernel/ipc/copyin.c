// SPDX-License-Identifier: MIT
// From the user's buffer to a struct message. The buffer is copied once. Then: everything that can fail (the shape of the
// message, memory that is captured, room for arrays), then all rights are claimed and taken under one hold of the space's
// lock: a message goes whole or not at all.
//
// Until its right is taken, a port field of `data` holds the user's name; those of arrays are behind the array.
#include "../memory/memory.h"
#include "../task/task.h"
#include "../task/thread.h"
#include "descriptor.h"
#include "mach_msg.h"
#include "notify.h"
#include "transit.h"

// Running totals while descriptors are prepared.
struct copyin {
	struct thread *self;
	struct message *message;
	uint64_t memory; // bytes out of line
	uint32_t ports;  // rights in arrays
};

// ---- What can fail -------------------------------------------------------------------------------------------------

static mach_msg_return_t prepare_memory(struct copyin *in, union descriptor *descriptor, struct message_item *item)
{
	uint32_t size = descriptor->memory.size;
	if (descriptor->memory.copy != MACH_MSG_PHYSICAL_COPY && descriptor->memory.copy != MACH_MSG_VIRTUAL_COPY)
		return MACH_SEND_INVALID_TYPE;
	in->memory += size;
	if (in->memory > MESSAGE_MEMORY_LIMIT)
		return MACH_SEND_TOO_LARGE;
	struct memory *memory = NULL;
	if (size > 0) {
		struct task *task = in->self->task;
		kern_return_t error =
			memory_capture(in->message->account, task, descriptor->memory.address, size, &memory);
		if (error)
			return error == KERN_RESOURCE_SHORTAGE ? MACH_SEND_NO_BUFFER : MACH_SEND_INVALID_MEMORY;
	}
	item->memory = memory;
	item->count = size;
	item->kind = ITEM_MEMORY;
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t prepare_ports(struct copyin *in, union descriptor *descriptor, struct message_item *item)
{
	uint32_t count = descriptor->ports.count;
	if (descriptor->ports.copy != MACH_MSG_PHYSICAL_COPY && descriptor->ports.copy != MACH_MSG_VIRTUAL_COPY)
		return MACH_SEND_INVALID_TYPE;
	if (!MACH_MSG_TYPE_PORT_ANY(descriptor->ports.disposition))
		return MACH_SEND_INVALID_TYPE;
	if (count > MESSAGE_PORTS_LIMIT - in->ports)
		return MACH_SEND_TOO_LARGE;
	in->ports += count;
	struct right *rights = NULL;
	if (count > 0) {
		rights = ports_alloc(in->message->account, count);
		if (!rights)
			return MACH_SEND_NO_BUFFER;
		mach_port_name_t *names = ports_names(rights, count);
		if (md_copy_in(in->self, names, descriptor->ports.address, count * sizeof(*names))) {
			ports_free(in->message->account, rights, count);
			return MACH_SEND_INVALID_MEMORY;
		}
	}
	item->ports = rights;
	item->count = count;
	item->disposition = (uint8_t)descriptor->ports.disposition;
	item->kind = ITEM_PORTS;
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t prepare_guarded(union descriptor *descriptor, struct message_item *item)
{
	uint32_t flags = descriptor->guarded.flags;
	if (descriptor->guarded.disposition != MACH_MSG_TYPE_MOVE_RECEIVE)
		return MACH_SEND_INVALID_TYPE;
	if (flags == 0 || (flags & ~(uint32_t)MACH_MSG_GUARD_FLAGS_MASK))
		return MACH_SEND_INVALID_TYPE;
	item->guard_flags = (uint8_t)flags;
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t prepare_descriptor(struct copyin *in, union descriptor *descriptor, struct message_item *item)
{
	switch (descriptor->any.type) {
	case MACH_MSG_PORT_DESCRIPTOR:
		return MACH_MSG_TYPE_PORT_ANY(descriptor->port.disposition) ? MACH_MSG_SUCCESS : MACH_SEND_INVALID_TYPE;
	case MACH_MSG_OOL_DESCRIPTOR:
	case MACH_MSG_OOL_VOLATILE_DESCRIPTOR:
		return prepare_memory(in, descriptor, item);
	case MACH_MSG_OOL_PORTS_DESCRIPTOR:
		return prepare_ports(in, descriptor, item);
	case MACH_MSG_GUARDED_PORT_DESCRIPTOR:
		return prepare_guarded(descriptor, item);
	}
	return MACH_SEND_INVALID_TYPE;
}

static mach_msg_return_t prepare_body(struct thread *self, struct message *message)
{
	if (message->size < sizeof(mach_msg_base_t))
		return MACH_SEND_MSG_TOO_SMALL;
	uint32_t count = ((mach_msg_base_t *)(void *)message->data)->body.msgh_descriptor_count;
	uint32_t offset = sizeof(mach_msg_base_t);
	if (count > (message->size - offset) / sizeof(mach_msg_type_descriptor_t))
		return MACH_SEND_MSG_TOO_SMALL;
	if (count > MESSAGE_DESCRIPTOR_LIMIT)
		return MACH_SEND_TOO_LARGE;
	if (!message_set_item_count(message, MESSAGE_FIXED_ITEMS + count))
		return MACH_SEND_NO_BUFFER;
	struct copyin in = {.self = self, .message = message};
	for (uint32_t i = 0; i < count; i++) {
		union descriptor *descriptor = message_next_descriptor(message, &offset);
		if (!descriptor)
			return MACH_SEND_MSG_TOO_SMALL;
		mach_msg_return_t error = prepare_descriptor(&in, descriptor, &message->items[MESSAGE_FIXED_ITEMS + i]);
		if (error)
			return error;
	}
	return MACH_MSG_SUCCESS;
}

// ---- Claiming and taking, space lock held --------------------------------------------------------------------------

// What to do with each name of the body.
enum pass { PASS_CLAIM, PASS_UNCLAIM, PASS_TAKE };

static bool pass_name(struct space *space, enum pass pass, mach_port_name_t name, uint32_t disposition,
		      uint32_t guard_flags, struct message *message, struct right *right)
{
	if (!MACH_PORT_VALID(name)) {
		if (pass == PASS_TAKE)
			*right = (struct right){NULL, name == MACH_PORT_NULL ? RIGHT_NONE : RIGHT_DEAD};
		return true;
	}
	struct entry *entry = space_entry(space, name);
	if (pass == PASS_CLAIM)
		return entry && entry_claim(entry, disposition, guard_flags) == KERN_SUCCESS;
	if (pass == PASS_UNCLAIM) {
		if (entry)
			entry_unclaim(entry);
		return true;
	}
	*right = entry ? entry_take(space, name, entry, disposition) : (struct right){NULL, RIGHT_DEAD};
	if (right->kind == RIGHT_RECEIVE && !transit_enter(right_port(*right), message_port(message)))
		message->flags |= MESSAGE_CIRCULAR;
	return true;
}

static mach_port_t right_number(struct right right, uint32_t item)
{
	if (!right_valid(right))
		return right.kind == RIGHT_NONE ? MACH_PORT_NULL : MACH_PORT_DEAD;
	return item + MESSAGE_NAME_BASE;
}

static uint32_t received_disposition(uint32_t disposition)
{
	switch (disposition) {
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		return MACH_MSG_TYPE_PORT_RECEIVE;
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		return MACH_MSG_TYPE_PORT_SEND_ONCE;
	}
	return MACH_MSG_TYPE_PORT_SEND;
}

static bool pass_port(struct space *space, enum pass pass, struct message *message, uint32_t number,
		      union descriptor *descriptor)
{
	bool guarded = descriptor->any.type == MACH_MSG_GUARDED_PORT_DESCRIPTOR;
	mach_port_name_t name = guarded ? descriptor->guarded.name : descriptor->port.name;
	uint32_t disposition = descriptor->port.disposition;
	struct message_item *item = &message->items[number];
	struct right right;
	if (!pass_name(space, pass, name, disposition, item->guard_flags, message, &right))
		return false;
	if (pass != PASS_TAKE)
		return true;
	message_set_right(message, number, right);
	descriptor->port.disposition = received_disposition(disposition);
	if (guarded)
		descriptor->guarded.name = right_number(right, number);
	else
		descriptor->port.name = right_number(right, number);
	return true;
}

static bool pass_ports(struct space *space, enum pass pass, struct message *message, uint32_t number,
		       union descriptor *descriptor)
{
	struct message_item *item = &message->items[number];
	for (uint32_t i = 0; i < item->count; i++) {
		mach_port_name_t name = ports_names(item->ports, item->count)[i];
		if (!pass_name(space, pass, name, descriptor->ports.disposition, 0, message, &item->ports[i]))
			return false;
	}
	if (pass == PASS_TAKE) {
		item->disposition = (uint8_t)received_disposition(item->disposition);
		descriptor->ports.disposition = item->disposition;
		descriptor->ports.address = number + MESSAGE_NAME_BASE;
	}
	return true;
}

// True when all names of the body went through the pass.
static bool body_pass(struct space *space, enum pass pass, struct message *message)
{
	uint32_t offset = sizeof(mach_msg_base_t);
	for (uint32_t i = MESSAGE_FIXED_ITEMS; i < message->item_count; i++) {
		union descriptor *descriptor = message_next_descriptor(message, &offset);
		bool passed = true;
		switch (descriptor->any.type) {
		case MACH_MSG_PORT_DESCRIPTOR:
		case MACH_MSG_GUARDED_PORT_DESCRIPTOR:
			passed = pass_port(space, pass, message, i, descriptor);
			break;
		case MACH_MSG_OOL_PORTS_DESCRIPTOR:
			passed = pass_ports(space, pass, message, i, descriptor);
			break;
		default:
			if (pass == PASS_TAKE)
				descriptor->memory.address = i + MESSAGE_NAME_BASE;
		}
		if (!passed)
			return false;
	}
	return true;
}

static mach_msg_return_t header_check(const mach_msg_header_t *header)
{
	uint32_t bits = header->msgh_bits, reply = MACH_MSGH_BITS_LOCAL(bits), voucher = MACH_MSGH_BITS_VOUCHER(bits);
	if (bits & ~MACH_MSGH_BITS_USER || !MACH_MSG_TYPE_PORT_ANY_SEND(MACH_MSGH_BITS_REMOTE(bits)))
		return MACH_SEND_INVALID_HEADER;
	if (reply ? !MACH_MSG_TYPE_PORT_ANY_SEND(reply) : header->msgh_local_port != MACH_PORT_NULL)
		return MACH_SEND_INVALID_HEADER;
	if (voucher && voucher != MACH_MSG_TYPE_MOVE_SEND && voucher != MACH_MSG_TYPE_COPY_SEND)
		return MACH_SEND_INVALID_HEADER;
	if (!MACH_PORT_VALID(header->msgh_remote_port))
		return MACH_SEND_INVALID_DEST;
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t header_claim(struct space *space, const mach_msg_header_t *header, struct entry **dest,
				      struct entry **reply)
{
	*reply = NULL;
	*dest = space_entry(space, header->msgh_remote_port);
	if (!*dest || (*dest)->type == ENTRY_DEAD || entry_claim(*dest, MACH_MSGH_BITS_REMOTE(header->msgh_bits), 0))
		return MACH_SEND_INVALID_DEST;
	mach_msg_return_t result = MACH_MSG_SUCCESS;
	if (MACH_PORT_VALID(header->msgh_local_port)) {
		*reply = space_entry(space, header->msgh_local_port);
		if (!*reply || entry_claim(*reply, MACH_MSGH_BITS_LOCAL(header->msgh_bits), 0))
			result = MACH_SEND_INVALID_REPLY;
	}
	// No vouchers exist, so no name denotes one.
	if (!result && MACH_MSGH_BITS_VOUCHER(header->msgh_bits) && MACH_PORT_VALID(header->msgh_voucher_port))
		result = MACH_SEND_INVALID_VOUCHER;
	if (result) {
		entry_unclaim(*dest);
		if (*reply)
			entry_unclaim(*reply);
	}
	return result;
}

static void header_take(struct space *space, struct message *message, struct entry *dest, struct entry *reply)
{
	mach_msg_header_t *header = message_header(message);
	uint32_t to = MACH_MSGH_BITS_REMOTE(header->msgh_bits), back = MACH_MSGH_BITS_LOCAL(header->msgh_bits);
	struct right right = entry_take(space, header->msgh_remote_port, dest, to);
	message_set_right(message, 0, right);
	message->badge = right.kind == RIGHT_SEND ? right.badge->value : 0;
	struct right answer = {NULL, header->msgh_local_port == MACH_PORT_DEAD ? RIGHT_DEAD : RIGHT_NONE};
	if (reply)
		answer = entry_take(space, header->msgh_local_port, reply, back);
	message_set_right(message, 1, answer);
	header->msgh_bits = MACH_MSGH_BITS(received_disposition(to), back ? received_disposition(back) : 0) |
			    (header->msgh_bits & MACH_MSGH_BITS_COMPLEX);
	header->msgh_remote_port = MESSAGE_NAME_BASE;
	header->msgh_local_port = right_number(answer, 1);
	header->msgh_voucher_port = MACH_PORT_NULL;
}

// A call receives its reply next: its port is looked up while the space is locked anyway. The name is only a hint, which
// receive_port checks again, since the message may carry the right away.
static void find_reply_port(struct thread *self, struct space *space)
{
	struct ipc_thread *ipc = &self->ipc;
	struct entry *entry = space_entry(space, ipc->receive_name);
	if (entry && (entry->type & ENTRY_RECEIVE))
		ipc->port = port_reference(entry->badge->port);
}

// Claims header and body; on errors nothing is claimed. `prepared`: what became of the preparations, which counts less than
// a wrong header.
static mach_msg_return_t claim_rights(struct space *space, struct message *message, mach_msg_return_t prepared,
				      struct entry **dest, struct entry **reply)
{
	if (space->state != SPACE_LIVE)
		return MACH_SEND_INVALID_DEST;
	mach_msg_return_t result = header_claim(space, message_header(message), dest, reply);
	if (result)
		return result;
	bool body = message->item_count > MESSAGE_FIXED_ITEMS;
	result = prepared;
	if (!result && body && !body_pass(space, PASS_CLAIM, message))
		result = MACH_SEND_INVALID_RIGHT;
	if (!result && (*dest)->type == ENTRY_DEAD)
		result = MACH_SEND_INVALID_DEST; // died since it was claimed
	if (!result)
		return MACH_MSG_SUCCESS;
	if (body && !prepared)
		(void)body_pass(space, PASS_UNCLAIM, message);
	entry_unclaim(*dest);
	if (*reply)
		entry_unclaim(*reply);
	return result;
}

// Takes all rights, or none.
static mach_msg_return_t take_rights(struct thread *self, struct message *message, uint32_t option,
				     mach_msg_return_t prepared)
{
	struct space *space = &self->task->space;
	struct entry *dest, *reply;
	lock_acquire(&space->lock);
	mach_msg_return_t result = claim_rights(space, message, prepared, &dest, &reply);
	if (likely(!result)) {
		if (unlikely((option & MACH_SEND_NOTIFY) && (dest->type & ENTRY_SEND)))
			(void)request_arm_locked(dest);
		header_take(space, message, dest, reply);
		if (message->item_count > MESSAGE_FIXED_ITEMS)
			(void)body_pass(space, PASS_TAKE, message);
		if (option & MACH_RCV_MSG)
			find_reply_port(self, space);
	}
	lock_release(&space->lock);
	return result;
}

// ---- After the act -------------------------------------------------------------------------------------------------

// Memory that the sender gave away is unmapped from it. It was there when it was copied; if it no longer is, so be it.
static void deallocate_memory(struct thread *self, struct message *message, const uint64_t *addresses)
{
	for (uint32_t i = MESSAGE_FIXED_ITEMS; i < message->item_count; i++) {
		struct message_item *item = &message->items[i];
		uint64_t start = addresses[i - MESSAGE_FIXED_ITEMS], mask = MD_PAGE_SIZE - 1;
		uint64_t size = item->kind == ITEM_PORTS ? item->count * sizeof(mach_port_name_t) : item->count;
		if (start == UINT64_MAX || size == 0)
			continue;
		uint64_t end = (start + size + mask) & ~mask;
		if (md_unmap(self->task, start & ~mask, end - (start & ~mask)))
			log_line("ipc", "task %u: memory that it gave away in a message was not mapped", self->task->id);
	}
}

// The addresses of memory to be deallocated, which taking the rights overwrites; UINT64_MAX: none. False: no memory.
static bool save_addresses(struct message *message, uint64_t **addresses)
{
	uint32_t count = message->item_count - MESSAGE_FIXED_ITEMS, offset = sizeof(mach_msg_base_t), given = 0;
	*addresses = NULL;
	if (count == 0)
		return true;
	uint64_t *to = kalloc(message->account, count * sizeof(*to));
	if (!to)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		union descriptor *descriptor = message_next_descriptor(message, &offset);
		bool memory = message->items[MESSAGE_FIXED_ITEMS + i].kind != ITEM_NONE && descriptor->memory.deallocate;
		to[i] = memory ? descriptor->memory.address : UINT64_MAX;
		given += memory;
	}
	if (given > 0)
		*addresses = to;
	else
		kfree(message->account, to, count * sizeof(*to));
	return true;
}

static mach_msg_return_t copy_in_body(struct thread *self, struct message *message, uint32_t option)
{
	uint64_t *addresses = NULL;
	mach_msg_return_t prepared = prepare_body(self, message);
	if (!prepared && !save_addresses(message, &addresses))
		prepared = MACH_SEND_NO_BUFFER;
	mach_msg_return_t result = take_rights(self, message, option, prepared);
	if (addresses) {
		if (!result)
			deallocate_memory(self, message, addresses);
		kfree(message->account, addresses, (message->item_count - MESSAGE_FIXED_ITEMS) * sizeof(*addresses));
	}
	return result;
}

mach_msg_return_t message_copy_in(struct thread *self, uint64_t address, uint32_t size, uint32_t option,
				  struct message **result)
{
	if (size < sizeof(mach_msg_header_t) || (size & 3))
		return MACH_SEND_MSG_TOO_SMALL;
	if (size > MESSAGE_SIZE_LIMIT)
		return MACH_SEND_TOO_LARGE;
	if (option & MACH_SEND_TRAILER)
		return MACH_SEND_INVALID_TRAILER; // for the kernel of macOS and its privileged tasks alone
	struct message *message = message_create(self->task->account, size);
	if (!message)
		return MACH_SEND_NO_BUFFER;
	mach_msg_return_t error = MACH_SEND_INVALID_DATA;
	if (md_copy_in(self, message->data, address, size))
		goto fail;
	mach_msg_header_t *header = message_header(message);
	header->msgh_size = size;
	error = header_check(header);
	if (error)
		goto fail;
	error = header->msgh_bits & MACH_MSGH_BITS_COMPLEX ? copy_in_body(self, message, option)
							    : take_rights(self, message, option, MACH_MSG_SUCCESS);
	if (error)
		goto fail;
	message->audit = self->task->audit;
	message->security = (security_token_t){{message->audit.val[1], message->audit.val[2]}};
	*result = message;
	return MACH_MSG_SUCCESS;
fail:
	message_destroy(message);
	return error;
}
