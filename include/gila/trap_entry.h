// SPDX-License-Identifier: MIT
// How the generated stubs enter the kernel on x86_64: the one place where the two ways part.
//
// On the metal a stub is the instruction: `syscall` with 0x1000000 + number in rax (the class of Mach's traps, as on x86_64
// macOS), arguments 1 to 6 in rdi rsi rdx r10 r8 r9, further ones where a C call has them, from 8(%rsp) on; the result
// comes in rax, rcx and r11 are lost. Hosted it is the C function that goes through the trap channel.
#ifndef GILA_TRAP_ENTRY_H
#define GILA_TRAP_ENTRY_H

// Not 0: on the metal. Set before the program's constructors run (lib/gila/trap.c), never changed after that.
extern unsigned char gila_trap_bare __attribute__((visibility("hidden")));

#define TRAP_CLASS 0x1000000

// Defines the function `name` for trap `number`; `hosted` is the C function with the same arguments that stands in.
#define TRAP_STUB(name, number, hosted)                                                                                \
	__asm__(".pushsection .text." #name ",\"ax\",@progbits\n"                                                      \
		"	.globl " #name "\n"                                                                            \
		"	.type " #name ", @function\n"                                                                  \
		"	.p2align 4\n" #name ":\n"                                                                      \
		"	.cfi_startproc\n"                                                                              \
		"	cmpb $0, gila_trap_bare(%rip)\n"                                                               \
		"	je " #hosted "\n"                                                                              \
		"	movq %rcx, %r10\n"                                                                             \
		"	movl $0x1000000 + " #number ", %eax\n"                                                         \
		"	syscall\n"                                                                                     \
		"	ret\n"                                                                                         \
		"	.cfi_endproc\n"                                                                                \
		"	.size " #name ", . - " #name "\n"                                                              \
		"	.popsection\n")

#endif
