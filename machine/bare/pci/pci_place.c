// SPDX-License-Identifier: MIT
// Places for ranges: BARs of functions, and windows of bridges, which hold those of the functions behind them.
//
// 1. What firmware placed is kept if it lies in a window of the bridge before it and overlaps nothing that was kept before.
// 2. From the leaves to the root: what wants a place behind a closed window is packed, the largest first, relative to the
//    window's beginning, which gives the window's size and alignment. The window wants a place then.
// 3. From the root to the leaves: what wants a place gets the first gap in an open window; what is relative is moved.
// BARs smaller than a page take a whole one, so that functions can be given to different drivers.
#include "pci_steps.h"

#define LOW_LIMIT (1ull << 32)

static uint64_t round_up(uint64_t value, uint64_t to) { return (value + to - 1) & ~(to - 1); }

// The pages that a range takes: first and last byte.
static uint64_t first_of(const struct pci_range *range) { return range->address & ~(uint64_t)(PCI_PAGE - 1); }
static uint64_t last_of(const struct pci_range *range) { return (range->address + range->size - 1) | (PCI_PAGE - 1); }

static uint64_t space_of(const struct pci_range *range) { return round_up(range->size, PCI_PAGE); }

// The first thing that `first`..`last` runs into: a reserved range, or a range that is open on the same bus (any root bus
// counts as one: all are in the CPU's addresses). *end: its last byte. False: free.
static bool find_overlap(const struct pci *pci, uint32_t parent, uint64_t first, uint64_t last, uint64_t *end)
{
	for (uint32_t i = 0; i < pci->reserved_count; i++) {
		const struct pci_window *reserved = &pci->reserved[i];
		*end = reserved->address + (reserved->size - 1);
		if (reserved->size > 0 && reserved->address <= last && first <= *end)
			return true;
	}
	for (uint32_t i = 0; i < pci->count; i++) {
		const struct pci_function *other = &pci->functions[i];
		for (uint32_t j = 0; j < PCI_RANGES && other->parent == parent; j++) {
			const struct pci_range *range = &other->ranges[j];
			*end = pci_range_is_open(range) ? last_of(range) : 0;
			if (pci_range_is_open(range) && first_of(range) <= last && first <= *end)
				return true;
		}
	}
	return false;
}

static bool is_window(uint32_t index) { return index >= PCI_BARS; }

// ---- 1: what firmware placed ---------------------------------------------------------------------------------------

static bool is_inside(const struct pci_range *window, uint64_t first, uint64_t last)
{
	return pci_range_is_open(window) && window->address <= first && last <= window->address + (window->size - 1);
}

static bool can_keep(const struct pci *pci, const struct pci_function *function, const struct pci_range *range)
{
	uint64_t first = first_of(range), last = last_of(range), end;
	if (range->address == 0 || last < first || last >= (range->wide ? PCI_ADDRESS_LIMIT : LOW_LIMIT))
		return false;
	if (function->parent != PCI_NO_PARENT) {
		const struct pci_function *bridge = &pci->functions[function->parent];
		if (!is_inside(&bridge->ranges[PCI_WINDOW_MEMORY], first, last) &&
		    !is_inside(&bridge->ranges[PCI_WINDOW_PREFETCHABLE], first, last))
			return false;
	}
	return !find_overlap(pci, function->parent, first, last, &end);
}

static void keep_ranges(const struct pci *pci, struct pci_function *function)
{
	for (uint32_t i = 0; i < PCI_RANGES; i++) {
		struct pci_range *range = &function->ranges[i];
		if (range->state != PCI_RANGE_WANTED && range->state != PCI_RANGE_CLOSED)
			continue;
		if (range->size > 0 && can_keep(pci, function, range)) {
			range->state = PCI_RANGE_KEPT;
			continue;
		}
		if (range->address != 0)
			pci_refuse(pci, function, is_window(i) ? "a window of it is not where it could be; it is made anew"
							       : "a BAR is not where it could be; it is moved");
		range->address = 0;
		// A prefetchable window below 4 GiB would only take room there from the other one.
		if (is_window(i)) {
			range->size = 0;
			range->state = i == PCI_WINDOW_PREFETCHABLE && !range->wide ? PCI_RANGE_NONE : PCI_RANGE_CLOSED;
		}
	}
}

// ---- 2: sizes of windows that are closed ---------------------------------------------------------------------------

// The window of the bridge before it through which the range should be reached: what is not prefetchable, or not 64 bits
// wide, may not lie in the prefetchable one (PCI-to-PCI Bridge 1.2, chapter 4).
static uint32_t target_window(const struct pci_function *bridge, const struct pci_range *range)
{
	bool other = range->wide && range->prefetchable && bridge->ranges[PCI_WINDOW_PREFETCHABLE].state != PCI_RANGE_NONE;
	return other ? PCI_WINDOW_PREFETCHABLE : PCI_WINDOW_MEMORY;
}

// The range in that state with the largest alignment, of those behind the bridge (of its window `window`, if that is
// one). NULL: none.
static struct pci_range *find_largest(const struct pci *pci, uint32_t parent, uint32_t window)
{
	struct pci_range *largest = NULL;
	for (uint32_t i = parent == PCI_NO_PARENT ? 0 : parent + 1; i < pci->count; i++) {
		struct pci_function *function = &pci->functions[i];
		for (uint32_t j = 0; j < PCI_RANGES && function->parent == parent; j++) {
			struct pci_range *range = &function->ranges[j];
			if (range->state != PCI_RANGE_WANTED || (largest && range->align <= largest->align))
				continue;
			if (window == PCI_RANGES || target_window(&pci->functions[parent], range) == window)
				largest = range;
		}
	}
	return largest;
}

