// SPDX-License-Identifier: MIT
// The seam's types on the metal; see machine/md.h.
#ifndef MACHINE_BARE_MD_TYPES_H
#define MACHINE_BARE_MD_TYPES_H

#include <arch_inline.h>
#include <arch_types.h>
#include <kernel/core/list.h>
#include <machine/isa/x86_64/context.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MD_STACK_SIZE (16u << 10)

struct address_space;
struct store;
struct thread;

struct md_lock {
	_Atomic uint32_t word; // 0: free, 1: held
};
// See md.h. What is the CPU's own is in <arch_inline.h>.
#define MD_INLINE
static inline unsigned md_cpu_self(void) { return arch_cpu_number(); }
static inline uint64_t md_clock_now(void) { return arch_clock_now(); }
struct md_stamp {
	uint32_t low, high;
};
static inline struct md_stamp md_clock_stamp(void)
{
	struct md_stamp stamp;
	arch_clock_read(&stamp.low, &stamp.high);
	return stamp;
}
static inline uint64_t md_clock_of(struct md_stamp stamp) { return arch_clock_of(stamp.low, stamp.high); }
void md_lock_wait(struct md_lock *lock);
static inline void md_lock_init(struct md_lock *lock)
{
	atomic_store_explicit(&lock->word, 0, memory_order_relaxed);
}
static inline bool md_lock_try(struct md_lock *lock)
{
	return arch_bit_take(&lock->word);
}
static inline void md_lock_acquire(struct md_lock *lock)
{
	if (__builtin_expect(!md_lock_try(lock), 0))
		md_lock_wait(lock);
}
static inline void md_lock_release(struct md_lock *lock)
{
	atomic_store_explicit(&lock->word, 0, memory_order_release);
}

struct md_context {
	struct isa_context isa;
};

struct md_task {
	struct address_space *space; // from md_task_init to md_task_destroy
};

enum md_thread_state {
	MD_THREAD_NONE,    // no user half                                  -> KERNEL (user_start)
	MD_THREAD_KERNEL,  // its user half waits for the kernel's answer   -> QUEUED (resume), GONE (killed)
	MD_THREAD_QUEUED,  // may run in user mode, on some CPU's list      -> RUNNING
	MD_THREAD_RUNNING, // in user mode on a CPU                         -> KERNEL, QUEUED (its turn is over)
	MD_THREAD_GONE,    // the user half is gone; its report is on the way or was made
};

struct md_word {
	_Atomic uint16_t state;    // enum md_thread_state
	_Atomic uint16_t asked;    // enum user_asked: what others want of it
};
#define MD_WORD_USER ((uint32_t)MD_THREAD_RUNNING)
#define MD_WORD_TRAP ((uint32_t)MD_THREAD_KERNEL)

struct md_thread {
	struct arch_thread arch;
	struct address_space *space; // [I] the task's
	uint32_t cpu;              // valid while RUNNING
	struct list queue_link;    // [lock of the CPU's queue]
	struct list space_link;    // [space lock] among the user halves of its task
	struct thread *next_report; // [report lock]
};

struct md_memory {
	struct store *store;
};

struct md_descriptor {
	char nothing; // there is no host
};

#endif
