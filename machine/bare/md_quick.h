// SPDX-License-Identifier: MIT
// Quick messages on the metal, in line in kernel/ipc/quick.c; machine/md.h says what each does.
//
// While a thread is in a trap of this kind its CPU counts as away, so who asks something of it sends an interrupt, which comes when
// it is in user mode again; and its address space is the thread's that is in user mode next.
#ifndef MACHINE_BARE_MD_QUICK_H
#define MACHINE_BARE_MD_QUICK_H

#include <arch_switch.h>
#include <kernel/task/task.h>
#include <machine/bare/address_space.h>

static inline __attribute__((always_inline)) const uint64_t *md_user_arguments(const struct thread *thread) { return arch_user_arguments(thread); }

// The number of the CPU counts only when the thread is RUNNING, and the lock of the port that it waits at keeps others from that.
static inline __attribute__((always_inline)) bool md_user_prepare(struct thread *to, unsigned cpu)
{
	to->md.cpu = cpu;
	return true; // whose registers were changed has USER_ASKED_WHOLE in its word
}

static inline __attribute__((always_inline)) void md_user_switch(struct thread *from, struct thread *to, unsigned cpu)
{
	struct address_space *old = arch_space_here(), *space = to->md.space;
	arch_user_switch(from, to, cpu);
	if (old == space)
		return;
	uint64_t bit = arch_cpu_bit();
	atomic_fetch_or_explicit(&space->cpus, bit, memory_order_relaxed);
	arch_space_change(space, space->root);
	atomic_fetch_and_explicit(&old->cpus, ~bit, memory_order_release);
}

_Noreturn static inline __attribute__((always_inline)) struct kern_quick md_user_go(struct thread *to, uint64_t result)
{
	arch_user_go(to, result);
}

static inline __attribute__((always_inline)) bool md_user_holds(uint64_t address) { return arch_user_holds(address); }

static inline __attribute__((always_inline)) bool md_quick_read(struct thread *from, uint64_t address, uint32_t size,
								struct md_quick_header *header, void *body)
{
	return arch_quick_read(address, size, &header->bits, &header->remote, &header->local, &header->id, body);
}

static inline __attribute__((always_inline)) bool md_quick_write(struct thread *to, uint64_t address, uint32_t size,
								 const struct md_quick_header *header, const void *body,
								 uint32_t trailer)
{
	bool there = arch_quick_write(address, size, header->bits, header->remote, header->local, header->id, body);
	if (unlikely(trailer > 0)) // behind the message, over the empty one
		there = there && arch_quick_more(address + size, (const char *)body + size - sizeof(mach_msg_header_t), trailer);
	return there;
}

#endif
