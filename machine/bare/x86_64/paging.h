// SPDX-License-Identifier: MIT
// The kernel's own page tables; arch.h has those of tasks.
#ifndef MACHINE_BARE_X86_64_PAGING_H
#define MACHINE_BARE_X86_64_PAGING_H

#include <stdbool.h>
#include <stdint.h>

// Replaces the boot tables. ram.c knows the memory, frames.c is not there yet.
void paging_init(void);
uint64_t paging_kernel_root(void);
bool paging_is_mapped(uint64_t address);
// Maps physical memory that is not RAM (firmware tables, registers) at its place in the direct map. False: no memory.
bool paging_map_direct(uint64_t physical, uint64_t size, bool uncached);

#endif
