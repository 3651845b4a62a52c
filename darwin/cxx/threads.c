// SPDX-License-Identifier: MIT
// Locks and threads of libc++ on Darwin's pthreads. Facts: libc++'s <mutex>, <condition_variable>, <shared_mutex>, <thread>.
#include "cxx.h"

#include "../libsystem/thread.h"

#include <stdlib.h>
#include <time.h>

int darwin_pthread_mutexattr_init(void *);
int darwin_pthread_mutexattr_settype(void *, int);
int darwin_pthread_cond_timedwait(struct condition *, struct mutex *, const struct timespec *);
int darwin_pthread_join(void *, void **);
int darwin_pthread_detach(void *);

void darwin_cxx_mutex_lock(struct mutex *mutex)
{
	int error = darwin_pthread_mutex_lock(mutex);
	if (error)
		cxx_throw_system_error(error, "mutex lock failed");
}
bool darwin_cxx_mutex_try_lock(struct mutex *mutex) { return darwin_pthread_mutex_trylock(mutex) == 0; }
void darwin_cxx_mutex_unlock(struct mutex *mutex) { darwin_pthread_mutex_unlock(mutex); }
void darwin_cxx_mutex_end(struct mutex *mutex) { darwin_pthread_mutex_destroy(mutex); }

void darwin_cxx_recursive_mutex_begin(struct mutex *mutex)
{
	uint64_t attributes[2]; // pthread_mutexattr_t has 16 bytes
	darwin_pthread_mutexattr_init(attributes);
	darwin_pthread_mutexattr_settype(attributes, 2); // PTHREAD_MUTEX_RECURSIVE
	darwin_pthread_mutex_init(mutex, attributes);
}

void darwin_cxx_condition_notify_one(struct condition *condition) { darwin_pthread_cond_signal(condition); }
void darwin_cxx_condition_notify_all(struct condition *condition) { darwin_pthread_cond_broadcast(condition); }
void darwin_cxx_condition_wait(struct condition *condition, struct holder *holder) { darwin_pthread_cond_wait(condition, holder->mutex); }
void darwin_cxx_condition_end(struct condition *condition) { darwin_pthread_cond_destroy(condition); }

// Until a time of system_clock, in nanoseconds since 1970.
void darwin_cxx_condition_timed_wait(struct condition *condition, struct holder *holder, int64_t nanoseconds)
{
	if (nanoseconds < 0)
		nanoseconds = 0;
	struct timespec until = {nanoseconds / 1000000000, nanoseconds % 1000000000};
	darwin_pthread_cond_timedwait(condition, holder->mutex, &until);
}

// ---- shared_mutex: readers are counted in the lower bits, a writer that waits keeps new ones out --------------------

struct shared_mutex {
	struct mutex mutex;
	struct condition gate, writer_gate;
	uint32_t state;
};
#define WRITER 0x80000000u

void darwin_cxx_shared_mutex_begin(struct shared_mutex *of)
{
	darwin_pthread_mutex_init(&of->mutex, NULL);
	darwin_pthread_cond_init(&of->gate, NULL);
	darwin_pthread_cond_init(&of->writer_gate, NULL);
	of->state = 0;
}

void darwin_cxx_shared_mutex_lock(struct shared_mutex *of)
{
	darwin_pthread_mutex_lock(&of->mutex);
	while (of->state & WRITER)
		darwin_pthread_cond_wait(&of->gate, &of->mutex);
	of->state |= WRITER;
	while (of->state != WRITER)
		darwin_pthread_cond_wait(&of->writer_gate, &of->mutex);
	darwin_pthread_mutex_unlock(&of->mutex);
}

bool darwin_cxx_shared_mutex_try_lock(struct shared_mutex *of)
{
	darwin_pthread_mutex_lock(&of->mutex);
	bool free = of->state == 0;
	if (free)
		of->state = WRITER;
	darwin_pthread_mutex_unlock(&of->mutex);
	return free;
}

void darwin_cxx_shared_mutex_unlock(struct shared_mutex *of)
{
	darwin_pthread_mutex_lock(&of->mutex);
	of->state = 0;
	darwin_pthread_mutex_unlock(&of->mutex);
	darwin_pthread_cond_broadcast(&of->gate);
}

void darwin_cxx_shared_mutex_lock_shared(struct shared_mutex *of)
{
	darwin_pthread_mutex_lock(&of->mutex);
	while (of->state >= WRITER - 1)
		darwin_pthread_cond_wait(&of->gate, &of->mutex);
	of->state++;
	darwin_pthread_mutex_unlock(&of->mutex);
}

bool darwin_cxx_shared_mutex_try_lock_shared(struct shared_mutex *of)
{
	darwin_pthread_mutex_lock(&of->mutex);
	bool free = of->state < WRITER - 1;
	of->state += free;
	darwin_pthread_mutex_unlock(&of->mutex);
	return free;
}

void darwin_cxx_shared_mutex_unlock_shared(struct shared_mutex *of)
{
	darwin_pthread_mutex_lock(&of->mutex);
	of->state--;
	bool last = of->state == WRITER;
	darwin_pthread_mutex_unlock(&of->mutex);
	if (last)
		darwin_pthread_cond_signal(&of->writer_gate);
	else
		darwin_pthread_cond_signal(&of->gate);
}

// ---- thread: a pthread_t ---------------------------------------------------------------------------------------------

void darwin_cxx_thread_join(void **thread)
{
	int error = *thread ? darwin_pthread_join(*thread, NULL) : 22; // EINVAL
	if (error)
		cxx_throw_system_error(error, "thread::join failed");
	*thread = NULL;
}

void darwin_cxx_thread_detach(void **thread)
{
	int error = *thread ? darwin_pthread_detach(*thread) : 22;
	if (error)
		cxx_throw_system_error(error, "thread::detach failed");
	*thread = NULL;
}

void darwin_cxx_thread_end(void **thread)
{
	if (*thread) // nobody joined it
		((void (*)(void))cxx_symbol("_ZSt9terminatev"))();
}
