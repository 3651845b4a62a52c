// SPDX-License-Identifier: MIT
// Waiting on a word of memory, and the lock that everything here is made of: uncontended it needs no call.
#ifndef DARWIN_FUTEX_H
#define DARWIN_FUTEX_H

#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// Waits while the word has that value. `until`: an absolute time of the clock, or NULL. Returns 0, EAGAIN, EINTR or ETIMEDOUT (host's).
int futex_wait(_Atomic uint32_t *word, uint32_t value, const struct timespec *until, bool realtime);
void futex_wake(_Atomic uint32_t *word, int count);

// The same, where several processes may have the word (shared).
int futex_wait_any(_Atomic uint32_t *word, uint32_t value, const struct timespec *until, bool realtime, bool shared);
void futex_wake_any(_Atomic uint32_t *word, int count, bool shared);

// 0 free, 1 held, 2 held and somebody waits.
static inline bool futex_try(_Atomic uint32_t *lock)
{
	uint32_t free_value = 0;
	return atomic_compare_exchange_strong_explicit(lock, &free_value, 1, memory_order_acquire,
						       memory_order_relaxed);
}
void futex_lock_slow(_Atomic uint32_t *lock);
static inline void futex_lock(_Atomic uint32_t *lock)
{
	if (!futex_try(lock))
		futex_lock_slow(lock);
}
static inline void futex_unlock(_Atomic uint32_t *lock)
{
	if (atomic_exchange_explicit(lock, 0, memory_order_release) == 2)
		futex_wake(lock, 1);
}

// Of several processes.
void futex_lock_shared_slow(_Atomic uint32_t *lock);
static inline void futex_lock_any(_Atomic uint32_t *lock, bool shared)
{
	if (!futex_try(lock))
		(shared ? futex_lock_shared_slow : futex_lock_slow)(lock);
}
static inline void futex_unlock_any(_Atomic uint32_t *lock, bool shared)
{
	if (atomic_exchange_explicit(lock, 0, memory_order_release) == 2)
		futex_wake_any(lock, 1, shared);
}

// The time that is so far from now on that clock; saturates.
struct timespec futex_deadline(int64_t seconds, int64_t nanoseconds, clockid_t clock);

#endif
