// SPDX-License-Identifier: MIT
// A walk over the nodes of a device tree that knows what their ancestors say: cells, ranges, interrupt parents, status.
//
// fdt_walk_begin, then fdt_walk_next until it is false; in between, fdt_walk_region and fdt_walk_interrupt are about the
// node where the walk is. Locks: none. May suspend: never.
#ifndef KERNEL_DEVICE_FDT_WALK_H
#define KERNEL_DEVICE_FDT_WALK_H

#include "fdt.h"

struct fdt_level {
	uint32_t node;
	uint32_t address_cells, size_cells; // that its children's reg has
	uint32_t interrupt_parent;          // a node; 0: none is named
	bool enabled;
};

struct fdt_walk {
	const struct fdt *fdt;
	uint32_t node, depth;
	struct fdt_level levels[FDT_DEPTH_MAX]; // up to `depth`
};

void fdt_walk_begin(struct fdt_walk *walk, const struct fdt *fdt);
// The next node that is enabled, as are all its ancestors; the root is the first. False: no more.
bool fdt_walk_next(struct fdt_walk *walk);
// Range `index` of reg as the CPU addresses it, size not 0. False: there are not so many.
// *reachable: false when an ancestor's bus is not part of the CPU's addresses, or the cells are not to be understood.
bool fdt_walk_region(const struct fdt_walk *walk, uint32_t index, uint64_t *address, uint64_t *size, bool *reachable);
// Interrupt `index` as a line of the root controller. False: there are not so many. *reachable: false when it goes
// through another controller first.
bool fdt_walk_interrupt(const struct fdt_walk *walk, uint32_t index, uint32_t *line, bool *reachable);

#endif
