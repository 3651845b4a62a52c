// SPDX-License-Identifier: MIT
// PCI Express functions, found through ECAM and made ready: bus numbers, sizes and places of BARs, bridge windows, MSI-X.
// (PCI Local Bus Specification 3.0; PCI-to-PCI Bridge Architecture Specification 1.2; PCI Express Base Specification 4.0.)
//
// Fill the upper part of `struct pci`, then pci_enumerate; pci_enable for those functions that get drivers; pci_regions says
// what a driver may map; pci_interrupt_set and _mask are for the machine's interrupt code.
// 1. What the firmware has set stays as it is, if it is sound; what it left open gets numbers and places from us.
// 2. No two functions share a page, so a driver that maps its device's registers reaches no other device.
// 3. A function whose BARs cannot all be placed has memory decoding off: it never answers where RAM or another device is.
// 4. Devices may answer anything: every walk is bounded, every refusal is one line in the log.
// Only compiler headers and memset are needed. Locks: none; interrupt functions are called one at a time for a function.
#ifndef MACHINE_BARE_PCI_H
#define MACHINE_BARE_PCI_H

#include "segment.h"

#include <stdbool.h>
#include <stddef.h>

#define PCI_BARS 6u
#define PCI_WINDOW_MEMORY 6u       // ranges of a bridge: what it passes on, below 4 GiB
#define PCI_WINDOW_PREFETCHABLE 7u // and anywhere, if `wide`
#define PCI_RANGES 8u
#define PCI_NO_PARENT 0xffffu
#define PCI_PAGE 4096u
#define PCI_CONFIG_SIZE 256u // of the part that all functions have
#define PCI_MSIX_ENTRIES_MAX 2048u

struct pci_function;

struct pci_access {
	void *context;
	// 32 bits at that physical address: configuration space (ECAM), MSI-X tables.
	uint32_t (*read)(void *context, uint64_t address);
	void (*write)(void *context, uint64_t address, uint32_t value);
	// What is wrong with the function (NULL: with the whole).
	void (*log)(void *context, const struct pci_function *function, const char *reason);
};

struct pci_window {
	uint64_t address, size; // size 0: there is none
};

// none -> BAR: ports | refused | wanted;   window: closed
// wanted | closed -> kept: where the firmware put it
// closed -> wanted: something behind the bridge wants a place
// wanted -> relative (to its bridge's window, which is wanted, too) -> placed | homeless
// wanted -> placed | homeless
enum pci_range_state {
	PCI_RANGE_NONE,
	PCI_RANGE_PORTS,    // a BAR of I/O ports; not used
	PCI_RANGE_REFUSED,  // a BAR that is not to be understood
	PCI_RANGE_CLOSED,   // a window through which nothing goes
	PCI_RANGE_WANTED,
	PCI_RANGE_RELATIVE, // only during pci_enumerate
	PCI_RANGE_KEPT,
	PCI_RANGE_PLACED,
	PCI_RANGE_HOMELESS, // there was no room
};

struct pci_range {
	enum pci_range_state state;
	bool wide, prefetchable; // wide: may lie above 4 GiB
	uint64_t address, size;  // as in the register
	uint64_t align;          // of its place
};

struct pci_function {
	uint64_t config; // address of its configuration space
	uint16_t segment;
	uint8_t bus, device, function;
	bool ready;      // all its BARs have places and are decoded
	bool bridge;     // to another bus
	uint16_t vendor, device_id;
	uint8_t class, subclass, interface, revision;
	uint16_t parent; // index of the bridge before it; always a smaller one
	uint8_t secondary, subordinate; // of a bridge: the buses behind it; 0: none
	struct pci_range ranges[PCI_RANGES];
	uint8_t msi, msix; // offsets of the capabilities; 0: none that is usable
	uint8_t table_bar, pending_bar;
	uint16_t msix_entries;
	uint32_t table_offset, pending_offset;
};

struct pci {
	// Given.
	const struct pci_access *access;
	const struct pci_segment *segments;
	uint32_t segment_count;
	struct pci_window low, high;       // where BARs may be placed: below 4 GiB, and above
	const struct pci_window *reserved; // RAM, ECAM, APICs...: nothing may lie there, whoever put it there
	uint32_t reserved_count;
	struct pci_function *functions;    // room for them
	uint32_t room;
	// Found.
	uint32_t count;
};

void pci_enumerate(struct pci *pci);
// Turns all interrupts of a function that is ready to MSI-X or MSI, masked. It may not access memory yet, whatever the firmware left.
void pci_enable(const struct pci *pci, const struct pci_function *function);
// Whether a function that is ready may access memory, and send messages (bus mastering, PCI 3.0, 6.2.2).
void pci_master(const struct pci *pci, const struct pci_function *function, bool on);

uint32_t pci_config_read(const struct pci *pci, const struct pci_function *function, uint32_t offset);
void pci_config_write(const struct pci *pci, const struct pci_function *function, uint32_t offset, uint32_t value);

// A part of a BAR that a driver may map.
struct pci_region {
	uint64_t address, size;
	uint32_t bar;
	uint64_t offset; // in the BAR
};
#define PCI_REGIONS_MAX (PCI_BARS + 2u) // each of the two cuts adds one at most
// All of a function's memory BARs but the pages of the MSI-X table and its pending bits. The number of regions.
uint32_t pci_regions(const struct pci_function *function, struct pci_region regions[PCI_REGIONS_MAX]);

// ---- Interrupts (pci_interrupt.c) ----------------------------------------------------------------------------------

// MSI-X entries, or 1 by MSI, or 0: INTx is not used, since AML says where it goes.
uint32_t pci_interrupt_count(const struct pci_function *function);
// From now on interrupt `entry` writes `data` to `address`, which raises an interrupt of a CPU (Intel SDM volume 3A, 11.11).
void pci_interrupt_set(const struct pci *pci, const struct pci_function *function, uint32_t entry, uint64_t address,
		       uint32_t data);
void pci_interrupt_mask(const struct pci *pci, const struct pci_function *function, uint32_t entry);

#endif
