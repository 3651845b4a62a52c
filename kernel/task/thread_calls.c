// SPDX-License-Identifier: MIT
// Calls on threads (abi/thread_act.defs), but for registers (thread_start.c) and thread_info (task_info.c).
#include "thread.h"

#include "../ipc/request.h"
#include "task_port.h"

#include <abi/thread_act_server.h>
#include <mach/thread_special_ports.h>

static struct thread *target(struct lpc_request *rq) { return container_of(request_object(rq), struct thread, object); }

kern_return_t thread_call_thread_terminate(struct lpc_request *rq)
{
	thread_terminate(target(rq));
	return KERN_SUCCESS;
}

kern_return_t thread_call_thread_suspend(struct lpc_request *rq) { return thread_suspend(target(rq)); }
kern_return_t thread_call_thread_resume(struct lpc_request *rq) { return thread_resume(target(rq)); }

kern_return_t thread_call_thread_abort(struct lpc_request *rq)
{
	thread_abort(target(rq));
	return KERN_SUCCESS;
}

kern_return_t thread_call_thread_abort_safely(struct lpc_request *rq)
{
	thread_abort(target(rq));
	return KERN_SUCCESS;
}

kern_return_t thread_call_thread_get_special_port(struct lpc_request *rq, int which, mach_port_t *port)
{
	if (which != THREAD_KERNEL_PORT)
		return KERN_INVALID_ARGUMENT;
	*port = request_put_right(rq, thread_make_send(target(rq)));
	return KERN_SUCCESS;
}
