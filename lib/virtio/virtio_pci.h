// SPDX-License-Identifier: MIT
// virtio over PCI, the modern interface (VIRTIO 1.2, section 4.1), of virtio 1.x devices and of transitional ones.
//
// To use one: virtio_pci_open, then virtio_transport's operations (transport.h). After a reset it may be opened again.
// 1. The device is not believed: its capabilities count only if all that is used of them lies in the device's own regions, and what
//    it says of sizes, queues and vectors is checked. No wait is longer than `timeout`.
// 2. Interrupts are MSI-X vectors, whose numbers are those of device_irq: one for changes of the configuration, one for each queue; they
//    may be the same. So the ISR status is nobody's (4.1.4.5), and its capability is not looked for.
#ifndef VIRTIO_VIRTIO_PCI_H
#define VIRTIO_VIRTIO_PCI_H

#include "transport.h"

#include <driver/pci.h>

#define VIRTIO_PCI_QUEUES 1u
#define VIRTIO_PCI_TIMEOUT UINT64_C(1000000000) // nanoseconds, for a reset

struct virtio_pci {
	struct virtio_transport transport; // the first member
	struct driver_pci pci;
	bool mapped;             // the fields up to the next comment; what is mapped stays so
	uint8_t *common, *device, *notify;
	uint64_t device_size, notify_size;
	uint32_t multiplier;     // of a queue's notify offset, in bytes
	// Of the present negotiation.
	uint64_t timeout;        // nanoseconds
	uint64_t offered;
	uint16_t config_interrupt;
	uint8_t *doorbell[VIRTIO_PCI_QUEUES];
};

// Resets the device, and says that there is a driver. KERN_FAILURE, with the reason in transport.problem; nothing need be given back
// then. `config_interrupt`: index of device_irq.
kern_return_t virtio_pci_open(struct virtio_pci *virtio, uint16_t config_interrupt, uint64_t timeout) VIRTIO_CHECKED;

#endif
