// SPDX-License-Identifier: MIT
// md_lock: four bytes, a short spin, then a futex. Three states, so that a release with nobody asleep is no system call
// (U. Drepper, "Futexes Are Tricky", mutex 2).
#include "machine.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOCK_SPINS 100

long host_futex_wait(_Atomic uint32_t *word, uint32_t value)
{
	return syscall(SYS_futex, word, FUTEX_WAIT, value, NULL, NULL, 0);
}

long host_futex_wake(_Atomic uint32_t *word, unsigned count)
{
	return syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0);
}

void md_lock_init(struct md_lock *lock) { atomic_init(&lock->word, 0); }

bool md_lock_try(struct md_lock *lock)
{
	uint32_t word = 0;
	return atomic_compare_exchange_strong_explicit(&lock->word, &word, 1, memory_order_acquire,
						       memory_order_relaxed);
}

static void lock_wait(struct md_lock *lock)
{
	for (int i = 0; i < LOCK_SPINS; i++) {
		if (atomic_load_explicit(&lock->word, memory_order_relaxed) == 0 && md_lock_try(lock))
			return;
		__builtin_ia32_pause();
	}
	while (atomic_exchange_explicit(&lock->word, 2, memory_order_acquire) != 0)
		syscall(SYS_futex, &lock->word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
}

void md_lock_acquire(struct md_lock *lock)
{
	if (!md_lock_try(lock))
		lock_wait(lock);
}

void md_lock_release(struct md_lock *lock)
{
	if (atomic_exchange_explicit(&lock->word, 0, memory_order_release) == 2)
		syscall(SYS_futex, &lock->word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}
