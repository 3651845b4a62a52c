// SPDX-License-Identifier: MIT
// Which machine this is, found out before anything else runs, and gila_trap(), the trap whose number is not known at compile
// time. The stubs of <abi/traps.h> are generated and do the same by <gila/trap_entry.h>.
#include "hosted.h"

#include <gila/auxv.h>
#include <gila/trap.h>
#include <gila/trap_entry.h>
#include <sys/auxv.h>

unsigned char gila_trap_bare;

// 101: the first that programs may have; all other constructors come after it.
__attribute__((constructor(101))) static void trap_find_machine(void) { gila_trap_bare = getauxval(AT_GILA) != 0; }

// As TRAP_STUB, with all arguments one place further back. The stack pointer moves so that argument 7 is where the kernel looks
// for it; the return address is in the red zone meanwhile.
__asm__(".pushsection .text.gila_trap,\"ax\",@progbits\n"
	"	.globl gila_trap\n"
	"	.type gila_trap, @function\n"
	"	.p2align 4\n"
	"gila_trap:\n"
	"	.cfi_startproc\n"
	"	cmpb $0, gila_trap_bare(%rip)\n"
	"	je hosted_gila_trap\n"
	"	leal 0x1000000(%rdi), %eax\n"
	"	movq %rsi, %rdi\n"
	"	movq %rdx, %rsi\n"
	"	movq %rcx, %rdx\n"
	"	movq %r8, %r10\n"
	"	movq %r9, %r8\n"
	"	movq 8(%rsp), %r9\n"
	"	leaq 8(%rsp), %rsp\n"
	"	.cfi_adjust_cfa_offset -8\n"
	"	syscall\n"
	"	leaq -8(%rsp), %rsp\n"
	"	.cfi_adjust_cfa_offset 8\n"
	"	ret\n"
	"	.cfi_endproc\n"
	"	.size gila_trap, . - gila_trap\n"
	"	.popsection\n");
