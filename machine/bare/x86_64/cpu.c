// SPDX-License-Identifier: MIT
// What this CPU can do, and how each is set up: segments, task state, control registers, SYSCALL.
#include "cpu.h"

#define CR0_KERNEL UINT64_C(0x80050033) // PG, AM, WP, NE, ET, MP, PE
#define CR4_PAE 0x20u
#define CR4_GLOBAL 0x80u
#define CR4_FLOATING 0x600u // OSFXSR, OSXMMEXCPT
#define CR4_UMIP 0x800u
#define CR4_FSGSBASE 0x10000u
#define CR4_XSAVE 0x40000u
#define CR4_SMEP 0x100000u
#define CR4_SMAP 0x200000u
#define FLAGS_CLEARED 0x47700u // AC, NT, IOPL, DF, IF, TF: never the user's in the kernel
#define IST_SIZE MD_PAGE_SIZE

struct cpu_block cpu_blocks[MD_CPU_LIMIT];
struct cpu_features cpu_features;
// Page-sized, with a pointer to the block in the last 16 bytes: entry.S.
static char first_ist_stacks[IST_STACKS * IST_SIZE] __attribute__((aligned(4096)));
static bool has_umip;
bool arch_has_smap;

// Intel SDM volume 2, CPUID; AMD APM volume 3, appendix E for the leaves from 0x80000000 on.
void cpu_features_find(void)
{
	struct cpu_features *f = &cpu_features;
	uint32_t most = cpuid_read(0, 0).a, most_extended = cpuid_read(0x80000000, 0).a;
	struct cpuid one = cpuid_read(1, 0), seven = most >= 7 ? cpuid_read(7, 0) : (struct cpuid){0};
	f->global_pages = one.d >> 13 & 1;
	f->xsave = one.c >> 26 & 1;
	f->x2apic = one.c >> 21 & 1;
	f->tsc_deadline = one.c >> 24 & 1;
	f->rdrand = one.c >> 30 & 1;
	f->fsgsbase = seven.b & 1;
	f->smep = seven.b >> 7 & 1;
	f->rdseed = seven.b >> 18 & 1;
	arch_has_smap = seven.b >> 20 & 1;
	has_umip = seven.c >> 2 & 1;
	if (most_extended >= 0x80000001)
		f->gigabyte_pages = cpuid_read(0x80000001, 0).d >> 26 & 1;
	if (f->xsave && most >= 0xd) {
		struct cpuid d = cpuid_read(0xd, 0);
		f->xsave_mask = d.a & 0xe7; // x87, SSE, AVX, AVX-512
		if ((f->xsave_mask & 0xe0) != 0xe0)
			f->xsave_mask &= 7;
		f->xsaveopt = cpuid_read(0xd, 1).a & 1;
	} else {
		f->xsave = false;
	}
	f->light_switch = f->fsgsbase && f->xsaveopt && arch_has_smap;
	if (one.c >> 31 & 1) {
		struct cpuid h = cpuid_read(0x40000000, 0);
		memcpy(f->hypervisor, &h.b, 4);
		memcpy(f->hypervisor + 4, &h.c, 4);
		memcpy(f->hypervisor + 8, &h.d, 4);
	}
}

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
	const struct cpu_features *f = &cpu_features;
	cr0_write(CR0_KERNEL);
	cr4_write(CR4_PAE | CR4_FLOATING | (f->global_pages ? CR4_GLOBAL : 0) | (has_umip ? CR4_UMIP : 0) |
		  (f->fsgsbase ? CR4_FSGSBASE : 0) | (f->xsave ? CR4_XSAVE : 0) | (f->smep ? CR4_SMEP : 0) |
		  (arch_has_smap ? CR4_SMAP : 0));
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
