// SPDX-License-Identifier: MIT
// Semaphores (semaphore.h, or the kernel's), timers that send messages (mk_timer), which are the kernel's; clocks,
// which Linux has. Facts: xnu's osfmk/mach/{semaphore.h,clock.defs,clock_types.h}.
#include "futex.h"
#include "mach_names.h"
#include "semaphore.h"

#include <abi/traps.h>
#include <mach/clock_types.h>
#include <mach/kern_return.h>
#include <time.h>

static uint64_t now(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

kern_return_t darwin_semaphore_create(mach_port_t task, mach_port_t *semaphore, int policy, int value)
{
	return task == MACH_TASK_SELF ? semaphore_make(policy, value, semaphore) : KERN_INVALID_ARGUMENT;
}

kern_return_t darwin_semaphore_destroy(mach_port_t task, mach_port_t semaphore)
{
	if (task != MACH_TASK_SELF)
		return KERN_INVALID_ARGUMENT;
	return semaphore_is_name(semaphore) || !mach_ready() ? semaphore_end(semaphore)
							     : gila_semaphore_destroy(semaphore);
}

// The name by which the kernel knows it; MACH_PORT_NULL: it is this program's own.
static mach_port_t kernels_name(mach_port_t semaphore, kern_return_t *error)
{
	if (semaphore_is_name(semaphore))
		return semaphore_moved(semaphore, error);
	*error = mach_ready() ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
	return semaphore;
}

kern_return_t darwin_semaphore_signal(mach_port_t semaphore)
{
	kern_return_t error = semaphore_is_name(semaphore) ? semaphore_raise(semaphore) : KERN_NOT_RECEIVER;
	mach_port_t port = error == KERN_NOT_RECEIVER ? kernels_name(semaphore, &error) : MACH_PORT_NULL;
	return error || port == MACH_PORT_NULL ? error : semaphore_signal_trap(port);
}

kern_return_t darwin_semaphore_signal_all(mach_port_t semaphore)
{
	kern_return_t error = semaphore_is_name(semaphore) ? semaphore_raise_all(semaphore) : KERN_NOT_RECEIVER;
	mach_port_t port = error == KERN_NOT_RECEIVER ? kernels_name(semaphore, &error) : MACH_PORT_NULL;
	return error || port == MACH_PORT_NULL ? error : semaphore_signal_all_trap(port);
}

kern_return_t darwin_semaphore_signal_thread(mach_port_t semaphore, mach_port_t thread)
{
	return thread == MACH_PORT_NULL ? darwin_semaphore_signal(semaphore) : KERN_NOT_SUPPORTED;
}

// `until` on CLOCK_MONOTONIC, or NULL.
static kern_return_t wait_until(mach_port_t semaphore, const struct timespec *until)
{
	kern_return_t error = semaphore_is_name(semaphore) ? semaphore_lower(semaphore, until) : KERN_NOT_RECEIVER;
	mach_port_t port = error == KERN_NOT_RECEIVER ? kernels_name(semaphore, &error) : MACH_PORT_NULL;
	if (error || port == MACH_PORT_NULL)
		return error;
	if (!until)
		return semaphore_wait_trap(port);
	uint64_t end = (uint64_t)until->tv_sec * 1000000000u + (uint64_t)until->tv_nsec, at = now(CLOCK_MONOTONIC);
	uint64_t left = end > at ? end - at : 0;
	return semaphore_timedwait_trap(port, (uint32_t)(left / 1000000000u), (int32_t)(left % 1000000000u));
}

kern_return_t darwin_semaphore_wait(mach_port_t semaphore)
{
	return wait_until(semaphore, NULL);
}

kern_return_t darwin_semaphore_timedwait(mach_port_t semaphore, struct mach_timespec time)
{
	if (BAD_MACH_TIMESPEC(&time))
		return KERN_INVALID_VALUE;
	struct timespec until = futex_deadline(time.tv_sec, time.tv_nsec, CLOCK_MONOTONIC);
	return wait_until(semaphore, &until);
}

kern_return_t darwin_semaphore_wait_signal(mach_port_t wait, mach_port_t signal)
{
	kern_return_t error = signal == MACH_PORT_NULL ? KERN_SUCCESS : darwin_semaphore_signal(signal);
	return error ? error : darwin_semaphore_wait(wait);
}

kern_return_t darwin_semaphore_timedwait_signal(mach_port_t wait, mach_port_t signal, struct mach_timespec time)
{
	if (BAD_MACH_TIMESPEC(&time))
		return KERN_INVALID_VALUE;
	kern_return_t error = signal == MACH_PORT_NULL ? KERN_SUCCESS : darwin_semaphore_signal(signal);
	return error ? error : darwin_semaphore_timedwait(wait, time);
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
