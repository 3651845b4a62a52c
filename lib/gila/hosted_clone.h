// SPDX-License-Identifier: MIT
// clone(2) as Linux has it, for code that the C library and the sanitizers are not to know of: the watcher thread of a
// client, and the child of the kernel server on its way to execve. BARE marks what may run there: no instrumentation,
// no stack protector (thread-local storage is the creator's).
#ifndef GILA_HOSTED_CLONE_H
#define GILA_HOSTED_CLONE_H

#include <sys/syscall.h>

#ifdef __clang__
#define BARE __attribute__((disable_sanitizer_instrumentation, no_stack_protector))
#else
#define BARE                                                                                                           \
	__attribute__((no_sanitize_address, no_sanitize_thread, no_sanitize_undefined, optimize("no-stack-protector")))
#endif

// Calls function(argument), which must not return, on the stack that ends at `top` (16-byte aligned). Returns the new
// thread's or process's id, or -errno. parent_value: where CLONE_PIDFD stores.
BARE static inline long bare_clone(unsigned long flags, void *top, int *parent_value, void (*function)(void *),
				   void *argument)
{
	void **stack = (void **)top - 2;
	stack[0] = (void *)function;
	stack[1] = argument;
	long result;
	register long child_value __asm__("r10") = 0;
	register long thread_area __asm__("r8") = 0;
	__asm__ volatile("syscall\n\t"
			 "test %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp, %%ebp\n\t"
			 "pop %%rax\n\t"
			 "pop %%rdi\n\t"
			 "call *%%rax\n\t"
			 "ud2\n"
			 "1:"
			 : "=a"(result)
			 : "a"(SYS_clone), "D"(flags), "S"(stack), "d"(parent_value), "r"(child_value), "r"(thread_area)
			 : "rcx", "r11", "memory", "cc");
	return result;
}

#endif
