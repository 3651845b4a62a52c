// SPDX-License-Identifier: MIT
// Calls by message to the kernel's own ports: lpc_call and lpc_reply_refuse of <gila/lpc.h>, with a reply port for each call, since
// there is no thread-local storage to keep one. For calls that are rare, and whose replies carry neither rights nor memory.
#include "linux.h"

#include <abi/traps.h>
#include <gila/lpc.h>

mach_msg_return_t lpc_call(mach_msg_header_t *request, mach_msg_size_t send_size, mach_msg_header_t *reply,
			   mach_msg_size_t receive_limit, mach_msg_timeout_t timeout_ms, unsigned flags)
{
	mach_port_t port = mach_reply_port();
	if (port == MACH_PORT_NULL)
		return MACH_SEND_INVALID_REPLY;
	request->msgh_local_port = port;
	mach_msg_return_t result = mach_msg_overwrite_trap(request, MACH_SEND_MSG | MACH_RCV_MSG, send_size, receive_limit, port,
							   timeout_ms, MACH_PORT_NULL, reply);
	(void)kernelrpc_mach_port_mod_refs_trap(linux_program.task, port, MACH_PORT_RIGHT_RECEIVE, -1);
	return result;
}

kern_return_t lpc_reply_refuse(mach_msg_header_t *reply, kern_return_t why) { return why; }
