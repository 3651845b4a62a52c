// SPDX-License-Identifier: MIT
// Walking device trees: see fdt_walk.h. Section numbers are those of the Devicetree Specification v0.4.
#include "fdt_walk.h"

#define NUMBER_CELLS_MAX 2u // of addresses and sizes that are plain numbers; PCI's have 3
#define INTERRUPT_CELLS_MAX 4u

// ---- The walk ------------------------------------------------------------------------------------------------------

// 2.3.4: absent means okay; firmware also writes "ok".
static bool is_enabled(const struct fdt *fdt, uint32_t node)
{
	struct fdt_property status;
	if (!fdt_find(fdt, node, "status", &status))
		return true;
	const char *text = fdt_string(&status, 0);
	return text && (text_equal(text, "okay") || text_equal(text, "ok"));
}

static void enter(struct fdt_walk *walk)
{
	const struct fdt *fdt = walk->fdt;
	const struct fdt_level *parent = walk->depth > 0 ? &walk->levels[walk->depth - 1] : NULL;
	struct fdt_level *level = &walk->levels[walk->depth];
	uint32_t phandle;
	*level = (struct fdt_level){
		.node = walk->node,
		.address_cells = 2, // 2.3.5: what is to be assumed
		.size_cells = 1,
		.interrupt_parent = parent ? parent->interrupt_parent : 0,
		.enabled = (!parent || parent->enabled) && is_enabled(fdt, walk->node),
	};
	(void)fdt_cell(fdt, walk->node, "#address-cells", &level->address_cells);
	(void)fdt_cell(fdt, walk->node, "#size-cells", &level->size_cells);
	if (fdt_cell(fdt, walk->node, "interrupt-parent", &phandle))
		level->interrupt_parent = fdt_by_phandle(fdt, phandle);
}

void fdt_walk_begin(struct fdt_walk *walk, const struct fdt *fdt) { *walk = (struct fdt_walk){.fdt = fdt}; }

bool fdt_walk_next(struct fdt_walk *walk)
{
	do {
		walk->node = walk->node ? fdt_next(walk->fdt, walk->node, &walk->depth) : fdt_root(walk->fdt);
		if (!walk->node)
			return false;
		enter(walk);
	} while (!walk->levels[walk->depth].enabled);
	return true;
}

// ---- Regions -------------------------------------------------------------------------------------------------------

// A number of `cells` cells, of which there are at most two.
static uint64_t number(const uint8_t *at, uint32_t cells)
{
	uint64_t value = 0;
	for (uint32_t i = 0; i < cells; i++)
		value = value << 32 | fdt_u32(at + 4 * i);
	return value;
}

// 2.3.8: an address on the bus below levels[bus] as one on the bus above it. Without `ranges` there is none; empty
// ranges mean that both are the same.
static bool translate(const struct fdt_walk *walk, uint32_t bus, uint64_t *address, uint64_t size)
{
	struct fdt_property ranges;
	const struct fdt_level *level = &walk->levels[bus];
	uint32_t child = level->address_cells, parent = walk->levels[bus - 1].address_cells, length = level->size_cells;
	if (!fdt_find(walk->fdt, level->node, "ranges", &ranges))
		return false;
	if (ranges.size == 0)
		return true;
	if (child > NUMBER_CELLS_MAX || parent > NUMBER_CELLS_MAX || length > NUMBER_CELLS_MAX)
		return false;
	uint32_t entry = 4 * (child + parent + length);
	for (uint32_t at = 0; entry > 0 && ranges.size - at >= entry; at += entry) {
		const uint8_t *value = ranges.value + at;
		uint64_t from = number(value, child), to = number(value + 4 * child, parent);
		uint64_t room = number(value + 4 * (child + parent), length);
		if (*address < from || *address - from >= room || size > room - (*address - from))
			continue;
		*address = to + (*address - from);
		return true;
	}
	return false;
}

