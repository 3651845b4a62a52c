// SPDX-License-Identifier: MIT
// What happens to send rights; see send_watch.h. Facts: <dispatch/source.h>, <mach/notify.h>: each notification brings a reference to the
// dead name.
#include "send_watch.h"

#include "../libsystem/kqueue.h"
#include "../libsystem/mach_names.h"

#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/notify.h>

int darwin_mach_port_allocate(mach_port_t task, mach_port_right_t right, mach_port_name_t *name);
int darwin_mach_port_deallocate(mach_port_t task, mach_port_name_t name);
int darwin_mach_port_mod_refs(mach_port_t task, mach_port_name_t name, mach_port_right_t right, mach_port_delta_t delta);
int darwin_mach_port_request_notification(mach_port_t task, mach_port_name_t name, mach_msg_id_t id, uint32_t sync, mach_port_t notify,
					  mach_msg_type_name_t type, mach_port_t *previous);
mach_msg_return_t darwin_mach_msg(mach_msg_header_t *message, mach_msg_option_t option, mach_msg_size_t send_size,
				  mach_msg_size_t receive_size, mach_port_name_t name, mach_msg_timeout_t timeout, mach_port_name_t notify);

enum { ERROR_NO_ENTRY = 2, ERROR_NO_MEMORY = 12 };

static void port_end(mach_port_t port, uint32_t name)
{
	mach_port_t previous = MACH_PORT_NULL;
	darwin_mach_port_request_notification(MACH_TASK_SELF, name, MACH_NOTIFY_DEAD_NAME, 0, MACH_PORT_NULL, MACH_MSG_TYPE_MAKE_SEND_ONCE,
					      &previous);
	if (MACH_PORT_VALID(previous))
		darwin_mach_port_deallocate(MACH_TASK_SELF, previous);
	darwin_mach_port_mod_refs(MACH_TASK_SELF, port, MACH_PORT_RIGHT_RECEIVE, -1);
}

int send_watch_begin(struct dispatch_watch *watch, uint32_t name, bool *dead)
{
	mach_port_t port, previous = MACH_PORT_NULL;
	*dead = false;
	if (!mach_name_is_kernels(name))
		return ERROR_NO_ENTRY; // names of our own do not die
	if (darwin_mach_port_allocate(MACH_TASK_SELF, MACH_PORT_RIGHT_RECEIVE, &port) != KERN_SUCCESS)
		return ERROR_NO_MEMORY;
	int error = darwin_mach_port_request_notification(MACH_TASK_SELF, name, MACH_NOTIFY_DEAD_NAME, 1, port,
							  MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous);
	if (MACH_PORT_VALID(previous))
		darwin_mach_port_deallocate(MACH_TASK_SELF, previous);
	if (error) {
		darwin_mach_port_mod_refs(MACH_TASK_SELF, port, MACH_PORT_RIGHT_RECEIVE, -1);
		*dead = error == KERN_INVALID_ARGUMENT || error == KERN_INVALID_RIGHT;
		return ERROR_NO_ENTRY;
	}
	watch->ident = port;
	error = dispatch_watch_add(watch);
	if (error)
		port_end(port, name);
	return error;
}

uint64_t send_watch_take(struct dispatch_watch *watch)
{
	mach_dead_name_notification_t message;
	uint64_t bits = 0;
	while (darwin_mach_msg(&message.not_header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(message), (mach_port_t)watch->ident, 0,
			       MACH_PORT_NULL) == MACH_MSG_SUCCESS)
		if (message.not_header.msgh_id == MACH_NOTIFY_DEAD_NAME) {
			darwin_mach_port_deallocate(MACH_TASK_SELF, message.not_port);
			bits |= DISPATCH_MACH_SEND_DEAD;
		}
	return bits;
}

void send_watch_end(struct dispatch_watch *watch, uint32_t name)
{
	dispatch_watch_remove(watch);
	send_watch_take(watch);
	port_end((mach_port_t)watch->ident, name);
}
