// SPDX-License-Identifier: MIT
// Kernel contexts on x86_64, for every machine: saved code that runs on a stack given by the caller.
//
// To start code on a stack call isa_context_make, then isa_context_switch to it. To throw away what is on the running
// stack and begin again at its top call isa_stack_restart. Before a stack is freed or pooled call isa_stack_forget.
// 1. A saved context may be resumed (by any CPU) as soon as the code that was switched to has begun to run.
// 2. The sanitizers are told of every switch; the fields for them are there only in builds with them.
#ifndef MACHINE_ISA_X86_64_CONTEXT_H
#define MACHINE_ISA_X86_64_CONTEXT_H

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define ISA_CONTEXT_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ISA_CONTEXT_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define ISA_CONTEXT_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ISA_CONTEXT_TSAN 1
#endif
#endif

struct isa_context {
	void *stack_pointer;
#ifdef ISA_CONTEXT_ASAN
	void *fake_stack;   // ASan's, while the context is suspended
	const void *bottom; // lowest address of its stack
	size_t size;
#endif
#ifdef ISA_CONTEXT_TSAN
	void *fiber;
#endif
};

// Bytes at the top of every stack that are the machine's: the fiber that runs there.
#define ISA_STACK_RESERVED 64

// entry(argument) will be called on the stack [stack, stack + size) when the context is first switched to. entry must
// not return. size is a multiple of 16.
void isa_context_make(struct isa_context *context, void *stack, size_t size, void (*entry)(void *), void *argument);
// Saves the running code in `save` and continues `resume`.
void isa_context_switch(struct isa_context *save, struct isa_context *resume);
// Abandons what is on the running stack and calls entry(argument) at its top.
_Noreturn void isa_stack_restart(void *stack, size_t size, void (*entry)(void *), void *argument);
// A fresh stack: nothing runs on it yet (clears the reserved bytes).
void isa_stack_prepare(void *stack, size_t size);
// Nobody will run again on what is on the stack; it is not the running one.
void isa_stack_forget(void *stack, size_t size);

#endif
