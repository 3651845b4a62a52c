// SPDX-License-Identifier: MIT
// Bounded waiting; see wait.h.
#include "wait.h"

#include <sched.h>
#include <time.h>

#define QUICK_NS UINT64_C(500000) // before the CPU is given up for longer
#define PAUSE_NS 50000

static uint64_t nanoseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

struct driver_wait driver_wait_begin(uint64_t limit) { return (struct driver_wait){.begun = nanoseconds(), .limit = limit}; }

bool driver_wait_more(struct driver_wait *wait)
{
	struct timespec pause = {.tv_nsec = PAUSE_NS};
	uint64_t waited = nanoseconds() - wait->begun;
	if (waited > wait->limit)
		return false;
	if (waited < QUICK_NS)
		sched_yield();
	else
		nanosleep(&pause, NULL);
	return true;
}
