// SPDX-License-Identifier: MIT
// Services of the kernel that are looked up by name as seats are: kernel/seats, kernel/monitor, kernel/archive,
// kernel/devices.
//
// They are granted like seats ("uses"), but have no state: a look-up gives a send right at once. To add one, add a line
// to the table in kernel_seat.c. Locks: none.
#ifndef KERNEL_SEAT_KERNEL_SEAT_H
#define KERNEL_SEAT_KERNEL_SEAT_H

#include "../ipc/right.h"

void kernel_seat_module_init(void);
// False: the kernel has no such service. *right is NONE when there is no memory.
bool kernel_seat_lookup(const char *name, struct right *right);

// A send right to the port that serves abi/seat.defs (seat_calls.c).
struct right seat_calls_make_send(void) must_check;
void seat_calls_module_init(void);
void seat_settle_module_init(void);

#endif
