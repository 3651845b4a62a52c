// SPDX-License-Identifier: MIT
// Devices: what the machine reports (md_boot_device_tree), with the seats of their drivers.
//
// A device is found by its driver alone: device_of_task goes through the seat that the task occupies. Which program drives
// it is the business of driver.h; its interrupts that of interrupt.h.
// 1. Devices are made at boot and never end. What is marked [I] never changes.
// 2. A device has at most one seat, and a seat at most one occupant: never two drivers. A seat that was removed lets its
//    device go when its last occupant has ended (device_seat_removed).
// 3. What a driver has of its device ends before another one can be launched (device_driver_ended).
// Lock: RANK_DEVICE, one for all devices and the compatibility list.
#ifndef KERNEL_DEVICE_DEVICE_H
#define KERNEL_DEVICE_DEVICE_H

#include "../core/list.h"
#include "../core/lock.h"
#include "../ipc/right.h"
#include "fdt.h"

#include <gila/device.h>

struct fdt_walk;
struct interrupt;
struct memory;
struct seat;
struct task;

struct device_region {
	uint64_t address, size;  // [I]
	struct memory *memory;   // [device] the pages that hold it; made when it is first mapped, then kept
};

// I/O ports, where the machine has such a thing (x86).
struct device_ports {
	uint64_t first; // [I]
	uint32_t count; // [I]
};

struct device {
	struct list link;        // [I] all devices, by id
	uint32_t id;             // [I] from 1
	char address[DEVICE_ADDRESS_MAX + 1]; // [I] as in device/ADDRESS
	struct fdt fdt;          // [I] where its node is
	uint32_t node;           // [I]
	struct fdt_property compatible; // [I] a list of strings, the most specific first
	bool has_master;         // [I] it accesses memory by itself when it may
	uint32_t master;         // [I] md_device_master's number for it
	uint32_t region_count, interrupt_count, backend_count, port_count; // [I]
	struct device_region regions[DEVICE_REGIONS_MAX];
	struct device_ports ports[DEVICE_PORTS_MAX]; // [I]
	struct interrupt *interrupts; // [I] interrupt_count of them; interrupt.c
	struct seat *seat;       // [device] of its driver; a reference; NULL: none
	const char *match;       // [device] the compatible string that the driver was found by
};

extern struct lock device_lock;

// Makes the devices of all trees that the machine reports, and the port of kernel/devices.
void device_module_init(void);
// Makes those of one tree, which stays valid for ever. What is wrong with it is logged; the rest is used.
void device_tree_add(const void *blob, size_t size, const char *what);

// The device whose driver the task is; NULL: none.
struct device *device_of_task(struct task *task);
struct device *device_find(const char *address);
// The next device in the order of ids; NULL: before the first, behind the last.
struct device *device_after(struct device *device);
// True when `compatible` is in its list.
bool device_is_compatible(const struct device *device, const char *compatible);
// The seat that is also called device/ADDRESS, with a reference; NULL: none, or another name.
struct seat *device_find_seat(const char *name);
// The seat of its driver, with a reference; NULL: none. *match (may be NULL): what it was found by, "" if none.
struct seat *device_get_seat(struct device *device, const char **match);
// The pages of a region, with a reference; *offset: of the region's first byte in them. KERN_NOT_SUPPORTED: the machine
// has none there. KERN_RESOURCE_SHORTAGE.
kern_return_t must_check device_get_region(struct device *device, uint32_t region, struct memory **memory, uint64_t *offset);

// The device may access memory, or may not any more: from its driver's first interrupt on until that driver ends.
void device_set_master(struct device *device, bool on);

// By kernel/task. Nothing of the task runs any more, but its memory is still there: if it was a driver, its device must not access that
// from now on.
void device_task_ending(struct task *task);
// By kernel/seat. The driver's task has ended: its interrupts are nobody's now.
void device_driver_ended(struct device *device);
// The seat was removed and nobody sits there any more: the device can be given to another driver.
void device_seat_removed(struct device *device);

// device_calls.c: a send right to the port that serves abi/device.defs.
struct right device_calls_make_send(void) must_check;
void device_calls_module_init(void);

#endif
