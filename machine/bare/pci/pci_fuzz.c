// SPDX-License-Identifier: MIT
// Fuzz target of the PCI enumeration and of the device tree made of it. Input: a byte of options, then functions: bridge
// before it (an index; none such: the root bus), device and function, flags (1: answers anything), number of registers;
// each register is index (u8), value and writable bits (u32). Whatever they answer, no function decodes where another one,
// RAM or configuration space is; drivers are given no page of an MSI-X table; the tree can be read.
#include "pci_fake.h"

#include "../tree/device_tree.h"

#include <gila/fuzz.h>
#include <kernel/device/fdt_walk.h>

#define LOW 0xc0000000u
#define LINES 256u

static struct fake fake;
static struct pci_function found[FAKE_FUNCTIONS];
static struct pci pci;
static uint8_t blob[FAKE_FUNCTIONS * 2048];

static void require(bool good)
{
	if (!good)
		__builtin_trap();
}

static uint32_t u32(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void load(const uint8_t *data, size_t size)
{
	size_t at = 1;
	while (size - at >= 4 && fake.count < FAKE_FUNCTIONS) {
		uint32_t parent = data[at] < fake.count ? data[at] : PCI_NO_PARENT;
		struct fake_function *function = fake_add(&fake, parent, data[at + 1], 0);
		function->wild = data[at + 2] & 1;
		uint32_t count = data[at + 3];
		for (at += 4; count > 0 && size - at >= 9; at += 9, count--) {
			function->value[data[at] & 63] = u32(data + at + 1);
			function->mask[data[at] & 63] = u32(data + at + 5);
		}
	}
}

static struct fake_function *behind(const struct pci_function *function)
{
	return fake_route(&fake, function->bus, (uint32_t)function->device << 3 | function->function);
}

static bool overlap(const struct pci_range *a, const struct pci_range *b)
{
	uint64_t page = PCI_PAGE - 1;
	return (a->address & ~page) <= ((b->address + b->size - 1) | page) &&
	       (b->address & ~page) <= ((a->address + a->size - 1) | page);
}

static void check_range(const struct pci_function *function, const struct pci_range *range,
			const struct pci_window *reserved)
{
	require(range->address != 0 && range->size != 0 && range->address + range->size <= PCI_ADDRESS_LIMIT);
	require(range->wide || range->address + range->size <= 1ull << 32);
	for (uint32_t i = 0; i < pci.reserved_count; i++) {
		struct pci_range other = {.address = reserved[i].address, .size = reserved[i].size};
		require(!overlap(range, &other));
	}
	if (function->parent == PCI_NO_PARENT)
		return;
	bool inside = false;
	for (uint32_t i = PCI_WINDOW_MEMORY; i < PCI_RANGES; i++) {
		const struct pci_range *window = &pci.functions[function->parent].ranges[i];
		inside = inside || (pci_range_is_open(window) && window->address <= range->address &&
				    range->address + (range->size - 1) <= window->address + (window->size - 1));
	}
	require(inside);
}

// What was decided is in the registers, as far as the function obeys.
static void check_registers(const struct pci_function *function)
{
	const struct fake_function *real = behind(function);
	if (!real || real->wild)
		return;
	bool bad = false;
	for (uint32_t i = 0; i < PCI_BARS; i++) {
		const struct pci_range *range = &function->ranges[i];
		const uint32_t *value = &real->value[CONFIG_BAR / 4 + i];
		uint64_t address = value[0] | (range->wide ? (uint64_t)value[1] << 32 : 0);
		bad = bad || range->state == PCI_RANGE_HOMELESS || range->state == PCI_RANGE_REFUSED;
		require(range->state != PCI_RANGE_PLACED || (address & ~(range->size - 1)) == range->address);
	}
	require(!bad || !(real->mask[1] & COMMAND_MEMORY) || !(real->value[1] & COMMAND_MEMORY));
}

static void check_function(uint32_t index, const struct pci_window *reserved)
{
	const struct pci_function *function = &found[index];
	require(function->parent == PCI_NO_PARENT || (function->parent < index && found[function->parent].bridge));
	for (uint32_t i = 0; i < PCI_RANGES; i++) {
		const struct pci_range *range = &function->ranges[i];
		require(range->state != PCI_RANGE_WANTED && range->state != PCI_RANGE_RELATIVE);
		if (!pci_range_is_open(range))
			continue;
		check_range(function, range, reserved);
		for (uint32_t other = 0; other <= index; other++)
			for (uint32_t j = 0; j < PCI_RANGES && found[other].parent == function->parent; j++)
				require((other == index && j == i) || !pci_range_is_open(&found[other].ranges[j]) ||
					!overlap(range, &found[other].ranges[j]));
	}
	check_registers(function);
}

static void check_regions(const struct pci_function *function)
{
	struct pci_region regions[PCI_REGIONS_MAX];
	uint32_t count = pci_regions(function, regions);
	require(count <= PCI_REGIONS_MAX && (function->ready || count == 0));
	for (uint32_t i = 0; i < count; i++) {
		const struct pci_range *range = &function->ranges[regions[i].bar];
		require(regions[i].size > 0 && regions[i].address == range->address + regions[i].offset);
		require(regions[i].offset + regions[i].size <= range->size);
		struct pci_range region = {.address = regions[i].address, .size = regions[i].size}, table = {.size = 0};
		if (!function->msix)
			continue;
		table.address = function->ranges[function->table_bar].address + function->table_offset;
		table.size = 16u * function->msix_entries;
		require(!overlap(&region, &table));
		table.address = function->ranges[function->pending_bar].address + function->pending_offset;
		table.size = 8u * ((function->msix_entries + 63u) / 64);
		require(!overlap(&region, &table));
	}
}

static void check_tree(void)
{
	static const struct device_tree_ports serial = {"serial@3f8", "ns16550a\0", {{0x3f8, 8}}, 4};
	static struct acpi acpi;
	static struct pci_line lines[LINES];
	struct fdt fdt;
	struct fdt_walk walk;
	uint32_t at, nodes = 0, line, count = 0;
	bool reachable;
	struct device_tree tree = {&acpi, &pci, &serial, 1, NULL, 32, 100, lines, LINES, 0};
	size_t size = device_tree_make(&tree, blob, sizeof(blob));
	require(size > 0 && tree.line_count <= LINES && fdt_open(&fdt, blob, size, &at) == FDT_OK);
	fdt_walk_begin(&walk, &fdt);
	for (; fdt_walk_next(&walk); nodes++)
		for (uint32_t i = 0; fdt_walk_interrupt(&walk, i, &line, &reachable); i++) {
			require(reachable && (line == 4 || line == 32 + count));
			count += line != 4;
		}
	require(count == tree.line_count);
	for (uint32_t i = 0; i < pci.count; i++)
		nodes -= !found[i].bridge;
	require(nodes == 2);
	for (uint32_t i = 0; i < tree.line_count; i++) {
		require(lines[i].entry < pci_interrupt_count(&found[lines[i].function]));
		pci_interrupt_set(&pci, &found[lines[i].function], lines[i].entry, 0xfee00000, i);
		pci_interrupt_mask(&pci, &found[lines[i].function], lines[i].entry);
	}
}

static int fuzz_pci(const uint8_t *data, size_t size)
{
	const struct pci_window reserved[] = {{0, 0x80000000}, {FAKE_ECAM, 256 << 20}, {0xfec00000, 0x1400000}};
	if (size < 1)
		return 0;
	fake_begin(&fake);
	fake.random = size;
	load(data, size);
	pci = (struct pci){
		.access = &fake.access,
		.segments = &fake.segment,
		.segment_count = 1,
		.low = {LOW, data[0] & 1 ? 65536 : 0x30000000},
		.high = {1ull << 32, data[0] & 2 ? 0 : 1ull << 36},
		.reserved = reserved,
		.reserved_count = 3,
		.functions = found,
		.room = data[0] & 4 ? 8 : FAKE_FUNCTIONS,
	};
	pci_enumerate(&pci);
	require(pci.count <= pci.room);
	require(fake.stray == 0);
	for (uint32_t i = 0; i < pci.count; i++) {
		check_function(i, reserved);
		check_regions(&found[i]);
	}
	check_tree();
	return 0;
}

FUZZ_TARGET(fuzz_pci)
