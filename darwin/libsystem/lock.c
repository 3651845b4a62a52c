// SPDX-License-Identifier: MIT
// Mutexes, condition variables, once: in the memory of Darwin's structures, whose static initialisers are only a signature.
//
// Facts: libpthread's pthread.h and sys/_pthread/_pthread_types.h: a mutex has 56 bytes behind its signature, a condition 40, a once 8.
#include "errno.h"
#include "futex.h"
#include "thread.h"

enum { // signatures of static initialisers
	MUTEX_STATIC_ERRORCHECK = 0x32AAABA1,
	MUTEX_STATIC_RECURSIVE = 0x32AAABA2,
	MUTEX_MADE = 0x4D555458,
	ONCE_STATIC = 0x30B1BCBA,
};
enum { MUTEX_NORMAL, MUTEX_ERRORCHECK, MUTEX_RECURSIVE };

struct mutex {
	long signature;
	_Atomic uint32_t lock;
	uint32_t kind;		      // of one that was made; a static one has it in the signature
	struct thread *_Atomic owner; // who holds it
	uint32_t count;		      // of those that can be taken again
	int32_t signals;	      // [owner] how many that wait for `signalled` are to be woken when it is given back
	struct condition *signalled;  // [owner]
};
struct mutex_attributes {
	long signature;
	int32_t kind, shared;
};
struct condition {
	long signature;
	_Atomic uint32_t sequence, waiters;
	struct mutex *_Atomic mutex; // of those who wait
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

int darwin_pthread_mutexattr_init(struct mutex_attributes *attributes)
{
	*attributes = (struct mutex_attributes){.signature = 0x4D545841}; // 'MTXA'
	return 0;
}

int darwin_pthread_mutexattr_destroy(struct mutex_attributes *attributes)
{
	attributes->signature = 0;
	return 0;
}

int darwin_pthread_mutexattr_settype(struct mutex_attributes *attributes, int kind)
{
	if (kind < MUTEX_NORMAL || kind > MUTEX_RECURSIVE)
		return DARWIN_EINVAL;
	attributes->kind = kind;
	return 0;
}

int darwin_pthread_mutex_init(struct mutex *mutex, const struct mutex_attributes *attributes)
{
	*mutex =
		(struct mutex){.signature = MUTEX_MADE, .kind = attributes ? (uint32_t)attributes->kind : MUTEX_NORMAL};
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
	if (mutex->owner != thread_self())
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
		futex_lock(&mutex->lock);
		mutex->owner = thread_self();
		return 0;
	}
	int again = mutex_again(mutex, kind, DARWIN_EDEADLK);
	if (again)
		return again < 0 ? 0 : again;
	futex_lock(&mutex->lock);
	mutex->owner = thread_self();
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
	mutex->owner = thread_self();
	mutex->count = 1;
	return 0;
}

int darwin_pthread_mutex_unlock(struct mutex *mutex)
{
	if (mutex_kind(mutex) != MUTEX_NORMAL) {
		if (mutex->owner != thread_self())
			return DARWIN_EPERM;
		if (--mutex->count > 0)
			return 0;
	}
	struct condition *signalled = mutex->signalled;
	int signals = mutex->signals;
	mutex->signalled = NULL;
	mutex->signals = 0;
	atomic_store_explicit(&mutex->owner, NULL, memory_order_relaxed);
	futex_unlock(&mutex->lock);
	if (signals)
		futex_wake(&signalled->sequence, signals);
	return 0;
}

// ---- conditions -----------------------------------------------------------------------------------------------------

int darwin_pthread_cond_init(struct condition *condition, const void *attributes)
{
	(void)attributes;
	*condition = (struct condition){.signature = 0x434F4E44}; // 'COND'
	return 0;
}

int darwin_pthread_cond_destroy(struct condition *condition)
{
	condition->signature = 0;
	return 0;
}

static int condition_wait(struct condition *condition, struct mutex *mutex, const struct timespec *until, bool realtime)
{
	uint32_t sequence = atomic_load(&condition->sequence);
	condition->mutex = mutex;
	atomic_fetch_add(&condition->waiters, 1);
	int error = darwin_pthread_mutex_unlock(mutex);
	if (!error)
		error = futex_wait(&condition->sequence, sequence, until, realtime) == ETIMEDOUT ? DARWIN_ETIMEDOUT : 0;
	atomic_fetch_sub(&condition->waiters, 1);
	darwin_pthread_mutex_lock(mutex);
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
	struct mutex *mutex = condition->mutex;
	if (atomic_load_explicit(&mutex->owner, memory_order_relaxed) != thread_self() ||
	    (mutex->signals && mutex->signalled != condition)) {
		futex_wake(&condition->sequence, count);
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
