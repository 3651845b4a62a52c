// SPDX-License-Identifier: MIT
// The driver of NVMe disks: block sessions (lib/block/session.h) on one side, an NVMe controller (nvme.h) on the other.
//
// main.c serves; disk_open.c gets the device to work; disk.c cuts requests into commands and moves them.
// 1. A controller that does not get ready is tried again at each attach, which is answered BLOCK_NO_DEVICE meanwhile.
// 2. When one that worked makes no sense, reports a fatal error or loses a command, the driver ends: nobody knows what became of the
//    commands in flight. The next driver resets the controller, and clients send again what was not answered.
// One thread.
#ifndef NVME_DISK_H
#define NVME_DISK_H

#include "nvme.h"

#include <block/loop.h>

struct disk {
	struct block_loop loop;   // the first member
	const char *seat;
	struct driver_pci pci;
	struct nvme nvme;
	mach_port_t memory;       // of queues, PRP lists and so on
	void *address;
	uint64_t bus_address;
	mach_port_t interrupt;    // where interrupts come in
	uint32_t interrupts;      // that it gets: the last one is the I/O queue's
	uint64_t complained;      // when something was last logged
};

extern const struct block_loop_operations disk_operations; // disk.c

// Makes everything that needs no working controller. Errors are logged.
kern_return_t disk_begin(struct disk *disk, struct serve *serve) GILA_CHECKED;
// block_device's operations.
kern_return_t disk_ready(struct block_device *device);
kern_return_t disk_memory_make(struct block_device *device, uint64_t size, mach_port_t *memory, uint64_t *bus_address);
kern_return_t disk_memory_take(struct block_device *device, mach_port_t memory, uint64_t size, uint64_t *bus_address);
// Logs the reason and ends the program.
void disk_fail(struct disk *disk, const char *why) __attribute__((noreturn));
void disk_in_doubt(struct block_device *device, const char *why);
// Logs that a command failed, once a second at most.
void disk_complain(struct disk *disk, const struct block_request *request);

#endif
