// SPDX-License-Identifier: MIT
// Mappings of this process, as Linux tells them (proc(5), /proc/PID/smaps).
#ifndef DARWIN_MACH_REGION_H
#define DARWIN_MACH_REGION_H

#include <stdbool.h>
#include <stdint.h>

struct region {
	uint64_t start, end, offset;
	int protection; // VM_PROT_*
	bool shared;
	char path[512]; // "": anonymous
};

// The first mapping that ends above the address. False: there is none.
bool region_find(uint64_t address, struct region *region);
// A second mapping of private memory, which becomes shared for it (mach_entry.c). Starts a kernel. Returns a kern_return_t.
int mach_share(uint64_t *address, uint64_t start, uint64_t size, uint64_t mask, int flags, int protection);

#endif
