// SPDX-License-Identifier: MIT
// Descriptors of a message's body, one after the other.
#ifndef KERNEL_IPC_DESCRIPTOR_H
#define KERNEL_IPC_DESCRIPTOR_H

#include "message.h"

union descriptor {
	mach_msg_type_descriptor_t any;
	mach_msg_port_descriptor_t port;
	mach_msg_ool_descriptor64_t memory;
	mach_msg_ool_ports_descriptor64_t ports;
	mach_msg_guarded_port_descriptor64_t guarded;
} __attribute__((packed, aligned(4)));

static inline uint32_t descriptor_size(uint32_t type)
{
	return type == MACH_MSG_PORT_DESCRIPTOR ? (uint32_t)sizeof(mach_msg_port_descriptor_t)
						: (uint32_t)sizeof(mach_msg_ool_descriptor64_t);
}

// The descriptor at *offset, moved past; NULL when it does not fit into the message.
static inline union descriptor *message_next_descriptor(struct message *message, uint32_t *offset)
{
	uint32_t room = message->size - *offset;
	union descriptor *descriptor = (void *)(message->data + *offset);
	if (room < sizeof(mach_msg_type_descriptor_t) || room < descriptor_size(descriptor->any.type))
		return NULL;
	*offset += descriptor_size(descriptor->any.type);
	return descriptor;
}

#endif
