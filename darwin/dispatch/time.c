// SPDX-License-Identifier: MIT
// Times of libdispatch. Facts: <dispatch/time.h>.
//
// A time is a value of mach_absolute_time, or, with the topmost bit, the negative of nanoseconds of the calendar; 0 is now, ~0 never,
// -2 now on the calendar (DISPATCH_WALLTIME_NOW).
#include "object.h"

#include "../libsystem/futex.h"
#include "pool.h"

#include <errno.h>
#include <limits.h>

#define WALLTIME_NOW (~1ull)

uint64_t darwin_mach_absolute_time(void);

static int64_t calendar_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * 1000000000 + now.tv_nsec;
}

static uint64_t calendar_time(int64_t from, int64_t delta)
{
	int64_t time;
	if (__builtin_add_overflow(from, delta, &time))
		return delta > 0 ? DISPATCH_TIME_FOREVER : (uint64_t)-3;
	return (uint64_t) - (time < 3 ? 3 : time);
}

uint64_t darwin_dispatch_time(uint64_t when, int64_t delta)
{
	if (when == DISPATCH_TIME_FOREVER)
		return when;
	if (when == WALLTIME_NOW)
		return calendar_time(calendar_now(), delta);
	if (when >> 63)
		return calendar_time(-(int64_t)when, delta);
	if (when == DISPATCH_TIME_NOW)
		when = darwin_mach_absolute_time();
	if (delta > 0 && when > INT64_MAX - (uint64_t)delta)
		return DISPATCH_TIME_FOREVER;
	return delta < 0 && -(uint64_t)delta >= when ? 1 : when + (uint64_t)delta;
}

uint64_t darwin_dispatch_walltime(const struct timespec *when, int64_t delta)
{
	return calendar_time(when ? when->tv_sec * 1000000000 + when->tv_nsec : calendar_now(), delta);
}

uint64_t dispatch_time_split(uint64_t when, enum dispatch_clock *clock)
{
	if (when == DISPATCH_TIME_NOW)
		when = darwin_mach_absolute_time();
	else if (when == WALLTIME_NOW)
		when = (uint64_t)-calendar_now();
	*clock = when >> 63 ? DISPATCH_CLOCK_WALL : DISPATCH_CLOCK_UPTIME;
	return when >> 63 ? -when : when;
}

bool dispatch_wait(_Atomic uint32_t *word, uint32_t value, uint64_t when)
{
	enum dispatch_clock clock = DISPATCH_CLOCK_UPTIME;
	if (atomic_load(word) != value)
		return true;
	if (when == DISPATCH_TIME_NOW)
		return false;
	uint64_t time = when == DISPATCH_TIME_FOREVER ? 0 : dispatch_time_split(when, &clock);
	struct timespec until = {(time_t)(time / 1000000000), (long)(time % 1000000000)};
	bool in_time = true;
	dispatch_pool_block();
	while (in_time && atomic_load(word) == value)
		in_time = futex_wait(word, value, when == DISPATCH_TIME_FOREVER ? NULL : &until,
				     clock == DISPATCH_CLOCK_WALL) != ETIMEDOUT;
	dispatch_pool_unblock();
	return in_time;
}
