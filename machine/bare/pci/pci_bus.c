// SPDX-License-Identifier: MIT
// Which functions there are, bus by bus; numbers for the buses behind bridges.
//
// On each bus its functions are found first, then the buses that firmware numbered soundly are taken, then bridges without
// sound numbers get what is free between. The numbers behind a bridge are a part of its own bus's, and no two on one bus
// share any: so every bus is scanned once, and bridges that lie cannot lead in a circle.
#include "pci_steps.h"

#define BUSES 256u
#define DEPTH_MAX 16u // bridges behind each other
#define HEADER_MULTIPLE 0x80u
#define HEADER_BRIDGE 1u

struct walk {
	struct pci *pci;
	const struct pci_segment *segment;
	bool used[BUSES]; // among the buses that may be behind the one that is scanned
	bool full; // said once
};

static bool is_present(uint32_t id)
{
	// 6.2.1: nobody has vendor 0xffff; some bridges answer for absent devices with other patterns.
	return (id & 0xffff) != 0xffff && (id & 0xffff) != 0 && id >> 16 != 0xffff;
}

// Fills what identifies the function. False: there is none, or it is not to be understood.
static bool read_function(struct walk *walk, struct pci_function *found, uint32_t bus, uint32_t number)
{
	const struct pci *pci = walk->pci;
	*found = (struct pci_function){
		.config = walk->segment->base + ((uint64_t)bus << 20 | number << 12),
		.segment = walk->segment->segment,
		.bus = (uint8_t)bus,
		.device = (uint8_t)(number >> 3),
		.function = number & 7,
		.parent = PCI_NO_PARENT,
	};
	uint32_t id = pci_config_read(pci, found, CONFIG_ID);
	if (!is_present(id))
		return false;
	uint32_t class = pci_config_read(pci, found, CONFIG_CLASS);
	uint32_t header = pci_config_read(pci, found, CONFIG_HEADER) >> 16 & 0x7f;
	found->vendor = (uint16_t)id;
	found->device_id = (uint16_t)(id >> 16);
	found->class = (uint8_t)(class >> 24);
	found->subclass = (uint8_t)(class >> 16);
	found->interface = (uint8_t)(class >> 8);
	found->revision = (uint8_t)class;
	found->bridge = header == HEADER_BRIDGE;
	if (header <= HEADER_BRIDGE)
		return true;
	pci_config_write(pci, found, CONFIG_COMMAND, 0); // the same in all headers; what it decodes is not known
	pci_refuse(pci, found, "its header is of a type that is not known; it is off");
	return false;
}

// What is not kept in the list must not answer where others are placed.
static void add_function(struct walk *walk, const struct pci_function *found)
{
	struct pci *pci = walk->pci;
	if (pci->count < pci->room) {
		pci->functions[pci->count++] = *found;
		return;
	}
	pci_config_write(pci, found, CONFIG_COMMAND, 0);
	if (!walk->full)
		pci_refuse(pci, found, "there are more functions than there is room for; this and others are off");
	walk->full = true;
}

static void find_on_bus(struct walk *walk, uint32_t bus, uint32_t parent)
{
	struct pci_function found;
	for (uint32_t device = 0; device < 32; device++) {
		uint32_t functions = 1;
		for (uint32_t i = 0; i < functions; i++) {
			if (!read_function(walk, &found, bus, device << 3 | i)) {
				if (i == 0)
					break; // function 0 is required (3.2.2.3)
				continue;
			}
			if (i == 0 && pci_config_read(walk->pci, &found, CONFIG_HEADER) >> 16 & HEADER_MULTIPLE)
				functions = 8;
			found.parent = (uint16_t)parent;
			add_function(walk, &found);
		}
	}
}

// ---- Bus numbers ---------------------------------------------------------------------------------------------------

static void write_buses(const struct pci *pci, const struct pci_function *bridge)
{
	uint32_t timer = pci_config_read(pci, bridge, BRIDGE_BUSES) & 0xff000000; // is another register
	pci_config_write(pci, bridge, BRIDGE_BUSES,
			 timer | (uint32_t)bridge->subordinate << 16 | (uint32_t)bridge->secondary << 8 | bridge->bus);
}

static void take(struct walk *walk, uint32_t first, uint32_t last)
{
	for (uint32_t i = first; i <= last; i++)
		walk->used[i] = true;
}

// Takes the numbers that firmware gave, if they are free and lie between those of the bus and `last`.
static void keep_buses(struct walk *walk, struct pci_function *bridge, uint32_t last)
{
	uint32_t buses = pci_config_read(walk->pci, bridge, BRIDGE_BUSES);
	uint32_t secondary = buses >> 8 & 0xff, subordinate = buses >> 16 & 0xff;
	if (secondary <= bridge->bus || subordinate < secondary || subordinate > last)
		return;
	for (uint32_t i = secondary; i <= subordinate; i++)
		if (walk->used[i])
			return;
	take(walk, secondary, subordinate);
	bridge->secondary = (uint8_t)secondary;
	bridge->subordinate = (uint8_t)subordinate;
	write_buses(walk->pci, bridge); // the primary may be wrong
}

static void scan_bus(struct walk *walk, uint32_t bus, uint32_t last, uint32_t parent, uint32_t depth);

// The bridge gets the first run of free numbers up to `last`, and gives back what the buses behind it leave.
static void number_buses(struct walk *walk, uint32_t index, uint32_t last, uint32_t depth)
{
	struct pci_function *bridge = &walk->pci->functions[index];
	uint32_t first = bridge->bus + 1u, end;
	while (first <= last && walk->used[first])
		first++;
	for (end = first; end < last && !walk->used[end + 1];)
		end++;
	if (first > last || depth == DEPTH_MAX) {
		pci_refuse(walk->pci, bridge, first > last ? "no bus number is left for what is behind it" : "it is nested too deep");
		write_buses(walk->pci, bridge);
		return;
	}
	bridge->secondary = (uint8_t)first;
	bridge->subordinate = (uint8_t)end;
	write_buses(walk->pci, bridge);
	scan_bus(walk, first, end, index, depth + 1);
	while (end > first && !walk->used[end])
		end--;
	take(walk, first, end);
	bridge->subordinate = (uint8_t)end;
	write_buses(walk->pci, bridge);
}

// Recursion ends with DEPTH_MAX. Buses up to `last` may be behind this one.
static void scan_bus(struct walk *walk, uint32_t bus, uint32_t last, uint32_t parent, uint32_t depth)
{
	struct pci *pci = walk->pci;
	uint32_t first = pci->count;
	for (uint32_t i = bus + 1; i <= last; i++)
		walk->used[i] = false;
	find_on_bus(walk, bus, parent);
	uint32_t end = pci->count;
	for (uint32_t i = first; i < end; i++)
		if (pci->functions[i].bridge && depth < DEPTH_MAX)
			keep_buses(walk, &pci->functions[i], last);
	for (uint32_t i = first; i < end; i++) {
		struct pci_function *bridge = &pci->functions[i];
		if (!bridge->bridge)
			continue;
		if (!bridge->secondary) {
			number_buses(walk, i, last, depth);
			continue;
		}
		scan_bus(walk, bridge->secondary, bridge->subordinate, i, depth + 1);
		take(walk, bridge->secondary, bridge->subordinate);
	}
}

void pci_find_functions(struct pci *pci)
{
	for (uint32_t i = 0; i < pci->segment_count; i++) {
		struct walk walk = {.pci = pci, .segment = &pci->segments[i]};
		scan_bus(&walk, pci->segments[i].first_bus, pci->segments[i].last_bus, PCI_NO_PARENT, 0);
	}
}
