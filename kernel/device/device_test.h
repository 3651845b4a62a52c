// SPDX-License-Identifier: MIT
// For tests of devices on the machine sim, which has two of them (machine/sim/device.c): device@10000000 with the lines 0
// and 1, device@10002000 with 2 and 3. device_programs_test.c has the bodies and the programs:
//
// drv_sits (takes its seat, has interrupt 0 sent to a port, counts and acknowledges), drv_tries (uses all of its device
// and tries what is not its own, then sits), drv_leaves (destroys the right), drv_reads (maps what the one before kept).
#ifndef KERNEL_DEVICE_DEVICE_TEST_H
#define KERNEL_DEVICE_DEVICE_TEST_H

#include "driver.h"

#include "../seat/seat_test.h"

#define TEST_FIRST "device@10000000"
#define TEST_SECOND "device@10002000"

struct driver_seen {
	unsigned started;    // drivers that came to life
	unsigned interrupts; // sums of device_interrupt.count
	unsigned messages;   // that they came in
	unsigned wrong;      // things that went otherwise than they should
	int first_wrong;     // the line of the first
	char address[DEVICE_ADDRESS_MAX + 1]; // of the last that started
};
extern struct driver_seen driver_seen;

// Adds a line with all grants. complaint: RECIPE_COMPLAINT_MAX bytes.
kern_return_t must_check test_driver(const char *compatible, const char *kind, const char *program, uint32_t flags,
				     bool replace, uint32_t *bound, char *complaint);
// The same; false: refused.
bool must_check test_driver_add(const char *compatible, const char *kind, const char *program);

#endif
