// SPDX-License-Identifier: MIT
// setjmp and longjmp, in Darwin's jmp_buf of 148 bytes. Facts: Libc's <setjmp.h> for x86_64: 37 ints; setjmp(3): setjmp keeps the
// signal mask, _setjmp does not.
//
// Layout here: rbx, rbp, rsp, r12-r15, the return address, then whether the mask is kept, and the mask.
#include "signals.h"

#include <stdint.h>

int darwin_pthread_sigmask(int how, const uint32_t *new, uint32_t *old);

__attribute__((used)) static int setjmp_keep(uint64_t *buffer, int keep)
{
	uint32_t mask = 0;
	if (keep)
		darwin_pthread_sigmask(1, NULL, &mask);
	buffer[8] = keep ? 1 : 0;
	buffer[9] = mask;
	return 0;
}

__attribute__((used)) static void setjmp_restore(const uint64_t *buffer)
{
	uint32_t mask = (uint32_t)buffer[9];
	if (buffer[8])
		darwin_pthread_sigmask(3, &mask, NULL);
}

__asm__(".text\n"
	".globl darwin_setjmp\n"
	".globl darwin__setjmp\n"
	".globl darwin_sigsetjmp\n"
	".globl darwin_longjmp\n"
	"darwin_setjmp:\n"
	"	mov $1, %esi\n"
	"	jmp darwin_sigsetjmp\n"
	"darwin__setjmp:\n"
	"	xor %esi, %esi\n"
	"darwin_sigsetjmp:\n"
	"	mov %rbx, (%rdi)\n"
	"	mov %rbp, 8(%rdi)\n"
	"	lea 8(%rsp), %rax\n"
	"	mov %rax, 16(%rdi)\n"
	"	mov %r12, 24(%rdi)\n"
	"	mov %r13, 32(%rdi)\n"
	"	mov %r14, 40(%rdi)\n"
	"	mov %r15, 48(%rdi)\n"
	"	mov (%rsp), %rax\n"
	"	mov %rax, 56(%rdi)\n"
	"	jmp setjmp_keep\n"
	"darwin_longjmp:\n"
	"	push %rdi\n"
	"	push %rsi\n"
	"	sub $8, %rsp\n"
	"	call setjmp_restore\n"
	"	add $8, %rsp\n"
	"	pop %rax\n"
	"	pop %rdi\n"
	"	test %eax, %eax\n"
	"	jnz 1f\n"
	"	inc %eax\n"
	"1:	mov (%rdi), %rbx\n"
	"	mov 8(%rdi), %rbp\n"
	"	mov 16(%rdi), %rsp\n"
	"	mov 24(%rdi), %r12\n"
	"	mov 32(%rdi), %r13\n"
	"	mov 40(%rdi), %r14\n"
	"	mov 48(%rdi), %r15\n"
	"	jmp *56(%rdi)\n");
