// SPDX-License-Identifier: MIT
// libc++'s timed_mutex: a mutex, a condition and whether it is locked, on Darwin's pthreads (cxx_threads.c says why).
// Facts: libc++'s <mutex>, ABI version 1; what has a time limit is in its header, so who locks and unlocks must agree with that.
#include <stdbool.h>
#include <stdint.h>

struct mutex { // Darwin's pthread_mutex_t
	uint64_t words[8];
};
struct condition { // pthread_cond_t
	uint64_t words[6];
};

int darwin_pthread_mutex_lock(struct mutex *mutex);
int darwin_pthread_mutex_trylock(struct mutex *mutex);
int darwin_pthread_mutex_unlock(struct mutex *mutex);
int darwin_pthread_cond_wait(struct condition *condition, struct mutex *mutex);
int darwin_pthread_cond_signal(struct condition *condition);

struct timed_mutex {
	struct mutex mutex;
	struct condition condition;
	bool locked; // [mutex]
};

void darwin_cxx_timed_mutex_make(struct timed_mutex *timed)
{
	*timed = (struct timed_mutex){.mutex.words[0] = 0x32AAABA7, .condition.words[0] = 0x3CB0B1BB};
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
