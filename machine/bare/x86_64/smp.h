// SPDX-License-Identifier: MIT
// The other CPUs: which there are and how they start.
#ifndef MACHINE_BARE_X86_64_SMP_H
#define MACHINE_BARE_X86_64_SMP_H

#include <stdint.h>

// Finds the CPUs that ACPI lists and that can be started.
void smp_find(void);
// Entry of every other CPU, from boot.S.
struct cpu_block;
_Noreturn void cpu_start_here(struct cpu_block *block);

#endif
