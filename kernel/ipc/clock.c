// SPDX-License-Identifier: MIT
// Clocks by trap: reading them, sleeping until a time. mach_absolute_time is nanoseconds since boot on every machine.
#include "../core/sched.h"
#include "../task/thread.h"
#include <abi/trap_kernel.h>
#include <mach/clock_types.h>
#include <mach/mach_time.h>

kern_return_t trap_mach_timebase_info_trap(struct thread *self, user_addr_t info)
{
	struct mach_timebase_info timebase = {.numer = 1, .denom = 1};
	return md_copy_out(self, info, &timebase, sizeof(timebase));
}

uint64_t trap_gila_clock_get_time(struct thread *self, int clock)
{
	switch (clock) {
	case SYSTEM_CLOCK:
		return md_clock_now();
	case CALENDAR_CLOCK:
		return (uint64_t)md_clock_calendar();
	}
	return 0;
}

_Noreturn static void wait_until_resume(struct thread *self)
{
	thread_return(wait_end(self) == WAIT_TIMED_OUT ? KERN_SUCCESS : KERN_ABORTED);
}

kern_return_t trap_mach_wait_until_trap(struct thread *self, uint64_t deadline)
{
	if (deadline <= md_clock_now())
		return KERN_SUCCESS;
	wait_begin(NULL, deadline, WAIT_INTERRUPTIBLE, "sleep");
	thread_block_continue(wait_until_resume);
}

static kern_return_t write_time(struct thread *self, user_addr_t to)
{
	uint64_t now = md_clock_now();
	mach_timespec_t time = {(unsigned)(now / NSEC_PER_SEC), (clock_res_t)(now % NSEC_PER_SEC)};
	return to ? md_copy_out(self, to, &time, sizeof(time)) : KERN_SUCCESS;
}

// The wake-up time is the fifth argument of the trap, which is still in the frame.
_Noreturn static void clock_sleep_resume(struct thread *self)
{
	kern_return_t error = wait_end(self) == WAIT_TIMED_OUT ? KERN_SUCCESS : KERN_ABORTED;
	if (!error)
		error = write_time(self, self->frame.arguments[4]);
	thread_return((uint64_t)error);
}

kern_return_t trap_clock_sleep_trap(struct thread *self, mach_port_name_t clock, int sleep_type, int seconds,
				    int nanoseconds, user_addr_t wakeup_time)
{
	if (clock != MACH_PORT_NULL || BAD_ALRMTYPE(sleep_type))
		return KERN_INVALID_ARGUMENT;
	if (seconds < 0 || nanoseconds < 0 || (uint64_t)nanoseconds >= NSEC_PER_SEC)
		return KERN_INVALID_VALUE;
	uint64_t now = md_clock_now(), deadline = (uint64_t)seconds * NSEC_PER_SEC + (uint64_t)nanoseconds;
	if (sleep_type == TIME_RELATIVE)
		deadline += now;
	if (deadline <= now)
		return write_time(self, wakeup_time);
	wait_begin(NULL, deadline, WAIT_INTERRUPTIBLE, "sleep");
	thread_block_continue(clock_sleep_resume);
}
