// SPDX-License-Identifier: MIT
// PCI functions as drivers see them; see pci.h. Sections are those of the PCI Local Bus Specification, revision 3.0.
#include "pci.h"

#include <string.h>

#define STATUS 0x06u              // 6.2.3
#define STATUS_CAPABILITIES 0x10u
#define CAPABILITIES 0x34u        // 6.7
#define CAPABILITIES_FIRST 0x40u  // behind the header
#define CAPABILITIES_MAX ((DRIVER_PCI_CONFIG_BYTES - CAPABILITIES_FIRST) / 4)
#define REGION_BYTES 12u

// ---- Properties ----------------------------------------------------------------------------------------------------------

// Device trees are big-endian (Devicetree Specification v0.4, 2.2.4).
static uint64_t big_endian(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | at[i];
	return value;
}

static kern_return_t read_regions(struct driver_pci *pci)
{
	uint8_t list[DEVICE_REGIONS_MAX * REGION_BYTES];
	size_t size;
	kern_return_t error = driver_property(DRIVER_PCI_REGIONS, list, sizeof(list), &size);
	if (error)
		return error == KERN_NOT_FOUND ? KERN_INVALID_VALUE : error;
	if (size > sizeof(list) || size % REGION_BYTES)
		return KERN_INVALID_VALUE;
	pci->count = (uint32_t)(size / REGION_BYTES);
	for (uint32_t i = 0; i < pci->count; i++) {
		const uint8_t *at = &list[i * REGION_BYTES];
		pci->regions[i] = (struct driver_pci_region){.bar = (uint32_t)big_endian(at, 4), .offset = big_endian(at + 4, 8)};
	}
	return KERN_SUCCESS;
}

kern_return_t driver_pci_open(struct driver_pci *pci)
{
	size_t size;
	memset(pci, 0, sizeof(*pci));
	kern_return_t error = driver_property(DRIVER_PCI_CONFIG, pci->config, sizeof(pci->config), &size);
	if (error)
		return error;
	return size == sizeof(pci->config) ? read_regions(pci) : KERN_INVALID_VALUE;
}

// ---- Capabilities --------------------------------------------------------------------------------------------------------

// The two lowest bits of a pointer are reserved (6.7).
static unsigned pointer_at(const struct driver_pci *pci, unsigned place) { return pci->config[place] & 0xfcu; }

bool driver_pci_capability(const struct driver_pci *pci, uint8_t id, unsigned size, struct driver_pci_cursor *cursor)
{
	if (!(pci->config[STATUS] & STATUS_CAPABILITIES))
		return false;
	while (cursor->steps++ < CAPABILITIES_MAX) { // a list that is longer is a circle
		cursor->place = pointer_at(pci, cursor->place ? cursor->place + 1 : CAPABILITIES);
		if (cursor->place < CAPABILITIES_FIRST)
			return false;
		if (pci->config[cursor->place] == id && size <= DRIVER_PCI_CONFIG_BYTES - cursor->place)
			return true;
	}
	return false;
}

uint32_t driver_pci_u32(const struct driver_pci *pci, unsigned place)
{
	const uint8_t *at = &pci->config[place];
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

// ---- Registers -----------------------------------------------------------------------------------------------------------

static bool has(const struct driver_pci_region *region, uint64_t offset, uint64_t size)
{
	return offset >= region->offset && offset - region->offset <= region->size &&
	       size <= region->size - (offset - region->offset);
}

static bool map(struct driver_pci_region *region, uint32_t index)
{
	void *address;
	if (region->address)
		return true;
	if (driver_map(index, &address, &region->size))
		return false;
	region->address = address;
	return true;
}

void *driver_pci_map(struct driver_pci *pci, uint32_t bar, uint64_t offset, uint64_t size)
{
	for (uint32_t i = 0; i < pci->count; i++) {
		struct driver_pci_region *region = &pci->regions[i];
		if (region->bar == bar && offset >= region->offset && map(region, i) && has(region, offset, size))
			return region->address + (offset - region->offset);
	}
	return NULL;
}
