// SPDX-License-Identifier: MIT
// Mutexes, condition variables, once: in the memory of Darwin's structures, whose static initialisers are only a signature.
//
// Facts: libpthread's pthread.h and sys/_pthread/_pthread_types.h: a mutex has 56 bytes behind its signature, a condition 40, a once 8.
#include "errno.h"
#include "futex.h"
#include "lock.h"
#include "thread.h"

enum { // signatures of static initialisers
	MUTEX_STATIC_ERRORCHECK = 0x32AAABA1,
	MUTEX_STATIC_RECURSIVE = 0x32AAABA2,
	MUTEX_MADE = 0x4D555458,
	CONDITION_MADE = 0x434F4E44, // 'COND'
	ONCE_STATIC = 0x30B1BCBA,
};
struct mutex {
	long signature;
	_Atomic uint32_t lock;
	uint32_t kind;		      // of one that was made; a static one has it in the signature
	_Atomic uint64_t owner;	      // of those that need it: mutex_self
	uint32_t count;
	uint32_t shared;
};
struct condition {
	long signature;
	_Atomic uint32_t sequence, waiters;
	uint32_t shared;
};

static unsigned mutex_kind(const struct mutex *mutex)
{
	if (mutex->signature == MUTEX_MADE)
		return mutex->kind;
	return mutex->signature == MUTEX_STATIC_RECURSIVE    ? MUTEX_RECURSIVE
	       : mutex->signature == MUTEX_STATIC_ERRORCHECK ? MUTEX_ERRORCHECK
							     : MUTEX_NORMAL;
}

static bool mutex_shared(const struct mutex *mutex)
{
	return mutex->signature == MUTEX_MADE && mutex->shared;
}

// A thread: in this process by its structure, which it keeps over fork; in several by Linux' number.
static uint64_t mutex_self(const struct mutex *mutex)
{
	return mutex_shared(mutex) ? (uint64_t)thread_self()->id : (uintptr_t)thread_self();
}

int darwin_pthread_mutex_init(struct mutex *mutex, const struct mutex_attributes *attributes)
{
	*mutex = (struct mutex){.signature = MUTEX_MADE,
				.kind = attributes ? attributes->kind : MUTEX_NORMAL,
				.shared = attributes && attributes->shared == LOCK_OF_ALL};
	return 0;
}

int darwin_pthread_mutex_destroy(struct mutex *mutex)
{
	if (mutex->lock)
		return DARWIN_EBUSY;
	mutex->signature = 0;
	return 0;
}

// Of mutexes that know their owner: 0 when the lock is to be taken, -1 when it was taken once more, else an error.
static int mutex_again(struct mutex *mutex, unsigned kind, int held)
{
	if (mutex->owner != mutex_self(mutex))
		return 0;
	if (kind == MUTEX_ERRORCHECK)
		return held;
	mutex->count++;
	return -1;
}

int darwin_pthread_mutex_lock(struct mutex *mutex)
{
	unsigned kind = mutex_kind(mutex);
	if (kind == MUTEX_NORMAL) {
		futex_lock_any(&mutex->lock, mutex_shared(mutex));
		return 0;
	}
	int again = mutex_again(mutex, kind, DARWIN_EDEADLK);
	if (again)
		return again < 0 ? 0 : again;
	futex_lock_any(&mutex->lock, mutex_shared(mutex));
	mutex->owner = mutex_self(mutex);
	mutex->count = 1;
	return 0;
}

int darwin_pthread_mutex_trylock(struct mutex *mutex)
{
	unsigned kind = mutex_kind(mutex);
	int again = kind == MUTEX_NORMAL ? 0 : mutex_again(mutex, kind, DARWIN_EBUSY);
	if (again)
		return again < 0 ? 0 : again;
	if (!futex_try(&mutex->lock))
		return DARWIN_EBUSY;
	if (kind != MUTEX_NORMAL) {
		mutex->owner = mutex_self(mutex);
		mutex->count = 1;
	}
	return 0;
}

