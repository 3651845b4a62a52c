// SPDX-License-Identifier: MIT
// What a virtio driver asks of the way to its device: vhost-user (vhost_user.h) when hosted, virtio-pci and virtio-mmio on the metal.
// Several are linked into one driver, which takes the one that its device's compatible string names.
//
// Steps (VIRTIO 1.2, section 3.1.1): features, accept, memory_add, config, queue_set, start; then notify; in the end reset.
// 1. Every operation ends within bounded time, also when the device does not answer. An error leaves a reason in `problem`.
// 2. After reset the device touches no memory any more.
#ifndef VIRTIO_TRANSPORT_H
#define VIRTIO_TRANSPORT_H

#include <mach/kern_return.h>
#include <stdbool.h>
#include <stdint.h>

#define VIRTIO_F_INDIRECT_DESC (UINT64_C(1) << 28) // section 6
#define VIRTIO_F_EVENT_IDX (UINT64_C(1) << 29)
#define VIRTIO_F_VERSION_1 (UINT64_C(1) << 32)

#define VIRTIO_CHECKED __attribute__((warn_unused_result))

// Where a queue is, by bus addresses, and how the device interrupts for it.
struct virtio_queue {
	uint16_t index, size;
	uint64_t descriptors, available, used;
	uint32_t interrupt;        // index of device_irq
	int interrupt_descriptor;  // hosted: an eventfd, which stays the caller's; else -1
};

struct virtio_transport {
	const struct virtio_transport_ops *ops;
	const char *problem; // why the last operation failed
};

// All but `problem`, `alive` and `notify` return KERN_SUCCESS or KERN_FAILURE.
struct virtio_transport_ops {
	kern_return_t (*features)(struct virtio_transport *transport, uint64_t *offered);
	kern_return_t (*accept)(struct virtio_transport *transport, uint64_t features);
	kern_return_t (*config)(struct virtio_transport *transport, uint32_t offset, void *to, uint32_t size);
	// Memory that the device is to reach. `descriptor` (hosted) is the transport's from then on. NULL: it reaches all dma memory.
	kern_return_t (*memory_add)(struct virtio_transport *transport, uint64_t bus_address, uint64_t size, int descriptor);
	kern_return_t (*memory_remove)(struct virtio_transport *transport, uint64_t bus_address, uint64_t size);
	kern_return_t (*queue_set)(struct virtio_transport *transport, const struct virtio_queue *queue);
	kern_return_t (*start)(struct virtio_transport *transport);
	void (*notify)(struct virtio_transport *transport, uint16_t queue);
	bool (*alive)(struct virtio_transport *transport); // false: it will never answer again
	void (*reset)(struct virtio_transport *transport); // and gives back what the transport has
};

#endif
