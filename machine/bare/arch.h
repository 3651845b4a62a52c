// SPDX-License-Identifier: MIT
// What the metal asks of the processor. Each architecture has a folder with these functions and <arch_types.h>,
// <arch_inline.h> (the ones that must be short).
#ifndef MACHINE_BARE_ARCH_H
#define MACHINE_BARE_ARCH_H

#include <arch_inline.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// arch_inline.h: arch_user_copy(), DIRECT_BASE, USER_END, arch_pause(), arch_cpu_number(), entries of page tables (arch_entry_*).

// Physical memory as the kernel sees it.
static inline void *direct(uint64_t physical) { return (void *)(DIRECT_BASE + physical); }
static inline uint64_t direct_physical(const void *pointer) { return (uint64_t)(uintptr_t)pointer - DIRECT_BASE; }

// ---- Page tables ----------------------------------------------------------------------------------------------------

// A fresh table whose kernel half is the kernel's; 0: no memory.
uint64_t arch_table_create(void);
// Frees all tables of the user half; what they mapped has been released.
void arch_table_destroy(uint64_t root);
// The entry of a user page; `make`: with all tables above it, NULL when there is no memory; *next is how many tables were made, at
// most ARCH_TABLES_ABOVE. Without: NULL when there is no table, and then *next is the first address after it that may have one.
uint64_t *arch_table_entry(uint64_t root, uint64_t address, bool make, uint64_t *next);
// This CPU sees the table from now on (root 0: the kernel's own). What it remembers of that table it may go on using only if it
// loaded it last with the same tag, which names the table for ever, and the same count of flushes.
void arch_table_load(uint64_t root, uint64_t tag, uint64_t flushes);
void arch_flush_page(uint64_t address);
// Maps kernel memory at a kernel address for ever: stacks, registers of devices (uncached). False: no memory.
bool arch_kernel_map(uint64_t address, uint64_t physical, uint64_t size, bool uncached);
// Where kernel stacks are mapped.
#define STACKS_BASE ARCH_STACKS_BASE

// A driver gets memory of a device: the machine itself leaves that device alone from now on.
void arch_device_taken(uint64_t address, uint64_t size);

// ---- Programs -------------------------------------------------------------------------------------------------------

// AT_HWCAP and AT_HWCAP2.
void arch_capabilities(uint64_t capabilities[2]);

// ---- CPUs -----------------------------------------------------------------------------------------------------------

// Makes the CPU look at what others ask of it (md_cpu_kick, flushes): an interrupt.
void arch_cpu_nudge(unsigned cpu);
// Whether interrupts of devices can be sent to that CPU (by their sources, md_interrupt_enable).
bool arch_cpu_takes_lines(unsigned cpu);
// Halts until an interrupt, and serves it; or serves those that wait. Interrupts are off before and after.
void arch_cpu_halt(void);
void arch_cpu_serve(void);
// This CPU's own timer: an interrupt (timer_interrupt) at the clock's time, once. UINT64_MAX: none.
void arch_timer_program(uint64_t deadline);

#endif
