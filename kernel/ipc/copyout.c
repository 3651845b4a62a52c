// SPDX-License-Identifier: MIT
// From a struct message to the receiver: memory is mapped first (that may suspend), then all rights get names under one hold
// of the space's lock, then the buffer is written in one go. What finds no room is destroyed, and the result says so.
//
// The same for a message that comes back to its sender (pseudo-receive).
#include "../memory/memory.h"
#include "../task/task.h"
#include "../task/thread.h"
#include "descriptor.h"
#include "mach_msg.h"

#define VM_PROT_DATA (VM_PROT_READ | VM_PROT_WRITE)

static mach_msg_return_t memory_error(kern_return_t error)
{
	if (!error)
		return 0;
	return error == KERN_RESOURCE_SHORTAGE ? MACH_MSG_VM_KERNEL : MACH_MSG_VM_SPACE;
}

static mach_msg_return_t right_error(kern_return_t error)
{
	if (!error)
		return 0;
	return error == KERN_RESOURCE_SHORTAGE ? MACH_MSG_IPC_KERNEL : MACH_MSG_IPC_SPACE;
}

static uint64_t whole_pages(uint64_t size) { return (size + MD_PAGE_SIZE - 1) & ~(uint64_t)(MD_PAGE_SIZE - 1); }

// ---- Memory --------------------------------------------------------------------------------------------------------

static mach_msg_return_t map_memory(struct task *task, union descriptor *descriptor, struct message_item *item)
{
	uint64_t address = 0;
	kern_return_t error = KERN_SUCCESS;
	if (item->kind != ITEM_MEMORY) { // of the kernel's, which found nothing to put there
		descriptor->memory.address = descriptor->memory.size = 0;
		return 0;
	}
	if (item->memory) {
		error = memory_map(task, &address, whole_pages(item->count), item->memory, 0, VM_PROT_DATA, MD_MAP_COPY);
		memory_release(item->memory);
	}
	item->kind = ITEM_NONE;
	descriptor->memory.address = error ? 0 : address;
	descriptor->memory.size = error ? 0 : item->count;
	descriptor->memory.deallocate = descriptor->memory.copy == MACH_MSG_VIRTUAL_COPY;
	return memory_error(error);
}

// Room for the names of an array; they are written once they are known.
static mach_msg_return_t map_ports(struct task *task, union descriptor *descriptor, struct message_item *item)
{
	uint64_t address = 0;
	kern_return_t error = KERN_SUCCESS;
	if (item->count > 0)
		error = memory_map(task, &address, whole_pages(item->count * sizeof(mach_port_name_t)), NULL, 0,
				   VM_PROT_DATA, 0);
	descriptor->ports.address = error ? 0 : address;
	descriptor->ports.count = error ? 0 : item->count;
	descriptor->ports.disposition = item->disposition;
	descriptor->ports.deallocate = descriptor->ports.copy == MACH_MSG_VIRTUAL_COPY;
	return memory_error(error);
}

// The item that the descriptor stands for; the null item for a field that holds no number (MACH_PORT_NULL and DEAD).
static struct message_item *descriptor_item(struct message *message, uint64_t number)
{
	static struct message_item none; // never written
	if (number < MESSAGE_NAME_BASE || number - MESSAGE_NAME_BASE >= message->item_count)
		return &none;
	return &message->items[number - MESSAGE_NAME_BASE];
}

static bool is_complex(struct message *message) { return message_header(message)->msgh_bits & MACH_MSGH_BITS_COMPLEX; }

static uint32_t descriptor_count(struct message *message)
{
	return ((mach_msg_base_t *)(void *)message->data)->body.msgh_descriptor_count;
}

static mach_msg_return_t map_body(struct task *task, struct message *message)
{
	mach_msg_return_t result = 0;
	uint32_t offset = sizeof(mach_msg_base_t);
	for (uint32_t i = descriptor_count(message); i > 0; i--) {
		union descriptor *descriptor = message_next_descriptor(message, &offset);
		uint32_t type = descriptor->any.type;
		if (type == MACH_MSG_PORT_DESCRIPTOR || type == MACH_MSG_GUARDED_PORT_DESCRIPTOR)
			continue;
		struct message_item *item = descriptor_item(message, descriptor->memory.address);
		if (item->kind == ITEM_PORTS) {
			result |= map_ports(task, descriptor, item);
			item->address = descriptor->ports.address;
		} else {
			result |= map_memory(task, descriptor, item);
		}
	}
	return result;
}

// ---- Rights, space lock held ---------------------------------------------------------------------------------------

