// SPDX-License-Identifier: MIT
// Starting the other CPUs, one after the other: each finds its stack and its block in two words that boot.S reads. A
// CPU that does not come is a panic: the kernel has been told how many there are.
#include "smp.h"

#include "cpu.h"
#include "firmware.h"
#include "paging.h"

#define TRAMPOLINE UINT64_C(0x8000) // as in boot.S
#define PATIENCE UINT64_C(2000000000) // ns

extern const char trampoline_begin[], trampoline_end[];
extern uint64_t other_root, other_stack, other_block;

static uint32_t ids[MD_CPU_LIMIT];
static unsigned count = 1;
static _Atomic unsigned running = 1;

unsigned md_cpu_count(void) { return count; }

void smp_find(void)
{
	const struct acpi *acpi = firmware_acpi();
	ids[0] = apic_id();
	for (uint32_t i = 0; i < acpi->cpu_count && count < MD_CPU_LIMIT; i++) {
		const struct acpi_cpu *cpu = &acpi->cpus[i];
		bool reachable = processor_apic_reaches(cpu->apic, cpu_features.x2apic);
		if (cpu->state == ACPI_CPU_ENABLED && cpu->apic != ids[0] && reachable)
			ids[count++] = cpu->apic;
	}
}

_Noreturn void cpu_start_here(struct cpu_block *block)
{
	idt_load();
	cpu_setup(block);
	apic_setup();
	atomic_store(&block->up, true);
	atomic_fetch_add(&running, 1);
	kern_cpu_main();
}

void md_cpu_start_others(void)
{
	size_t size = (size_t)(trampoline_end - trampoline_begin);
	if (count > 1 && !paging_map_direct(TRAMPOLINE, MD_PAGE_SIZE, false))
		panic("no memory to map the trampoline");
	for (unsigned i = 1; i < count; i++) {
		struct cpu_block *block = &cpu_blocks[i];
		// Its first stack is one of the IST pages, until the kernel gives it a better one.
		block->ist_stacks = md_pages_alloc(IST_STACKS);
		if (!block->ist_stacks)
			panic("no memory for the stacks of CPU %u", i);
		memcpy(direct(TRAMPOLINE), direct((uintptr_t)trampoline_begin), size);
		other_root = paging_kernel_root();
		other_stack = (uintptr_t)block->ist_stacks + 2 * MD_PAGE_SIZE - 16;
		other_block = (uintptr_t)block;
		apic_start_cpu(ids[i], TRAMPOLINE / MD_PAGE_SIZE);
		uint64_t deadline = md_clock_now() + PATIENCE;
		while (atomic_load(&running) <= i)
			if (md_clock_now() > deadline)
				panic("CPU %u of %u (APIC %u) does not start", i, count, ids[i]);
	}
}
