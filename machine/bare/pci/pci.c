// SPDX-License-Identifier: MIT
// The whole enumeration, and what follows when every range has its place: see pci.h.
#include "pci_steps.h"

uint32_t pci_config_read(const struct pci *pci, const struct pci_function *function, uint32_t offset)
{
	return pci->access->read(pci->access->context, function->config + offset);
}

void pci_config_write(const struct pci *pci, const struct pci_function *function, uint32_t offset, uint32_t value)
{
	pci->access->write(pci->access->context, function->config + offset, value);
}

// ---- Registers are written as decided ------------------------------------------------------------------------------

// A register whose bits are fixed has a size, too.
static void write_bar(const struct pci *pci, struct pci_function *function, uint32_t index)
{
	struct pci_range *range = &function->ranges[index];
	uint32_t offset = CONFIG_BAR + 4 * index;
	pci_config_write(pci, function, offset, (uint32_t)range->address);
	if (range->wide)
		pci_config_write(pci, function, offset + 4, (uint32_t)(range->address >> 32));
	uint64_t high = range->wide ? pci_config_read(pci, function, offset + 4) : 0;
	if (((high << 32 | pci_config_read(pci, function, offset)) & ~(range->size - 1)) == range->address)
		return;
	range->state = PCI_RANGE_REFUSED;
	pci_refuse(pci, function, "a BAR does not keep what is written to it");
}

// PCI-to-PCI Bridge 1.2, 3.2.5.8 and 3.2.5.9: bits 31:20 of base and limit; a limit below the base closes the window.
static void write_window(const struct pci *pci, const struct pci_function *bridge, uint32_t index)
{
	const struct pci_range *range = &bridge->ranges[index];
	bool open = range->state == PCI_RANGE_PLACED;
	uint64_t first = open ? range->address : 0xfff00000, last = open ? range->address + (range->size - 1) : 0;
	uint32_t value = (uint32_t)(first >> 16 & 0xfff0) | (uint32_t)(last & 0xfff00000);
	if (range->state == PCI_RANGE_NONE || range->state == PCI_RANGE_KEPT)
		return;
	pci_config_write(pci, bridge, index == PCI_WINDOW_MEMORY ? BRIDGE_MEMORY : BRIDGE_PREFETCHABLE, value);
	if (index != PCI_WINDOW_PREFETCHABLE || !range->wide)
		return;
	pci_config_write(pci, bridge, BRIDGE_PREFETCHABLE_BASE_HIGH, (uint32_t)(first >> 32));
	pci_config_write(pci, bridge, BRIDGE_PREFETCHABLE_LIMIT_HIGH, (uint32_t)(last >> 32));
}

// Memory decoding goes off before a function's place changes, or when it has none.
static void write_function(const struct pci *pci, struct pci_function *function)
{
	uint32_t command = pci_command(pci, function);
	bool moved = function->bridge && !function->secondary; // nothing may go through it
	for (uint32_t i = 0; i < PCI_RANGES; i++)
		moved = moved || function->ranges[i].state >= PCI_RANGE_PLACED || function->ranges[i].state == PCI_RANGE_REFUSED;
	if (moved)
		pci_config_write(pci, function, CONFIG_COMMAND, command & ~(uint32_t)COMMAND_MEMORY);
	for (uint32_t i = 0; i < PCI_BARS; i++)
		if (function->ranges[i].state == PCI_RANGE_PLACED)
			write_bar(pci, function, i);
	if (!function->bridge)
		return;
	write_window(pci, function, PCI_WINDOW_MEMORY);
	write_window(pci, function, PCI_WINDOW_PREFETCHABLE);
}

// A window that found no room is closed, which is harmless; a BAR without a place is not.
static bool may_decode(const struct pci *pci, const struct pci_function *function)
{
	for (uint32_t i = 0; i < PCI_BARS; i++)
		if (function->ranges[i].state == PCI_RANGE_REFUSED || function->ranges[i].state == PCI_RANGE_HOMELESS)
			return false;
	return function->parent == PCI_NO_PARENT || pci->functions[function->parent].ready;
}

static void start_function(const struct pci *pci, struct pci_function *function)
{
	function->ready = may_decode(pci, function) && (!function->bridge || function->secondary);
	if (!function->ready)
		return;
	bool memory = function->bridge;
	for (uint32_t i = 0; i < PCI_BARS; i++)
		memory = memory || pci_range_is_open(&function->ranges[i]);
	// A bridge passes the accesses of those behind it on only if it may access memory itself (3.2.5.3).
	uint32_t command = (memory ? (uint32_t)COMMAND_MEMORY : 0) | (function->bridge ? (uint32_t)COMMAND_MASTER : 0);
	if (command)
		pci_config_write(pci, function, CONFIG_COMMAND, pci_command(pci, function) | command);
}

void pci_enumerate(struct pci *pci)
{
	pci->count = 0;
	pci_find_functions(pci);
	for (uint32_t i = 0; i < pci->count; i++) {
		pci_find_ranges(pci, &pci->functions[i]);
		pci_find_capabilities(pci, &pci->functions[i]);
	}
	pci_place_ranges(pci);
	for (uint32_t i = 0; i < pci->count; i++)
		write_function(pci, &pci->functions[i]);
	for (uint32_t i = 0; i < pci->count; i++)
		start_function(pci, &pci->functions[i]);
}

// ---- Regions -------------------------------------------------------------------------------------------------------

struct cut {
	uint64_t from, to; // offsets in the BAR, whole pages
};

static struct cut make_cut(uint64_t offset, uint64_t size)
{
	uint64_t page = PCI_PAGE;
	return (struct cut){.from = offset & ~(page - 1), .to = (offset + size + page - 1) & ~(page - 1)};
}

// The cuts of that BAR, in ascending order.
static uint32_t find_cuts(const struct pci_function *function, uint32_t bar, struct cut cuts[2])
{
	uint32_t count = 0;
	if (function->msix && function->table_bar == bar)
		cuts[count++] = make_cut(function->table_offset, 16u * function->msix_entries);
	if (function->msix && function->pending_bar == bar)
		cuts[count++] = make_cut(function->pending_offset, 8u * ((function->msix_entries + 63u) / 64));
	if (count == 2 && cuts[1].from < cuts[0].from) {
		struct cut first = cuts[1];
		cuts[1] = cuts[0];
		cuts[0] = first;
	}
	return count;
}

uint32_t pci_regions(const struct pci_function *function, struct pci_region regions[PCI_REGIONS_MAX])
{
	struct cut cuts[2];
	uint32_t count = 0;
	for (uint32_t bar = 0; bar < PCI_BARS && function->ready; bar++) {
		const struct pci_range *range = &function->ranges[bar];
		if (!pci_range_is_open(range))
			continue;
		uint64_t at = 0;
		uint32_t cut_count = find_cuts(function, bar, cuts);
		for (uint32_t i = 0; i <= cut_count && at < range->size; i++) {
			uint64_t end = i < cut_count && cuts[i].from < range->size ? cuts[i].from : range->size;
			if (end > at)
				regions[count++] = (struct pci_region){range->address + at, end - at, bar, at};
			if (i < cut_count && cuts[i].to > at)
				at = cuts[i].to;
		}
	}
	return count;
}
