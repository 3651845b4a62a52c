// SPDX-License-Identifier: MIT
// Signal numbers and sets of both systems. Facts: xnu's bsd/sys/signal.h, Linux' asm/signal.h (x86).
#ifndef DARWIN_SIGNALS_H
#define DARWIN_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

// 0 for 0 and for numbers that are none. SIGEMT stands for SIGSTKFLT and SIGINFO for SIGPWR, which each have no other counterpart.
int signals_to_host(int darwin);
int signals_to_darwin(int host);
void signals_set_to_host(uint32_t darwin, sigset_t *host);
uint32_t signals_set_to_darwin(const sigset_t *host);
// From now on each arrival of the signal, ignored ones, too, adds 1 to the eventfd (kqueue's EVFILT_SIGNAL). Returns an errno of Darwin's.
int signals_watch(int darwin, int file);
void signals_unwatch(int darwin, int file);
// Registers as Darwin has them, of a thread that a signal interrupted; and what it goes on with.
struct darwin_mcontext;
void signals_machine_to_darwin(const ucontext_t *from, struct darwin_mcontext *machine);
void signals_machine_from_darwin(const struct darwin_mcontext *machine, ucontext_t *to);
// From now on faults are offered to the function, before the program's handler. True: the thread goes on.
void signals_exceptions(bool (*deliver)(int signal, const siginfo_t *info, ucontext_t *context));
// The status of wait(2).
int signals_status_to_darwin(int host);

#endif
