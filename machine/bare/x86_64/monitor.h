// SPDX-License-Identifier: MIT
// The monitor on the first serial line; see monitor.c.
#ifndef MACHINE_BARE_X86_64_MONITOR_H
#define MACHINE_BARE_X86_64_MONITOR_H

#include <stdbool.h>

struct arch_registers;
struct thread;

// A BREAK has come: talks with whoever sent it. No lock held, where an interrupt could be served.
void monitor_open(void);
bool monitor_is_open(void);
// Another CPU's is: this one waits until it is closed. `thread`: whose user mode it has just left, or NULL.
void monitor_hold(struct thread *thread);
// The same by NMI, in the middle of anything.
void monitor_hold_here(const struct arch_registers *registers);

#endif
