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
	_Atomic uint64_t owner;	      // who holds it: mutex_self
	uint32_t count;		      // of those that can be taken again
	int32_t signals;	      // [owner] how many that wait for `signalled` are to be woken when it is given back
	struct condition *signalled;  // [owner]
	uint32_t shared;	      // several processes have it
};
struct condition {
	long signature;
	_Atomic uint32_t sequence, waiters;
	struct mutex *_Atomic mutex; // of those who wait
	uint32_t shared;
};

_Static_assert(sizeof(struct mutex) <= 64 && sizeof(struct condition) <= 48, "pthread_mutex_t, pthread_cond_t");

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
		mutex->owner = mutex_self(mutex);
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
	mutex->owner = mutex_self(mutex);
	mutex->count = 1;
	return 0;
}

int darwin_pthread_mutex_unlock(struct mutex *mutex)
{
	if (mutex_kind(mutex) != MUTEX_NORMAL) {
		if (mutex->owner != mutex_self(mutex))
			return DARWIN_EPERM;
		if (--mutex->count > 0)
			return 0;
	}
	struct condition *signalled = mutex->signalled;
	int signals = mutex->signals;
	mutex->signalled = NULL;
	mutex->signals = 0;
	atomic_store_explicit(&mutex->owner, 0, memory_order_relaxed);
	futex_unlock_any(&mutex->lock, mutex_shared(mutex));
	if (signals)
		futex_wake(&signalled->sequence, signals);
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
	condition->mutex = mutex;
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

// Who is woken needs the mutex. If the caller holds it, it wakes them when it gives it back: before, they would only wait again.
static int condition_wake(struct condition *condition, int count)
{
	atomic_fetch_add(&condition->sequence, 1);
	if (!atomic_load(&condition->waiters))
		return 0;
	bool shared = condition_shared(condition);
	struct mutex *mutex = condition->mutex; // of a condition of several processes it may be another's address
	if (shared || atomic_load_explicit(&mutex->owner, memory_order_relaxed) != mutex_self(mutex) ||
	    (mutex->signals && mutex->signalled != condition)) {
		futex_wake_any(&condition->sequence, count, shared);
		return 0;
	}
	mutex->signalled = condition;
	mutex->signals = count > INT32_MAX - mutex->signals ? INT32_MAX : mutex->signals + count;
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
