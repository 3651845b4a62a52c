// SPDX-License-Identifier: MIT
// Read-write locks, in Darwin's pthread_rwlock_t (192 bytes behind the signature). A writer that waits keeps new readers out.
#include "errno.h"
#include "futex.h"
#include "lock.h"
#include "thread.h"

struct rwlock {
	long signature;
	_Atomic uint32_t lock;	   // guards the rest; held for a few instructions
	_Atomic uint32_t sequence; // grows when somebody may go on
	uint32_t readers, writers_waiting;
	uint64_t writer; // 0: nobody; rwlock_self
	uint32_t shared;
};

enum { RWLOCK_MADE = 0x52574C4B }; // 'RWLK'

static bool is_shared(const struct rwlock *rwlock)
{
	return rwlock->signature == RWLOCK_MADE && rwlock->shared;
}

static uint64_t rwlock_self(const struct rwlock *rwlock)
{
	return is_shared(rwlock) ? (uint64_t)thread_self()->id : (uintptr_t)thread_self();
}

int darwin_pthread_rwlock_init(struct rwlock *rwlock, const struct shared_attributes *attributes)
{
	*rwlock = (struct rwlock){.signature = RWLOCK_MADE, .shared = attributes && attributes->shared == LOCK_OF_ALL};
	return 0;
}

int darwin_pthread_rwlock_destroy(struct rwlock *rwlock)
{
	if (rwlock->readers || rwlock->writer)
		return DARWIN_EBUSY;
	rwlock->signature = 0;
	return 0;
}

static bool take(struct rwlock *rwlock, bool write)
{
	if (rwlock->writer || (write ? rwlock->readers > 0 : rwlock->writers_waiting > 0 && rwlock->readers == 0))
		return false;
	if (write)
		rwlock->writer = rwlock_self(rwlock);
	else
		rwlock->readers++;
	return true;
}

static int take_or_wait(struct rwlock *rwlock, bool write)
{
	futex_lock_any(&rwlock->lock, is_shared(rwlock));
	if (rwlock->writer == rwlock_self(rwlock)) {
		futex_unlock_any(&rwlock->lock, is_shared(rwlock));
		return DARWIN_EDEADLK;
	}
	bool waits = false;
	while (!take(rwlock, write)) {
		if (write && !waits)
			rwlock->writers_waiting++;
		waits = true;
		uint32_t sequence = rwlock->sequence;
		futex_unlock_any(&rwlock->lock, is_shared(rwlock));
		futex_wait_any(&rwlock->sequence, sequence, NULL, false, is_shared(rwlock));
		futex_lock_any(&rwlock->lock, is_shared(rwlock));
		if (write) { // a writer that is awake does not keep readers out before it looked
			rwlock->writers_waiting--;
			waits = false;
		}
	}
	futex_unlock_any(&rwlock->lock, is_shared(rwlock));
	return 0;
}

static int try_to_take(struct rwlock *rwlock, bool write)
{
	futex_lock_any(&rwlock->lock, is_shared(rwlock));
	bool taken = take(rwlock, write);
	futex_unlock_any(&rwlock->lock, is_shared(rwlock));
	return taken ? 0 : DARWIN_EBUSY;
}

int darwin_pthread_rwlock_rdlock(struct rwlock *rwlock)
{
	return take_or_wait(rwlock, false);
}

int darwin_pthread_rwlock_wrlock(struct rwlock *rwlock)
{
	return take_or_wait(rwlock, true);
}

int darwin_pthread_rwlock_tryrdlock(struct rwlock *rwlock)
{
	return try_to_take(rwlock, false);
}

int darwin_pthread_rwlock_trywrlock(struct rwlock *rwlock)
{
	return try_to_take(rwlock, true);
}

int darwin_pthread_rwlock_unlock(struct rwlock *rwlock)
{
	futex_lock_any(&rwlock->lock, is_shared(rwlock));
	int error = 0;
	if (rwlock->writer == rwlock_self(rwlock))
		rwlock->writer = 0;
	else if (rwlock->readers > 0)
		rwlock->readers--;
	else
		error = DARWIN_EPERM;
	bool wake = !error && !rwlock->writer && rwlock->readers == 0;
	if (wake)
		rwlock->sequence++;
	futex_unlock_any(&rwlock->lock, is_shared(rwlock));
	if (wake)
		futex_wake_any(&rwlock->sequence, INT32_MAX, is_shared(rwlock));
	return error;
}
