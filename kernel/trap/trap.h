// SPDX-License-Identifier: MIT
// Traps: from a frame's number to the function that serves it.
//
// Traps are declared in abi/*_traps.defs; the function of trap x is trap_x (<abi/trap_kernel.h>), found beside what it
// is about (kernel/task/task_traps.c...). It returns its result, or blocks with a continuation that ends in
// thread_return.
#ifndef KERNEL_TRAP_TRAP_H
#define KERNEL_TRAP_TRAP_H

#include "../core/base.h"

struct thread;

// Serves the trap in the thread's frame; ends in thread_return() or blocks with a continuation.
_Noreturn void trap_dispatch(struct thread *thread);
// How often tasks used numbers that no trap has.
uint64_t trap_unknown_count(void);

#endif