// The right of an item gets a name. What finds no room becomes MACH_PORT_NULL and stays in the message.
static mach_port_name_t put_item(struct space *space, struct message *message, mach_port_t number,
				 mach_msg_return_t *result)
{
	mach_port_name_t name = MACH_PORT_NULL;
	if (number == MACH_PORT_DEAD)
		return MACH_PORT_DEAD;
	struct message_item *item = descriptor_item(message, number);
	if (item->kind != ITEM_RIGHT)
		return MACH_PORT_NULL;
	struct right right = {item->badge, (enum right_kind)item->right_kind};
	kern_return_t error = space_put_right(space, right, &name);
	*result |= right_error(error);
	if (error)
		return MACH_PORT_NULL;
	item->kind = ITEM_NONE;
	return name;
}

// The receiver is told which right it is; the kernel's own replies say how they made it.
static void set_disposition(struct message *message, union descriptor *descriptor, mach_port_t number)
{
	struct message_item *item = descriptor_item(message, number);
	if (item->kind == ITEM_RIGHT && item->right_kind > RIGHT_DEAD)
		descriptor->port.disposition = right_disposition((struct right){NULL, (enum right_kind)item->right_kind});
}

static void put_guarded(union descriptor *descriptor, struct right right, uint32_t flags, uint32_t option)
{
	bool understood = option & MACH_RCV_GUARDED_DESC;
	descriptor->guarded.flags = understood ? flags : 0;
	if (!understood)
		descriptor->guarded.context = 0;
	if (right.kind != RIGHT_RECEIVE || !understood)
		return;
	struct port *port = right_port(right);
	lock_acquire(&port->lock);
	port->context = descriptor->guarded.context;
	port->flags |= PORT_GUARDED | PORT_STRICT_GUARD;
	if (flags & MACH_MSG_GUARD_FLAGS_IMMOVABLE_RECEIVE)
		port->flags |= PORT_GUARD_IMMOVABLE;
	lock_release(&port->lock);
}

static mach_msg_return_t put_array(struct space *space, struct message_item *item)
{
	mach_msg_return_t result = 0;
	mach_port_name_t *names = ports_names(item->ports, item->count);
	for (uint32_t i = 0; i < item->count; i++) {
		kern_return_t error = space_put_right(space, item->ports[i], &names[i]);
		result |= right_error(error);
		if (error)
			names[i] = MACH_PORT_NULL;
		else
			item->ports[i].kind = RIGHT_NONE;
	}
	return result;
}

static mach_msg_return_t put_body(struct space *space, struct message *message, uint32_t option)
{
	mach_msg_return_t result = 0;
	uint32_t offset = sizeof(mach_msg_base_t);
	for (uint32_t i = descriptor_count(message); i > 0; i--) {
		union descriptor *descriptor = message_next_descriptor(message, &offset);
		if (descriptor->any.type == MACH_MSG_PORT_DESCRIPTOR) {
			set_disposition(message, descriptor, descriptor->port.name);
			descriptor->port.name = put_item(space, message, descriptor->port.name, &result);
		} else if (descriptor->any.type == MACH_MSG_GUARDED_PORT_DESCRIPTOR) {
			mach_port_t number = descriptor->guarded.name;
			struct message_item *item = descriptor_item(message, number);
			struct right right = {item->badge, (enum right_kind)item->right_kind};
			descriptor->guarded.name = put_item(space, message, number, &result);
			if (!MACH_PORT_VALID(descriptor->guarded.name))
				right.kind = RIGHT_NONE;
			put_guarded(descriptor, right, item->guard_flags, option);
		}
	}
	for (uint32_t i = MESSAGE_FIXED_ITEMS; i < message->item_count; i++)
		if (message->items[i].kind == ITEM_PORTS)
			result |= put_array(space, &message->items[i]);
	return result;
}

// ---- Afterwards ----------------------------------------------------------------------------------------------------

static mach_msg_return_t write_arrays(struct thread *self, struct message *message)
{
	mach_msg_return_t result = 0;
	for (uint32_t i = MESSAGE_FIXED_ITEMS; i < message->item_count; i++) {
		struct message_item *item = &message->items[i];
		if (item->kind != ITEM_PORTS || !item->address)
			continue;
		mach_port_name_t *names = ports_names(item->ports, item->count);
		if (md_copy_out(self, item->address, names, item->count * sizeof(*names)))
			result |= MACH_MSG_VM_SPACE;
	}
	return result;
}

