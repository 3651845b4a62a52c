// SPDX-License-Identifier: MIT
// A PCI function for tests of drivers: its configuration space, its regions with a device model behind them (lib/driver/mmio.h), and
// the memory that it reaches. Include it in one file of a test program.
//
// pci_fake_begin, pci_fake_capability, pci_fake_region; `read` and `write` are the model's. Properties and maps of lib/driver/driver.h
// are the test's own, by pci_fake_property and pci_fake_map. The model reaches memory by pci_fake_memory only, as by an IOMMU.
#ifndef DRIVER_PCI_FAKE_H
#define DRIVER_PCI_FAKE_H

#include "mmio.h"
#include "pci.h"

#include <stdio.h>
#include <string.h>

enum { PCI_FAKE_MEMORIES = 64 };
#define PCI_FAKE_BASE UINT64_C(0x500000000000) // registers are mapped there, where nothing is: 4 GiB for each region

static struct pci_fake {
	uint8_t config[DRIVER_PCI_CONFIG_BYTES];
	unsigned capabilities; // where the next one goes
	unsigned count;
	struct pci_fake_region {
		uint32_t bar;
		uint64_t offset, size;
	} regions[DEVICE_REGIONS_MAX];
	unsigned maps;
	uint64_t (*read)(uint32_t bar, uint64_t offset, unsigned bytes);
	void (*write)(uint32_t bar, uint64_t offset, unsigned bytes, uint64_t value);
	struct pci_fake_memory {
		uint64_t bus_address, size;
		uint8_t *address;
	} memories[PCI_FAKE_MEMORIES];
	unsigned memory_count;
	unsigned strays; // accesses outside: of the driver to registers, of the device to memory
} pci_fake;

static void pci_fake_begin(void)
{
	memset(&pci_fake, 0, sizeof(pci_fake));
	pci_fake.config[0x06] = 0x10; // it has capabilities
	pci_fake.capabilities = 0x34;
}

static void __attribute__((unused)) pci_fake_region(uint32_t bar, uint64_t offset, uint64_t size)
{
	pci_fake.regions[pci_fake.count++] = (struct pci_fake_region){bar, offset, size};
}

static void __attribute__((unused)) pci_fake_u32(unsigned place, uint32_t value)
{
	for (unsigned i = 0; i < 4; i++)
		pci_fake.config[place + i] = (uint8_t)(value >> 8 * i);
}

// Returns where it is.
static unsigned __attribute__((unused)) pci_fake_capability(uint8_t id, unsigned bytes)
{
	static unsigned room;
	unsigned pointer = pci_fake.capabilities;
	unsigned place = pointer == 0x34 ? 0x40 : room;
	room = place + (bytes + 3) / 4 * 4;
	pci_fake.config[pointer] = (uint8_t)place;
	pci_fake.config[place] = id;
	pci_fake.capabilities = place + 1;
	return place;
}

static void __attribute__((unused)) pci_fake_memory_add(uint64_t bus_address, void *address, uint64_t size)
{
	pci_fake.memories[pci_fake.memory_count++] = (struct pci_fake_memory){bus_address, size, address};
}

// What the device finds there; NULL: it may not.
static __attribute__((unused)) void *pci_fake_at(uint64_t bus_address, uint64_t size)
{
	for (unsigned i = 0; i < pci_fake.memory_count; i++) {
		struct pci_fake_memory *memory = &pci_fake.memories[i];
		if (bus_address >= memory->bus_address && bus_address - memory->bus_address <= memory->size &&
		    size <= memory->size - (bus_address - memory->bus_address))
			return memory->address + (bus_address - memory->bus_address);
	}
	pci_fake.strays++;
	return NULL;
}

// ---- For the test's lib/driver/driver.h ------------------------------------------------------------------------------------

static kern_return_t pci_fake_property(const char *name, void *value, size_t room, size_t *size)
{
	uint8_t regions[DEVICE_REGIONS_MAX * 12] = {0};
	const void *from = pci_fake.config;
	*size = sizeof(pci_fake.config);
	if (strcmp(name, DRIVER_PCI_REGIONS) == 0) {
		for (unsigned i = 0; i < pci_fake.count; i++) {
			regions[12 * i + 3] = (uint8_t)pci_fake.regions[i].bar;
			for (unsigned j = 0; j < 8; j++)
				regions[12 * i + 4 + j] = (uint8_t)(pci_fake.regions[i].offset >> (56 - 8 * j));
		}
		from = regions;
		*size = 12 * (size_t)pci_fake.count;
	} else if (strcmp(name, DRIVER_PCI_CONFIG) != 0) {
		return KERN_NOT_FOUND;
	}
	if (room)
		memcpy(value, from, *size < room ? *size : room);
	return KERN_SUCCESS;
}

static kern_return_t pci_fake_map(uint32_t region, void **address, uint64_t *size)
{
	if (region >= pci_fake.count)
		return KERN_INVALID_ARGUMENT;
	pci_fake.maps++;
	*address = (void *)(uintptr_t)(PCI_FAKE_BASE + ((uint64_t)region << 32));
	*size = pci_fake.regions[region].size;
	return KERN_SUCCESS;
}

// ---- lib/driver/mmio.h -----------------------------------------------------------------------------------------------------

// The region of an access that is aligned and inside; NULL: none.
static struct pci_fake_region *pci_fake_find(const void *address, unsigned bytes, uint64_t *offset)
{
	uint64_t at = (uint64_t)(uintptr_t)address - PCI_FAKE_BASE;
	struct pci_fake_region *region = &pci_fake.regions[at >> 32 < DEVICE_REGIONS_MAX ? at >> 32 : 0];
	*offset = at & UINT32_MAX;
	if (at >> 32 < pci_fake.count && *offset + bytes <= region->size && *offset % bytes == 0) {
		*offset += region->offset;
		return region;
	}
	pci_fake.strays++;
	return NULL;
}

static uint64_t pci_fake_read(const void *address, unsigned bytes)
{
	uint64_t offset;
	struct pci_fake_region *region = pci_fake_find(address, bytes, &offset);
	return region ? pci_fake.read(region->bar, offset, bytes) : UINT64_MAX;
}

static void pci_fake_write(void *address, unsigned bytes, uint64_t value)
{
	uint64_t offset;
	struct pci_fake_region *region = pci_fake_find(address, bytes, &offset);
	if (region)
		pci_fake.write(region->bar, offset, bytes, value);
}

uint8_t mmio_read8(const void *address) { return (uint8_t)pci_fake_read(address, 1); }
uint16_t mmio_read16(const void *address) { return (uint16_t)pci_fake_read(address, 2); }
uint32_t mmio_read32(const void *address) { return (uint32_t)pci_fake_read(address, 4); }
void mmio_write8(void *address, uint8_t value) { pci_fake_write(address, 1, value); }
void mmio_write16(void *address, uint16_t value) { pci_fake_write(address, 2, value); }
void mmio_write32(void *address, uint32_t value) { pci_fake_write(address, 4, value); }

#endif
