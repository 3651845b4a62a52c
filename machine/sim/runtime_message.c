// SPDX-License-Identifier: MIT
// What clients of scenarios use of messages where a real program has lib/gila; also on the metal (tests/metal/stage).
#include "sim.h"

#include <abi/traps.h>
#include <mach/message.h>

mach_msg_return_t mach_msg(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
			   mach_msg_size_t rcv_size, mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
			   mach_port_name_t notify);

mach_msg_return_t mach_msg(mach_msg_header_t *msg, mach_msg_option_t option, mach_msg_size_t send_size,
			   mach_msg_size_t rcv_size, mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
			   mach_port_name_t notify)
{
	for (;;) {
		mach_msg_return_t result = mach_msg_trap(msg, option, send_size, rcv_size, rcv_name, timeout, notify);
		if (result == MACH_RCV_INTERRUPTED && !(option & MACH_RCV_INTERRUPT))
			option &= ~MACH_SEND_MSG; // it was sent
		else if (result != MACH_SEND_INTERRUPTED || (option & MACH_SEND_INTERRUPT))
			return result;
	}
}

static void right_destroy(mach_port_name_t name, mach_msg_type_name_t disposition)
{
	if (!MACH_PORT_VALID(name))
		return;
	if (disposition == MACH_MSG_TYPE_MOVE_RECEIVE)
		kernelrpc_mach_port_mod_refs_trap(sim_task_self(), name, MACH_PORT_RIGHT_RECEIVE, -1);
	else if (disposition == MACH_MSG_TYPE_MOVE_SEND || disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE)
		kernelrpc_mach_port_deallocate_trap(sim_task_self(), name);
}

static void descriptor_destroy(mach_msg_type_descriptor_t *descriptor)
{
	mach_msg_port_descriptor_t *port = (void *)descriptor;
	mach_msg_ool_descriptor_t *memory = (void *)descriptor;
	mach_msg_ool_ports_descriptor_t *ports = (void *)descriptor;
	mach_vm_size_t size = 0;
	switch (descriptor->type) {
	case MACH_MSG_PORT_DESCRIPTOR:
		right_destroy(port->name, port->disposition);
		return;
	case MACH_MSG_OOL_DESCRIPTOR:
		size = memory->size;
		break;
	case MACH_MSG_OOL_PORTS_DESCRIPTOR:
		size = ports->count * sizeof(mach_port_name_t);
		for (mach_msg_size_t i = 0; i < ports->count; i++)
			right_destroy(((mach_port_name_t *)ports->address)[i], ports->disposition);
		break;
	}
	if (size > 0)
		kernelrpc_mach_vm_deallocate_trap(sim_task_self(), (mach_vm_address_t)(uintptr_t)memory->address, size);
}

void mach_msg_destroy(mach_msg_header_t *message);
// As it was received: the destination is the local port, the reply port the remote one.
void mach_msg_destroy(mach_msg_header_t *message)
{
	right_destroy(message->msgh_remote_port, MACH_MSGH_BITS_REMOTE(message->msgh_bits));
	right_destroy(message->msgh_local_port, MACH_MSGH_BITS_LOCAL(message->msgh_bits));
	if (!(message->msgh_bits & MACH_MSGH_BITS_COMPLEX))
		return;
	mach_msg_base_t *base = (void *)message;
	char *at = (char *)(base + 1), *end = (char *)message + message->msgh_size;
	for (mach_msg_size_t i = 0; i < base->body.msgh_descriptor_count && at + 12 <= end; i++) {
		mach_msg_type_descriptor_t *descriptor = (void *)at;
		descriptor_destroy(descriptor);
		at += descriptor->type == MACH_MSG_PORT_DESCRIPTOR ? sizeof(mach_msg_port_descriptor_t)
								    : sizeof(mach_msg_ool_descriptor_t);
	}
}
