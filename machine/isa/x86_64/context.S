// SPDX-License-Identifier: MIT
// The switch of kernel contexts on x86_64: six callee-saved registers and the stack pointer (System V ABI, "Register
// usage"). Floating point control words are not switched: kernel code never changes them. Called by context.c only.

	.text

// void *isa_context_swap(void **save, void *resume, void *token)
// Stores the stack pointer in *save and continues where `resume` was saved; there the call returns `token`.
	.globl	isa_context_swap
	.type	isa_context_swap, @function
isa_context_swap:
	.cfi_startproc
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	movq	%rdx, %rax
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret
	.cfi_endproc
	.size	isa_context_swap, . - isa_context_swap

// Where a fresh context starts: the token in rax, the entry in rbx, its argument in r12 (isa_context_make).
	.globl	isa_context_begin
	.type	isa_context_begin, @function
isa_context_begin:
	.cfi_startproc
	.cfi_undefined rip
	movq	%rax, %rdi
	movq	%rbx, %rsi
	movq	%r12, %rdx
	xorl	%ebp, %ebp
	call	isa_context_started
	ud2
	.cfi_endproc
	.size	isa_context_begin, . - isa_context_begin

// void isa_stack_jump(void *top, void (*entry)(void *), void *argument)
// Calls entry(argument) with the stack pointer at `top` (16-byte aligned), never to return.
	.globl	isa_stack_jump
	.type	isa_stack_jump, @function
isa_stack_jump:
	.cfi_startproc
	.cfi_undefined rip
	movq	%rdi, %rsp
	movq	%rdx, %rdi
	xorl	%ebp, %ebp
	call	*%rsi
	ud2
	.cfi_endproc
	.size	isa_stack_jump, . - isa_stack_jump

	.section .note.GNU-stack,"",@progbits
