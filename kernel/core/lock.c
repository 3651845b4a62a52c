// SPDX-License-Identifier: MIT
// Ranked locks; see lock.h. The checks are in every build but `release` (KERNEL_CHECKS); there the functions are the machine's.
#include "lock.h"

void lock_init(struct lock *lock, enum lock_rank rank)
{
	md_lock_init(&lock->md);
	lock->rank = (uint8_t)rank;
	lock->holder = -1;
}

#ifdef KERNEL_CHECKS

#define HELD_LIMIT 8

struct held {
	struct lock *locks[HELD_LIMIT];
	unsigned count;
};

static struct held held_by_cpu[MD_CPU_LIMIT];

static void held_push(struct lock *lock, bool second, bool tried)
{
	struct held *held = &held_by_cpu[md_cpu_self()];
	if (held->count > 0 && !tried) {
		struct lock *last = held->locks[held->count - 1];
		if (lock->rank < last->rank || (lock->rank == last->rank && !(second && lock > last)))
			panic("lock order: rank %u taken while rank %u is held", lock->rank, last->rank);
	}
	assert(held->count < HELD_LIMIT);
	held->locks[held->count++] = lock;
	lock->holder = (int16_t)md_cpu_self();
}

static void held_pop(struct lock *lock)
{
	struct held *held = &held_by_cpu[md_cpu_self()];
	lock_assert_held(lock);
	lock->holder = -1;
	for (unsigned i = held->count; i-- > 0;) {
		if (held->locks[i] != lock)
			continue;
		for (; i + 1 < held->count; i++)
			held->locks[i] = held->locks[i + 1];
		held->count--;
		return;
	}
	panic("lock of rank %u released by a CPU that does not list it", lock->rank);
}

void lock_assert_held(const struct lock *lock)
{
	if (lock->holder != (int16_t)md_cpu_self())
		panic("lock of rank %u is not held by this CPU", lock->rank);
}

void lock_assert_none(void)
{
	struct held *held = &held_by_cpu[md_cpu_self()];
	if (held->count > 0)
		panic("CPU %u gives up while it holds a lock of rank %u", md_cpu_self(),
		      held->locks[held->count - 1]->rank);
}

// Before waiting for a lock: the same order check as after, so that a deadlock is reported rather than entered.
static void held_check(struct lock *lock)
{
	if (lock->holder == (int16_t)md_cpu_self())
		panic("lock of rank %u taken twice by CPU %u", lock->rank, md_cpu_self());
}

void lock_acquire(struct lock *lock)
{
	held_check(lock);
	md_lock_acquire(&lock->md);
	held_push(lock, false, false);
}

void lock_acquire_second(struct lock *lock)
{
	held_check(lock);
	md_lock_acquire(&lock->md);
	held_push(lock, true, false);
}

bool lock_try(struct lock *lock)
{
	if (!md_lock_try(&lock->md))
		return false;
	held_push(lock, false, true);
	return true;
}

void lock_release(struct lock *lock)
{
	held_pop(lock);
	md_lock_release(&lock->md);
}

#endif
