// SPDX-License-Identifier: MIT
// The shortest way from a program to a vhost-user disk: no kernel, no driver, no sums. Tests check the virtio code with it, and the
// bench has it as the floor that the way through Gila is measured against.
//
// To use one: vhost_direct_open; put data into direct.data; vhost_direct_submit (at most VIRTIO_BLK_QUEUE at a time), then
// vhost_direct_poll, which sends what was submitted and calls `done` for what has ended; vhost_direct_close.
#ifndef VIRTIO_VHOST_DIRECT_H
#define VIRTIO_VHOST_DIRECT_H

#include "vhost_user.h"
#include "virtio_blk.h"

struct vhost_direct {
	struct vhost_user vhost;
	struct virtio_blk blk;
	uint8_t *memory, *data; // the whole memory; the data area in it
	uint64_t size, data_size;
	int call;               // the eventfd that the back-end interrupts by
	void (*done)(void *token, enum virtio_blk_status status);
};

// KERN_FAILURE: direct->vhost.transport.problem says why.
kern_return_t vhost_direct_open(struct vhost_direct *direct, const char *path, uint64_t data_size) VIRTIO_CHECKED;
// `place`: bytes from direct->data, whose `bytes` the request reads or writes; discard and write zeroes say how many bytes of the disk.
bool vhost_direct_submit(struct vhost_direct *direct, enum virtio_blk_type type, uint64_t sector, uint64_t place, uint32_t bytes,
			 void *token);
// Waits at most that long for something to end. How much has.
unsigned vhost_direct_poll(struct vhost_direct *direct, int timeout_ms);
void vhost_direct_close(struct vhost_direct *direct);

#endif
