// SPDX-License-Identifier: MIT
// x86_64: addresses, entries of page tables (Intel SDM volume 3, 4.5), and short things.
#ifndef MACHINE_BARE_X86_64_ARCH_INLINE_H
#define MACHINE_BARE_X86_64_ARCH_INLINE_H

#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KERNEL_VIRTUAL UINT64_C(0xffffffff80000000)
#define DIRECT_BASE UINT64_C(0xffff800000000000)      // 64 TiB of physical memory
#define ARCH_STACKS_BASE UINT64_C(0xffffc00000000000)
// The last page below the hole is nobody's: SYSRET to a non-canonical address would fault in the kernel.
#define USER_END UINT64_C(0x00007ffffffff000)
#define USER_START UINT64_C(0x10000)

#define ARCH_TABLES_ABOVE 3u // a page, below the root
#define ARCH_ELF_MACHINE 62 // EM_X86_64

#define ENTRY_PRESENT UINT64_C(1)
#define ENTRY_WRITE UINT64_C(2)
#define ENTRY_USER UINT64_C(4)
#define ENTRY_THROUGH UINT64_C(8)   // with ENTRY_UNCACHED: memory of devices (the PAT's reset value, volume 3, 12.12.4)
#define ENTRY_UNCACHED UINT64_C(0x10)
#define ENTRY_ACCESSED UINT64_C(0x20)
#define ENTRY_DIRTY UINT64_C(0x40)
#define ENTRY_LARGE UINT64_C(0x80)
#define ENTRY_GLOBAL UINT64_C(0x100)
#define ENTRY_DEVICE UINT64_C(0x200) // software: the address is no frame of frames.c
#define ENTRY_NOEXEC UINT64_C(0x8000000000000000)
#define ENTRY_ADDRESS UINT64_C(0x000ffffffffff000)

static inline void arch_pause(void) { __asm__ volatile("pause" ::: "memory"); }

// struct cpu_block.number: cpu.h checks the offset. Volatile: code moves to other CPUs when it blocks.
static inline unsigned arch_cpu_number(void)
{
	unsigned number;
	__asm__ volatile("movl %%gs:32, %0" : "=r"(number));
	return number;
}

// struct cpu_block.clock_base, clock_multiplier; see clock.c.
static inline uint64_t arch_clock_now(void)
{
	uint64_t ns, high;
	__asm__ volatile("rdtsc\n"
			 "	shlq $32, %%rdx\n"
			 "	orq %%rdx, %%rax\n"
			 "	subq %%gs:48, %%rax\n"
			 "	mulq %%gs:56\n"
			 "	shrdq $32, %%rdx, %%rax"
			 : "=a"(ns), "=d"(high)
			 :
			 : "cc", "memory");
	return ns;
}

// The same in two halves: first the counter, then what it means.
static inline void arch_clock_read(uint32_t *low, uint32_t *high) { __asm__ volatile("rdtsc" : "=a"(*low), "=d"(*high)); }
static inline uint64_t arch_clock_of(uint32_t low, uint32_t high)
{
	uint64_t ns = low | (uint64_t)high << 32, rest;
	__asm__ volatile("subq %%gs:48, %%rax\n"
			 "	mulq %%gs:56\n"
			 "	shrdq $32, %%rdx, %%rax"
			 : "+a"(ns), "=d"(rest)
			 :
			 : "cc");
	return ns;
}

// Sets the lowest bit. True: it was not set, and what it guards is the caller's.
static inline bool arch_bit_take(_Atomic uint32_t *word)
{
	bool was;
	__asm__ volatile("lock btsl $0, %0" : "+m"(*word), "=@ccc"(was) : : "memory");
	return !was;
}

// struct cpu_block.space: the address space that this CPU sees; NULL: none.
struct address_space;
static inline struct address_space *arch_space_here(void)
{
	struct address_space *space;
	__asm__ volatile("movq %%gs:64, %0" : "=r"(space));
	return space;
}
static inline void arch_space_set(struct address_space *space) { __asm__ volatile("movq %0, %%gs:64" : : "r"(space)); }

extern bool arch_has_smap; // cpu.c

// Copies with user addresses on one side, whose space is loaded. KERN_INVALID_ADDRESS: not all of it is there. The only code of the
// kernel that reaches memory through user addresses; a fault there that cannot be served goes on at the end (fixups, trap.c).
static inline kern_return_t arch_user_copy(void *to, const void *from, size_t size)
{
	size_t words = size / 8, rest = size % 8;
	kern_return_t failed = KERN_INVALID_ADDRESS;
	if (__builtin_expect(arch_has_smap, 1))
		__asm__ volatile("stac" ::: "memory");
	__asm__ volatile("1:	rep movsq\n"
			 "	movl %k[rest], %%ecx\n"
			 "2:	rep movsb\n"
			 "	xorl %[failed], %[failed]\n"
			 "3:\n"
			 "	.pushsection fixups, \"a\"\n"
			 "	.quad 1b, 3b, 3b\n"
			 "	.popsection"
			 : "+D"(to), "+S"(from), "+c"(words), [failed] "+r"(failed)
			 : [rest] "r"(rest)
			 : "memory", "cc");
	if (__builtin_expect(arch_has_smap, 1))
		__asm__ volatile("clac" ::: "memory");
	return failed;
}

// Entries of user pages. An entry that is 0 maps nothing.
static inline bool arch_entry_present(uint64_t entry) { return entry & ENTRY_PRESENT; }
static inline bool arch_entry_writable(uint64_t entry) { return entry & ENTRY_WRITE; }
static inline bool arch_entry_device(uint64_t entry) { return entry & ENTRY_DEVICE; }
static inline uint64_t arch_entry_physical(uint64_t entry) { return entry & ENTRY_ADDRESS; }
static inline uint64_t arch_entry_make(uint64_t physical, vm_prot_t prot, bool writable, bool device)
{
	return physical | ENTRY_PRESENT | ENTRY_USER | ENTRY_ACCESSED | (writable ? ENTRY_WRITE | ENTRY_DIRTY : 0) |
	       (prot & VM_PROT_EXECUTE ? 0 : ENTRY_NOEXEC) |
	       (device ? ENTRY_DEVICE | ENTRY_UNCACHED | ENTRY_THROUGH : 0);
}
static inline uint64_t arch_entry_read_only(uint64_t entry) { return entry & ~ENTRY_WRITE; }
// The same page, no longer reachable, still known.
static inline uint64_t arch_entry_hide(uint64_t entry) { return entry & ~ENTRY_PRESENT; }

#endif
