// SPDX-License-Identifier: MIT
// ACPI's static tables (ACPI Specification 6.5, chapter 5), as far as a machine needs them to begin: CPUs, interrupt
// controllers, PCIe configuration space, timers, power off and reset.
//
// acpi_find looks for the root pointer where a BIOS leaves it; acpi_read fills `struct acpi`. Afterwards acpi_power_off
// and acpi_reset execute what the tables describe, through functions that are given.
// 1. Every table is believed only after bounds and sum were checked; one that is damaged is refused alone, with one line.
// 2. Nothing here interprets AML, except for the numbers in the package \_S5_.
// 3. Only compiler headers, memset and memcmp are needed. Locks: none. May suspend: never.
#ifndef MACHINE_BARE_ACPI_H
#define MACHINE_BARE_ACPI_H

#include "../pci/segment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ACPI_CPUS_MAX 64u
#define ACPI_IOAPICS_MAX 16u
#define ACPI_OVERRIDES_MAX 32u
#define ACPI_SEGMENTS_MAX 16u

// How tables are reached, and who is told what is wrong with them.
struct acpi_access {
	void *context;
	// `size` bytes of physical memory, which stay there and unchanged during acpi_read; NULL: that is no memory.
	const uint8_t *(*map)(void *context, uint64_t address, size_t size);
	// `what` at `address` is refused, or a part of it: "MADT", 0x7fe1d0, "its sum is wrong".
	void (*log)(void *context, const char *what, uint64_t address, const char *reason);
};

enum acpi_table { // bits of acpi.found
	ACPI_MADT = 1,
	ACPI_FADT = 2,
	ACPI_MCFG = 4,
	ACPI_HPET = 8,
};

enum acpi_cpu_state {
	ACPI_CPU_ENABLED = 1,
	ACPI_CPU_ONLINE_CAPABLE, // absent now; firmware could add it (5.2.12.2)
};

struct acpi_cpu {
	uint32_t apic; // its local APIC's id; from 255 on it is reached by x2APIC only
	uint32_t uid;
	enum acpi_cpu_state state;
};

struct acpi_ioapic {
	uint32_t id, address;
	uint32_t first; // the first global system interrupt of its pins
};

// An ISA interrupt that is not the global system interrupt of the same number, edge-triggered and active high.
struct acpi_override {
	uint8_t irq;
	bool level, active_low;
	uint32_t gsi;
};

enum acpi_space { // 5.2.3.2
	ACPI_SPACE_MEMORY = 0,
	ACPI_SPACE_PORTS = 1,
	ACPI_SPACE_CONFIG = 2, // address: device << 32 | function << 16 | offset, on bus 0 of segment 0
};

struct acpi_register {
	enum acpi_space space;
	uint8_t bytes; // 1, 2 or 4; 0: there is no such register
	uint64_t address;
};

struct acpi_power {
	bool sleep_known;                 // \_S5_ was found
	uint8_t sleep_a, sleep_b;         // its SLP_TYP values
	struct acpi_register pm1a, pm1b;  // PM1 control
	struct acpi_register sleep;       // sleep control, of hardware-reduced ACPI; then there is no pm1a
	struct acpi_register smi_command; // how ACPI mode is entered; none: it is always on
	uint8_t acpi_enable;
	struct acpi_register reset;
	uint8_t reset_value;
};

struct acpi {
	uint32_t found; // enum acpi_table: what is valid below
	// MADT
	uint64_t local_apic;
	bool has_8259; // must be masked
	uint32_t cpu_count, ioapic_count, override_count;
	struct acpi_cpu cpus[ACPI_CPUS_MAX];
	struct acpi_ioapic ioapics[ACPI_IOAPICS_MAX];
	struct acpi_override overrides[ACPI_OVERRIDES_MAX];
	// MCFG. That a segment is not RAM is for the machine to check.
	uint32_t segment_count;
	struct pci_segment segments[ACPI_SEGMENTS_MAX];
	// FADT
	struct acpi_power power;
	struct acpi_register pm_timer; // counts at 3.579545 MHz (4.8.3.3)
	bool pm_timer_32;              // all 32 bits, else 24
	bool has_8042, no_vga, no_msi; // IA-PC boot flags (5.2.9.3); of ACPI 1.0, which has none: true, false, false
	// HPET
	uint64_t hpet;                 // its registers (IA-PC HPET Specification 1.0a, 2.3.2)
	uint16_t hpet_minimum_tick;
};

// The root pointer in the first KiB of the EBDA or in the BIOS area (5.2.5.1). False: none there.
bool acpi_find(const struct acpi_access *access, uint64_t *rsdp);
// Reads all that the root pointer leads to. False: it, or both of its tables of tables, are unusable; *acpi is empty then.
bool acpi_read(struct acpi *acpi, const struct acpi_access *access, uint64_t rsdp);

// The global system interrupt of an ISA interrupt, with its properties.
static inline struct acpi_override acpi_isa_interrupt(const struct acpi *acpi, uint8_t irq)
{
	for (uint32_t i = 0; i < acpi->override_count; i++)
		if (acpi->overrides[i].irq == irq)
			return acpi->overrides[i];
	return (struct acpi_override){.irq = irq, .gsi = irq};
}

// ---- Power (acpi_power.c) ------------------------------------------------------------------------------------------

struct acpi_registers {
	void *context;
	uint32_t (*read)(void *context, const struct acpi_register *where);
	void (*write)(void *context, const struct acpi_register *where, uint32_t value);
};

// Both return when the tables say nothing about it, or when nothing has happened (yet: wait a moment).
void acpi_power_off(const struct acpi_power *power, const struct acpi_registers *registers);
void acpi_reset(const struct acpi_power *power, const struct acpi_registers *registers);

#endif
