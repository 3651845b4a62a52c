// SPDX-License-Identifier: MIT
// The bench's side of a booted system; see link.h.
#include "link.h"

#include <abi/monitor.h>
#include <abi/traps.h>
#include <gila/gila.h>
#include <stdio.h>
#include <stdlib.h>

void link_must(const char *what, int code)
{
	if (code == KERN_SUCCESS)
		return;
	fprintf(stderr, "bench: %s: %s\n", what, gila_error_text(code));
	exit(2);
}

mach_port_t link_port(struct link *link)
{
	mach_port_t port = MACH_PORT_NULL;
	link_must("a port", kernelrpc_mach_port_allocate_trap(link->task, MACH_PORT_RIGHT_RECEIVE, &port));
	return port;
}

void link_drop_port(struct link *link, mach_port_t receive)
{
	link_must("end of a port", kernelrpc_mach_port_mod_refs_trap(link->task, receive, MACH_PORT_RIGHT_RECEIVE, -1));
}

mach_port_t link_deep_port(struct link *link, unsigned limit)
{
	mach_port_t port = MACH_PORT_NULL;
	struct mach_port_options options = {.flags = MPO_QLIMIT, .mpl.mpl_qlimit = limit};
	link_must("a port", kernelrpc_mach_port_construct_trap(link->task, &options, 0, &port));
	return port;
}

int link_call(struct link *link, struct bench_buffer *buffer, enum bench_id id, mach_msg_size_t size)
{
	mach_msg_header_t *head = &buffer->head;
	*head = (mach_msg_header_t){
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
		.msgh_size = size,
		.msgh_remote_port = link->server,
		.msgh_local_port = link->reply,
		.msgh_id = id,
	};
	return mach_msg(head, MACH_SEND_MSG | MACH_RCV_MSG, size, sizeof(*buffer), link->reply, 0, MACH_PORT_NULL);
}

int link_call_right(struct link *link, struct bench_buffer *buffer, enum bench_id id, mach_port_t *right)
{
	struct bench_right *message = &buffer->right;
	message->head = (mach_msg_header_t){
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE) | MACH_MSGH_BITS_COMPLEX,
		.msgh_size = sizeof(*message),
		.msgh_remote_port = link->server,
		.msgh_local_port = link->reply,
		.msgh_id = (mach_msg_id_t)id,
	};
	message->body.msgh_descriptor_count = 1;
	message->port = (mach_msg_port_descriptor_t){
		.name = *right, .disposition = MACH_MSG_TYPE_MOVE_SEND, .type = MACH_MSG_PORT_DESCRIPTOR};
	int error = mach_msg(&message->head, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(*message), sizeof(*buffer), link->reply, 0,
			     MACH_PORT_NULL);
	if (!error)
		*right = message->port.name;
	return error;
}

void link_find_server(struct link *link)
{
	struct bench_buffer buffer;
	do {
		buffer.head.msgh_id = 0;
		link_must("a call to " BENCH_SEAT, link_call(link, &buffer, BENCH_WHO, sizeof(buffer.who)));
	} while (buffer.head.msgh_id != BENCH_WHO); // a server that died with the call: the next one is asked
	link->pid = (pid_t)buffer.who.pid;
}

uint64_t link_kernel_bytes(struct link *link)
{
	struct monitor_kernel kernel;
	link_must("kernel/monitor", monitor_kernel(link->monitor, &kernel));
	return kernel.kernel_bytes;
}

void link_open(struct link *link)
{
	link->task = task_self_trap();
	link_must("the seat " BENCH_SEAT, gila_seat(BENCH_SEAT, &link->server));
	link_must("kernel/monitor", gila_seat(MONITOR_NAME, &link->monitor));
	link->reply = link_port(link);
	link_find_server(link);
}
