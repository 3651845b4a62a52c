// SPDX-License-Identifier: MIT
// HPET: the high precision event timer (IA-PC HPET Specification 1.0a, 3.2.4).
#include "acpi_table.h"

#define HPET_SIZE 56u

void acpi_read_hpet(struct acpi *acpi, const struct acpi_access *access, const struct acpi_bytes *table)
{
	if (table->size < HPET_SIZE) {
		acpi_refuse(access, table->what, table->address, "it is cut short");
		return;
	}
	uint64_t address = acpi_u64(table->bytes + 44);
	if (table->bytes[40] != ACPI_SPACE_MEMORY || address == 0 || address % 1024 != 0) { // 3.2.4: 1 KiB of registers
		acpi_refuse(access, table->what, table->address, "its registers are not in memory");
		return;
	}
	acpi->found |= ACPI_HPET;
	acpi->hpet = address;
	acpi->hpet_minimum_tick = acpi_u16(table->bytes + 53);
}
