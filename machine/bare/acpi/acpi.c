// SPDX-License-Identifier: MIT
// From the root pointer to the tables: see acpi.h. Section numbers are those of the ACPI Specification 6.5.
#include "acpi_table.h"

#define TABLE_SIZE_MAX (4u << 20) // the largest DSDTs have some hundred KiB
#define TABLES_MAX 256u           // that a table of tables may list
#define RSDP_SIZE_1 20u           // 5.2.5.3: of ACPI 1.0
#define RSDP_SIZE_2 36u
#define RSDP_SIZE_MAX 4096u

static bool sum_is_zero(const uint8_t *bytes, size_t size)
{
	uint8_t sum = 0;
	for (size_t i = 0; i < size; i++)
		sum = (uint8_t)(sum + bytes[i]);
	return sum == 0;
}

// ---- The root pointer ----------------------------------------------------------------------------------------------

static bool is_rsdp(const uint8_t *at) { return memcmp(at, "RSD PTR ", 8) == 0 && sum_is_zero(at, RSDP_SIZE_1); }

// 5.2.5.1: on a 16-byte boundary.
static bool find_between(const struct acpi_access *access, uint64_t from, uint64_t to, uint64_t *rsdp)
{
	for (uint64_t at = (from + 15) & ~(uint64_t)15; at + RSDP_SIZE_1 <= to; at += 16) {
		const uint8_t *bytes = access->map(access->context, at, RSDP_SIZE_1);
		if (!bytes || !is_rsdp(bytes))
			continue;
		*rsdp = at;
		return true;
	}
	return false;
}

bool acpi_find(const struct acpi_access *access, uint64_t *rsdp)
{
	// The word at 40:0E is the segment of the EBDA, which lies below the video memory.
	const uint8_t *word = access->map(access->context, 0x40e, 2);
	uint64_t ebda = word ? (uint64_t)acpi_u16(word) << 4 : 0;
	if (ebda >= 0x500 && ebda < 0xa0000 && find_between(access, ebda, ebda + 1024, rsdp))
		return true;
	return find_between(access, 0xe0000, 0x100000, rsdp);
}

// ---- Tables --------------------------------------------------------------------------------------------------------

bool acpi_open(struct acpi_bytes *table, const struct acpi_access *access, const char *what, uint64_t address)
{
	const char *reason = NULL;
	const uint8_t *bytes = access->map(access->context, address, ACPI_HEADER_SIZE);
	uint32_t size = bytes ? acpi_u32(bytes + 4) : 0;
	if (!bytes) {
		reason = "it is not in memory";
	} else if (size < ACPI_HEADER_SIZE) {
		reason = "it is shorter than a header";
	} else if (size > TABLE_SIZE_MAX) {
		reason = "it is larger than 4 MiB";
	} else {
		bytes = access->map(access->context, address, size);
		if (!bytes)
			reason = "it reaches out of memory";
		else if (!sum_is_zero(bytes, size))
			reason = "its sum is wrong";
	}
	if (reason)
		acpi_refuse(access, what, address, reason);
	*table = (struct acpi_bytes){.what = what, .address = address, .bytes = bytes, .size = size};
	return !reason;
}

// What the root pointer leads to: addresses of `width` bytes.
struct root {
	struct acpi_bytes table;
	uint32_t width;
};

static uint32_t root_count(const struct root *root)
{
	uint32_t count = (root->table.size - ACPI_HEADER_SIZE) / root->width;
	return count < TABLES_MAX ? count : TABLES_MAX;
}

static uint64_t root_entry(const struct root *root, uint32_t index)
{
	const uint8_t *at = root->table.bytes + ACPI_HEADER_SIZE + index * root->width;
	return root->width == 8 ? acpi_u64(at) : acpi_u32(at);
}

// The index of the next table with that signature, from *index on. False: no more.
static bool root_find(const struct root *root, const struct acpi_access *access, const char *signature, uint32_t *index)
{
	for (; *index < root_count(root); ++*index) {
		uint64_t address = root_entry(root, *index);
		const uint8_t *bytes = address ? access->map(access->context, address, ACPI_HEADER_SIZE) : NULL;
		if (bytes && memcmp(bytes, signature, 4) == 0)
			return true;
	}
	return false;
}

