// SPDX-License-Identifier: MIT
// Kernel stacks and contexts. Stacks have addresses of their own, a page that is never mapped below each; once mapped a
// stack stays mapped, free ones wait on a list in their own first bytes.
#include "bare.h"

#define SLOT (MD_STACK_SIZE + MD_PAGE_SIZE)
#define STACKS_MOST 65536u

static struct {
	struct md_lock lock;
	void *free;
	uint64_t made;
} stacks;

// Whether the address is in the page below a stack: what a stack that runs over touches.
bool stack_guards(uint64_t address)
{
	return address >= STACKS_BASE && address < STACKS_BASE + (uint64_t)STACKS_MOST * SLOT &&
	       (address - STACKS_BASE) % SLOT < MD_PAGE_SIZE;
}

static void *stack_make(uint64_t slot)
{
	uint64_t at = STACKS_BASE + slot * SLOT + MD_PAGE_SIZE;
	for (uint64_t done = 0; done < MD_STACK_SIZE; done += MD_PAGE_SIZE) {
		uint64_t frame = frames_take(0);
		// A slot that could not be made whole is lost, with what it has.
		if (!frame)
			return NULL;
		if (!arch_kernel_map(at + done, frame, MD_PAGE_SIZE, false)) {
			frame_release(frame);
			return NULL;
		}
	}
	return (void *)at;
}

void *md_stack_alloc(void)
{
	md_lock_acquire(&stacks.lock);
	void *stack = stacks.free;
	if (stack)
		stacks.free = *(void **)stack;
	else if (stacks.made < STACKS_MOST)
		stack = stack_make(stacks.made++);
	md_lock_release(&stacks.lock);
	if (stack)
		isa_stack_prepare(stack, MD_STACK_SIZE);
	return stack;
}

void md_stack_free(void *stack)
{
	isa_stack_forget(stack, MD_STACK_SIZE);
	md_lock_acquire(&stacks.lock);
	*(void **)stack = stacks.free;
	stacks.free = stack;
	md_lock_release(&stacks.lock);
}

void md_context_make(struct md_context *context, void *stack, void (*entry)(void *), void *argument)
{
	isa_context_make(&context->isa, stack, MD_STACK_SIZE, entry, argument);
}

void md_context_switch(struct md_context *save, struct md_context *resume)
{
	isa_context_switch(&save->isa, &resume->isa);
}

_Noreturn void md_stack_restart(void *stack, void (*entry)(void *), void *argument)
{
	isa_stack_restart(stack, MD_STACK_SIZE, entry, argument);
}
