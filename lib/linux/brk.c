// SPDX-License-Identifier: MIT
// brk(2): a range of memory whose end moves. It begins somewhere far from where the kernel puts other things, so that it can
// grow; when something is in its way it does not, and C libraries then use mmap.
#include "calls_c.h"
#include "memory.h"

#include <abi/traps.h>
#include <gila/memory.h>
#include <linux/mman.h>

#define LOWEST (UINT64_C(16) << 40)  // of addresses where it may begin
#define SPREAD (UINT64_C(32) << 40)  // and how many: somewhere else in each program
#define TRIES 8

static uint64_t heap_start, heap_end, heap_mapped; // [memory_lock]; mapped up to there, the end is at most that

static bool heap_begin(void)
{
	for (int i = 0; i < TRIES; i++) {
		uint64_t chance = 0;
		(void)gila_random(&chance, sizeof(chance));
		uint64_t start = LOWEST + chance % SPREAD / PAGE_SIZE * PAGE_SIZE;
		if (memory_map_locked(&start, PAGE_SIZE, PROT_READ | PROT_WRITE, MEMORY_MAP_FIXED) != KERN_SUCCESS)
			continue;
		heap_start = heap_end = start;
		heap_mapped = start + PAGE_SIZE;
		return true;
	}
	return false;
}

static bool heap_resize(uint64_t mapped)
{
	if (mapped > heap_mapped)
		return memory_map_locked(&(uint64_t){heap_mapped}, mapped - heap_mapped, PROT_READ | PROT_WRITE,
					 MEMORY_MAP_FIXED) == KERN_SUCCESS;
	return mapped == heap_mapped || memory_unmap_locked(mapped, heap_mapped - mapped) == KERN_SUCCESS;
}

// Returns the end, which is the old one when it could not be moved (brk(2), "C library/kernel differences").
int64_t linux_brk(struct linux_frame *frame)
{
	uint64_t wanted = frame->rdi;
	mutex_acquire(&memory_lock);
	bool begun = heap_start || heap_begin();
	if (begun && wanted >= heap_start && wanted <= heap_start + SPREAD) {
		uint64_t mapped = page_up(wanted) > heap_start ? page_up(wanted) : heap_start + PAGE_SIZE;
		if (heap_resize(mapped)) {
			heap_end = wanted;
			heap_mapped = mapped;
		}
	}
	uint64_t end = heap_end;
	mutex_release(&memory_lock);
	return (int64_t)end;
}
