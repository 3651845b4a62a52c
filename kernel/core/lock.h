// SPDX-License-Identifier: MIT
// Ranked locks: short mutual exclusion between CPUs, never held while a thread blocks.
//
// A CPU may take a lock only if its rank is higher than that of every lock it holds; two locks of one rank may be held
// together only if taken with lock_acquire_second, lower address first. Debug builds check both, and that no lock is
// held when a thread blocks or returns to user mode. docs/locks.md is the table in words.
#ifndef KERNEL_CORE_LOCK_H
#define KERNEL_CORE_LOCK_H

#include "base.h"
#include <machine/md.h>

enum lock_rank {
	RANK_DEVICE = 1, // devices, their drivers and seats
	RANK_SEAT_TABLE, // names of seats
	RANK_SEAT,
	RANK_TASK_TABLE, // all tasks, and their parents and children
	RANK_TASK,
	RANK_MEMORY_MAP, // a task's map
	RANK_WATCH,      // who watches seats and tasks, and the events for them
	RANK_SPACE,      // names of a task
	RANK_TRANSIT,    // receive rights on the way (circles)
	RANK_PORT,
	RANK_PORT_SET,
	RANK_SEMAPHORE,
	RANK_MEMORY, // a memory object
	RANK_THREAD,
	RANK_INTERRUPT, // who gets which interrupts
	RANK_TIMER,
	RANK_WORK, // timers post work
	RANK_RUN_QUEUE,
	RANK_MACHINE, // locks of the machine that it takes within md_ calls
	RANK_ALLOC,
	RANK_LOG,
	RANK_LIMIT,
};

struct lock {
	struct md_lock md;
	uint8_t rank;
	_Atomic int16_t holder; // CPU, or -1; only kept with KERNEL_CHECKS
};

void lock_init(struct lock *lock, enum lock_rank rank);

#ifdef KERNEL_CHECKS
void lock_acquire(struct lock *lock);
// A second lock of the rank just taken; its address must be higher than that of the first.
void lock_acquire_second(struct lock *lock);
// Takes it if that needs no waiting, whatever the ranks held.
bool must_check lock_try(struct lock *lock);
void lock_release(struct lock *lock);
// Panics when the CPU does not hold the lock.
void lock_assert_held(const struct lock *lock);
// Panics when the CPU holds any lock.
void lock_assert_none(void);
#else
static inline void lock_acquire(struct lock *lock) { md_lock_acquire(&lock->md); }
static inline void lock_acquire_second(struct lock *lock) { md_lock_acquire(&lock->md); }
static inline bool must_check lock_try(struct lock *lock) { return md_lock_try(&lock->md); }
static inline void lock_release(struct lock *lock) { md_lock_release(&lock->md); }
static inline void lock_assert_held(const struct lock *lock) {}
static inline void lock_assert_none(void) {}
#endif

#endif
