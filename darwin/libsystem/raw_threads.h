// SPDX-License-Identifier: MIT
// Threads, %gs and Mach's traps of programs that make their own system calls.
#ifndef DARWIN_RAW_THREADS_H
#define DARWIN_RAW_THREADS_H

#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

// Around all that handlers of signals do: %gs becomes libSystem's, and afterwards what raw_enter gave, if that is not 0.
uintptr_t raw_enter(void);
void raw_leave(uintptr_t before);

// What BSD's call of that number answers; false: it is none of threads.
bool raw_thread_call(unsigned number, ucontext_t *context, long *result);
// Calls of class 3; `gs` is what raw_leave is to get. Mach's traps, whose answer is put into the registers. False: it is not known.
bool raw_machine_call(unsigned number, ucontext_t *context, uintptr_t *gs);
bool raw_mach_call(unsigned number, ucontext_t *context);

#endif
