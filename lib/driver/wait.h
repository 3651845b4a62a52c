// SPDX-License-Identifier: MIT
// Waiting for a device to answer, with an end:
//
//	struct driver_wait wait = driver_wait_begin(limit);
//	while (!answered())
//		if (!driver_wait_more(&wait))
//			return fail("it does not answer");
//
// For what is short and comes before anybody is served; what is in flight is waited for with an interrupt. Tests may define
// both functions themselves, with a clock of their own.
#ifndef DRIVER_WAIT_H
#define DRIVER_WAIT_H

#include <stdbool.h>
#include <stdint.h>

struct driver_wait {
	uint64_t begun, limit; // nanoseconds
};

struct driver_wait driver_wait_begin(uint64_t nanoseconds);
// Gives the CPU to others, later sleeps for a moment. False: the time is over.
bool driver_wait_more(struct driver_wait *wait);

#endif
