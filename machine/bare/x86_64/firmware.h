// SPDX-License-Identifier: MIT
// What the firmware's tables say (../acpi), read once at boot, and the devices that follow from them.
#ifndef MACHINE_BARE_X86_64_FIRMWARE_H
#define MACHINE_BARE_X86_64_FIRMWARE_H

#include "../acpi/acpi.h"

// Reads the tables. Memory is mapped and frames are there.
void firmware_init(void);
// Empty when there were none that could be used.
const struct acpi *firmware_acpi(void);
// Both return if nothing happens.
void firmware_power_off(void);
void firmware_reset(void);

// ioapic.c: the global system interrupts are lines 0 to ioapic_lines() - 1.
void ioapic_init(void);
uint32_t ioapic_lines(void);

// devices.c: PCI functions get places and lines; boot_facts gets the device tree.
void devices_init(void);

#endif
