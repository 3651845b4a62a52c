// SPDX-License-Identifier: MIT
// bootstrap: gives names to ports for macOS programs. It holds a send right to each port that has a name and is told
// when one dies. It is not in the image: who first needs it brings it along (darwin/libsystem/bootstrap.c). When it
// dies, names are forgotten; the ports behind them go on.
#include "names.h"

#include <abi/bootstrap_server.h>
#include <abi/mach_port.h>
#include <abi/traps.h>
#include <mach/mach_init.h>
#include <mach/notify.h>
#include <serve/serve.h>

static mach_port_t deaths; // where dead-name notifications come in

static bool is_dead(mach_port_t port)
{
	mach_port_type_t type;
	return kernelrpc_mach_port_type_trap(mach_task_self(), port, &type) != KERN_SUCCESS ||
	       !(type & MACH_PORT_TYPE_SEND);
}

// The right stays the caller's if this fails.
static kern_return_t name_give(const char *name, mach_port_t port)
{
	mach_port_t previous = MACH_PORT_NULL, before = names_find(name);
	if (before != MACH_PORT_NULL && is_dead(before)) {
		names_drop(before); // the notification is on its way
		gila_port_drop(before);
	}
	kern_return_t error = names_add(name, port);
	if (error)
		return error;
	error = kernelrpc_mach_port_request_notification_trap(mach_task_self(), port, MACH_NOTIFY_DEAD_NAME, 1, deaths,
							      MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous);
	if (MACH_PORT_VALID(previous))
		gila_port_drop(previous); // the same port by another name, asked for before
	if (error) {
		names_drop(port);
		return BOOTSTRAP_NOT_A_PORT;
	}
	return KERN_SUCCESS;
}

kern_return_t bootstrap_serve_look_up(struct lpc_request *rq, const char *name, mach_port_t *port)
{
	mach_port_t found = names_find(name);
	if (found == MACH_PORT_NULL || is_dead(found) || gila_port_copy(found) != KERN_SUCCESS)
		return BOOTSTRAP_UNKNOWN;
	*port = found;
	return KERN_SUCCESS;
}

kern_return_t bootstrap_serve_check_in(struct lpc_request *rq, const char *name, mach_port_t *port)
{
	mach_port_t receive, send;
	mach_port_t found = names_find(name);
	if (found != MACH_PORT_NULL && !is_dead(found))
		return BOOTSTRAP_ACTIVE;
	if (gila_port_make(&receive) != KERN_SUCCESS)
		return BOOTSTRAP_NO_MEMORY;
	// The same name as the receive right; when that is gone, the send right keeps it.
	send = receive;
	kern_return_t error =
		kernelrpc_mach_port_insert_right_trap(mach_task_self(), send, send, MACH_MSG_TYPE_MAKE_SEND);
	if (!error)
		error = name_give(name, send);
	if (error) {
		gila_port_drop_receive(receive);
		gila_port_drop(send);
		return error;
	}
	*port = receive;
	return KERN_SUCCESS;
}

kern_return_t bootstrap_serve_give(struct lpc_request *rq, const char *name, mach_port_t port)
{
	if (!MACH_PORT_VALID(port))
		return BOOTSTRAP_NOT_A_PORT;
	return name_give(name, port);
}

// A port died. The notification brings a reference to the dead name along; the table had others, one for each name.
// What clients send to the seat comes here, too.
static void take_message(struct serve *serve, const mach_msg_header_t *message, mach_msg_size_t size)
{
	const mach_dead_name_notification_t *note = (const mach_dead_name_notification_t *)message;
	if (message->msgh_local_port != deaths || message->msgh_id != MACH_NOTIFY_DEAD_NAME ||
	    size < offsetof(mach_dead_name_notification_t, trailer))
		return;
	names_drop(note->not_port);
	if (is_dead(note->not_port))
		(void)mach_port_destroy(mach_task_self(), note->not_port);
}

static kern_return_t start(struct serve *serve)
{
	kern_return_t error = gila_port_make(&deaths);
	return error ? error : serve_listen(serve, deaths);
}

int main(void)
{
	static bool (*const demux[])(struct lpc_request *) = {bootstrap_demux, NULL};
	struct serve serve = {.demux = demux, .start = start, .message = take_message};
	return serve_main(&serve);
}
