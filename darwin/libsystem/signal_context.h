// SPDX-License-Identifier: MIT
// Between Linux' and Darwin's descriptions of a signal that arrived.
#ifndef DARWIN_SIGNAL_CONTEXT_H
#define DARWIN_SIGNAL_CONTEXT_H

#include "abi.h"

#include <signal.h>
#include <stdbool.h>

// Darwin's number of what arrived: SIGBUS also for a SIGSEGV that memory without the right raised.
int signal_context_number(int signal, const siginfo_t *info);
// Whether the thread's own instruction raised it (then nobody sent it).
bool signal_context_is_fault(int signal, const siginfo_t *info);
void signal_context_info(int signal, int number, const siginfo_t *from, const ucontext_t *context,
			 struct darwin_siginfo *to);
void signal_context_to_darwin(const ucontext_t *from, struct darwin_ucontext *to, struct darwin_mcontext *machine);
void signal_context_from_darwin(const struct darwin_ucontext *from, ucontext_t *to);

#endif
