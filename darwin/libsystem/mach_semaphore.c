// SPDX-License-Identifier: MIT
// Semaphores, timers that send messages (mk_timer), which are the kernel's; clocks, which Linux has.
// Facts: xnu's osfmk/mach/{semaphore.h,clock.defs,clock_types.h}.
#include "mach_names.h"

#include <abi/traps.h>
#include <mach/clock_types.h>
#include <mach/kern_return.h>
#include <time.h>

kern_return_t darwin_semaphore_create(mach_port_t task, mach_port_t *semaphore, int policy, int value)
{
	if (!mach_ready())
		return KERN_RESOURCE_SHORTAGE;
	if (task != MACH_TASK_SELF)
		return KERN_INVALID_ARGUMENT;
	uint64_t result = gila_semaphore_create(policy, value);
	*semaphore = (mach_port_t)result;
	return (kern_return_t)(result >> 32);
}

kern_return_t darwin_semaphore_destroy(mach_port_t task, mach_port_t semaphore)
{
	mach_ready();
	return task == MACH_TASK_SELF ? gila_semaphore_destroy(semaphore) : KERN_INVALID_ARGUMENT;
}

kern_return_t darwin_semaphore_signal(mach_port_t semaphore)
{
	mach_ready();
	return semaphore_signal_trap(semaphore);
}

kern_return_t darwin_semaphore_signal_all(mach_port_t semaphore)
{
	mach_ready();
	return semaphore_signal_all_trap(semaphore);
}

kern_return_t darwin_semaphore_signal_thread(mach_port_t semaphore, mach_port_t thread)
{
	mach_ready();
	return thread == MACH_PORT_NULL ? semaphore_signal_thread_trap(semaphore, thread) : KERN_NOT_SUPPORTED;
}

kern_return_t darwin_semaphore_wait(mach_port_t semaphore)
{
	mach_ready();
	return semaphore_wait_trap(semaphore);
}

kern_return_t darwin_semaphore_timedwait(mach_port_t semaphore, struct mach_timespec time)
{
	mach_ready();
	return semaphore_timedwait_trap(semaphore, time.tv_sec, time.tv_nsec);
}

kern_return_t darwin_semaphore_wait_signal(mach_port_t wait, mach_port_t signal)
{
	mach_ready();
	return semaphore_wait_signal_trap(wait, signal);
}

kern_return_t darwin_semaphore_timedwait_signal(mach_port_t wait, mach_port_t signal, struct mach_timespec time)
{
	mach_ready();
	return semaphore_timedwait_signal_trap(wait, signal, time.tv_sec, time.tv_nsec);
}

// ---- timers ---------------------------------------------------------------------------------------------------------

mach_port_t darwin_mk_timer_create(void)
{
	mach_ready();
	return mk_timer_create_trap();
}

kern_return_t darwin_mk_timer_destroy(mach_port_t timer)
{
	mach_ready();
	return mk_timer_destroy_trap(timer);
}

static uint64_t now(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

// The kernel counts time from its own beginning.
static uint64_t kernels_time(uint64_t absolute)
{
	uint64_t difference = now(CLOCK_MONOTONIC) - gila_clock_get_time(SYSTEM_CLOCK);
	return absolute > difference ? absolute - difference : 0;
}

kern_return_t darwin_mk_timer_arm(mach_port_t timer, uint64_t deadline)
{
	mach_ready();
	return mk_timer_arm_trap(timer, kernels_time(deadline));
}

kern_return_t darwin_mk_timer_cancel(mach_port_t timer, uint64_t *due)
{
	uint64_t time = 0;
	mach_ready();
	kern_return_t error = mk_timer_cancel_trap(timer, &time);
	if (due)
		*due = time ? time + now(CLOCK_MONOTONIC) - gila_clock_get_time(SYSTEM_CLOCK) : 0;
	return error;
}

// ---- clocks ---------------------------------------------------------------------------------------------------------

kern_return_t darwin_host_get_clock_service(mach_port_t host, int clock, mach_port_t *port)
{
	if (host != MACH_HOST_SELF || (clock != SYSTEM_CLOCK && clock != CALENDAR_CLOCK))
		return KERN_INVALID_ARGUMENT;
	*port = clock == SYSTEM_CLOCK ? MACH_SYSTEM_CLOCK : MACH_CALENDAR_CLOCK;
	return KERN_SUCCESS;
}

kern_return_t darwin_clock_get_time(mach_port_t clock, struct mach_timespec *time)
{
	if (clock != MACH_SYSTEM_CLOCK && clock != MACH_CALENDAR_CLOCK)
		return KERN_INVALID_ARGUMENT;
	uint64_t at = now(clock == MACH_SYSTEM_CLOCK ? CLOCK_MONOTONIC : CLOCK_REALTIME);
	*time = (struct mach_timespec){(unsigned)(at / 1000000000u), (clock_res_t)(at % 1000000000u)};
	return KERN_SUCCESS;
}

kern_return_t darwin_clock_get_attributes(mach_port_t clock, int flavor, int *value, uint32_t *count)
{
	if ((clock != MACH_SYSTEM_CLOCK && clock != MACH_CALENDAR_CLOCK) || *count < 1)
		return KERN_INVALID_ARGUMENT;
	if (flavor != CLOCK_GET_TIME_RES)
		return KERN_INVALID_VALUE;
	*value = 1; // ns
	*count = 1;
	return KERN_SUCCESS;
}

kern_return_t darwin_clock_sleep(mach_port_t clock, int type, struct mach_timespec time, struct mach_timespec *woken)
{
	if ((clock != MACH_SYSTEM_CLOCK && clock != MACH_CALENDAR_CLOCK && clock != MACH_PORT_NULL) ||
	    BAD_ALRMTYPE(type))
		return KERN_INVALID_ARGUMENT;
	if (BAD_MACH_TIMESPEC(&time))
		return KERN_INVALID_VALUE;
	clockid_t host = clock == MACH_CALENDAR_CLOCK ? CLOCK_REALTIME : CLOCK_MONOTONIC;
	struct timespec span = {time.tv_sec, time.tv_nsec};
	int result = clock_nanosleep(host, type == TIME_ABSOLUTE ? TIMER_ABSTIME : 0, &span, NULL);
	if (woken)
		darwin_clock_get_time(clock == MACH_CALENDAR_CLOCK ? clock : MACH_SYSTEM_CLOCK, woken);
	return result ? KERN_ABORTED : KERN_SUCCESS;
}
