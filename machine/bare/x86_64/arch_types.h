// SPDX-License-Identifier: MIT
// What the seam's types hold of x86_64: the registers of a thread in user mode.
#ifndef MACHINE_BARE_X86_64_ARCH_TYPES_H
#define MACHINE_BARE_X86_64_ARCH_TYPES_H

#include <stdint.h>

// In the order in which entry.S pushes them, below what the CPU pushes itself at an interrupt (Intel SDM volume 3,
// 6.14.2). The CPU pushes right into the thread's structure: TSS.RSP0 is the end of it, which must be 16-byte aligned.
struct arch_registers {
	uint64_t r15, r14, r13, r12, rbp, rbx;
	uint64_t rdi, rsi, rdx, r10, r8, r9; // a trap's arguments, in order
	uint64_t rax, rcx, r11;
	uint64_t vector; // VECTOR_SYSCALL, or an exception's or interrupt's
	uint64_t error;
	uint64_t rip, cs, rflags, rsp, ss;
} __attribute__((aligned(16)));

struct arch_thread {
	struct arch_registers registers; // [o: the CPU that runs it, or the kernel while it is in a trap]
	uint64_t fs_base, gs_base;       // [o] while it is not on a CPU
	void *floating;                  // [o] XSAVE area, 64-byte aligned, within floating_block
	void *floating_block;            // [I] kalloc'ed
	uint32_t floating_cpu;           // [o] whose registers hold the same state as `floating`, if its turn was the last one there
};

#endif