int darwin_pthread_mutex_unlock(struct mutex *mutex)
{
	if (mutex_kind(mutex) != MUTEX_NORMAL) {
		if (mutex->owner != mutex_self(mutex))
			return DARWIN_EPERM;
		if (--mutex->count > 0)
			return 0;
		mutex->owner = 0;
	}
	futex_unlock_any(&mutex->lock, mutex_shared(mutex));
	return 0;
}

// ---- conditions -----------------------------------------------------------------------------------------------------

int darwin_pthread_cond_init(struct condition *condition, const struct shared_attributes *attributes)
{
	*condition = (struct condition){.signature = CONDITION_MADE,
					.shared = attributes && attributes->shared == LOCK_OF_ALL};
	return 0;
}

int darwin_pthread_cond_destroy(struct condition *condition)
{
	condition->signature = 0;
	return 0;
}

static bool condition_shared(const struct condition *condition)
{
	return condition->signature == CONDITION_MADE && condition->shared;
}

static int condition_wait(struct condition *condition, struct mutex *mutex, const struct timespec *until, bool realtime)
{
	thread_cancel_point();
	uint32_t sequence = atomic_load(&condition->sequence);
	atomic_fetch_add(&condition->waiters, 1);
	int error = darwin_pthread_mutex_unlock(mutex);
	if (!error)
		error = futex_wait_any(&condition->sequence, sequence, until, realtime, condition_shared(condition)) ==
					ETIMEDOUT
				? DARWIN_ETIMEDOUT
				: 0;
	atomic_fetch_sub(&condition->waiters, 1);
	darwin_pthread_mutex_lock(mutex);
	thread_cancel_point(); // with the mutex, as what cleans up expects
	return error;
}

int darwin_pthread_cond_wait(struct condition *condition, struct mutex *mutex)
{
	return condition_wait(condition, mutex, NULL, false);
}

int darwin_pthread_cond_timedwait(struct condition *condition, struct mutex *mutex, const struct timespec *until)
{
	if (until->tv_nsec < 0 || until->tv_nsec >= 1000000000)
		return DARWIN_EINVAL;
	return condition_wait(condition, mutex, until, true);
}

int darwin_pthread_cond_timedwait_relative_np(struct condition *condition, struct mutex *mutex,
					      const struct timespec *span)
{
	struct timespec until = futex_deadline(span->tv_sec, span->tv_nsec, CLOCK_MONOTONIC);
	return condition_wait(condition, mutex, &until, false);
}

static int condition_wake(struct condition *condition, int count)
{
	atomic_fetch_add(&condition->sequence, 1);
	if (atomic_load(&condition->waiters))
		futex_wake_any(&condition->sequence, count, condition_shared(condition));
	return 0;
}

int darwin_pthread_cond_signal(struct condition *condition)
{
	return condition_wake(condition, 1);
}

int darwin_pthread_cond_broadcast(struct condition *condition)
{
	return condition_wake(condition, INT32_MAX);
}

// ---- once -----------------------------------------------------------------------------------------------------------

struct once {
	long signature;
	_Atomic uint32_t state; // 0 not yet, 1 runs, 2 done
};

int darwin_pthread_once(struct once *once, void (*function)(void))
{
	uint32_t state = 0;
	if (atomic_load_explicit(&once->state, memory_order_acquire) == 2)
		return 0;
	if (atomic_compare_exchange_strong(&once->state, &state, 1)) {
		function();
		atomic_store(&once->state, 2);
		futex_wake(&once->state, INT32_MAX);
		return 0;
	}
	while (atomic_load(&once->state) == 1)
		futex_wait(&once->state, 1, NULL, false);
	return 0;
}

// ---- os_unfair_lock: a word, which is 0 when nobody has it ----------------------------------------------------------

void darwin_os_unfair_lock_lock(_Atomic uint32_t *lock)
{
	futex_lock(lock);
}

int darwin_os_unfair_lock_trylock(_Atomic uint32_t *lock)
{
	return futex_try(lock);
}

void darwin_os_unfair_lock_unlock(_Atomic uint32_t *lock)
{
	futex_unlock(lock);
}
