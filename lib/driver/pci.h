// SPDX-License-Identifier: MIT
// A device that is a PCI function (PCI Local Bus Specification 3.0, chapter 6): what the machine tells of it, and its registers by
// BAR and offset, as its capabilities name them.
//
// To use one: driver_pci_open, then driver_pci_capability for what it has, driver_pci_map for registers.
// 1. A driver sees a copy of the configuration space, as it was at boot; nothing can be written there.
// 2. The device is not believed: lists of capabilities end, and only what lies inside a region is mapped.
// 3. Interrupt `n` of the device is its MSI-X vector n.
#ifndef DRIVER_PCI_H
#define DRIVER_PCI_H

#include "driver.h"

#include <stdbool.h>

#define DRIVER_PCI_CONFIG "pci,config"   // property: the first 256 bytes of configuration space, as they are there
#define DRIVER_PCI_REGIONS "pci,regions" // property: for each region its BAR (u32) and offset in it (u64), as device trees have numbers
#define DRIVER_PCI_CONFIG_BYTES 256u
#define DRIVER_PCI_VENDOR_SPECIFIC 9u    // id of a capability (6.7, appendix H)

struct driver_pci {
	uint8_t config[DRIVER_PCI_CONFIG_BYTES];
	uint32_t count;
	struct driver_pci_region {
		uint32_t bar;
		uint64_t offset; // in the BAR
		uint64_t size;
		uint8_t *address; // NULL: not mapped yet
	} regions[DEVICE_REGIONS_MAX];
};

// KERN_NOT_FOUND: the device is no PCI function. KERN_INVALID_VALUE: its properties make no sense.
kern_return_t driver_pci_open(struct driver_pci *pci) GILA_CHECKED;

// Where the walk over the capabilities is: {0} to begin.
struct driver_pci_cursor {
	unsigned place; // of the present one in `config`
	unsigned steps;
};
// The next capability with that id, of at least `size` bytes. False: no more.
bool driver_pci_capability(const struct driver_pci *pci, uint8_t id, unsigned size, struct driver_pci_cursor *cursor);
uint32_t driver_pci_u32(const struct driver_pci *pci, unsigned place);

// Registers at `offset` of a BAR, mapped once for the life of the driver. NULL: no region has `size` bytes there.
void *driver_pci_map(struct driver_pci *pci, uint32_t bar, uint64_t offset, uint64_t size);

#endif
