// SPDX-License-Identifier: MIT
// Exceptions: who takes them, and how they are told.
#ifndef DARWIN_MACH_EXCEPTION_H
#define DARWIN_MACH_EXCEPTION_H

#include <mach/exception_types.h>
#include <mach/port.h>
#include <signal.h>
#include <stdbool.h>
#include <ucontext.h>

struct exception_action {
	mach_port_t port;
	exception_behavior_t behavior;
	int flavor;
};

// Who takes the calling thread's exceptions of that type, or the task's. False: nobody.
bool exception_taker(exception_type_t type, bool of_thread, struct exception_action *action);
// The thread ends: what was set for it goes.
void exception_thread_ended(int thread);
// Offers a fault to who takes it, and waits for the answer. True: the thread goes on.
bool exception_deliver(int signal, const siginfo_t *info, ucontext_t *context);

#endif
