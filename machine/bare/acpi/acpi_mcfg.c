// SPDX-License-Identifier: MIT
// MCFG: where PCIe configuration space is (PCI Firmware Specification 3.3, 4.1.2).
#include "acpi_table.h"

#define MCFG_SIZE 44u // before the first entry
#define MCFG_ENTRY_SIZE 16u
#define ENTRIES_MAX 32u // that are looked at, each of them worth a line in the log
#define ADDRESS_LIMIT (1ull << 52) // of a physical address (Intel SDM volume 3A, 4.1.4)

static const char *entry_reason(const struct acpi *acpi, const struct pci_segment *entry)
{
	if (entry->first_bus > entry->last_bus)
		return "a segment ends before it begins";
	if (entry->base == 0 || entry->base % (1u << 20) != 0)
		return "a segment's address is none";
	if (entry->base >= ADDRESS_LIMIT || ADDRESS_LIMIT - entry->base < ((uint64_t)entry->last_bus + 1) << 20)
		return "a segment reaches beyond the address space";
	for (uint32_t i = 0; i < acpi->segment_count; i++) {
		const struct pci_segment *other = &acpi->segments[i];
		if (other->segment == entry->segment && other->first_bus <= entry->last_bus &&
		    entry->first_bus <= other->last_bus)
			return "two entries have the same buses";
	}
	return acpi->segment_count == ACPI_SEGMENTS_MAX ? "it has more than 16 segments" : NULL;
}

void acpi_read_mcfg(struct acpi *acpi, const struct acpi_access *access, const struct acpi_bytes *table)
{
	acpi->found |= ACPI_MCFG;
	for (uint32_t i = 0, at = MCFG_SIZE; i < ENTRIES_MAX; i++, at += MCFG_ENTRY_SIZE) {
		if (at > table->size || table->size - at < MCFG_ENTRY_SIZE)
			break;
		const uint8_t *bytes = table->bytes + at;
		struct pci_segment entry = {
			.base = acpi_u64(bytes),
			.segment = acpi_u16(bytes + 8),
			.first_bus = bytes[10],
			.last_bus = bytes[11],
		};
		const char *reason = entry_reason(acpi, &entry);
		if (reason)
			acpi_refuse(access, table->what, table->address, reason);
		else
			acpi->segments[acpi->segment_count++] = entry;
	}
}
