// SPDX-License-Identifier: MIT
// libc++'s timed_mutex and recursive_timed_mutex: a mutex, a condition and whether it is locked, or how often and by whom.
// Facts: libc++'s <mutex>, ABI version 1; what has a time limit is in its header, so who locks and unlocks must agree with that.
#include "cxx.h"

#include <stdint.h>

void *darwin_pthread_self(void);

struct timed_mutex {
	struct mutex mutex;
	struct condition condition;
	bool locked; // [mutex]
};

void darwin_cxx_timed_mutex_make(struct timed_mutex *timed)
{
	*timed = (struct timed_mutex){.mutex = MUTEX_FREE, .condition = CONDITION_FREE};
}

void darwin_cxx_timed_mutex_end(struct timed_mutex *timed)
{
	darwin_pthread_mutex_lock(&timed->mutex); // who released it has let go of it
	darwin_pthread_mutex_unlock(&timed->mutex);
}

void darwin_cxx_timed_mutex_lock(struct timed_mutex *timed)
{
	darwin_pthread_mutex_lock(&timed->mutex);
	while (timed->locked)
		darwin_pthread_cond_wait(&timed->condition, &timed->mutex);
	timed->locked = true;
	darwin_pthread_mutex_unlock(&timed->mutex);
}

bool darwin_cxx_timed_mutex_try_lock(struct timed_mutex *timed)
{
	if (darwin_pthread_mutex_trylock(&timed->mutex))
		return false;
	bool free_now = !timed->locked;
	timed->locked = true;
	darwin_pthread_mutex_unlock(&timed->mutex);
	return free_now;
}

void darwin_cxx_timed_mutex_unlock(struct timed_mutex *timed)
{
	darwin_pthread_mutex_lock(&timed->mutex);
	timed->locked = false;
	darwin_pthread_mutex_unlock(&timed->mutex);
	darwin_pthread_cond_signal(&timed->condition);
}

// ---- recursive ------------------------------------------------------------------------------------------------------

struct recursive_timed_mutex {
	struct mutex mutex;
	struct condition condition;
	size_t count; // [mutex]
	void *owner;  // [mutex] a thread::id: a pthread_t
};

void darwin_cxx_recursive_timed_mutex_make(struct recursive_timed_mutex *timed)
{
	*timed = (struct recursive_timed_mutex){.mutex = MUTEX_FREE, .condition = CONDITION_FREE};
}

void darwin_cxx_recursive_timed_mutex_end(struct recursive_timed_mutex *timed)
{
	darwin_pthread_mutex_lock(&timed->mutex);
	darwin_pthread_mutex_unlock(&timed->mutex);
}

void darwin_cxx_recursive_timed_mutex_lock(struct recursive_timed_mutex *timed)
{
	void *self = darwin_pthread_self();
	darwin_pthread_mutex_lock(&timed->mutex);
	bool full = timed->count == SIZE_MAX && timed->owner == self;
	while (timed->count && timed->owner != self)
		darwin_pthread_cond_wait(&timed->condition, &timed->mutex);
	timed->count += !full;
	timed->owner = self;
	darwin_pthread_mutex_unlock(&timed->mutex);
	if (full)
		cxx_throw_system_error(35, "recursive_timed_mutex lock limit reached"); // EAGAIN
}

bool darwin_cxx_recursive_timed_mutex_try_lock(struct recursive_timed_mutex *timed)
{
	void *self = darwin_pthread_self();
	if (darwin_pthread_mutex_trylock(&timed->mutex))
		return false;
	bool mine = timed->count == 0 || (timed->owner == self && timed->count < SIZE_MAX);
	if (mine) {
		timed->count++;
		timed->owner = self;
	}
	darwin_pthread_mutex_unlock(&timed->mutex);
	return mine;
}

void darwin_cxx_recursive_timed_mutex_unlock(struct recursive_timed_mutex *timed)
{
	darwin_pthread_mutex_lock(&timed->mutex);
	bool last = --timed->count == 0;
	if (last)
		timed->owner = NULL;
	darwin_pthread_mutex_unlock(&timed->mutex);
	if (last)
		darwin_pthread_cond_signal(&timed->condition);
}
