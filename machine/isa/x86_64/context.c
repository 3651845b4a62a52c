// SPDX-License-Identifier: MIT
// Contexts in C: the first frame of a fresh stack, and what the sanitizers must be told about switches
// (sanitizer/common_interface_defs.h: fibers; sanitizer/tsan_interface.h: fibers).
//
// ASan learns the bounds of the stack it goes to, and tells after the switch those of the one it came from: that is
// how the context of a plain pthread gets its bounds. TSan keeps one fiber for each stack that is in use, in the
// reserved bytes at the top of the stack; a restart takes a new fiber, because the shadow call stack cannot be cut.
#include "context.h"

#include <stdint.h>
#include <string.h>

#ifdef ISA_CONTEXT_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef ISA_CONTEXT_TSAN
#include <sanitizer/tsan_interface.h>
#endif

// context.S
void *isa_context_swap(void **save, void *resume, void *token);
_Noreturn void isa_context_begin(void);
_Noreturn void isa_stack_jump(void *top, void (*entry)(void *), void *argument);

_Noreturn void isa_context_started(struct isa_context *from, void (*entry)(void *), void *argument);

// What lies in the reserved bytes at the top of a stack.
struct stack_record {
	void *fiber;
};

static inline struct stack_record *stack_record_of(void *stack, size_t size)
{
	return (struct stack_record *)(void *)((char *)stack + size - ISA_STACK_RESERVED);
}

void isa_context_make(struct isa_context *context, void *stack, size_t size, void (*entry)(void *), void *argument)
{
#ifdef ISA_CONTEXT_ASAN
	// A pooled stack may have been left in the middle of functions, whose red zones are still marked.
	__asan_unpoison_memory_region(stack, size);
#endif
	uint64_t *top = (uint64_t *)(void *)stack_record_of(stack, size);
	*--top = 0; // keeps the stack aligned to 16 bytes
	*--top = 0; // where a return address would be: ends backtraces
	*--top = (uintptr_t)isa_context_begin;
	*--top = 0; // rbp
	*--top = (uintptr_t)entry; // rbx
	*--top = (uintptr_t)argument; // r12
	*--top = 0;
	*--top = 0;
	*--top = 0;
	*context = (struct isa_context){.stack_pointer = top};
#ifdef ISA_CONTEXT_ASAN
	context->bottom = stack;
	context->size = size;
#endif
#ifdef ISA_CONTEXT_TSAN
	struct stack_record *record = stack_record_of(stack, size);
	if (record->fiber)
		__tsan_destroy_fiber(record->fiber);
	record->fiber = __tsan_create_fiber(0);
	context->fiber = record->fiber;
#endif
}

void isa_context_switch(struct isa_context *save, struct isa_context *resume)
{
#ifdef ISA_CONTEXT_ASAN
	__sanitizer_start_switch_fiber(&save->fake_stack, resume->bottom, resume->size);
#endif
#ifdef ISA_CONTEXT_TSAN
	save->fiber = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(resume->fiber, 0);
#endif
	struct isa_context *from = isa_context_swap(&save->stack_pointer, resume->stack_pointer, save);
#ifdef ISA_CONTEXT_ASAN
	__sanitizer_finish_switch_fiber(save->fake_stack, &from->bottom, &from->size);
#endif
	(void)from;
}

_Noreturn void isa_context_started(struct isa_context *from, void (*entry)(void *), void *argument)
{
#ifdef ISA_CONTEXT_ASAN
	__sanitizer_finish_switch_fiber(NULL, &from->bottom, &from->size);
#endif
	entry(argument);
	__builtin_trap();
}

_Noreturn void isa_stack_restart(void *stack, size_t size, void (*entry)(void *), void *argument)
{
	struct stack_record *record = stack_record_of(stack, size);
#ifdef ISA_CONTEXT_ASAN
	__asan_unpoison_memory_region(stack, size);
#endif
#ifdef ISA_CONTEXT_TSAN
	void *old = record->fiber;
	record->fiber = __tsan_create_fiber(0);
	__tsan_switch_to_fiber(record->fiber, 0);
	if (old)
		__tsan_destroy_fiber(old);
#endif
	isa_stack_jump(record, entry, argument);
}

void isa_stack_prepare(void *stack, size_t size)
{
	*stack_record_of(stack, size) = (struct stack_record){NULL};
}

void isa_stack_forget(void *stack, size_t size)
{
#ifdef ISA_CONTEXT_ASAN
	__asan_unpoison_memory_region(stack, size);
#endif
#ifdef ISA_CONTEXT_TSAN
	struct stack_record *record = stack_record_of(stack, size);
	if (record->fiber)
		__tsan_destroy_fiber(record->fiber);
	record->fiber = NULL;
#endif
	(void)stack;
	(void)size;
}
