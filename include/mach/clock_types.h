// SPDX-License-Identifier: MIT
// Clocks: their ids, attributes, mach_timespec_t and alarm types. Values of macOS <mach/clock_types.h>.
#ifndef MACH_CLOCK_TYPES_H
#define MACH_CLOCK_TYPES_H

#include <mach/time_value.h>

typedef int alarm_type_t;
typedef int sleep_type_t;
typedef int clock_id_t;
typedef int clock_flavor_t;
typedef int *clock_attr_t;
typedef int clock_res_t; // nanoseconds

struct mach_timespec {
	unsigned int tv_sec;
	clock_res_t tv_nsec; // 0 to 999999999
};
typedef struct mach_timespec mach_timespec_t;

// Clock ids (host_get_clock_service).
#define SYSTEM_CLOCK 0	 // time since boot, monotonic
#define CALENDAR_CLOCK 1 // time of day since 1970
#define REALTIME_CLOCK 0 // older name of SYSTEM_CLOCK

// Attributes (clock_get_attributes).
#define CLOCK_GET_TIME_RES 1
#define CLOCK_ALARM_CURRES 3
#define CLOCK_ALARM_MINRES 4
#define CLOCK_ALARM_MAXRES 5

// Alarm and sleep types.
#define ALRMTYPE 0xff
#define TIME_ABSOLUTE 0x00
#define TIME_RELATIVE 0x01
#define BAD_ALRMTYPE(type) (((type) & ~TIME_RELATIVE) != 0)

#define NSEC_PER_USEC 1000ull
#define NSEC_PER_MSEC 1000000ull
#define NSEC_PER_SEC 1000000000ull
#define USEC_PER_SEC 1000000ull

#define BAD_MACH_TIMESPEC(t) ((t)->tv_nsec < 0 || (t)->tv_nsec >= (long)NSEC_PER_SEC)

_Static_assert(sizeof(mach_timespec_t) == 8, "mach_timespec_t is two words");

#endif
