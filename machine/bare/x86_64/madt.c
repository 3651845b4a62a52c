// SPDX-License-Identifier: MIT
// The CPUs that the firmware lists: the local APICs of the MADT (ACPI Specification 6.5, 5.2.12), found from the RSDP
// that the loader or the BIOS left (5.2.5). Tables are copied to the kernel byte by byte from mapped memory, each length is checked
// before it is used; what is wrong is left out, and then CPU 0 is alone.
#include "cpu.h"
#include "paging.h"
#include "smp.h"

#define TABLE_MOST UINT64_C(0x10000)
#define HEADER 36u
#define MADT_FIRST 44u
#define ENTRY_LOCAL_APIC 0
#define ENTRY_LOCAL_X2APIC 9
#define APIC_ENABLED 1u

static uint32_t get32(const uint8_t *at)
{
	uint32_t value;
	memcpy(&value, at, 4);
	return value;
}

static uint64_t get64(const uint8_t *at)
{
	uint64_t value;
	memcpy(&value, at, 8);
	return value;
}

// The memory of the firmware, mapped; NULL: it cannot be.
static const uint8_t *firmware(uint64_t physical, uint64_t size)
{
	bool inside = physical && physical + size > physical && physical + size < UINT64_C(1) << 46;
	return inside && paging_map_direct(physical, size, false) ? direct(physical) : NULL;
}

static bool sums_up(const uint8_t *bytes, uint64_t size)
{
	uint8_t sum = 0;
	for (uint64_t i = 0; i < size; i++)
		sum += bytes[i];
	return sum == 0;
}

// A table with a good length and sum; *size is its length.
static const uint8_t *table_at(uint64_t physical, uint32_t *size)
{
	const uint8_t *table = firmware(physical, HEADER);
	if (!table)
		return NULL;
	*size = get32(table + 4);
	if (*size < HEADER || *size > TABLE_MOST || !firmware(physical, *size) || !sums_up(table, *size))
		return NULL;
	return table;
}

static const uint8_t *rsdp_find(void)
{
	const uint8_t *rsdp = firmware(boot_rsdp_hint(), 36);
	if (rsdp && memcmp(rsdp, "RSD PTR ", 8) == 0 && sums_up(rsdp, 20))
		return rsdp;
	const uint8_t *bios = firmware(0xe0000, 0x20000);
	for (unsigned at = 0; bios && at < 0x20000 - 36; at += 16)
		if (memcmp(bios + at, "RSD PTR ", 8) == 0 && sums_up(bios + at, 20))
			return bios + at;
	return NULL;
}

static const uint8_t *madt_find(uint32_t *size)
{
	const uint8_t *rsdp = rsdp_find();
	if (!rsdp)
		return NULL;
	bool extended = rsdp[15] >= 2 && get64(rsdp + 24) != 0;
	uint32_t root_size;
	const uint8_t *root = table_at(extended ? get64(rsdp + 24) : get32(rsdp + 16), &root_size);
	if (!root)
		return NULL;
	unsigned width = extended ? 8 : 4;
	for (uint32_t at = HEADER; at + width <= root_size; at += width) {
		const uint8_t *table = table_at(extended ? get64(root + at) : get32(root + at), size);
		if (table && memcmp(table, "APIC", 4) == 0)
			return table;
	}
	return NULL;
}

unsigned madt_find_cpus(uint32_t *ids, unsigned room)
{
	uint32_t size = 0;
	unsigned count = 1;
	ids[0] = apic_id();
	const uint8_t *madt = madt_find(&size);
	for (uint32_t at = MADT_FIRST; madt && at + 2 <= size && count < room;) {
		const uint8_t *entry = madt + at;
		uint32_t length = entry[1], id = UINT32_MAX, flags = 0;
		if (length < 2 || length > size - at)
			break;
		if (entry[0] == ENTRY_LOCAL_APIC && length >= 8)
			id = entry[3], flags = get32(entry + 4);
		else if (entry[0] == ENTRY_LOCAL_X2APIC && length >= 16 && cpu_features.x2apic)
			id = get32(entry + 4), flags = get32(entry + 8);
		if ((flags & APIC_ENABLED) && id != ids[0])
			ids[count++] = id;
		at += length;
	}
	return count;
}
