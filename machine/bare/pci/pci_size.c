// SPDX-License-Identifier: MIT
// What a function wants to be mapped: its BARs (PCI 3.0, 6.2.5.1), and what a bridge passes on (PCI-to-PCI Bridge 1.2,
// 3.2.5). A BAR tells its size when all ones are written to it, so decoding is off meanwhile.
#include "pci_steps.h"

#define BAR_PORTS 1u
#define BAR_TYPE(value) ((value) >> 1 & 3)
#define BAR_TYPE_32 0u
#define BAR_TYPE_64 2u
#define BAR_PREFETCHABLE 8u
#define BAR_FLAGS 0xfu
#define CLASS_BRIDGE 0x06u
#define SUBCLASS_HOST 0x00u

// Which bits of the register can be changed; it is as before then.
static uint32_t probe(const struct pci *pci, const struct pci_function *function, uint32_t offset, uint32_t ones)
{
	uint32_t before = pci_config_read(pci, function, offset);
	pci_config_write(pci, function, offset, ones);
	uint32_t after = pci_config_read(pci, function, offset);
	pci_config_write(pci, function, offset, before);
	return after;
}

static void refuse(const struct pci *pci, struct pci_function *function, struct pci_range *range, const char *reason)
{
	range->state = PCI_RANGE_REFUSED;
	pci_refuse(pci, function, reason);
}

// BAR `index`, which is one of `count`. True: the next one is its upper half.
static bool find_bar(const struct pci *pci, struct pci_function *function, uint32_t index, uint32_t count)
{
	struct pci_range *range = &function->ranges[index];
	uint32_t offset = CONFIG_BAR + 4 * index, value = pci_config_read(pci, function, offset);
	uint64_t mask = probe(pci, function, offset, UINT32_MAX), address = value & ~BAR_FLAGS;
	if (mask == 0)
		return false;
	if (value & BAR_PORTS) {
		range->state = PCI_RANGE_PORTS;
		return false;
	}
	range->prefetchable = value & BAR_PREFETCHABLE;
	range->wide = BAR_TYPE(value) == BAR_TYPE_64;
	if (BAR_TYPE(value) != BAR_TYPE_32 && !range->wide) {
		refuse(pci, function, range, "a BAR is of a type that is not known");
		return false;
	}
	if (range->wide && index + 1 == count) {
		range->wide = false;
		refuse(pci, function, range, "its last BAR has no upper half");
		return false;
	}
	uint32_t high = range->wide ? probe(pci, function, offset + 4, UINT32_MAX) : UINT32_MAX;
	if (range->wide)
		address |= (uint64_t)pci_config_read(pci, function, offset + 4) << 32;
	mask = (mask & ~(uint64_t)BAR_FLAGS) | (uint64_t)high << 32;
	uint64_t size = 0 - mask;
	if (size == 0 || (size & (size - 1)) != 0 || size >= PCI_ADDRESS_LIMIT) {
		refuse(pci, function, range, "a BAR has no size");
		return range->wide;
	}
	range->state = PCI_RANGE_WANTED;
	range->address = address & ~(size - 1);
	range->size = size;
	range->align = size > PCI_PAGE ? size : PCI_PAGE;
	return range->wide;
}

// ---- Windows -------------------------------------------------------------------------------------------------------

// Base and limit of a window as they are, if it is open. `value`: the register with bits 31:20 of both.
static void find_window(struct pci_range *range, uint32_t value, uint32_t base_high, uint32_t limit_high)
{
	uint64_t base = (uint64_t)base_high << 32 | (value & 0xfff0) << 16;
	uint64_t limit = (uint64_t)limit_high << 32 | (value & 0xfff00000) | 0xfffff;
	range->state = PCI_RANGE_CLOSED;
	range->align = 1u << 20;
	if (base == 0 || limit < base || limit >= PCI_ADDRESS_LIMIT)
		return;
	range->address = base;
	range->size = limit - base + 1;
}

static void find_windows(const struct pci *pci, struct pci_function *bridge)
{
	struct pci_range *memory = &bridge->ranges[PCI_WINDOW_MEMORY], *other = &bridge->ranges[PCI_WINDOW_PREFETCHABLE];
	find_window(memory, pci_config_read(pci, bridge, BRIDGE_MEMORY), 0, 0);
	// 3.2.5.9: not every bridge has this one; its low bits say whether it has upper halves.
	uint32_t value = pci_config_read(pci, bridge, BRIDGE_PREFETCHABLE);
	if ((probe(pci, bridge, BRIDGE_PREFETCHABLE, 0xfff0fff0) & 0xfff0fff0) == 0)
		return;
	other->prefetchable = true;
	other->wide = (value & 0xf) == 1;
	find_window(other, value, other->wide ? pci_config_read(pci, bridge, BRIDGE_PREFETCHABLE_BASE_HIGH) : 0,
		    other->wide ? pci_config_read(pci, bridge, BRIDGE_PREFETCHABLE_LIMIT_HIGH) : 0);
}

void pci_find_ranges(const struct pci *pci, struct pci_function *function)
{
	uint32_t command = pci_command(pci, function), count = function->bridge ? 2 : PCI_BARS;
	// Without its decoding a host bridge might not answer any more; it has nothing for drivers.
	if (function->class == CLASS_BRIDGE && function->subclass == SUBCLASS_HOST)
		return;
	pci_config_write(pci, function, CONFIG_COMMAND, command & ~(uint32_t)(COMMAND_PORTS | COMMAND_MEMORY));
	for (uint32_t i = 0; i < count; i++)
		if (find_bar(pci, function, i, count))
			i++;
	if (function->bridge && function->secondary)
		find_windows(pci, function);
	pci_config_write(pci, function, CONFIG_COMMAND, command);
}