static bool root_open_table(struct root *root, const struct acpi_access *access, const char *name, uint64_t address)
{
	if (address == 0 || !acpi_open(&root->table, access, name, address))
		return false;
	if (memcmp(root->table.bytes, name, 4) == 0)
		return true;
	acpi_refuse(access, name, address, "it has another signature");
	return false;
}

// 5.2.5.3: from revision 2 on the pointer has a length, and a second sum over all of it. NULL: it is damaged.
static const uint8_t *extended_rsdp(const struct acpi_access *access, uint64_t rsdp)
{
	const uint8_t *bytes = access->map(access->context, rsdp, RSDP_SIZE_2);
	uint32_t size = bytes ? acpi_u32(bytes + 20) : 0;
	if (size < RSDP_SIZE_2 || size > RSDP_SIZE_MAX)
		return NULL;
	bytes = access->map(access->context, rsdp, size);
	return bytes && sum_is_zero(bytes, size) ? bytes : NULL;
}

// 5.2.5.3: then the XSDT counts. When that is damaged the RSDT, which lists the same, may not be.
static bool root_open(struct root *root, const struct acpi_access *access, uint64_t rsdp)
{
	const uint8_t *bytes = access->map(access->context, rsdp, RSDP_SIZE_1);
	if (!bytes || !is_rsdp(bytes)) {
		acpi_refuse(access, "RSDP", rsdp, bytes ? "its signature or sum is wrong" : "it is not in memory");
		return false;
	}
	uint32_t rsdt = acpi_u32(bytes + 16);
	if (bytes[15] >= 2) {
		bytes = extended_rsdp(access, rsdp);
		root->width = 8;
		if (bytes && root_open_table(root, access, "XSDT", acpi_u64(bytes + 24)))
			return true;
		if (!bytes)
			acpi_refuse(access, "RSDP", rsdp, "its length or extended sum is wrong");
	}
	root->width = 4;
	if (root_open_table(root, access, "RSDT", rsdt))
		return true;
	acpi_refuse(access, "RSDP", rsdp, "it leads to no tables");
	return false;
}

// Opens the first undamaged one of the tables with that signature; a machine has one of each.
static bool root_table(const struct root *root, const struct acpi_access *access, const char *signature, const char *what,
		       struct acpi_bytes *table)
{
	for (uint32_t i = 0; root_find(root, access, signature, &i); i++)
		if (acpi_open(table, access, what, root_entry(root, i)))
			return true;
	return false;
}

static void read_sleep(struct acpi *acpi, const struct acpi_access *access, const struct root *root, uint64_t dsdt)
{
	struct acpi_bytes aml;
	if (dsdt && acpi_open(&aml, access, "DSDT", dsdt))
		acpi_read_sleep(acpi, &aml);
	for (uint32_t i = 0; !acpi->power.sleep_known && root_find(root, access, "SSDT", &i); i++)
		if (acpi_open(&aml, access, "SSDT", root_entry(root, i)))
			acpi_read_sleep(acpi, &aml);
	if (!acpi->power.sleep_known)
		acpi_refuse(access, "DSDT", dsdt, "it does not say how to power off (no package \\_S5_)");
}

bool acpi_read(struct acpi *acpi, const struct acpi_access *access, uint64_t rsdp)
{
	struct root root;
	struct acpi_bytes table;
	uint64_t dsdt = 0;
	memset(acpi, 0, sizeof(*acpi));
	if (!root_open(&root, access, rsdp))
		return false;
	if (root_table(&root, access, "APIC", "MADT", &table))
		acpi_read_madt(acpi, access, &table);
	if (root_table(&root, access, "MCFG", "MCFG", &table))
		acpi_read_mcfg(acpi, access, &table);
	if (root_table(&root, access, "HPET", "HPET", &table))
		acpi_read_hpet(acpi, access, &table);
	if (root_table(&root, access, "FACP", "FADT", &table))
		acpi_read_fadt(acpi, access, &table, &dsdt);
	if (acpi->found & ACPI_FADT)
		read_sleep(acpi, access, &root, dsdt);
	return true;
}
