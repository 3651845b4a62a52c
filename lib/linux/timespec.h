// SPDX-License-Identifier: MIT
// Times as Linux has them, and in nanoseconds.
#ifndef LINUX_TIMESPEC_H
#define LINUX_TIMESPEC_H

#include "linux.h"

struct linux_timespec {
	int64_t seconds, nanoseconds;
};

// False: it is no time. What is further away than nanoseconds in 64 bits can say is FOREVER.
static inline bool timespec_read(const struct linux_timespec *time, uint64_t *ns)
{
	struct linux_timespec copy = *time;
	if (copy.seconds < 0 || copy.nanoseconds < 0 || copy.nanoseconds >= (int64_t)NS)
		return false;
	*ns = (uint64_t)copy.seconds < FOREVER / NS ? (uint64_t)copy.seconds * NS + (uint64_t)copy.nanoseconds : FOREVER;
	return true;
}

static inline void timespec_write(struct linux_timespec *time, uint64_t ns)
{
	time->seconds = (int64_t)(ns / NS);
	time->nanoseconds = (int64_t)(ns % NS);
}

static inline uint64_t time_after(uint64_t time, uint64_t ns) { return ns < FOREVER - time ? time + ns : FOREVER; }

// When, by the clock since boot, the calendar will show `calendar`.
static inline uint64_t time_from_calendar(uint64_t calendar)
{
	uint64_t shown = linux_now_calendar();
	return time_after(linux_now(), calendar > shown ? calendar - shown : 0);
}

#endif
