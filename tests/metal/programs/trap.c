// SPDX-License-Identifier: MIT
// How programs that are only for the metal enter its kernel: the stubs' question (<gila/trap_entry.h>) has its answer, and
// gila_trap is the instruction for a number that is known at run time; arguments 7 to 9 go where a C call has them.
#include <gila/trap.h>
#include <gila/trap_entry.h>

__asm__("	.section .rodata\n"
	"	.globl gila_trap_bare\n"
	"	.hidden gila_trap_bare\n"
	"gila_trap_bare:\n"
	"	.byte 1\n"
	"	.text\n"
	"	.globl gila_trap\n"
	"gila_trap: leal 0x1000000(%rdi), %eax\n"
	"	movq %rsi, %rdi\n"
	"	movq %rdx, %rsi\n"
	"	movq %rcx, %rdx\n"
	"	movq %r8, %r10\n"
	"	movq %r9, %r8\n"
	"	movq 8(%rsp), %r9\n"
	"	addq $8, %rsp\n"
	"	syscall\n"
	"	subq $8, %rsp\n"
	"	ret\n");
