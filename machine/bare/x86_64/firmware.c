// SPDX-License-Identifier: MIT
// ACPI's tables, power off and reset on x86_64: how their memory and registers are reached.
#include "firmware.h"

#include "cpu.h"
#include "loader.h"
#include "paging.h"

#define PHYSICAL_LIMIT (UINT64_C(1) << 46) // of the direct map
#define NS_PATIENCE UINT64_C(50000000)

static struct acpi acpi;

static const uint8_t *table_map(void *context, uint64_t address, size_t size)
{
	bool inside = address < PHYSICAL_LIMIT && size <= PHYSICAL_LIMIT - address;
	return inside && paging_map_direct(address, size, false) ? direct(address) : NULL;
}

static void table_log(void *context, const char *what, uint64_t address, const char *reason)
{
	log_line("acpi", "%s at %lx: %s", what, address, reason);
}

void firmware_init(void)
{
	const struct acpi_access access = {.map = table_map, .log = table_log};
	uint64_t rsdp = loader.rsdp;
	if (!rsdp && !acpi_find(&access, &rsdp)) {
		log_line("acpi", "there are no tables: one CPU, no devices on PCI");
		return;
	}
	if (!acpi_read(&acpi, &access, rsdp))
		log_line("acpi", "the tables cannot be used: one CPU, no devices on PCI");
}

const struct acpi *firmware_acpi(void) { return &acpi; }

// ---- Power ---------------------------------------------------------------------------------------------------------

// PCI configuration space by the two ports that are always there (PCI Local Bus Specification 3.0, 3.2.2.3.2).
static uint16_t config_port(uint64_t address)
{
	uint32_t device = (address >> 32) & 31, function = (address >> 16) & 7, offset = address & 255;
	out32(0xcf8, 0x80000000u | device << 11 | function << 8 | (offset & 0xfc));
	return (uint16_t)(0xcfc + (offset & 3));
}

static uint32_t register_read(void *context, const struct acpi_register *where)
{
	if (where->space == ACPI_SPACE_MEMORY) {
		if (!paging_map_direct(where->address, where->bytes, true))
			return 0;
		const volatile void *at = direct(where->address);
		return where->bytes == 1   ? *(const volatile uint8_t *)at
		       : where->bytes == 2 ? *(const volatile uint16_t *)at
					   : *(const volatile uint32_t *)at;
	}
	uint16_t port = where->space == ACPI_SPACE_CONFIG ? config_port(where->address) : (uint16_t)where->address;
	return where->bytes == 1 ? in8(port) : where->bytes == 2 ? in16(port) : in32(port);
}

static void register_write(void *context, const struct acpi_register *where, uint32_t value)
{
	if (where->space == ACPI_SPACE_MEMORY) {
		if (!paging_map_direct(where->address, where->bytes, true))
			return;
		volatile void *at = direct(where->address);
		if (where->bytes == 1)
			*(volatile uint8_t *)at = (uint8_t)value;
		else if (where->bytes == 2)
			*(volatile uint16_t *)at = (uint16_t)value;
		else
			*(volatile uint32_t *)at = value;
		return;
	}
	uint16_t port = where->space == ACPI_SPACE_CONFIG ? config_port(where->address) : (uint16_t)where->address;
	if (where->bytes == 1)
		out8(port, (uint8_t)value);
	else if (where->bytes == 2)
		out16(port, (uint16_t)value);
	else
		out32(port, value);
}

static const struct acpi_registers registers = {.read = register_read, .write = register_write};

void firmware_power_off(void)
{
	acpi_power_off(&acpi.power, &registers);
	clock_spin(NS_PATIENCE);
}

void firmware_reset(void)
{
	acpi_reset(&acpi.power, &registers);
	clock_spin(NS_PATIENCE);
}
