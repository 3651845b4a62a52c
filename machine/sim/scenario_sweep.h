// SPDX-License-Identifier: MIT
// The systematic kill sweep: a client is killed at every scheduling point of every trap of a set of acts, a server of a
// seat at every point of every trap of its life; after each death the kernel's books must be what they were before.
//
//   scenario_sweep.c       the sweep itself
//   scenario_sweep_acts.c  the acts: together they make every trap that a client can make
//   scenario_sweep_driver.c  the same for drivers of devices
#ifndef MACHINE_SIM_SCENARIO_SWEEP_H
#define MACHINE_SIM_SCENARIO_SWEEP_H

#include "scenario.h"

#include <mach/message.h>
#include <mach/port.h>

struct sweep_act {
	const char *name;
	void (*run)(mach_port_t self);
};

extern const struct sweep_act sweep_acts[];
extern const unsigned sweep_act_count;

#define SWEEP_SEAT "sweep/echo"

// An act's trap gave something else than a client that nobody kills expects.
void sweep_expect_at(const char *file, int line, const char *expression, uint64_t got, uint64_t wanted);
#define EXPECT(expression, wanted) sweep_expect_at(__FILE__, __LINE__, #expression, (uint64_t)(uint32_t)(expression), (uint32_t)(wanted))
#define EXPECT_OK(expression) EXPECT(expression, KERN_SUCCESS)

// One call to the seat. False: its server died; allowed if `perhaps`.
bool sweep_call_seat(mach_port_t self, mach_port_t reply, bool perhaps);

#endif
