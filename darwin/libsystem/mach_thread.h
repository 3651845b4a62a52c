// SPDX-License-Identifier: MIT
// Threads that are held: suspended, or waiting for the answer to an exception. Their registers can be read and written meanwhile.
#ifndef DARWIN_MACH_THREAD_H
#define DARWIN_MACH_THREAD_H

#include <mach/port.h>
#include <ucontext.h>

// The calling thread waits for an answer, and its registers are those: known by the kernel's name of it, too. Returns what ends it.
struct held;
struct held *held_begin(mach_port_t kernels_name, ucontext_t *context);
void held_end(struct held *held);

#endif
