// SPDX-License-Identifier: MIT
// getcontext, setcontext, makecontext, swapcontext. Facts: getcontext(3), makecontext(3); xnu's bsd/sys/_types/_ucontext64.h: with
// _XOPEN_SOURCE the machine's state lies behind the ucontext, and uc_mcontext points to it.
//
// What a call must keep is saved (System V ABI for x86-64, 3.2.1), and the arguments that makecontext gives; floats are not.
#include "abi.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

struct whole_context {
	struct darwin_ucontext context;
	struct darwin_mcontext state;
};
_Static_assert(offsetof(struct whole_context, state) == 56 && offsetof(struct darwin_mcontext, thread) == 16, "offsets in the code below");

int darwin_sigprocmask(int how, const uint32_t *set, uint32_t *old);

__attribute__((used)) static int context_fill(struct whole_context *to)
{
	to->context.mcontext = &to->state;
	to->context.mcontext_size = sizeof(to->state);
	to->context.on_stack = 0;
	darwin_sigprocmask(1, NULL, &to->context.mask);
	return 0;
}

void context_load(const struct darwin_thread_state *state);
// The state of the thread lies 72 bytes behind the beginning; registers in it as struct darwin_thread_state has them.
__asm__(".text\n"
	".globl darwin_getcontext\n"
	"darwin_getcontext:\n"
	"	lea 72(%rdi), %rax\n"
	"	call context_save\n"
	"	jmp context_fill\n"
	// rax: the state; the caller's caller is what is saved
	"context_save:\n"
	"	mov %rbx, 8(%rax)\n"
	"	mov %rbp, 48(%rax)\n"
	"	lea 16(%rsp), %rcx\n"
	"	mov %rcx, 56(%rax)\n"
	"	mov %r12, 96(%rax)\n"
	"	mov %r13, 104(%rax)\n"
	"	mov %r14, 112(%rax)\n"
	"	mov %r15, 120(%rax)\n"
	"	mov 8(%rsp), %rcx\n"
	"	mov %rcx, 128(%rax)\n"
	"	ret\n"
	".globl darwin_swapcontext\n"
	"darwin_swapcontext:\n"
	"	lea 72(%rdi), %rax\n"
	"	call context_save\n"
	"	push %rsi\n"
	"	call context_fill\n" // the stack is aligned: one return address, one register
	"	pop %rdi\n"
	"	jmp darwin_setcontext\n"
	".globl context_load\n"
	".hidden context_load\n"
	"context_load:\n"
	"	mov 8(%rdi), %rbx\n"
	"	mov 24(%rdi), %rdx\n"
	"	mov 16(%rdi), %rcx\n"
	"	mov 40(%rdi), %rsi\n"
	"	mov 48(%rdi), %rbp\n"
	"	mov 56(%rdi), %rsp\n"
	"	mov 64(%rdi), %r8\n"
	"	mov 72(%rdi), %r9\n"
	"	mov 96(%rdi), %r12\n"
	"	mov 104(%rdi), %r13\n"
	"	mov 112(%rdi), %r14\n"
	"	mov 120(%rdi), %r15\n"
	"	mov 128(%rdi), %r11\n"
	"	mov 32(%rdi), %rdi\n"
	"	xor %eax, %eax\n"
	"	jmp *%r11\n"
	// where the function of makecontext returns to: rbx has the context that follows
	"context_end:\n"
	"	mov %rbx, %rdi\n"
	"	and $-16, %rsp\n"
	"	call context_next\n"
	"	ud2\n");
void context_end(void);

int darwin_setcontext(const struct darwin_ucontext *from)
{
	struct darwin_thread_state state = from->mcontext->thread;
	darwin_sigprocmask(3, &from->mask, NULL);
	context_load(&state);
	return -1;
}

void darwin_exit(int);

__attribute__((used)) static void context_next(const struct darwin_ucontext *next)
{
	if (next)
		darwin_setcontext(next);
	darwin_exit(0);
}

void darwin_makecontext(struct darwin_ucontext *context, void (*function)(void), int count, ...)
{
	struct darwin_thread_state *state = &context->mcontext->thread;
	uint64_t *const registers[] = {&state->rdi, &state->rsi, &state->rdx, &state->rcx, &state->r8, &state->r9};
	uintptr_t top = ((uintptr_t)context->stack.address + context->stack.size) & ~(uintptr_t)15;
	int on_stack = count > 6 ? count - 6 : 0;
	uint64_t *stack = (uint64_t *)(top - ((size_t)on_stack * 8 + 15) / 16 * 16) - 1;
	va_list arguments;
	va_start(arguments, count);
	for (int i = 0; i < count; i++) {
		uint64_t value = va_arg(arguments, uint64_t);
		if (i < 6)
			*registers[i] = value;
		else
			stack[1 + i - 6] = value;
	}
	va_end(arguments);
	stack[0] = (uintptr_t)context_end;
	state->rsp = (uintptr_t)stack;
	state->rbx = (uintptr_t)context->link;
	state->rip = (uintptr_t)function;
}
