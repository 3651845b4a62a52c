// SPDX-License-Identifier: MIT
// Quick messages on x86_64: one thread's user mode takes the place of another's within a trap, and a short message is read and
// written. In line, for every message passes here: with GS the kernel's, on a CPU with FSGSBASE, XSAVEOPT and SMAP (syscall_entry
// asks before).
#ifndef MACHINE_BARE_X86_64_ARCH_SWITCH_H
#define MACHINE_BARE_X86_64_ARCH_SWITCH_H

#include <kernel/task/thread.h>
#include <mach/message.h>

#define ARCH_VECTOR_SYSCALL 256u // VECTOR_SYSCALL

static inline const uint64_t *arch_user_arguments(const struct thread *thread) { return &thread->md.arch.registers.rdi; }
// What only registers hold, and where the entry finds the thread (struct cpu_block.tss). The two GS bases change places while the
// user's is looked at (Intel SDM volume 2, SWAPGS), so nothing in between uses the kernel's. All parts of XCR0 are
// saved: eax asks for those that there are, and what edx asks for is none of XCR0's (volume 1, 13.3).
static inline void arch_user_switch(struct thread *from, struct thread *to, uint32_t cpu)
{
	struct arch_thread *left = &from->md.arch, *entered = &to->md.arch;
	uint64_t base;
	__asm__ volatile("xsaveopt64 (%0)\n\txrstor64 (%1)"
			 :
			 : "r"(left->floating), "r"(entered->floating), "a"(-1)
			 : "memory");
	entered->floating_cpu = cpu;
	__asm__ volatile("rdfsbase %0" : "=r"(base));
	left->fs_base = base;
	__asm__ volatile("wrfsbase %0" : : "r"(entered->fs_base));
	__asm__ volatile("swapgs\n\trdgsbase %0\n\twrgsbase %1\n\tswapgs" : "=&r"(base) : "r"(entered->gs_base));
	left->gs_base = base;
	__asm__ volatile("movq %0, %%gs:148" : : "r"(&entered->registers + 1) : "memory");
}

// `old` is the space that is loaded.
static inline void arch_space_change(struct address_space *space, uint64_t root)
{
	__asm__ volatile("movq %0, %%cr3" : : "r"(root) : "memory");
	arch_space_set(space);
}

static inline uint64_t arch_cpu_bit(void)
{
	uint64_t bit;
	__asm__ volatile("movq %%gs:40, %0" : "=r"(bit));
	return bit;
}

// Back to user mode by SYSRET, with all that the thread's trap has left in its registers: user_resume in entry.S, from wherever the
// kernel's stack is.
_Noreturn static inline __attribute__((always_inline)) void arch_user_go(struct thread *to, uint64_t result)
{
	__asm__ volatile("	movq (%%rcx), %%r15\n"
			 "	movq 8(%%rcx), %%r14\n"
			 "	movq 16(%%rcx), %%r13\n"
			 "	movq 24(%%rcx), %%r12\n"
			 "	movq 32(%%rcx), %%rbp\n"
			 "	movq 40(%%rcx), %%rbx\n"
			 "	movq 160(%%rcx), %%rsp\n"
			 "	movq 48(%%rcx), %%rdi\n"
			 "	movq 56(%%rcx), %%rsi\n"
			 "	movq 64(%%rcx), %%rdx\n"
			 "	movq 72(%%rcx), %%r10\n"
			 "	movq 80(%%rcx), %%r8\n"
			 "	movq 88(%%rcx), %%r9\n"
			 "	movq 152(%%rcx), %%r11\n"
			 "	movq 136(%%rcx), %%rcx\n"
			 "	swapgs\n"
			 "	sysretq"
			 :
			 : "c"(&to->md.arch.registers), "a"(result));
	__builtin_unreachable();
}
_Static_assert(offsetof(struct arch_registers, rbx) == 40 && offsetof(struct arch_registers, rdi) == 48 &&
		       offsetof(struct arch_registers, r9) == 88 && offsetof(struct arch_registers, rip) == 136 &&
		       offsetof(struct arch_registers, rflags) == 152 && offsetof(struct arch_registers, rsp) == 160,
	       "offsets above");

// An address of the kernel's half is none; any other is found out by touching it.
static inline bool arch_user_holds(uint64_t address) { return (int64_t)address >= 0; }