bool fdt_walk_region(const struct fdt_walk *walk, uint32_t index, uint64_t *address, uint64_t *size, bool *reachable)
{
	struct fdt_property reg;
	*reachable = false;
	if (walk->depth == 0 || !fdt_find(walk->fdt, walk->node, "reg", &reg))
		return false;
	const struct fdt_level *bus = &walk->levels[walk->depth - 1];
	// Without sizes (of the bus's own numbers, 2.3.6) there is nothing to map.
	if (bus->address_cells > NUMBER_CELLS_MAX || bus->size_cells > NUMBER_CELLS_MAX || bus->size_cells == 0)
		return false;
	uint32_t entry = 4 * (bus->address_cells + bus->size_cells);
	if (index >= reg.size / entry)
		return false;
	const uint8_t *value = reg.value + (size_t)index * entry;
	*address = number(value, bus->address_cells);
	*size = number(value + 4 * bus->address_cells, bus->size_cells);
	bool known = *size > 0 && *address + (*size - 1) >= *address;
	for (uint32_t level = walk->depth - 1; known && level > 0; level--)
		known = translate(walk, level, address, *size);
	*reachable = known && *address + (*size - 1) >= *address;
	return true;
}

// ---- Interrupts ----------------------------------------------------------------------------------------------------

// 2.4: the root controller is the one that interrupts nobody else. A nexus (interrupt-map) only leads to one.
static bool is_root_controller(const struct fdt *fdt, uint32_t node)
{
	struct fdt_property any;
	return !fdt_find(fdt, node, "interrupts", &any) && !fdt_find(fdt, node, "interrupts-extended", &any) &&
	       !fdt_find(fdt, node, "interrupt-map", &any);
}

// A specifier as the number of a line. Three cells are a GIC's (bindings/interrupt-controller/arm,gic.yaml of the
// Devicetree bindings: type, number, flags; shared interrupts begin at 32, private ones at 16); else the first is it.
static uint32_t specifier_line(const uint8_t *cells, uint32_t count)
{
	uint32_t first = fdt_u32(cells);
	return count == 3 ? fdt_u32(cells + 4) + (first == 0 ? 32 : 16) : first;
}

// The cells of a specifier of that controller (0: none is named); 0: not to be understood.
static uint32_t specifier_cells(const struct fdt *fdt, uint32_t controller)
{
	uint32_t cells = 1;
	if (controller && !fdt_cell(fdt, controller, "#interrupt-cells", &cells))
		return 0;
	return cells <= INTERRUPT_CELLS_MAX ? cells : 0;
}

static bool plain_interrupt(const struct fdt_walk *walk, uint32_t index, uint32_t *line, bool *reachable)
{
	struct fdt_property list;
	uint32_t controller = walk->levels[walk->depth].interrupt_parent;
	uint32_t cells = specifier_cells(walk->fdt, controller);
	if (cells == 0 || !fdt_find(walk->fdt, walk->node, "interrupts", &list) || index >= list.size / (4 * cells))
		return false;
	*line = specifier_line(list.value + 4 * (size_t)cells * index, cells);
	*reachable = !controller || is_root_controller(walk->fdt, controller);
	return true;
}

bool fdt_walk_interrupt(const struct fdt_walk *walk, uint32_t index, uint32_t *line, bool *reachable)
{
	struct fdt_property list;
	*reachable = false;
	// 2.4.1.3: interrupts-extended has precedence; each specifier follows its controller's phandle.
	if (!fdt_find(walk->fdt, walk->node, "interrupts-extended", &list))
		return plain_interrupt(walk, index, line, reachable);
	for (uint32_t at = 0; list.size - at >= 4; index--) {
		uint32_t controller = fdt_by_phandle(walk->fdt, fdt_u32(list.value + at));
		uint32_t cells = controller ? specifier_cells(walk->fdt, controller) : 0;
		at += 4;
		if (cells == 0 || 4 * cells > list.size - at)
			return false;
		if (index == 0) {
			*line = specifier_line(list.value + at, cells);
			*reachable = is_root_controller(walk->fdt, controller);
			return true;
		}
		at += 4 * cells;
	}
	return false;
}
