// SPDX-License-Identifier: MIT
// One thread's user mode takes the place of another's within a trap: what only registers hold, and where the entry finds
// the thread (entry.S). In line, for every message passes here.
#ifndef MACHINE_BARE_X86_64_ARCH_SWITCH_H
#define MACHINE_BARE_X86_64_ARCH_SWITCH_H

#include "cpu.h"

#include <kernel/task/thread.h>

// Whether `thread`, which waits in a trap, may take the place of another.
static inline bool arch_user_may_switch(const struct thread *thread)
{
	return cpu_features.light_switch && thread->md.arch.registers.vector == VECTOR_SYSCALL;
}

// Whether there is room for all registers of `thread`, whose user mode it was: else it takes the general path, and gets it there.
static inline bool arch_user_may_be_left(const struct thread *thread) { return !thread->md.arch.floating_small; }

// arch_user_leave and arch_user_enter in one. The two GS bases change places while the user's is looked at (Intel SDM volume
// 2, SWAPGS), so nothing in between uses the kernel's.
static inline void arch_user_switch(struct thread *from, struct thread *to)
{
	struct arch_thread *left = &from->md.arch, *entered = &to->md.arch;
	struct cpu_block *block = cpu_block_here();
	uint32_t low = (uint32_t)cpu_features.xsave_mask, high = (uint32_t)(cpu_features.xsave_mask >> 32);
	uint64_t gs_base;
	__asm__ volatile("xsaveopt64 (%0)\n\txrstor64 (%1)"
			 :
			 : "r"(left->floating), "r"(entered->floating), "a"(low), "d"(high)
			 : "memory");
	__asm__ volatile("rdfsbase %0" : "=r"(left->fs_base));
	__asm__ volatile("wrfsbase %0" : : "r"(entered->fs_base));
	__asm__ volatile("swapgs\n\trdgsbase %0\n\twrgsbase %1\n\tswapgs" : "=&r"(gs_base) : "r"(entered->gs_base));
	left->gs_base = gs_base;
	block->floating = to;
	entered->floating_cpu = block->number + 1;
	block->turn = to;
	block->registers_end = (uintptr_t)(&entered->registers + 1);
	block->tss.stack[0] = block->registers_end;
}

#endif
