// SPDX-License-Identifier: MIT
// time_value_t: processor time in the info structures. Layout of macOS <mach/time_value.h>.
// Invariant: 0 <= microseconds < TIME_MICROS_MAX.
#ifndef MACH_TIME_VALUE_H
#define MACH_TIME_VALUE_H

#include <mach/vm_types.h>

#define TIME_MICROS_MAX 1000000

struct time_value {
	integer_t seconds;
	integer_t microseconds;
};
typedef struct time_value time_value_t;

_Static_assert(sizeof(time_value_t) == 8, "time_value_t is two words");

#endif
