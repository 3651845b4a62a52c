// SPDX-License-Identifier: MIT
// MADT: CPUs, interrupt controllers, interrupts of ISA (ACPI Specification 6.5, 5.2.12).
#include "acpi_table.h"

#define MADT_SIZE 44u // before the first structure
#define LINES_MAX 8u

enum { // 5.2.12
	MADT_LOCAL_APIC = 0,
	MADT_IOAPIC = 1,
	MADT_OVERRIDE = 2,
	MADT_LOCAL_APIC_ADDRESS = 5,
	MADT_LOCAL_X2APIC = 9,
};

// What the structures have in common while they are read.
struct reading {
	struct acpi *acpi;
	const struct acpi_access *access;
	const struct acpi_bytes *table;
	uint32_t lines; // about it in the log; the table may have a million mistakes
};

static void refuse(struct reading *reading, const char *reason)
{
	if (reading->lines++ < LINES_MAX)
		acpi_refuse(reading->access, reading->table->what, reading->table->address, reason);
}

static void read_cpu(struct reading *reading, uint32_t apic, uint32_t uid, uint32_t flags)
{
	struct acpi *acpi = reading->acpi;
	if (!(flags & 3)) // neither enabled nor online capable: the OS shall ignore it (5.2.12.2)
		return;
	for (uint32_t i = 0; i < acpi->cpu_count; i++)
		if (acpi->cpus[i].apic == apic)
			return; // firmware may list a CPU as local APIC and as x2APIC
	if (acpi->cpu_count == ACPI_CPUS_MAX) {
		refuse(reading, "it lists more than 64 CPUs; one stays off");
		return;
	}
	acpi->cpus[acpi->cpu_count++] = (struct acpi_cpu){
		.apic = apic,
		.uid = uid,
		.state = flags & 1 ? ACPI_CPU_ENABLED : ACPI_CPU_ONLINE_CAPABLE,
	};
}

static void read_ioapic(struct reading *reading, const uint8_t *at)
{
	struct acpi *acpi = reading->acpi;
	struct acpi_ioapic ioapic = {.id = at[2], .address = acpi_u32(at + 4), .first = acpi_u32(at + 8)};
	if (ioapic.address == 0 || ioapic.address % 16 != 0)
		refuse(reading, "an I/O APIC has no address");
	else if (acpi->ioapic_count == ACPI_IOAPICS_MAX)
		refuse(reading, "it lists more than 16 I/O APICs");
	else
		acpi->ioapics[acpi->ioapic_count++] = ioapic;
}

// 5.2.12.5. ISA's own are active high and edge-triggered, which is what 0 (as the bus has it) means.
static void read_override(struct reading *reading, const uint8_t *at)
{
	struct acpi *acpi = reading->acpi;
	uint32_t flags = acpi_u16(at + 8);
	struct acpi_override override = {
		.irq = at[3],
		.gsi = acpi_u32(at + 4),
		.active_low = (flags & 3) == 3,
		.level = (flags >> 2 & 3) == 3,
	};
	if (at[2] != 0 || override.irq > 15)
		refuse(reading, "an override is of no ISA interrupt");
	else if (acpi->override_count == ACPI_OVERRIDES_MAX)
		refuse(reading, "it has more than 32 overrides");
	else
		acpi->overrides[acpi->override_count++] = override;
}

// One structure of at least `size` bytes, as its type has it.
static void read_structure(struct reading *reading, const uint8_t *at)
{
	static const uint8_t sizes[] = {
		[MADT_LOCAL_APIC] = 8, [MADT_IOAPIC] = 12, [MADT_OVERRIDE] = 10, [MADT_LOCAL_APIC_ADDRESS] = 12, [MADT_LOCAL_X2APIC] = 16,
	};
	if (at[0] < sizeof(sizes) && at[1] < sizes[at[0]]) {
		refuse(reading, "a structure is too short");
		return;
	}
	switch (at[0]) {
	case MADT_LOCAL_APIC:
		if (at[3] != 0xff) // the id that reaches all
			read_cpu(reading, at[3], at[2], acpi_u32(at + 4));
		break;
	case MADT_LOCAL_X2APIC:
		if (acpi_u32(at + 4) != UINT32_MAX)
			read_cpu(reading, acpi_u32(at + 4), acpi_u32(at + 12), acpi_u32(at + 8));
		break;
	case MADT_IOAPIC:
		read_ioapic(reading, at);
		break;
	case MADT_OVERRIDE:
		read_override(reading, at);
		break;
	case MADT_LOCAL_APIC_ADDRESS:
		reading->acpi->local_apic = acpi_u64(at + 4);
		break;
	default: // NMIs, and what other processors have
		break;
	}
}

void acpi_read_madt(struct acpi *acpi, const struct acpi_access *access, const struct acpi_bytes *table)
{
	struct reading reading = {.acpi = acpi, .access = access, .table = table};
	if (table->size < MADT_SIZE) {
		refuse(&reading, "it is cut short");
		return;
	}
	acpi->found |= ACPI_MADT;
	acpi->local_apic = acpi_u32(table->bytes + 36);
	acpi->has_8259 = acpi_u32(table->bytes + 40) & 1;
	for (uint32_t at = MADT_SIZE; at < table->size; at += table->bytes[at + 1]) {
		uint32_t left = table->size - at;
		if (left < 2 || table->bytes[at + 1] < 2 || table->bytes[at + 1] > left) {
			refuse(&reading, "a structure reaches beyond its end; the rest is left out");
			break;
		}
		read_structure(&reading, table->bytes + at);
	}
	if (acpi->local_apic % 4096 != 0) {
		refuse(&reading, "its address of the local APIC is none");
		acpi->local_apic = 0;
	}
}
