// SPDX-License-Identifier: MIT
// Floating-point state (x87, SSE, AVX; Intel SDM volume 1, chapter 13). The kernel uses none, so a thread's stays in
// the registers while it is in a trap. It is saved when the thread leaves user mode and loaded again only if the
// registers of this CPU hold another's: the common trap saves once and loads nothing.
//
// A thread's area is for x87 and SSE alone at first, for most threads have nothing in what AVX added whenever they wait: code leaves
// it with VZEROUPPER. XRSTOR sets what is not in the area to its initial state. The area grows when there is something in the rest, or
// when the thread makes a call, and stays so: quick messages save without a question (arch_user_switch), and are for nobody else. A
// thread that has something in those registers and no memory for it is ended, as one that touches a page that it must not have.
#include "cpu.h"

#include "../user.h"

#include <kernel/core/alloc.h>
#include <kernel/task/task.h>
#include <kernel/task/thread.h>

#define FXSAVE_SIZE 512u
#define ALIGNMENT 64u
#define CONTROL_X87 0x37f  // all exceptions masked (volume 1, 8.1.5), as programs start with
#define CONTROL_SSE 0x1f80 // (volume 1, 10.2.3)

#define XSAVE_BASE 576u      // the legacy region and the header (13.4.1, 13.4.2)
#define XSAVE_BASE_MASK 3u   // x87, SSE
#define XSAVE_AVX 4u         // the upper halves of 16 registers, right after the header (CPUID leaf 0dh says so for all CPUs)
#define XSAVE_MOST 2688u     // with all that cpu_features_find allows

struct save_area {
	char legacy[FXSAVE_SIZE];
	uint64_t present; // XSTATE_BV
	uint64_t header[7];
	uint64_t avx[32];
	char more[XSAVE_MOST - XSAVE_BASE - 256];
} __attribute__((aligned(ALIGNMENT)));

static uint32_t area_size(const struct arch_thread *arch)
{
	return arch->floating_small ? XSAVE_BASE : cpu_features.xsave ? cpu_features.xsave_size : FXSAVE_SIZE;
}

void floating_setup(void)
{
	if (!cpu_features.xsave)
		return;
	__asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)cpu_features.xsave_mask),
			 "d"((uint32_t)(cpu_features.xsave_mask >> 32)));
	cpu_features.xsave_size = cpuid_read(0xd, 0).b; // of what is switched on now
	assert(cpu_features.xsave_size <= XSAVE_MOST);
}

bool floating_make(struct thread *thread)
{
	struct arch_thread *arch = &thread->md.arch;
	arch->floating_small = cpu_features.xsave;
	arch->floating = kalloc(thread->task->account, area_size(arch));
	if (!arch->floating)
		return false;
	arch->floating_cpu = UINT32_MAX;
	if (arch->floating_small)
		atomic_fetch_or(&thread->md_word.asked, USER_SMALL);
	// All other parts are in their initial state: XSTATE_BV is 0; FXRSTOR takes zeroes as they are.
	*(uint16_t *)arch->floating = CONTROL_X87;
	*(uint32_t *)(void *)((char *)arch->floating + 24) = CONTROL_SSE;
	return true;
}

void floating_free(struct thread *thread)
{
	struct arch_thread *arch = &thread->md.arch;
	if (arch->floating)
		kfree(thread->task->account, arch->floating, area_size(arch));
	arch->floating = NULL;
}

static bool floating_grow(struct thread *thread)
{
	struct arch_thread *arch = &thread->md.arch;
	void *area = kalloc(thread->task->account, cpu_features.xsave_size);
	if (!area)
		return false;
	memcpy(area, arch->floating, XSAVE_BASE);
	floating_free(thread);
	arch->floating = area;
	arch->floating_small = false;
	atomic_fetch_and(&thread->md_word.asked, (uint16_t)~USER_SMALL);
	return true;
}

bool floating_copy(struct thread *to, const struct thread *from)
{
	if (to->md.arch.floating_small && !from->md.arch.floating_small && !floating_grow(to))
		return false;
	memcpy(to->md.arch.floating, from->md.arch.floating, area_size(&from->md.arch));
	return true;
}

// Whether the registers hold anything beyond x87 and SSE. A CPU may call in use what is all zero: QEMU always does, so that AVX's part
// is looked at.
static bool has_more(void)
{
	struct save_area area; // not cleared: what is not in use is not looked at
	uint64_t mask = cpu_features.xsave_mask & ~(uint64_t)XSAVE_BASE_MASK;
	area.present = 0;
	__asm__ volatile("xsave64 %0" : "+m"(area) : "a"((uint32_t)mask), "d"((uint32_t)(mask >> 32)));
	if (area.present & ~(uint64_t)XSAVE_AVX)
		return true;
	const uint64_t *at = area.avx;
	size_t left = array_count(area.avx);
	bool zero = true;
	if (area.present)
		__asm__("repe scasq" : "+D"(at), "+c"(left), "=@cce"(zero) : "a"(0), "m"(area));
	return !zero;
}

bool floating_save(struct thread *thread, bool calls)
{
	struct arch_thread *arch = &thread->md.arch;
	uint64_t mask = cpu_features.xsave_mask;
	if (arch->floating_small) {
		bool more = has_more();
		bool whole = (more || calls) && floating_grow(thread);
		if (more && !whole)
			return false;
		if (!whole)
			mask = XSAVE_BASE_MASK;
	}
	uint32_t low = (uint32_t)mask, high = (uint32_t)(mask >> 32);
	if (cpu_features.xsaveopt)
		__asm__ volatile("xsaveopt64 (%0)" : : "r"(arch->floating), "a"(low), "d"(high) : "memory");
	else if (cpu_features.xsave)
		__asm__ volatile("xsave64 (%0)" : : "r"(arch->floating), "a"(low), "d"(high) : "memory");
	else
		__asm__ volatile("fxsave64 (%0)" : : "r"(arch->floating) : "memory");
	return true;
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
