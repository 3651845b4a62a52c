// SPDX-License-Identifier: MIT
// The other CPUs: which there are and how they start.
#ifndef MACHINE_BARE_X86_64_SMP_H
#define MACHINE_BARE_X86_64_SMP_H

#include <stdint.h>

// Finds the CPUs (by madt_find_cpus) and makes their blocks.
void smp_find(void);
// Entry of every other CPU, from boot.S.
struct cpu_block;
_Noreturn void cpu_start_here(struct cpu_block *block);

// start.c: where the loader says the ACPI tables begin; 0: it does not.
uint64_t boot_rsdp_hint(void);
// madt.c: the APIC ids of all usable CPUs, this one first. Returns how many (at least 1, at most `room`).
unsigned madt_find_cpus(uint32_t *ids, unsigned room);

#endif
