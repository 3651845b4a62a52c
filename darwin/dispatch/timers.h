// SPDX-License-Identifier: MIT
// Timers of the manager, between manager.c and timers.c; all with the manager's lock held.
#ifndef DARWIN_DISPATCH_TIMERS_H
#define DARWIN_DISPATCH_TIMERS_H

#include "manager.h"

// Fires those of the clock whose time has come.
void timers_fire(enum dispatch_clock clock);
// In manager.c: the kqueue is to report the clock's timer then.
void timers_arm(enum dispatch_clock clock, uint64_t deadline);
// None is set any more.
void timers_forget(void);

#endif
