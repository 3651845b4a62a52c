// SPDX-License-Identifier: MIT
// The driver's side of a split virtqueue (Virtual I/O Device (VIRTIO) Version 1.2, section 2.7). It knows no transport: who uses it
// tells the device where it lies, and notifies the device when virtqueue_publish says so.
//
// To use one: virtqueue_init; virtqueue_add for each request, then virtqueue_publish once; virtqueue_take until nothing is left;
// virtqueue_sleep before waiting for an interrupt.
// 1. The device is not believed: what is in flight is known from private memory, and ids, counts and lengths that it writes are
//    checked. A queue that makes no sense is broken (virtqueue.broken says why) and gives nothing any more.
// 2. Every request takes one place of the ring if indirect descriptors were negotiated, else one for each segment.
// One thread.
#ifndef VIRTIO_VIRTQUEUE_H
#define VIRTIO_VIRTQUEUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VIRTQUEUE_SIZE_MAX 256u

struct virtqueue_segment {
	uint64_t bus_address;
	uint32_t size;
};

// As the specification lays them out; all fields are little-endian.
struct virtqueue_descriptor {
	uint64_t address;
	uint32_t size;
	uint16_t flags;
	uint16_t next;
};

struct virtqueue_used {
	uint32_t id;
	uint32_t written;
};

struct virtqueue {
	// [I] Where it is.
	uint16_t size;            // places, a power of two
	uint16_t table;           // descriptors of each indirect table; 0: there are none
	bool event_index;
	uint64_t descriptors_bus, available_bus, used_bus, tables_bus;
	struct virtqueue_descriptor *descriptors, *tables;
	_Atomic uint16_t *available; // flags, index, ring[size], used_event
	_Atomic uint16_t *used;      // flags, index, ring of struct virtqueue_used, available_event
	// Private.
	uint16_t added, published; // counts, as the available index
	uint16_t taken;            // count, as the used index
	uint16_t in_flight, free_count, free_head;
	const char *broken;        // why; NULL: it is not
	struct virtqueue_place {
		void *token;      // NULL: nothing in flight begins here
		uint32_t room;    // bytes that the device may write
		uint16_t length;  // places that it takes
		uint16_t next;    // of the chain, or of the free list
	} places[VIRTQUEUE_SIZE_MAX];
};

// Bytes of memory for a queue of `size` places, each with an indirect table of `table` descriptors (0: none).
size_t virtqueue_bytes(uint16_t size, uint16_t table);
// `memory` is zeroed, aligned to 4096 and at bus_address for the device.
void virtqueue_init(struct virtqueue *queue, uint16_t size, uint16_t table, bool event_index, void *memory, uint64_t bus_address);
// Segments that the device reads, then those that it writes. False: no room, or too many segments. `token` is not NULL.
bool virtqueue_add(struct virtqueue *queue, const struct virtqueue_segment *segments, unsigned reads, unsigned writes, void *token);
// Shows the device what was added. True: it must be notified.
bool virtqueue_publish(struct virtqueue *queue);
// The token of a request that has ended; NULL: none. *written: bytes that the device says it wrote, at most what it might.
void *virtqueue_take(struct virtqueue *queue, uint32_t *written);
// Asks for an interrupt at the next used request. True: something was used already, so don't wait.
bool virtqueue_sleep(struct virtqueue *queue);
// Asks for none.
void virtqueue_wake(struct virtqueue *queue);

#endif
