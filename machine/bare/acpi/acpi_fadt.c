// SPDX-License-Identifier: MIT
// FADT: registers of power management (ACPI Specification 6.5, 5.2.9). Later revisions only append fields, so a field is
// there when the table is long enough for it; numbers below are the fields' offsets in table 5.9.
#include "acpi_table.h"

#define FADT_SIZE_1 116u // of ACPI 1.0
// Fixed feature flags, table 5.10
#define HARDWARE_REDUCED (1u << 20)
#define RESET_SUPPORTED (1u << 10)
#define TIMER_32 (1u << 8)

// 5.2.3.2: the generic address structure at `at`, for a register that is `bytes` wide. None when the table ends before.
static struct acpi_register extended(const struct acpi_bytes *table, uint32_t at, uint8_t bytes)
{
	struct acpi_register none = {0};
	if (table->size < at + 12 || acpi_u64(table->bytes + at + 4) == 0 || table->bytes[at] > ACPI_SPACE_CONFIG)
		return none;
	struct acpi_register found = {
		.space = (enum acpi_space)table->bytes[at],
		.bytes = bytes,
		.address = acpi_u64(table->bytes + at + 4),
	};
	return found.space == ACPI_SPACE_PORTS && found.address > 0x10000u - bytes ? none : found;
}

// The extended field if it is used, else the 32-bit one, which is a port.
static struct acpi_register either(const struct acpi_bytes *table, uint32_t extended_at, uint32_t at, uint8_t bytes)
{
	struct acpi_register found = extended(table, extended_at, bytes);
	uint32_t port = acpi_u32(table->bytes + at);
	if (!found.bytes && port != 0 && port <= 0x10000u - bytes)
		found = (struct acpi_register){.space = ACPI_SPACE_PORTS, .bytes = bytes, .address = port};
	return found;
}

static void read_power(struct acpi_power *power, const struct acpi_bytes *table, uint32_t flags)
{
	uint32_t smi = acpi_u32(table->bytes + 48);
	if (flags & HARDWARE_REDUCED) {
		power->sleep = extended(table, 244, 1);
	} else {
		power->pm1a = either(table, 172, 64, 2);
		power->pm1b = either(table, 184, 68, 2);
	}
	// 5.2.9: both are 0 when the machine has no other mode.
	if (smi != 0 && smi < 0x10000u && table->bytes[52] != 0) {
		power->smi_command = (struct acpi_register){.space = ACPI_SPACE_PORTS, .bytes = 1, .address = smi};
		power->acpi_enable = table->bytes[52];
	}
	if (flags & RESET_SUPPORTED && table->size >= 129) {
		power->reset = extended(table, 116, 1);
		power->reset_value = table->bytes[128];
	}
}

void acpi_read_fadt(struct acpi *acpi, const struct acpi_access *access, const struct acpi_bytes *table, uint64_t *dsdt)
{
	if (table->size < FADT_SIZE_1) {
		acpi_refuse(access, table->what, table->address, "it is cut short");
		return;
	}
	uint32_t flags = acpi_u32(table->bytes + 112), boot = acpi_u16(table->bytes + 109);
	acpi->found |= ACPI_FADT;
	*dsdt = table->size >= 148 ? acpi_u64(table->bytes + 140) : 0;
	if (*dsdt == 0)
		*dsdt = acpi_u32(table->bytes + 40);
	read_power(&acpi->power, table, flags);
	if (table->bytes[91] == 4 && !(flags & HARDWARE_REDUCED)) // PM_TMR_LEN
		acpi->pm_timer = either(table, 208, 76, 4);
	acpi->pm_timer_32 = flags & TIMER_32;
	// 5.2.9.3: revision 1 has no boot flags; machines of its time have a keyboard controller.
	bool old = table->bytes[8] < 2;
	acpi->has_8042 = old || boot & 2;
	acpi->no_vga = !old && boot & 4;
	acpi->no_msi = !old && boot & 8;
}