_Static_assert(sizeof(mach_msg_header_t) == 24 && offsetof(mach_msg_header_t, msgh_size) == 4 &&
		       offsetof(mach_msg_header_t, msgh_remote_port) == 8 && offsetof(mach_msg_header_t, msgh_local_port) == 12 &&
		       offsetof(mach_msg_header_t, msgh_voucher_port) == 16 && offsetof(mach_msg_header_t, msgh_id) == 20,
	       "offsets below");
_Static_assert(MACH_MSG_TRAILER_FORMAT_0 == 0 && sizeof(mach_msg_trailer_t) == 8 &&
		       offsetof(mach_msg_trailer_t, msgh_trailer_size) == 4,
	       "and the empty trailer");

// Addresses are in rdi and rsi: one that is none faults as others do not with rsp or rbp (#SS).
#define ARCH_FIXUP "	.pushsection fixups, \"a\"\n	.quad 1b, 2b, %l[fault]\n	.popsection\n"
// From what rsi to what rdi points to, as much as is behind a header in a message of `size`. The carry: four bytes more.
#define ARCH_COPY_BODY                                                                                                 \
	"	leal -24(%q[size]), %%ecx\n"                                                                           \
	"	shrl $3, %%ecx\n"                                                                                      \
	"	rep movsq\n"                                                                                           \
	"	jnc 2f\n"                                                                                              \
	"	movsl\n"

static inline __attribute__((always_inline)) bool arch_quick_read(uint64_t address, uint32_t size, uint32_t *bits, uint32_t *remote,
								  uint32_t *local, uint32_t *id, void *body)
{
	uint32_t a, b, c, d;
	uint64_t count, source;
	if (!arch_user_holds(address))
		return false;
	__asm__ goto volatile("	stac\n"
			      "1:	movl (%%rdi), %[a]\n"
			      "	movl 8(%%rdi), %[b]\n"
			      "	movl 12(%%rdi), %[c]\n"
			      "	movl 20(%%rdi), %[d]\n"
			      "	cmpl $24, %[size]\n"
			      "	je 2f\n"
			      "	leaq 24(%%rdi), %%rsi\n"
			      "	leaq %[body], %%rdi\n" ARCH_COPY_BODY "2:	clac\n" ARCH_FIXUP
			      : [a] "=&r"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d), "+D"(address), "=&S"(source), "=&c"(count)
			      : [size] "r"(size), [body] "m"(*(char *)body)
			      : "memory", "cc"
			      : fault);
	*bits = a;
	*remote = b;
	*local = c;
	*id = d;
	return true;
fault:
	__asm__ volatile("clac" ::: "memory");
	return false;
}

// The end of it: the access to user memory that is open afterwards is closed by arch_user_go, with the thread's own flags.
static inline __attribute__((always_inline)) bool arch_quick_write(uint64_t address, uint32_t size, uint32_t bits, uint32_t remote,
								   uint32_t local, uint32_t id, const void *body)
{
	uint64_t count, source;
	__asm__ goto volatile("	stac\n"
			      "1:	movl %[a], (%%rdi)\n"
			      "	movl %k[size], 4(%%rdi)\n"
			      "	movl %[b], 8(%%rdi)\n"
			      "	movl %[c], 12(%%rdi)\n"
			      "	movl $0, 16(%%rdi)\n"
			      "	movl %[d], 20(%%rdi)\n"
			      "	movl $0, (%%rdi,%q[size])\n"
			      "	movl $8, 4(%%rdi,%q[size])\n"
			      "	cmpl $24, %k[size]\n"
			      "	je 2f\n"
			      "	addq $24, %%rdi\n"
			      "	leaq %[body], %%rsi\n" ARCH_COPY_BODY "2:\n" ARCH_FIXUP
			      : "+D"(address), "=&S"(source), "=&c"(count)
			      : [a] "ri"(bits), [b] "ri"(remote), [c] "r"(local), [d] "r"(id), [size] "r"((uint64_t)size),
				[body] "m"(*(const char *)body)
			      : "memory", "cc"
			      : fault);
	return true;
fault:
	__asm__ volatile("clac" ::: "memory");
	return false;
}

// What follows: whole words of four bytes.
static inline bool arch_quick_more(uint64_t address, const void *bytes, uint32_t size)
{
	uint64_t count = size / 4, from = (uintptr_t)bytes;
	__asm__ goto volatile("	stac\n"
			      "1:	rep movsl\n"
			      "2:	clac\n" ARCH_FIXUP
			      : "+S"(from), "+D"(address), "+c"(count)
			      :
			      : "memory"
			      : fault);
	return true;
fault:
	__asm__ volatile("clac" ::: "memory");
	return false;
}

#endif
