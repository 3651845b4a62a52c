// SPDX-License-Identifier: MIT
// The one device tree of a machine that has none: PCI functions, devices at I/O ports, the framebuffer (docs/drivers.md
// says what the nodes look like). Enumerate first; pci_enable is called here for every function that becomes a node.
//
// Interrupt lines: numbers below first_line are global system interrupts, of I/O APICs; line first_line + i is lines[i].
// Locks: none. May suspend: never.
#ifndef MACHINE_BARE_DEVICE_TREE_H
#define MACHINE_BARE_DEVICE_TREE_H

#include "../acpi/acpi.h"
#include "../pci/pci.h"

#define DEVICE_TREE_LINES_MAX 64u // of one function: what kernel/device knows of (DEVICE_INTERRUPTS_MAX)

// Which interrupt of which function a line is: pci_interrupt_set(pci, &pci->functions[function], entry, ...).
struct pci_line {
	uint16_t function, entry;
};

#define DEVICE_TREE_RANGES 2u

// A device at I/O ports: "serial@3f8", {{0x3f8, 8}}, irq 4.
struct device_tree_ports {
	const char *name;
	const char *compatible; // strings, each with its zero byte, and one more: "ns16550a\0pnp:PNP0501\0"
	struct {
		uint16_t base, count;
	} ranges[DEVICE_TREE_RANGES]; // those of no ports are left out
	int16_t irq;                  // of ISA; -1: none
};

// As the bootloader left it. The formats of the Devicetree binding simple-framebuffer: "x8r8g8b8", "r5g6b5"...
struct device_tree_framebuffer {
	uint64_t address;
	uint32_t width, height, stride; // stride: bytes from line to line
	const char *format;
};

struct device_tree {
	const struct acpi *acpi;
	const struct pci *pci;
	const struct device_tree_ports *ports;
	uint32_t port_count;
	const struct device_tree_framebuffer *framebuffer; // NULL: none
	uint32_t first_line;
	uint32_t lines_each;    // one function gets at most this many; 0: DEVICE_TREE_LINES_MAX
	struct pci_line *lines; // room for them; filled
	uint32_t line_room;
	uint32_t line_count; // found
};

// Writes the tree to `room` bytes at `to`. Its size; 0: it does not fit. A function needs less than 1 KiB. When lines run
// out, functions get fewer.
size_t device_tree_make(struct device_tree *tree, void *to, size_t room);

#endif
