// SPDX-License-Identifier: MIT
// A virtio block device (VIRTIO 1.2, section 5.2) over any transport: negotiation, its configuration, and requests in one queue.
//
// To use one: make memory of virtio_blk_bytes() that the device reaches, virtio_blk_open; virtio_blk_submit, then virtio_blk_publish once
// for a batch; virtio_blk_take until nothing is left; virtio_blk_sleep before waiting for the interrupt.
// 1. Nothing that the device says is believed beyond its own requests: virtio_blk_problem tells when it makes no sense.
#ifndef VIRTIO_VIRTIO_BLK_H
#define VIRTIO_VIRTIO_BLK_H

#include "transport.h"
#include "virtqueue.h"

#define VIRTIO_BLK_QUEUE 128u        // requests in flight
#define VIRTIO_BLK_SEGMENTS 256u     // of data, of one request
#define VIRTIO_BLK_ID_BYTES 20u

// Section 5.2.6.
enum virtio_blk_type {
	VIRTIO_BLK_READ = 0,
	VIRTIO_BLK_WRITE = 1,
	VIRTIO_BLK_FLUSH = 4,
	VIRTIO_BLK_GET_ID = 8,
	VIRTIO_BLK_DISCARD = 11,
	VIRTIO_BLK_WRITE_ZEROES = 13,
};

enum virtio_blk_status {
	VIRTIO_BLK_OK = 0,
	VIRTIO_BLK_IOERR = 1,
	VIRTIO_BLK_UNSUPPORTED = 2,
};

struct virtio_blk_request {
	void *token;
	struct virtio_blk_request *next; // free
	struct virtio_blk_lines *lines;  // what the device reads and writes beside the data
	uint64_t lines_bus;
	uint32_t data;                   // bytes of data that the device is to write
};

struct virtio_blk {
	struct virtio_transport *transport;
	uint64_t features;      // in use
	uint64_t sectors;       // of 512 bytes
	uint32_t block_size;    // bytes
	uint32_t segments;      // of data, of one request
	uint32_t segment_size;  // bytes, at most
	uint32_t discard_sectors, zeroes_sectors; // of one request; 0: cannot
	bool read_only, can_flush;
	char serial[VIRTIO_BLK_ID_BYTES + 1];
	struct virtqueue queue;
	struct virtio_blk_request requests[VIRTIO_BLK_QUEUE], *free;
	uint64_t notifications; // of the device
};

size_t virtio_blk_bytes(void);
// The memory is zeroed, aligned to 4096, at bus_address, and known to the transport. `queue` says how to interrupt; its other fields are
// filled here. KERN_FAILURE with transport->problem.
kern_return_t virtio_blk_open(struct virtio_blk *blk, struct virtio_transport *transport, void *memory, uint64_t bus_address,
			      struct virtio_queue *queue) VIRTIO_CHECKED;
// Read and write: `count` segments of data, each at most segment_size. Flush: none. Discard and write zeroes: `sectors`, no data. GET_ID:
// one segment of VIRTIO_BLK_ID_BYTES. False: no room.
bool virtio_blk_submit(struct virtio_blk *blk, enum virtio_blk_type type, uint64_t sector, uint32_t sectors,
		       const struct virtqueue_segment *data, unsigned count, void *token);
void virtio_blk_publish(struct virtio_blk *blk);
// The token of a request that has ended, NULL: none. A device that wrote fewer data than it should has failed.
void *virtio_blk_take(struct virtio_blk *blk, enum virtio_blk_status *status);
bool virtio_blk_sleep(struct virtio_blk *blk); // as virtqueue_sleep
void virtio_blk_wake(struct virtio_blk *blk);
unsigned virtio_blk_in_flight(const struct virtio_blk *blk);
const char *virtio_blk_problem(const struct virtio_blk *blk); // NULL: none

#endif
