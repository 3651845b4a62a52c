// SPDX-License-Identifier: MIT
// Clocks, sleeping, timers. Facts: Libc's <time.h> (clock numbers), xnu's bsd/sys/time.h, osfmk/mach/mach_time.h.
#include "abi.h"
#include "errno.h"
#include "signals.h"
#include "thread.h"

#include <sched.h>
#include <stddef.h>
#include <sys/select.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static int clock_to_host(int darwin)
{
	switch (darwin) {
	case 0: return CLOCK_REALTIME;
	case 4:
	case 5: return CLOCK_BOOTTIME; // MONOTONIC_RAW and its approximation go on while the system sleeps
	case 6: return CLOCK_BOOTTIME; // MONOTONIC, too
	case 8:
	case 9: return CLOCK_MONOTONIC; // UPTIME_RAW and its approximation
	case 12: return CLOCK_PROCESS_CPUTIME_ID;
	case 16: return CLOCK_THREAD_CPUTIME_ID;
	default: return -1;
	}
}

int darwin_clock_gettime(int clock, struct timespec *now)
{
	int host = clock_to_host(clock);
	return host < 0 ? errno_set(DARWIN_EINVAL) : (int)errno_result(clock_gettime(host, now));
}

int darwin_clock_getres(int clock, struct timespec *step)
{
	int host = clock_to_host(clock);
	return host < 0 ? errno_set(DARWIN_EINVAL) : (int)errno_result(clock_getres(host, step));
}

uint64_t darwin_clock_gettime_nsec_np(int clock)
{
	struct timespec now;
	return darwin_clock_gettime(clock, &now) < 0 ? 0 : (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t darwin_mach_absolute_time(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t darwin_mach_continuous_time(void)
{
	struct timespec now;
	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// The clocks of the last tick: cheaper, and up to a few milliseconds behind.
uint64_t darwin_mach_approximate_time(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

// Ticks are nanoseconds.
int darwin_mach_timebase_info(uint32_t ratio[2])
{
	ratio[0] = ratio[1] = 1;
	return 0;
}

int darwin_mach_wait_until(uint64_t deadline)
{
	struct timespec until = {(time_t)(deadline / 1000000000u), (long)(deadline % 1000000000u)};
	return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) ? 14 : 0; // KERN_ABORTED
}

int darwin_gettimeofday(struct darwin_timeval *now, void *zone)
{
	struct timeval host;
	(void)zone;
	gettimeofday(&host, NULL);
	if (now)
		*now = (struct darwin_timeval){host.tv_sec, (int32_t)host.tv_usec, 0};
	return 0;
}

int darwin_nanosleep(const struct timespec *span, struct timespec *left)
{
	thread_cancel_point();
	return (int)errno_result(nanosleep(span, left));
}

// A few microseconds are less than sleeping takes on Linux: who asks for them (Go's osyield, for one) wants to let others run.
static void wait_briefly(uint32_t microseconds)
{
	uint64_t until = darwin_mach_absolute_time() + microseconds * 1000u;
	do
		sched_yield();
	while (darwin_mach_absolute_time() < until);
}

int darwin_usleep(uint32_t microseconds)
{
	if (microseconds <= 5) {
		wait_briefly(microseconds);
		return 0;
	}
	struct timespec span = {microseconds / 1000000, (long)(microseconds % 1000000) * 1000};
	thread_cancel_point();
	return (int)errno_result(nanosleep(&span, NULL));
}

int darwin_pause(void)
{
	return (int)errno_result(pause());
}

int darwin_setitimer(int which, const struct darwin_timeval new[2], struct darwin_timeval old[2])
{
	struct itimerval wanted, before;
	if (new)
		wanted = (struct itimerval){{new[0].seconds, new[0].microseconds},
					    {new[1].seconds, new[1].microseconds}};
	int result = setitimer((__itimer_which_t)which, new ? &wanted : NULL, &before); // REAL 0, VIRTUAL 1, PROF 2
	if (result == 0 && old) {
		old[0] = (struct darwin_timeval){before.it_interval.tv_sec, (int32_t)before.it_interval.tv_usec, 0};
		old[1] = (struct darwin_timeval){before.it_value.tv_sec, (int32_t)before.it_value.tv_usec, 0};
	}
	return (int)errno_result(result);
}

int darwin_select(int count, fd_set *readers, fd_set *writers, fd_set *errors, struct darwin_timeval *span)
{
	struct timeval host;
	if (span)
		host = (struct timeval){span->seconds, span->microseconds};
	return (int)errno_result(
		select(count, readers, writers, errors, span ? &host : NULL)); // the sets are bits in both systems
}

// The set of signals is the thread's while it waits: pselect(2).
int darwin_pselect(int count, fd_set *readers, fd_set *writers, fd_set *errors, const struct timespec *span, const uint32_t *mask)
{
	sigset_t host;
	if (mask)
		signals_set_to_host(*mask, &host);
	thread_cancel_point();
	return (int)errno_result(pselect(count, readers, writers, errors, span, mask ? &host : NULL));
}

int darwin_clock_settime(int clock, const struct timespec *now)
{
	return clock == 0 ? (int)errno_result(clock_settime(CLOCK_REALTIME, now)) : errno_set(DARWIN_EINVAL);
}

int darwin_adjtime(const struct darwin_timeval *by, struct darwin_timeval *left)
{
	struct timeval host, before;
	if (by)
		host = (struct timeval){by->seconds, by->microseconds};
	int result = adjtime(by ? &host : NULL, &before);
	if (result == 0 && left)
		*left = (struct darwin_timeval){before.tv_sec, (int32_t)before.tv_usec, 0};
	return (int)errno_result(result);
}

// Facts: time2posix(3): without leap seconds in the zones' files both are the same.
int64_t darwin_time2posix(int64_t time) { return time; }

struct tm *darwin_offtime(const time_t *time, long offset)
{
	time_t shifted = *time + offset;
	struct tm *parts = gmtime(&shifted);
	if (parts)
		parts->tm_gmtoff = offset;
	return parts;
}

time_t darwin_timeoff(struct tm *parts, long offset)
{
	parts->tm_isdst = 0;
	return timegm(parts) - offset;
}
