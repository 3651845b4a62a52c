// SPDX-License-Identifier: MIT
// Inside the metal machines: what the files of machine/bare share. What they ask of the processor is in arch.h.
//
//   ram.c       physical memory at boot: which ranges there are      frames.c   page frames, md_pages_*
//   stack.c     kernel stacks and contexts                           store.c    memory objects
//   address_space.c   ranges, maps                                   fault.c    pages that come when they are touched
//   copy.c      copies to and from tasks                             elf/       programs: their ELF files
//   launch.c    programs: their first stack, clones                  user.c     threads in user mode: lists, turns
//   life.c      births and deaths, and their reports to the kernel   idle.c     md_cpu_*: idling, kicks, flushes
//   timer.c     md_timer_arm, slices                                 line.c     interrupt lines
//   symbol.c    names of functions                                   boot.c     archive, command line, device trees
//
// Kernel code runs with interrupts off: they are looked at where a CPU idles or polls, and in user mode. User mode is
// a part of idling: md_cpu_idle gives the CPU to a thread in user mode and reports how it came back.
// Locks: address space, then store, then frames; queue and report locks are taken alone or under those.
#ifndef MACHINE_BARE_BARE_H
#define MACHINE_BARE_BARE_H

#include "arch.h"

#include <kernel/core/base.h>
#include <machine/kern.h>
#include <machine/md.h>

// ---- ram.c ----------------------------------------------------------------------------------------------------------

struct ram_range {
	uint64_t start, end; // whole pages
};
// Memory that is there; memory that is taken (in whole pages around it). Before frames_init.
void ram_add(uint64_t start, uint64_t size);
void ram_reserve(uint64_t start, uint64_t size);
// Zeroed memory below `limit`, for ever; 0: there is none.
uint64_t ram_take(uint64_t size, uint64_t alignment, uint64_t limit);
// The end of the highest memory that was ever added; bytes added.
uint64_t ram_top(void);
uint64_t ram_size(void);
// Memory that is there, used or not (for maps): the range `index`. False: no more.
bool ram_present(unsigned index, struct ram_range *range);
bool ram_free(unsigned index, struct ram_range *range);

// ---- frames.c -------------------------------------------------------------------------------------------------------

// A page frame is named by its physical address.
void frames_init(void);
// 2^order frames in a row, aligned to that, each with one reference; 0: none. Not zeroed.
uint64_t frames_take(unsigned order);
// One frame, zeroed.
uint64_t frame_take(void);
void frame_reference(uint64_t frame);
// Whether only one reference is left.
bool frame_is_sole(uint64_t frame);
void frame_release(uint64_t frame);
// Whether the address is of memory that frames.c manages.
bool frame_is_ram(uint64_t physical);
uint64_t frames_free_count(void);
uint64_t frames_total(void);

// ---- stack.c --------------------------------------------------------------------------------------------------------

// Whether the address is in the page below a stack: what a stack that runs over touches.
bool stack_guards(uint64_t address);

// ---- string.c, symbol.c, panic --------------------------------------------------------------------------------------

// The function that the address is in, and the offset into it; NULL: none known.
const char *symbol_find(uint64_t address, uint64_t *offset);

// ---- boot.c ---------------------------------------------------------------------------------------------------------

struct boot_facts {
	const void *archive;
	size_t archive_size;
	const char *command_line;
	const void *device_tree; // NULL: none
	size_t device_tree_size;
};
// Filled by the architecture before kern_main.
extern struct boot_facts boot_facts;

#endif
