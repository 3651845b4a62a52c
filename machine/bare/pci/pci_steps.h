// SPDX-License-Identifier: MIT
// Between the files of pci/: registers, and the steps of pci_enumerate in their order.
#ifndef MACHINE_BARE_PCI_STEPS_H
#define MACHINE_BARE_PCI_STEPS_H

#include "pci.h"

#include <string.h>

enum { // offsets: PCI 3.0, 6.1; bridges: PCI-to-PCI Bridge 1.2, 3.2
	CONFIG_ID = 0x00,
	CONFIG_COMMAND = 0x04, // and status, whose bits are cleared by writing 1: they are written as 0
	CONFIG_CLASS = 0x08,
	CONFIG_HEADER = 0x0c,
	CONFIG_BAR = 0x10,
	BRIDGE_BUSES = 0x18,
	BRIDGE_PORTS = 0x1c, // and secondary status
	BRIDGE_MEMORY = 0x20,
	BRIDGE_PREFETCHABLE = 0x24,
	BRIDGE_PREFETCHABLE_BASE_HIGH = 0x28,
	BRIDGE_PREFETCHABLE_LIMIT_HIGH = 0x2c,
	CONFIG_CAPABILITIES = 0x34,
};

enum { // 6.2.2
	COMMAND_PORTS = 1 << 0,
	COMMAND_MEMORY = 1 << 1,
	COMMAND_MASTER = 1 << 2,
	COMMAND_NO_INTX = 1 << 10,
};

#define PCI_ADDRESS_LIMIT (1ull << 52) // of a physical address (Intel SDM volume 3A, 4.1.4)

static inline void pci_refuse(const struct pci *pci, const struct pci_function *function, const char *reason)
{
	pci->access->log(pci->access->context, function, reason);
}

static inline uint32_t pci_command(const struct pci *pci, const struct pci_function *function)
{
	return pci_config_read(pci, function, CONFIG_COMMAND) & 0xffff;
}

static inline bool pci_range_is_open(const struct pci_range *range)
{
	return range->state == PCI_RANGE_KEPT || range->state == PCI_RANGE_PLACED;
}

// pci_bus.c: finds all functions; gives numbers to buses that have none.
void pci_find_functions(struct pci *pci);
// pci_size.c: kinds and sizes of a function's BARs and windows, with what they are set to.
void pci_find_ranges(const struct pci *pci, struct pci_function *function);
// pci_capability.c: MSI and MSI-X. After pci_find_ranges.
void pci_find_capabilities(const struct pci *pci, struct pci_function *function);
// pci_place.c: every range is kept, placed or homeless then.
void pci_place_ranges(struct pci *pci);

#endif
