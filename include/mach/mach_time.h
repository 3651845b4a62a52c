// SPDX-License-Identifier: MIT
// Mach time: 64-bit ticks since boot, and the fraction that turns ticks into nanoseconds (nanoseconds = ticks *
// numer / denom). Layout of macOS <mach/mach_time.h>. To wait until a tick, call mach_wait_until.
#ifndef MACH_MACH_TIME_H
#define MACH_MACH_TIME_H

#include <mach/kern_return.h>
#include <stdint.h>

struct mach_timebase_info {
	uint32_t numer;
	uint32_t denom;
};
typedef struct mach_timebase_info *mach_timebase_info_t;
typedef struct mach_timebase_info mach_timebase_info_data_t;

// Fills *info. Fails only with KERN_INVALID_ADDRESS.
kern_return_t mach_timebase_info(mach_timebase_info_t info);

// Sleeps until mach_absolute_time() >= deadline. KERN_ABORTED if interrupted before.
kern_return_t mach_wait_until(uint64_t deadline);

// Ticks since boot. The absolute clock stands still while the machine sleeps, the continuous one does not; the
// approximate forms are cheaper and may lag by a scheduling tick.
uint64_t mach_absolute_time(void);
uint64_t mach_approximate_time(void);
uint64_t mach_continuous_time(void);
uint64_t mach_continuous_approximate_time(void);

_Static_assert(sizeof(mach_timebase_info_data_t) == 8, "mach_timebase_info is two words");

#endif
