// SPDX-License-Identifier: MIT
// The driver of virtio block devices: block sessions (lib/block/session.h) on one side, a virtio queue (lib/virtio) on the other.
//
// main.c serves; disk_open.c finds the device and gets it to work; disk.c moves requests. The transport is chosen by what the device
// has: a back-end (vhost-user), or a configuration space (virtio-pci).
// 1. A device that is not there is asked for again at each attach, which is answered BLOCK_NO_DEVICE meanwhile.
// 2. When a device that worked is gone or makes no sense, the driver ends: nobody knows what became of the requests in flight. The
//    next driver finds out whether there is a device, and clients send again what was not answered.
// One thread.
#ifndef VIRTIO_BLK_DISK_H
#define VIRTIO_BLK_DISK_H

#include <block/loop.h>
#include <virtio/vhost_user.h>
#include <virtio/virtio_blk.h>
#include <virtio/virtio_pci.h>

struct disk {
	struct block_loop loop;        // the first member
	const char *seat;
	const struct disk_transport *kind; // of the device
	struct vhost_user vhost;
	struct virtio_pci pci;
	struct virtio_transport *transport; // NULL: the device does not work (yet)
	struct virtio_blk blk;
	mach_port_t memory;            // of the queue and the requests' lines
	void *address;
	uint64_t bus_address;
	bool memory_used;              // it is not all zeros any more
	mach_port_t interrupt;         // where interrupts come in
	uint32_t interrupts;           // that it gets: the last one is the queue's, the first one the configuration's
	uint64_t complained;           // when an absent device was last logged
};

extern const struct block_loop_operations disk_operations; // disk.c

// Makes everything that needs no device. Errors are logged.
kern_return_t disk_begin(struct disk *disk, struct serve *serve) GILA_CHECKED;
// block_device's operations on the device as a whole.
kern_return_t disk_ready(struct block_device *device);
kern_return_t disk_memory_make(struct block_device *device, uint64_t size, mach_port_t *memory, uint64_t *bus_address);
kern_return_t disk_memory_take(struct block_device *device, mach_port_t memory, uint64_t size, uint64_t *bus_address);
void disk_memory_gone(struct block_device *device, uint64_t bus_address, uint64_t size);
// An interrupt of that index has come in.
void disk_interrupt(struct disk *disk, uint32_t index);
// Is the device still there, and does it go on? If not, disk_fail.
void disk_check(struct disk *disk);
// Logs the reason and ends the program.
void disk_fail(struct disk *disk, const char *why) __attribute__((noreturn));
void disk_in_doubt(struct block_device *device, const char *why);

#endif
