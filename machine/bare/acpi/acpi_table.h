// SPDX-License-Identifier: MIT
// Between the files of acpi/: a table whose bounds and sum were checked, and what reads each kind.
#ifndef MACHINE_BARE_ACPI_TABLE_H
#define MACHINE_BARE_ACPI_TABLE_H

#include "acpi.h"

#include <string.h>

#define ACPI_HEADER_SIZE 36u // 5.2.6

struct acpi_bytes {
	const char *what; // as in the log
	uint64_t address;
	const uint8_t *bytes;
	uint32_t size; // at least ACPI_HEADER_SIZE
};

static inline uint16_t acpi_u16(const uint8_t *at) { return (uint16_t)(at[0] | at[1] << 8); }
static inline uint32_t acpi_u32(const uint8_t *at) { return acpi_u16(at) | (uint32_t)acpi_u16(at + 2) << 16; }
static inline uint64_t acpi_u64(const uint8_t *at) { return acpi_u32(at) | (uint64_t)acpi_u32(at + 4) << 32; }

static inline void acpi_refuse(const struct acpi_access *access, const char *what, uint64_t address, const char *reason)
{
	access->log(access->context, what, address, reason);
}

// The table at `address`, checked. False: refused, and said so.
bool acpi_open(struct acpi_bytes *table, const struct acpi_access *access, const char *what, uint64_t address);

void acpi_read_madt(struct acpi *acpi, const struct acpi_access *access, const struct acpi_bytes *table);
void acpi_read_mcfg(struct acpi *acpi, const struct acpi_access *access, const struct acpi_bytes *table);
void acpi_read_hpet(struct acpi *acpi, const struct acpi_access *access, const struct acpi_bytes *table);
// *dsdt: its address; 0: the FADT names none.
void acpi_read_fadt(struct acpi *acpi, const struct acpi_access *access, const struct acpi_bytes *table, uint64_t *dsdt);
// Looks for \_S5_ in a DSDT or SSDT.
void acpi_read_sleep(struct acpi *acpi, const struct acpi_bytes *aml);

#endif
