// SPDX-License-Identifier: MIT
// What this CPU can do, and how each is set up: segments, task state, control registers, SYSCALL.
#include "cpu.h"

#define CR0_KERNEL UINT64_C(0x80050033) // PG, AM, WP, NE, ET, MP, PE
#define FLAGS_CLEARED 0x47700u // AC, NT, IOPL, DF, IF, TF: never the user's in the kernel
#define IST_SIZE MD_PAGE_SIZE

struct cpu_block cpu_blocks[MD_CPU_LIMIT];
struct cpu_features cpu_features;
// Page-sized, with a pointer to the block in the last 16 bytes: entry.S.
static char first_ist_stacks[IST_STACKS * IST_SIZE] __attribute__((aligned(4096)));
bool arch_has_smap;

static struct cpuid read_cpuid(uint32_t leaf, uint32_t subleaf) { return cpuid_read(leaf, subleaf); }

void cpu_features_find(void)
{
	processor_features(&cpu_features, read_cpuid);
	arch_has_smap = cpu_features.smap;
}

uint64_t cpu_tsc_rate(const char **source) { return processor_tsc_rate(read_cpuid, source); }

// Intel SDM volume 3, 3.4.5 and 8.2.3; the order of the user's segments is SYSRET's (volume 2): data, then code.
static void segments_make(struct cpu_block *block)
{
	uint64_t tss = (uintptr_t)&block->tss;
	block->gdt[SELECTOR_CODE / 8] = 0x00af9b000000ffff;
	block->gdt[SELECTOR_DATA / 8] = 0x00cf93000000ffff;
	block->gdt[SELECTOR_USER_DATA / 8] = 0x00cff3000000ffff;
	block->gdt[SELECTOR_USER_CODE / 8] = 0x00affb000000ffff;
	block->gdt[SELECTOR_TSS / 8] = (sizeof(block->tss) - 1) | (tss & 0xffffff) << 16 | UINT64_C(0x89) << 40 |
				       (tss >> 24 & 0xff) << 56;
	block->gdt[SELECTOR_TSS / 8 + 1] = tss >> 32;
	block->tss.io_map = sizeof(block->tss); // no ports for the user
	for (unsigned i = 0; i < IST_STACKS; i++) {
		char *top = block->ist_stacks + (i + 1) * IST_SIZE - 16;
		*(struct cpu_block **)(void *)top = block;
		block->tss.ist[i] = (uintptr_t)top;
	}
}

static void segments_load(struct cpu_block *block)
{
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) pointer = {sizeof(block->gdt) - 1, (uintptr_t)block->gdt};
	__asm__ volatile("lgdt %0\n\t"
			 "pushq %1\n\t"
			 "leaq 1f(%%rip), %%rax\n\t"
			 "pushq %%rax\n\t"
			 "lretq\n"
			 "1:\tmovl %2, %%eax\n\t"
			 "movw %%ax, %%ss\n\t"
			 "xorl %%eax, %%eax\n\t"
			 "movw %%ax, %%ds\n\t"
			 "movw %%ax, %%es\n\t"
			 "movw %%ax, %%fs\n\t"
			 "movw %%ax, %%gs\n\t"
			 "movw %3, %%ax\n\t"
			 "ltr %%ax"
			 :
			 : "m"(pointer), "i"(SELECTOR_CODE), "i"(SELECTOR_DATA), "i"(SELECTOR_TSS)
			 : "rax", "memory");
}

static void control_setup(void)
{
	cr0_write(CR0_KERNEL);
	cr4_write(processor_cr4(&cpu_features));
	msr_write(MSR_STAR, (uint64_t)(SELECTOR_DATA | 3) << 48 | (uint64_t)SELECTOR_CODE << 32);
	msr_write(MSR_LSTAR, (uintptr_t)syscall_entry);
	msr_write(MSR_FMASK, FLAGS_CLEARED);
	floating_setup();
}

void cpu_setup(struct cpu_block *block)
{
	block->self = block;
	block->number = (uint32_t)(block - cpu_blocks);
	block->bit = UINT64_C(1) << block->number;
	block->message = cpu_features.light_switch ? TRAP_CLASS | KERN_QUICK_MESSAGE : UINT64_MAX;
	if (block->number == 0)
		block->ist_stacks = first_ist_stacks;
	segments_make(block);
	segments_load(block);
	msr_write(MSR_GS_BASE, (uintptr_t)block);
	msr_write(MSR_KERNEL_GS_BASE, 0);
	control_setup();
}
