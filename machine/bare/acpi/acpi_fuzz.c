// SPDX-License-Identifier: MIT
// Fuzz target of the ACPI tables: a dump of memory (acpi_fake.h) after one byte. When that is odd, sums are put right, so
// that what is behind them gets its turn. Whatever is accepted keeps the promises of acpi.h, and power off and reset end.
#include "acpi_fake.h"

#include <gila/fuzz.h>

static struct fake fake;
static struct acpi acpi;
static uint32_t writes;

static void require(bool good)
{
	if (!good)
		__builtin_trap();
}

static void require_register(const struct acpi_register *where)
{
	require(where->bytes == 1 || where->bytes == 2 || where->bytes == 4);
	require(where->space != ACPI_SPACE_PORTS || (where->address > 0 && where->address + where->bytes <= 0x10000));
}

static uint32_t port_read(void *context, const struct acpi_register *where)
{
	require_register(where);
	return writes ? 1 : 0;
}

static void port_write(void *context, const struct acpi_register *where, uint32_t value)
{
	require_register(where);
	writes++;
}

static void check(void)
{
	require(acpi.cpu_count <= ACPI_CPUS_MAX && acpi.ioapic_count <= ACPI_IOAPICS_MAX &&
		acpi.override_count <= ACPI_OVERRIDES_MAX && acpi.segment_count <= ACPI_SEGMENTS_MAX);
	for (uint32_t i = 0; i < acpi.cpu_count; i++)
		for (uint32_t j = 0; j < i; j++)
			require(acpi.cpus[i].apic != acpi.cpus[j].apic);
	for (uint32_t i = 0; i < acpi.segment_count; i++) {
		const struct pci_segment *s = &acpi.segments[i];
		require(s->base && s->base % (1 << 20) == 0 && s->first_bus <= s->last_bus);
		require(s->base + (((uint64_t)s->last_bus + 1) << 20) <= 1ull << 52);
	}
	require(acpi.local_apic % 4096 == 0 && acpi.power.sleep_a <= 7 && acpi.power.sleep_b <= 7);
	require(acpi_isa_interrupt(&acpi, 9).irq == 9);
	if (acpi.pm_timer.bytes)
		require_register(&acpi.pm_timer);
}

static int fuzz_acpi(const uint8_t *data, size_t size)
{
	const struct acpi_registers registers = {.read = port_read, .write = port_write};
	uint64_t rsdp;
	if (size < 1 || size > FAKE_ROOM)
		return 0;
	fake_load(&fake, data + 1, size - 1, data[0] & 1);
	rsdp = fake.rsdp;
	if (rsdp == 0 && !acpi_find(&fake.access, &rsdp))
		return 0;
	bool fine = acpi_read(&acpi, &fake.access, rsdp);
	require(fine || (fake.lines > 0 && acpi.found == 0));
	require(fake.lines < 2000);
	check();
	writes = 0;
	acpi_power_off(&acpi.power, &registers);
	acpi_reset(&acpi.power, &registers);
	require(writes <= 6);
	return 0;
}

FUZZ_TARGET(fuzz_acpi)