// What a receiver gets of a message that it cannot have: a header that tells its size.
static void write_header_alone(struct thread *self, struct message *message, mach_port_name_t name)
{
	struct ipc_thread *ipc = &self->ipc;
	mach_msg_header_t header = {
		.msgh_bits = MACH_MSGH_BITS(0, MACH_MSGH_BITS_REMOTE(message_header(message)->msgh_bits)),
		.msgh_size = message->size,
		.msgh_local_port = name,
		.msgh_id = message_header(message)->msgh_id,
	};
	if (ipc->receive_limit >= sizeof(header) && md_copy_out(self, ipc->receive_address, &header, sizeof(header)))
		log_line("ipc", "task %u: its receive buffer cannot be written", self->task->id);
}

// Gives header and body to the space. *dead: nothing was done.
static mach_msg_return_t put_message(struct thread *self, struct message *message, bool *dead)
{
	struct space *space = &self->task->space;
	struct port *port = message_port(message);
	mach_msg_header_t *header = message_header(message);
	mach_msg_return_t result = 0, header_result = 0;
	uint32_t bits = header->msgh_bits;
	lock_acquire(&space->lock);
	*dead = space->state != SPACE_LIVE;
	if (!*dead) {
		bool ours = atomic_load_explicit(&port->space, memory_order_relaxed) == space;
		mach_port_t reply = header->msgh_local_port;
		header->msgh_local_port = ours ? port->name : MACH_PORT_NULL;
		header->msgh_remote_port = put_item(space, message, reply, &header_result);
		header->msgh_bits = MACH_MSGH_BITS(MACH_MSGH_BITS_LOCAL(bits), MACH_MSGH_BITS_REMOTE(bits)) |
				    (bits & MACH_MSGH_BITS_COMPLEX);
		if (header_result)
			result = MACH_RCV_HEADER_ERROR | header_result;
		else if (bits & MACH_MSGH_BITS_COMPLEX)
			result = put_body(space, message, self->ipc.option);
	}
	lock_release(&space->lock);
	return result;
}

static uint64_t port_read_context(struct port *port)
{
	lock_acquire(&port->lock);
	uint64_t context = port->context;
	lock_release(&port->lock);
	return context;
}

static mach_msg_return_t write_message(struct thread *self, struct message *message)
{
	struct ipc_thread *ipc = &self->ipc;
	uint32_t size = message->size;
	uint64_t context = 0;
	if (GET_RCV_ELEMENTS(ipc->option) >= MACH_RCV_TRAILER_CTX)
		context = port_read_context(message_port(message));
	size += trailer_fill(message, context, ipc->option, message->data + size);
	if (md_copy_out(self, ipc->receive_address, message->data, size))
		return MACH_RCV_INVALID_DATA;
	return MACH_MSG_SUCCESS;
}

mach_msg_return_t message_copy_out(struct thread *self, struct message *message)
{
	struct ipc_thread *ipc = &self->ipc;
	bool complex = is_complex(message), dead;
	mach_msg_return_t body = 0, result = MACH_RCV_TOO_LARGE;
	if (message->size + trailer_size(ipc->option) > ipc->receive_limit) {
		write_header_alone(self, message, ipc->name);
		goto destroy;
	}
	if (complex)
		body = map_body(self->task, message);
	result = put_message(self, message, &dead);
	if (dead) {
		result = MACH_RCV_INVALID_NAME;
		goto destroy;
	}
	if ((result & ~MACH_MSG_MASK) == MACH_RCV_HEADER_ERROR) {
		write_header_alone(self, message, message_header(message)->msgh_local_port);
		goto destroy;
	}
	if (complex)
		body |= result | write_arrays(self, message);
	result = write_message(self, message);
	if (!result && body)
		result = MACH_RCV_BODY_ERROR | body;
	message_destination_used(message);
	if (!complex) {
		message_free_empty(message);
		return result;
	}
destroy:
	message_destroy(message);
	return result;
}

mach_msg_return_t message_pseudo_receive(struct thread *self, struct message *message, uint64_t address,
					 mach_msg_return_t result)
{
	struct space *space = &self->task->space;
	mach_msg_header_t *header = message_header(message);
	mach_msg_return_t lost = 0;
	bool complex = is_complex(message);
	if (complex)
		lost = map_body(self->task, message);
	lock_acquire(&space->lock);
	bool live = space->state == SPACE_LIVE;
	if (live) {
		header->msgh_remote_port = put_item(space, message, header->msgh_remote_port, &lost);
		header->msgh_local_port = put_item(space, message, header->msgh_local_port, &lost);
		if (complex)
			lost |= put_body(space, message, MACH_RCV_GUARDED_DESC);
	}
	lock_release(&space->lock);
	if (live) {
		if (complex)
			lost |= write_arrays(self, message);
		if (md_copy_out(self, address, message->data, message->size))
			log_line("ipc", "task %u: a message that came back could not be written", self->task->id);
	}
	message_destroy(message);
	return result | lost;
}
