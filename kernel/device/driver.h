// SPDX-License-Identifier: MIT
// The compatibility list: which program drives a device with which compatible string.
//
// driver_add gives every device that fits and has no driver a seat of its own, KIND/NUMBER with the lowest number that is
// free, which works as any other seat from then on: launched when it is looked up, restarted when it ends. Among several
// lines that fit a device the one that came first has it. Lock: that of device.h. May suspend: never.
#ifndef KERNEL_DEVICE_DRIVER_H
#define KERNEL_DEVICE_DRIVER_H

#include "device.h"

struct image;
struct recipe;

struct driver {
	struct list link;      // [device] by id
	uint32_t id;           // [I] from 1; never used again
	char compatible[DEVICE_COMPATIBLE_MAX + 1]; // [I]
	struct recipe *recipe; // [device] whose name is the kind; a reference
	struct image *image;   // [device] the program if it is not the boot archive's; a reference, NULL: none
};

struct driver_wish {
	const char *compatible;
	struct recipe *recipe; // references are taken
	struct image *image;   // NULL: the recipe's program, in the boot archive
	bool replace;
};

// Adds a line, or with `replace` gives the line of that compatible string (if there is one) and the seats that were made by
// it the new program. *bound: devices that have it as their driver now. `complaint` (RECIPE_COMPLAINT_MAX) says why not:
// KERN_INVALID_ARGUMENT, KERN_NAME_EXISTS, KERN_NOT_FOUND (no such program), KERN_DENIED, KERN_RESOURCE_SHORTAGE.
kern_return_t must_check driver_add(struct task *registrar, const struct driver_wish *wish, uint32_t *bound,
				    char *complaint);
// KERN_NOT_FOUND.
kern_return_t must_check driver_remove(const char *compatible);
// Lines with an id above `after`, at most `room`; returns how many.
uint32_t driver_list(uint32_t after, struct device_driver_record *records, uint32_t room);

void driver_module_init(void);

#endif
