// SPDX-License-Identifier: MIT
// Futexes; see futex.h and futex(2).
#include "futex.h"

#include <errno.h>
#include <limits.h>

static int wait(_Atomic uint32_t *word, uint32_t value, const struct timespec *until, bool realtime, int of_process)
{
	int operation = FUTEX_WAIT_BITSET | of_process | (realtime ? FUTEX_CLOCK_REALTIME : 0);
	int saved = errno;
	int error = syscall(SYS_futex, word, operation, value, until, NULL, FUTEX_BITSET_MATCH_ANY) == 0 ? 0 : errno;
	errno = saved;
	return error;
}

static void wake(_Atomic uint32_t *word, int count, int of_process)
{
	int saved = errno;
	syscall(SYS_futex, word, FUTEX_WAKE | of_process, count, NULL, NULL, 0);
	errno = saved;
}

int futex_wait(_Atomic uint32_t *word, uint32_t value, const struct timespec *until, bool realtime)
{
	return wait(word, value, until, realtime, FUTEX_PRIVATE_FLAG);
}

int futex_wait_any(_Atomic uint32_t *word, uint32_t value, const struct timespec *until, bool realtime, bool shared)
{
	return wait(word, value, until, realtime, shared ? 0 : FUTEX_PRIVATE_FLAG);
}

void futex_wake(_Atomic uint32_t *word, int count)
{
	wake(word, count, FUTEX_PRIVATE_FLAG);
}

void futex_wake_any(_Atomic uint32_t *word, int count, bool shared)
{
	wake(word, count, shared ? 0 : FUTEX_PRIVATE_FLAG);
}

static void lock_slow(_Atomic uint32_t *lock, int of_process)
{
	for (int spins = 0; spins < 100; spins++) {
		if (atomic_load_explicit(lock, memory_order_relaxed) == 0 && futex_try(lock))
			return;
		__builtin_ia32_pause();
	}
	while (atomic_exchange_explicit(lock, 2, memory_order_acquire) != 0)
		wait(lock, 2, NULL, false, of_process);
}

void futex_lock_slow(_Atomic uint32_t *lock)
{
	lock_slow(lock, FUTEX_PRIVATE_FLAG);
}

void futex_lock_shared_slow(_Atomic uint32_t *lock)
{
	lock_slow(lock, 0);
}

struct timespec futex_deadline(int64_t seconds, int64_t nanoseconds, clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	if (seconds < 0)
		return now;
	if (seconds > INT_MAX)
		seconds = INT_MAX;
	now.tv_sec += seconds + (now.tv_nsec + nanoseconds) / 1000000000;
	now.tv_nsec = (now.tv_nsec + nanoseconds) % 1000000000;
	return now;
}
