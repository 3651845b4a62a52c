// SPDX-License-Identifier: MIT
// Threads that are held: suspended, or waiting for the answer to an exception. Their registers can be read and written
// meanwhile.
#ifndef DARWIN_MACH_THREAD_H
#define DARWIN_MACH_THREAD_H

#include <mach/port.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

// The calling thread waits for an answer, and its registers are those: known by the kernel's name of it, too. Returns
// what ends it.
struct held;
struct held *held_begin(mach_port_t kernels_name, ucontext_t *context);
void held_end(struct held *held);

// The registers of a flavor in words, as thread_get_state gives them; `state` has room for the largest. 0: no such
// flavor.
struct darwin_mcontext;
uint32_t mach_state_read(int flavor, const ucontext_t *context, struct darwin_mcontext *machine, natural_t *state);
// False: no such flavor, or too short.
bool mach_state_write(int flavor, const natural_t *state, uint32_t count, ucontext_t *context);

#endif
