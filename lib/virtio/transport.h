// SPDX-License-Identifier: MIT
// What a virtio driver asks of the way to its device: vhost-user (vhost_user.h) when hosted, virtio-pci and virtio-mmio on the metal.
// Several are linked into one driver, which takes the one that its device has.
//
// Steps (VIRTIO 1.2, section 3.1.1): features, accept, memory_add, config, queue_set, start; then notify; in the end reset.
// 1. Every operation ends within bounded time, also when the device does not answer. An error leaves a reason in `problem`.
// 2. After reset the device touches no memory any more.
// 3. Addresses are those that the kernel gave memory for the device (driver_dma_address): a memory object lies at them in one piece, so
//    what is at `place` in it is at its bus address + place. What such a number is to the device is the transport's business: to a
//    back-end the name of a file that memory_add told, on PCI where the memory lies on the bus.
#ifndef VIRTIO_TRANSPORT_H
#define VIRTIO_TRANSPORT_H

#include <mach/kern_return.h>
#include <stdbool.h>
#include <stdint.h>

#define VIRTIO_F_INDIRECT_DESC (UINT64_C(1) << 28) // section 6
#define VIRTIO_F_EVENT_IDX (UINT64_C(1) << 29)
#define VIRTIO_F_VERSION_1 (UINT64_C(1) << 32)
#define VIRTIO_F_ACCESS_PLATFORM (UINT64_C(1) << 33) // addresses are those of the device's bus: a transport's to accept

#define VIRTIO_CHECKED __attribute__((warn_unused_result))

// Where a queue is, by bus addresses, and how the device interrupts for it.
struct virtio_queue {
	uint16_t index, size;
	uint64_t descriptors, available, used;
	uint16_t interrupt;        // index of device_irq
	int interrupt_descriptor;  // hosted: an eventfd, which stays the caller's; else -1
};

struct virtio_transport {
	const struct virtio_transport_ops *ops;
	const char *problem; // why the last operation failed
	uint32_t memory_room; // pieces of memory that memory_add takes at most; 0: any number
};

// All that return kern_return_t return KERN_SUCCESS or KERN_FAILURE.
struct virtio_transport_ops {
	kern_return_t (*features)(struct virtio_transport *transport, uint64_t *offered);
	kern_return_t (*accept)(struct virtio_transport *transport, uint64_t features);
	// The device's configuration, all of it as it was at one moment. `widths`: bytes of the fields there, which add up to `size`: a
	// field of 8 bytes is two of 4 (4.1.3.1). Fields that the device is too old to have are 0.
	kern_return_t (*config)(struct virtio_transport *transport, uint32_t offset, void *to, uint32_t size, const uint8_t *widths);
	// Memory that the device is to reach. `descriptor` (hosted) is the transport's from then on. NULL: it reaches all dma memory.
	kern_return_t (*memory_add)(struct virtio_transport *transport, uint64_t bus_address, uint64_t size, int descriptor);
	kern_return_t (*memory_remove)(struct virtio_transport *transport, uint64_t bus_address, uint64_t size);
	// The largest size that a queue may have; 0: the device has no such queue. NULL: any.
	uint16_t (*queue_room)(struct virtio_transport *transport, uint16_t index);
	kern_return_t (*queue_set)(struct virtio_transport *transport, const struct virtio_queue *queue);
	kern_return_t (*start)(struct virtio_transport *transport);
	void (*notify)(struct virtio_transport *transport, uint16_t queue);
	bool (*alive)(struct virtio_transport *transport); // false: it will never answer again
	void (*reset)(struct virtio_transport *transport); // and gives back what the transport has
};

#endif
