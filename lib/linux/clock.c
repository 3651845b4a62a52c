// SPDX-License-Identifier: MIT
// Clocks and sleeping.
#include "calls_c.h"
#include "timespec.h"

#include <abi/traps.h>
#include <errno.h>
#include <linux/time.h>
#include <mach/clock_types.h>

uint64_t linux_now(void) { return gila_clock_get_time(SYSTEM_CLOCK); }
uint64_t linux_now_calendar(void) { return gila_clock_get_time(CALENDAR_CLOCK); }

bool linux_clock(uint64_t number, uint64_t *time)
{
	switch (number) {
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*time = linux_now();
		return true;
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		*time = linux_now_calendar();
		return true;
	default: // CPU time of processes and threads is not counted
		return false;
	}
}

int64_t linux_clock_gettime(struct linux_frame *frame)
{
	uint64_t time;
	if (!linux_clock(frame->rdi, &time))
		return -EINVAL;
	timespec_write((struct linux_timespec *)(uintptr_t)frame->rsi, time); // NOLINT
	return 0;
}

int64_t linux_clock_getres(struct linux_frame *frame)
{
	uint64_t time;
	if (!linux_clock(frame->rdi, &time))
		return -EINVAL;
	if (frame->rsi)
		timespec_write((struct linux_timespec *)(uintptr_t)frame->rsi, 1); // NOLINT
	return 0;
}

int64_t linux_gettimeofday(struct linux_frame *frame)
{
	struct {
		int64_t seconds, microseconds;
	} *value = (void *)(uintptr_t)frame->rdi; // NOLINT
	uint64_t now = linux_now_calendar();
	if (value) {
		value->seconds = (int64_t)(now / NS);
		value->microseconds = (int64_t)(now % NS / 1000);
	}
	if (frame->rsi)
		*(uint64_t *)(uintptr_t)frame->rsi = 0; // struct timezone: UTC, without summer time // NOLINT
	return 0;
}

int64_t linux_time(struct linux_frame *frame)
{
	int64_t seconds = (int64_t)(linux_now_calendar() / NS);
	if (frame->rdi)
		*(int64_t *)(uintptr_t)frame->rdi = seconds; // NOLINT
	return seconds;
}

// ---- Sleeping --------------------------------------------------------------------------------------------------------

// Until `deadline`; when that is interrupted what was left goes to `left`, unless it is NULL.
static int64_t sleep_until(uint64_t deadline, struct linux_timespec *left)
{
	if (mach_wait_until_trap(deadline) != KERN_ABORTED)
		return 0;
	uint64_t now = linux_now();
	if (left)
		timespec_write(left, deadline > now ? deadline - now : 0);
	return -EINTR;
}

int64_t linux_nanosleep(struct linux_frame *frame)
{
	uint64_t ns;
	if (!timespec_read((const struct linux_timespec *)(uintptr_t)frame->rdi, &ns)) // NOLINT
		return -EINVAL;
	return sleep_until(time_after(linux_now(), ns), (struct linux_timespec *)(uintptr_t)frame->rsi); // NOLINT
}

int64_t linux_clock_nanosleep(struct linux_frame *frame)
{
	uint64_t ns, now;
	if (!linux_clock(frame->rdi, &now) || !timespec_read((const struct linux_timespec *)(uintptr_t)frame->rdx, &ns)) // NOLINT
		return -EINVAL;
	if (!(frame->rsi & TIMER_ABSTIME))
		return sleep_until(time_after(linux_now(), ns), (struct linux_timespec *)(uintptr_t)frame->r10); // NOLINT
	bool calendar = frame->rdi == CLOCK_REALTIME || frame->rdi == CLOCK_REALTIME_COARSE;
	return sleep_until(calendar ? time_from_calendar(ns) : ns, NULL);
}
