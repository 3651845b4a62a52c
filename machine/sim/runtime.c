// SPDX-License-Identifier: MIT
// The client's run-time library on sim: what trap stubs and LPC stubs stand on, where a real program has lib/gila.
#include "machine.h"

#include <abi/traps.h>
#include <mach/mig.h>

mach_port_name_t sim_task_self(void)
{
	struct sim_process *process = process_current();
	if (process->self_port == MACH_PORT_NULL)
		process->self_port = task_self_trap();
	return process->self_port;
}

mach_port_t mig_get_reply_port(void)
{
	struct sim_user *user = user_current();
	if (user->reply_port == MACH_PORT_NULL)
		user->reply_port = mach_reply_port();
	return user->reply_port;
}

void mig_put_reply_port(mach_port_t reply_port) {}

void mig_dealloc_reply_port(mach_port_t reply_port)
{
	struct sim_user *user = user_current();
	if (user->reply_port == reply_port)
		user->reply_port = MACH_PORT_NULL;
	kernelrpc_mach_port_mod_refs_trap(sim_task_self(), reply_port, MACH_PORT_RIGHT_RECEIVE, -1);
}
