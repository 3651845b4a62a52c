// SPDX-License-Identifier: MIT
// In and out of user mode, and exceptions in the kernel.
//
// User mode is called like a function: user_enter(registers, fast) returns when the CPU has entered the kernel again,
// with the thread's registers stored in `registers`. All kernel code runs with interrupts off, except where the CPU
// halts or looks for interrupts. The offsets into struct cpu_block are checked in cpu.h.
// NMI, double fault and machine check come on stacks of their own and may come anywhere, so they find the CPU's block
// in the top 16 bytes of that stack.

#define CPU_USER_STACK 8
#define CPU_MESSAGE 16
#define CPU_KERNEL_STACK 24
#define CPU_REGISTERS_END 148
#define VECTOR_SYSCALL 256
#define TRAP_CLASS 0x1000000
#define TRAP_NUMBER 0xffffff

// struct arch_registers, from its end.
#define REGISTERS_SIZE 176
#define R_R15 -176
#define R_R14 -168
#define R_R13 -160
#define R_R12 -152
#define R_RBP -144
#define R_RBX -136
#define R_RDI -128
#define R_RSI -120
#define R_RDX -112
#define R_R10 -104
#define R_R8 -96
#define R_R9 -88
#define R_RAX -80
#define R_VECTOR -56
#define R_RIP -40
#define R_RFLAGS -24
#define R_RSP -16
#define REGISTERS_CS 144
#define MSR_GS_BASE 0xc0000101

	.text

.macro push_registers
	pushq	%r11
	pushq	%rcx
	pushq	%rax
	pushq	%r9
	pushq	%r8
	pushq	%r10
	pushq	%rdx
	pushq	%rsi
	pushq	%rdi
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
	popq	%rdi
	popq	%rsi
	popq	%rdx
	popq	%r10
	popq	%r8
	popq	%r9
	popq	%rax
	popq	%rcx
	popq	%r11
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
	pushq	$0 // calls below it find the stack aligned
	movq	%rsp, %gs:CPU_KERNEL_STACK
	testb	%sil, %sil
	jnz	1f
	movq	%rdi, %rsp
	pop_registers
	addq	$16, %rsp
	swapgs
	iretq
1:	leaq	REGISTERS_SIZE(%rdi), %rcx
	movq	R_RAX(%rcx), %rax
	jmp	user_resume
	.size	user_enter, . - user_enter

// SYSCALL: rcx is the return address, r11 the flags; the stack is still the user's. A trap is first tried as kern_message_quick or
// kern_trap_quick, called right here, with the thread's structure, which begins with its registers. What C functions keep (rbx, rbp,
// r12 to r15) is still the user's then: only mach_msg, which may go on in another thread, stores that before.
	.globl	syscall_entry
syscall_entry:
	swapgs
	movq	%rsp, %gs:CPU_USER_STACK
	movq	%gs:CPU_REGISTERS_END, %rsp
	movq	%rdi, R_RDI(%rsp)
	movq	%rsi, R_RSI(%rsp)
	movq	%rdx, R_RDX(%rsp)
	movq	%r10, R_R10(%rsp)
	movq	%r8, R_R8(%rsp)
	movq	%r9, R_R9(%rsp)
	movq	%rcx, R_RIP(%rsp)
	movq	%r11, R_RFLAGS(%rsp)
	cmpq	%gs:CPU_MESSAGE, %rax
	jne	syscall_other
	movq	%gs:CPU_USER_STACK, %rcx
	movq	%r15, R_R15(%rsp)
	movq	%r14, R_R14(%rsp)
	movq	%r13, R_R13(%rsp)
	movq	%r12, R_R12(%rsp)
	movq	%rbp, R_RBP(%rsp)
	movq	%rbx, R_RBX(%rsp)
	movq	%rcx, R_RSP(%rsp)
	movq	$VECTOR_SYSCALL, R_VECTOR(%rsp)
	leaq	-REGISTERS_SIZE(%rsp), %rcx
	movq	%gs:CPU_KERNEL_STACK, %rsp
	call	kern_message_quick // address, option, size and name are where they were
	// It has gone to user mode (arch_user_go), or comes back because it is not served.
	movq	%gs:CPU_REGISTERS_END, %rcx
	movq	%gs:CPU_MESSAGE, %rax
	movq	%rax, R_RAX(%rcx)
	jmp	user_left
user_resume: // rcx: the end of the registers; rax: as it is to be
	movq	R_R15(%rcx), %r15
	movq	R_R14(%rcx), %r14
	movq	R_R13(%rcx), %r13
	movq	R_R12(%rcx), %r12
	movq	R_RBP(%rcx), %rbp
	movq	R_RBX(%rcx), %rbx
	movq	R_RSP(%rcx), %rsp
user_resume_arguments:
	movq	R_RDI(%rcx), %rdi
	movq	R_RSI(%rcx), %rsi
	movq	R_RDX(%rcx), %rdx
	movq	R_R10(%rcx), %r10
	movq	R_R8(%rcx), %r8
	movq	R_R9(%rcx), %r9
	movq	R_RFLAGS(%rcx), %r11
	movq	R_RIP(%rcx), %rcx
	swapgs
	sysretq

syscall_other:
	movq	%rax, R_RAX(%rsp)
	subq	$TRAP_CLASS, %rax
	cmpq	$TRAP_NUMBER, %rax
	ja	syscall_leaves
	leaq	-REGISTERS_SIZE(%rsp), %rdi
	movl	%eax, %esi
	leaq	R_RDI(%rsp), %rdx
	movq	%gs:CPU_KERNEL_STACK, %rsp
	call	kern_trap_quick
	movq	%gs:CPU_REGISTERS_END, %rcx
	testq	%rax, %rax
	jz	syscall_not_quick
	movq	%rdx, %rax
	movq	%gs:CPU_USER_STACK, %rsp
	jmp	user_resume_arguments

syscall_not_quick:
	movq	%rcx, %rsp
syscall_leaves:
	movq	%gs:CPU_USER_STACK, %rcx
	movq	%rcx, R_RSP(%rsp)
	movq	$VECTOR_SYSCALL, R_VECTOR(%rsp)
	movq	%r15, R_R15(%rsp)
	movq	%r14, R_R14(%rsp)
	movq	%r13, R_R13(%rsp)
	movq	%r12, R_R12(%rsp)
	movq	%rbp, R_RBP(%rsp)
	movq	%rbx, R_RBX(%rsp)
	movq	%gs:CPU_KERNEL_STACK, %rsp
user_left:
	addq	$8, %rsp
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

	.section .note.GNU-stack,"",@progbits
