// SPDX-License-Identifier: MIT
// Where the configuration space of some buses is (ECAM): function BUS:DEVICE.FUNCTION has its 4 KiB at
// base + (BUS << 20 | DEVICE << 15 | FUNCTION << 12), also if the first bus is not 0 (PCI Firmware Specification 3.3, 4.1.2).
#ifndef MACHINE_BARE_PCI_SEGMENT_H
#define MACHINE_BARE_PCI_SEGMENT_H

#include <stdint.h>

struct pci_segment {
	uint64_t base; // a multiple of 1 MiB; all of it lies below 2^52
	uint16_t segment;
	uint8_t first_bus, last_bus;
};

#endif
