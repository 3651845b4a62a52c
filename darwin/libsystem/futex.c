// SPDX-License-Identifier: MIT
// Futexes; see futex.h and futex(2).
#include "futex.h"

#include <errno.h>
#include <limits.h>

int futex_wait(_Atomic uint32_t *word, uint32_t value, const struct timespec *until, bool realtime)
{
	int operation = FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG | (realtime ? FUTEX_CLOCK_REALTIME : 0);
	int saved = errno;
	int error = syscall(SYS_futex, word, operation, value, until, NULL, FUTEX_BITSET_MATCH_ANY) == 0 ? 0 : errno;
	errno = saved;
	return error;
}

void futex_wake(_Atomic uint32_t *word, int count)
{
	int saved = errno;
	syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, count, NULL, NULL, 0);
	errno = saved;
}

void futex_lock_slow(_Atomic uint32_t *lock)
{
	for (int spins = 0; spins < 100; spins++) {
		if (atomic_load_explicit(lock, memory_order_relaxed) == 0 && futex_try(lock))
			return;
		__builtin_ia32_pause();
	}
	while (atomic_exchange_explicit(lock, 2, memory_order_acquire) != 0)
		futex_wait(lock, 2, NULL, false);
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