static void pack_window(const struct pci *pci, uint32_t parent, uint32_t index)
{
	struct pci_range *window = &pci->functions[parent].ranges[index], *range;
	if (window->state != PCI_RANGE_CLOSED)
		return;
	while ((range = find_largest(pci, parent, index))) {
		uint64_t at = round_up(window->size, range->align);
		if (at > PCI_ADDRESS_LIMIT || space_of(range) > PCI_ADDRESS_LIMIT - at) {
			range->state = PCI_RANGE_HOMELESS;
			continue;
		}
		range->state = PCI_RANGE_RELATIVE;
		range->address = at;
		window->size = at + space_of(range);
		if (range->align > window->align)
			window->align = range->align;
	}
	window->size = round_up(window->size, 1u << 20);
	if (window->size > 0)
		window->state = PCI_RANGE_WANTED;
}

// ---- 3: places -----------------------------------------------------------------------------------------------------

// The first gap between `first` and `last`. Each round moves behind something, so there are only so many.
static bool place_between(const struct pci *pci, uint32_t parent, struct pci_range *range, uint64_t first, uint64_t last)
{
	uint64_t size = space_of(range), end;
	for (;;) {
		uint64_t at = round_up(first, range->align);
		if (at < first || at > last || size - 1 > last - at)
			return false;
		if (!find_overlap(pci, parent, at, at + (size - 1), &end)) {
			range->address = at;
			range->state = PCI_RANGE_PLACED;
			return true;
		}
		if (end == UINT64_MAX)
			return false;
		first = end + 1;
	}
}

static bool place_in(const struct pci *pci, uint32_t parent, struct pci_range *range, uint64_t address, uint64_t size)
{
	uint64_t last = address + (size - 1), limit = (range->wide ? PCI_ADDRESS_LIMIT : LOW_LIMIT) - 1;
	if (size == 0 || last < address)
		return false;
	// Nothing is placed at 0, which stands for no place.
	return place_between(pci, parent, range, address < PCI_PAGE ? PCI_PAGE : address, last < limit ? last : limit);
}

static bool place_behind(const struct pci *pci, uint32_t parent, struct pci_range *range)
{
	const struct pci_function *bridge = &pci->functions[parent];
	for (uint32_t window = target_window(bridge, range); window >= PCI_WINDOW_MEMORY; window--) {
		const struct pci_range *open = &bridge->ranges[window];
		if (open->state == PCI_RANGE_KEPT && place_in(pci, parent, range, open->address, open->size))
			return true;
	}
	return false;
}

// A window that is not prefetchable has 32 bits, and so is not wide.
static bool place_root(const struct pci *pci, struct pci_range *range)
{
	return (range->wide && place_in(pci, PCI_NO_PARENT, range, pci->high.address, pci->high.size)) ||
	       place_in(pci, PCI_NO_PARENT, range, pci->low.address, pci->low.size);
}

// What is relative to the window moves with it.
static void move_behind(const struct pci *pci, uint32_t parent, uint32_t index)
{
	const struct pci_range *window = &pci->functions[parent].ranges[index];
	for (uint32_t i = parent + 1; i < pci->count && window->state != PCI_RANGE_KEPT; i++) {
		struct pci_function *function = &pci->functions[i];
		for (uint32_t j = 0; j < PCI_RANGES && function->parent == parent; j++) {
			struct pci_range *range = &function->ranges[j];
			if (range->state != PCI_RANGE_RELATIVE || target_window(&pci->functions[parent], range) != index)
				continue;
			range->state = window->state == PCI_RANGE_PLACED ? PCI_RANGE_PLACED : PCI_RANGE_HOMELESS;
			range->address += window->address;
		}
	}
}

// Everything directly behind the bridge that is not placed yet.
static void place_children(struct pci *pci, uint32_t parent)
{
	struct pci_range *range;
	if (parent != PCI_NO_PARENT) {
		move_behind(pci, parent, PCI_WINDOW_MEMORY);
		move_behind(pci, parent, PCI_WINDOW_PREFETCHABLE);
	}
	while ((range = find_largest(pci, parent, PCI_RANGES)))
		if (!(parent == PCI_NO_PARENT ? place_root(pci, range) : place_behind(pci, parent, range)))
			range->state = PCI_RANGE_HOMELESS;
}

void pci_place_ranges(struct pci *pci)
{
	for (uint32_t i = 0; i < pci->count; i++)
		keep_ranges(pci, &pci->functions[i]);
	for (uint32_t i = pci->count; i-- > 0;) {
		pack_window(pci, i, PCI_WINDOW_MEMORY);
		pack_window(pci, i, PCI_WINDOW_PREFETCHABLE);
	}
	place_children(pci, PCI_NO_PARENT);
	for (uint32_t i = 0; i < pci->count; i++)
		if (pci->functions[i].bridge)
			place_children(pci, i);
	for (uint32_t i = 0; i < pci->count; i++)
		for (uint32_t j = 0; j < PCI_RANGES; j++)
			if (pci->functions[i].ranges[j].state == PCI_RANGE_HOMELESS)
				pci_refuse(pci, &pci->functions[i], "there is no room for a range of it");
}
