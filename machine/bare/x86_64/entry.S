// SPDX-License-Identifier: MIT
// In and out of user mode, and exceptions in the kernel.
//
// User mode is called like a function: user_enter(registers, fast) returns when the CPU has entered the kernel again,
// with the thread's registers stored in `registers`. All kernel code runs with interrupts off, except where the CPU
// halts or looks for interrupts. The offsets into struct cpu_block are checked in cpu.h.
// NMI, double fault and machine check come on stacks of their own and may come anywhere, so they find the CPU's block
// in the top 16 bytes of that stack.

#define CPU_USER_STACK 8
#define CPU_REGISTERS_END 16
#define CPU_KERNEL_STACK 24
#define USER_CODE 0x23
#define USER_DATA 0x1b
#define VECTOR_SYSCALL 256
#define REGISTERS_CS 144
#define MSR_GS_BASE 0xc0000101

	.text

.macro push_registers
	pushq	%rdi
	pushq	%rsi
	pushq	%rdx
	pushq	%rcx
	pushq	%rax
	pushq	%r8
	pushq	%r9
	pushq	%r10
	pushq	%r11
	pushq	%rbx
	pushq	%rbp
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
.endm
.macro pop_registers
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	popq	%r11
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	popq	%rcx
	popq	%rdx
	popq	%rsi
	popq	%rdi
.endm

// void user_enter(struct arch_registers *registers, bool fast)
// fast: rcx and r11 may be lost, rip is a user address (SYSRET, Intel SDM volume 2).
	.globl	user_enter
	.type	user_enter, @function
user_enter:
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, %gs:CPU_KERNEL_STACK
	movq	%rdi, %rsp
	testb	%sil, %sil
	jnz	1f
	pop_registers
	addq	$16, %rsp
	swapgs
	iretq
1:	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbp
	popq	%rbx
	addq	$8, %rsp
	popq	%r10
	popq	%r9
	popq	%r8
	popq	%rax
	addq	$8, %rsp
	popq	%rdx
	popq	%rsi
	popq	%rdi
	movq	16(%rsp), %rcx
	movq	32(%rsp), %r11
	movq	40(%rsp), %rsp
	swapgs
	sysretq
	.size	user_enter, . - user_enter

// SYSCALL: rcx is the return address, r11 the flags; the stack is still the user's.
	.globl	syscall_entry
syscall_entry:
	swapgs
	movq	%rsp, %gs:CPU_USER_STACK
	movq	%gs:CPU_REGISTERS_END, %rsp
	pushq	$USER_DATA
	pushq	%gs:CPU_USER_STACK
	pushq	%r11
	pushq	$USER_CODE
	pushq	%rcx
	pushq	$0
	pushq	$VECTOR_SYSCALL
	push_registers
	movq	%gs:CPU_KERNEL_STACK, %rsp
user_left:
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret

// Exceptions and interrupts: with the vector and an error code (or 0) on the stack.
exception_common:
	push_registers
	testb	$3, REGISTERS_CS(%rsp)
	jz	1f
	swapgs
	movq	%gs:CPU_KERNEL_STACK, %rsp
	// The user's direction and alignment-check flags are not the kernel's.
	pushq	$2
	popfq
	jmp	user_left
1:	movq	%rsp, %rdi
	movq	%rsp, %rbp
	movq	136(%rsp), %rax // for backtraces: a frame whose return address is the interrupted instruction
	pushq	%rax
	pushq	32(%rbp)        // rbp, as it was
	movq	%rsp, %rbp
	andq	$-16, %rsp
	cld
	call	exception_in_kernel
	leaq	16(%rbp), %rsp
	pop_registers
	addq	$16, %rsp
	iretq

exception_paranoid:
	push_registers
	movq	%rsp, %rbx
	movl	$MSR_GS_BASE, %ecx
	rdmsr
	movl	%eax, %r12d
	movl	%edx, %r13d
	movq	%rsp, %rax
	orq	$0xfff, %rax
	movl	-15+4(%rax), %edx
	movl	-15(%rax), %eax
	wrmsr
	movq	%rbx, %rdi
	xorl	%ebp, %ebp
	andq	$-16, %rsp
	cld
	call	exception_anywhere
	movl	$MSR_GS_BASE, %ecx
	movl	%r12d, %eax
	movl	%r13d, %edx
	wrmsr
	movq	%rbx, %rsp
	pop_registers
	addq	$16, %rsp
	iretq

// One stub for each vector; which of them come with an error code: Intel SDM volume 3, table 6-1.
	.macro	stub vector
	.balign	16
	.if (\vector == 8) || (\vector >= 10 && \vector <= 14) || (\vector == 17) || (\vector == 21) || (\vector == 29) || (\vector == 30)
	.else
	pushq	$0
	.endif
	pushq	$\vector
	.if (\vector == 2) || (\vector == 8) || (\vector == 18)
	jmp	exception_paranoid
	.else
	jmp	exception_common
	.endif
	.endm
	.balign	16
	.globl	exception_stubs
exception_stubs:
	.altmacro
	.set	number, 0
	.rept	256
	stub	%number
	.set	number, number + 1
	.endr

// int user_copy(void *to, const void *from, size_t size): 0, or 1 when the user's memory could not be reached. The
// only code of the kernel that reaches memory through user addresses; a fault there that cannot be served goes to
// user_copy_failed.
	.globl	user_copy, user_copy_failed
	.type	user_copy, @function
user_copy:
	movq	%rdx, %rcx
	cmpq	$8, %rdx
	jb	2f
	shrq	$3, %rcx
user_copy_words:
	rep movsq
	movq	%rdx, %rcx
	andl	$7, %ecx
2:
user_copy_bytes:
	rep movsb
	xorl	%eax, %eax
	ret
user_copy_failed:
	movl	$1, %eax
	ret
	.size	user_copy, . - user_copy

	.section fixups, "a"
	.quad	user_copy_words, user_copy_failed
	.quad	user_copy_bytes, user_copy_failed

	.section .note.GNU-stack,"",@progbits
