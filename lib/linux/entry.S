// SPDX-License-Identifier: MIT
// How Linux calls enter and leave, and how threads begin and end.

#define TRAP_THREAD_EXIT 0x1000000 + 107
#define EXIT_STACK_SIZE 8192

	.text

// rcx: where the program goes on; r11 is free; everything else is the program's (System V ABI; syscall(2)).
	.globl linux_entry
	.type linux_entry, @function
linux_entry:
	.cfi_startproc
	.cfi_undefined rip
	movq %rsp, %r11
	leaq -128(%rsp), %rsp // the red zone
	andq $-16, %rsp
	pushq $0 // linux_frame.padding
	pushq %r11
	pushq %rcx
	pushq %rax
	pushq %rdi
	pushq %rsi
	pushq %rdx
	pushq %r10
	pushq %r8
	pushq %r9
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	movq %rsp, %rdi
	xorl %ebp, %ebp
	call linux_call
linux_return: // rsp: a struct linux_frame; rax: the result
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	popq %r9
	popq %r8
	popq %r10
	popq %rdx
	popq %rsi
	popq %rdi
	leaq 8(%rsp), %rsp
	popq %rcx
	popq %rsp
	jmp *%rcx
	.cfi_endproc
	.size linux_entry, . - linux_entry

	.globl linux_thread_entry
	.type linux_thread_entry, @function
linux_thread_entry:
	.cfi_startproc
	.cfi_undefined rip
	movq %rdi, %rsp
	xorl %ebp, %ebp
	call linux_thread_begin
	jmp linux_return
	.cfi_endproc
	.size linux_thread_entry, . - linux_thread_entry

// The thread's own stack belongs to somebody else as soon as the word is 0, and the exit stack as soon as the lock is.
	.globl linux_thread_leave
	.type linux_thread_leave, @function
linux_thread_leave:
	.cfi_startproc
	.cfi_undefined rip
	leaq linux_exit_stack + EXIT_STACK_SIZE(%rip), %rsp
	xorl %ebp, %ebp
	call linux_thread_wake
	movl $TRAP_THREAD_EXIT, %eax
	movl $0, linux_exit_lock(%rip)
	syscall
	ud2
	.cfi_endproc
	.size linux_thread_leave, . - linux_thread_leave

	.bss
	.p2align 4
linux_exit_stack:
	.skip EXIT_STACK_SIZE
	.globl linux_exit_lock
	.p2align 2
linux_exit_lock:
	.skip 4

	.section .note.GNU-stack, "", @progbits
