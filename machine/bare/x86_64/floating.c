// SPDX-License-Identifier: MIT
// Floating-point state (x87, SSE, AVX; Intel SDM volume 1, chapter 13). The kernel uses none, so a thread's stays in
// the registers while it is in a trap. It is saved when the thread leaves user mode and loaded again only if the
// registers of this CPU hold another's: the common trap saves once and loads nothing.
#include "cpu.h"

#include "../user.h"

#include <kernel/core/alloc.h>
#include <kernel/task/task.h>
#include <kernel/task/thread.h>

#define FXSAVE_SIZE 512u
#define ALIGNMENT 64u
#define CONTROL_X87 0x37f  // all exceptions masked (volume 1, 8.1.5), as programs start with
#define CONTROL_SSE 0x1f80 // (volume 1, 10.2.3)

uint32_t floating_size(void) { return cpu_features.xsave ? cpu_features.xsave_size : FXSAVE_SIZE; }
static uint32_t block_size(void) { return floating_size() + ALIGNMENT - 16; } // kalloc aligns to 16

void floating_setup(void)
{
	if (!cpu_features.xsave)
		return;
	__asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)cpu_features.xsave_mask),
			 "d"((uint32_t)(cpu_features.xsave_mask >> 32)));
	cpu_features.xsave_size = cpuid_read(0xd, 0).b; // of what is switched on now
}

bool floating_make(struct thread *thread)
{
	struct arch_thread *arch = &thread->md.arch;
	arch->floating_block = kalloc(thread->task->account, block_size());
	if (!arch->floating_block)
		return false;
	arch->floating = (void *)(((uintptr_t)arch->floating_block + ALIGNMENT - 1) & ~(uintptr_t)(ALIGNMENT - 1));
	arch->floating_cpu = UINT32_MAX;
	// All other parts are in their initial state: XSTATE_BV is 0; FXRSTOR takes zeroes as they are.
	*(uint16_t *)arch->floating = CONTROL_X87;
	*(uint32_t *)(void *)((char *)arch->floating + 24) = CONTROL_SSE;
	return true;
}

void floating_free(struct thread *thread)
{
	struct arch_thread *arch = &thread->md.arch;
	if (arch->floating_block)
		kfree(thread->task->account, arch->floating_block, block_size());
	arch->floating_block = arch->floating = NULL;
}

void floating_save(struct thread *thread)
{
	void *area = thread->md.arch.floating;
	uint32_t low = (uint32_t)cpu_features.xsave_mask, high = (uint32_t)(cpu_features.xsave_mask >> 32);
	if (cpu_features.xsaveopt)
		__asm__ volatile("xsaveopt64 (%0)" : : "r"(area), "a"(low), "d"(high) : "memory");
	else if (cpu_features.xsave)
		__asm__ volatile("xsave64 (%0)" : : "r"(area), "a"(low), "d"(high) : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" : : "r"(area) : "memory");
}

bool floating_is_here(const struct thread *thread)
{
	const struct cpu_block *block = cpu_block_here();
	return arch_user_turn() == thread && thread->md.arch.floating_cpu == block->number;
}

void floating_load(struct thread *thread)
{
	struct arch_thread *arch = &thread->md.arch;
	arch->floating_cpu = cpu_block_here()->number;
	uint32_t low = (uint32_t)cpu_features.xsave_mask, high = (uint32_t)(cpu_features.xsave_mask >> 32);
	if (cpu_features.xsave)
		__asm__ volatile("xrstor64 (%0)" : : "r"(arch->floating), "a"(low), "d"(high) : "memory");
	else
		__asm__ volatile("fxrstor64 (%0)" : : "r"(arch->floating) : "memory");
}
