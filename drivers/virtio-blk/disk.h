// SPDX-License-Identifier: MIT
// The driver of virtio block devices: block sessions (lib/block/session.h) on one side, a virtio queue (lib/virtio) on the other.
//
// main.c serves; disk_open.c finds the device and gets it to work; disk.c moves requests; the transport is chosen by the device's
// compatible string.
// 1. A device that is not there is asked for again at each attach, which is answered BLOCK_NO_DEVICE meanwhile.
// 2. When a device that worked is gone or makes no sense, the driver ends: nobody knows what became of the requests in flight. The
//    next driver finds out whether there is a device, and clients send again what was not answered.
// One thread.
#ifndef VIRTIO_BLK_DISK_H
#define VIRTIO_BLK_DISK_H

#include <block/session.h>
#include <block/spin.h>
#include <virtio/vhost_user.h>
#include <virtio/virtio_blk.h>

struct disk {
	struct block_device device;    // the first member
	const char *seat;
	struct vhost_user vhost;
	struct virtio_transport *transport; // NULL: the device does not work (yet)
	struct virtio_blk blk;
	mach_port_t memory;            // of the queue and the requests' lines
	void *address;
	uint64_t bus_address;
	bool memory_used;              // it is not all zeros any more
	mach_port_t interrupt;         // where interrupts come in
	struct block_task *waiting, **waiting_end; // no room in the queue
	uint64_t progress;             // when something was last sent or ended
	struct block_spin spin;
	uint64_t complained;           // when an absent device was last logged
};

// Makes everything that needs no device. Errors are logged.
kern_return_t disk_begin(struct disk *disk, struct serve *serve) GILA_CHECKED;
// block_device's operations on the device as a whole.
kern_return_t disk_ready(struct block_device *device);
kern_return_t disk_memory_make(struct block_device *device, uint64_t size, mach_port_t *memory, uint64_t *bus_address);
kern_return_t disk_memory_take(struct block_device *device, mach_port_t memory, uint64_t size, uint64_t *bus_address);
void disk_memory_gone(struct block_device *device, uint64_t bus_address, uint64_t size);
// Logs the reason and ends the program.
void disk_fail(struct disk *disk, const char *why) __attribute__((noreturn));
void disk_in_doubt(struct block_device *device, const char *why);

// block_device's operations on requests.
void disk_start(struct block_device *device, struct block_task *task);
void disk_started(struct block_device *device);
// For serve->work: moves requests until nothing is to be done.
uint64_t disk_work(struct serve *serve);

#endif
