// SPDX-License-Identifier: MIT
// Timers: a function to be called once at a time. Kept in a pairing heap: O(1) to add, O(log n) to remove.
// The function runs with no lock but the timer queue's, on any CPU; it must not block, and may only wake threads, post
// work (work.h) or set timers... of others by posting work. timer_cancel waits until a running function has ended.
#ifndef KERNEL_CORE_TIMER_H
#define KERNEL_CORE_TIMER_H

#include "base.h"

struct timer {
	struct timer *child, *sibling, *previous; // pairing heap; previous: parent or left sibling
	uint64_t deadline;
	void (*fire)(struct timer *timer);
	bool armed;
};

void timer_module_init(void);
static inline void timer_init(struct timer *timer, void (*fire)(struct timer *timer))
{
	*timer = (struct timer){.fire = fire};
}
// (Re)arms it for the absolute time `deadline`.
void timer_set(struct timer *timer, uint64_t deadline);
// True when it was armed and will not fire any more.
bool timer_cancel(struct timer *timer);
// Fires what is due. Called for kern_timer_due().
void timer_run(void);

#endif
