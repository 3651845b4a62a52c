// SPDX-License-Identifier: MIT
// Locks and threads of libc++: its header puts Darwin's pthread objects into the program's, so its functions are these, on Darwin's
// pthreads, not those of Debian's libc++, which are on the host's. Facts: libc++'s <mutex>, <shared_mutex>, <condition_variable>, <thread>
// with ABI version 1; the Itanium C++ ABI for the names in symbols.tsv.
//
// What Debian's libc++ has inside itself (call_once, shared_ptr's locks) is of the host's kind on both ends and stays there.
#include "futex.h"
#include "report.h"
#include "thread.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

struct mutex { // Darwin's pthread_mutex_t
	uint64_t words[8];
};
struct condition { // pthread_cond_t
	uint64_t words[6];
};
struct unique_lock {
	struct mutex *mutex;
	bool owns;
};

int darwin_pthread_mutex_init(struct mutex *mutex, const void *attributes);
int darwin_pthread_mutex_destroy(struct mutex *mutex);
int darwin_pthread_mutex_lock(struct mutex *mutex);
int darwin_pthread_mutex_trylock(struct mutex *mutex);
int darwin_pthread_mutex_unlock(struct mutex *mutex);
int darwin_pthread_cond_destroy(struct condition *condition);
int darwin_pthread_cond_wait(struct condition *condition, struct mutex *mutex);
int darwin_pthread_cond_timedwait(struct condition *condition, struct mutex *mutex, const struct timespec *until);
int darwin_pthread_cond_signal(struct condition *condition);
int darwin_pthread_cond_broadcast(struct condition *condition);
int darwin_pthread_join(struct thread *thread, void **result);
int darwin_pthread_detach(struct thread *thread);

static void *libcxx_find(const char *name)
{
	void *library = dlopen("libc++.so.1", RTLD_NOW | RTLD_LOCAL);
	void *function = library ? dlsym(library, name) : NULL;
	if (!function)
		report_fatal("libc++: %s is not there (Debian's package libc++1-14)", name);
	return function;
}

_Noreturn static void terminate(void)
{
	((void (*)(void))libcxx_find("_ZSt9terminatev"))();
	abort();
}

// libc++ throws system_error; who misuses a lock or a thread seldom catches it.
static void require(int error, const char *call)
{
	if (!error)
		return;
	report("libc++: %s failed: error %d", call, error);
	terminate();
}

// ---- mutex, recursive_mutex -----------------------------------------------------------------------------------------

void darwin_cxx_mutex_lock(struct mutex *mutex)
{
	require(darwin_pthread_mutex_lock(mutex), "mutex::lock");
}

bool darwin_cxx_mutex_try_lock(struct mutex *mutex)
{
	return darwin_pthread_mutex_trylock(mutex) == 0;
}

void darwin_cxx_recursive_mutex_make(struct mutex *mutex)
{
	struct {
		long signature;
		int32_t kind, shared;
	} attributes = {0x4D545841, 2 /* PTHREAD_MUTEX_RECURSIVE */, 0}; // pthread_mutexattr_t, as in lock.c
	require(darwin_pthread_mutex_init(mutex, &attributes), "recursive_mutex::recursive_mutex");
}

// ---- condition_variable ---------------------------------------------------------------------------------------------

void darwin_cxx_condition_wait(struct condition *condition, struct unique_lock *lock)
{
	if (!lock->owns)
		require(1, "condition_variable::wait");
	require(darwin_pthread_cond_wait(condition, lock->mutex), "condition_variable::wait");
}

// `until`: nanoseconds of the calendar.
void darwin_cxx_condition_timed_wait(struct condition *condition, struct unique_lock *lock, int64_t until)
{
	if (until < 0)
		until = 0;
	struct timespec time = {until / 1000000000, until % 1000000000};
	int error = darwin_pthread_cond_timedwait(condition, lock->mutex, &time);
	require(error == 60 /* ETIMEDOUT */ ? 0 : error, "condition_variable::wait_until");
}

// ---- timed_mutex ----------------------------------------------------------------------------------------------------

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

// ---- shared_mutex, shared_timed_mutex: the topmost bit says that a writer is in or wants in, the others count readers ---

#define WRITER 0x80000000u

struct shared_mutex {
	struct mutex mutex;
	struct condition enter, empty; // a writer waits for the readers to go at `empty`
	uint32_t state;		       // [mutex]
};

void darwin_cxx_shared_mutex_make(struct shared_mutex *shared)
{
	*shared = (struct shared_mutex){
		.mutex.words[0] = 0x32AAABA7, .enter.words[0] = 0x3CB0B1BB, .empty.words[0] = 0x3CB0B1BB};
}

void darwin_cxx_shared_mutex_lock(struct shared_mutex *shared)
{
	darwin_pthread_mutex_lock(&shared->mutex);
	while (shared->state & WRITER)
		darwin_pthread_cond_wait(&shared->enter, &shared->mutex);
	shared->state |= WRITER;
	while (shared->state & ~WRITER)
		darwin_pthread_cond_wait(&shared->empty, &shared->mutex);
	darwin_pthread_mutex_unlock(&shared->mutex);
}

bool darwin_cxx_shared_mutex_try_lock(struct shared_mutex *shared)
{
	darwin_pthread_mutex_lock(&shared->mutex);
	bool free_now = shared->state == 0;
	if (free_now)
		shared->state = WRITER;
	darwin_pthread_mutex_unlock(&shared->mutex);
	return free_now;
}

void darwin_cxx_shared_mutex_unlock(struct shared_mutex *shared)
{
	darwin_pthread_mutex_lock(&shared->mutex);
	shared->state = 0;
	darwin_pthread_cond_broadcast(&shared->enter);
	darwin_pthread_mutex_unlock(&shared->mutex);
}

static bool reader_may_enter(const struct shared_mutex *shared)
{
	return !(shared->state & WRITER) && shared->state != ~WRITER;
}

void darwin_cxx_shared_mutex_lock_shared(struct shared_mutex *shared)
{
	darwin_pthread_mutex_lock(&shared->mutex);
	while (!reader_may_enter(shared))
		darwin_pthread_cond_wait(&shared->enter, &shared->mutex);
	shared->state++;
	darwin_pthread_mutex_unlock(&shared->mutex);
}

bool darwin_cxx_shared_mutex_try_lock_shared(struct shared_mutex *shared)
{
	darwin_pthread_mutex_lock(&shared->mutex);
	bool may = reader_may_enter(shared);
	shared->state += may;
	darwin_pthread_mutex_unlock(&shared->mutex);
	return may;
}

void darwin_cxx_shared_mutex_unlock_shared(struct shared_mutex *shared)
{
	darwin_pthread_mutex_lock(&shared->mutex);
	uint32_t readers = --shared->state & ~WRITER;
	if ((shared->state & WRITER) && readers == 0)
		darwin_pthread_cond_signal(&shared->empty);
	else if (readers == ~WRITER - 1)
		darwin_pthread_cond_signal(&shared->enter); // there is room for one more
	darwin_pthread_mutex_unlock(&shared->mutex);
}

// ---- thread ---------------------------------------------------------------------------------------------------------

void darwin_cxx_thread_join(struct thread **thread)
{
	require(*thread ? darwin_pthread_join(*thread, NULL) : 22 /* EINVAL */, "thread::join");
	*thread = NULL;
}

void darwin_cxx_thread_detach(struct thread **thread)
{
	require(*thread ? darwin_pthread_detach(*thread) : 22, "thread::detach");
	*thread = NULL;
}

void darwin_cxx_thread_end(struct thread **thread)
{
	if (*thread)
		terminate(); // it was neither joined nor detached
}

// A thread's __thread_struct, which libc++'s header keeps by a key that is asked for here: Darwin's key, not the host's.
static void thread_struct_free(void *made)
{
	((void (*)(void *))libcxx_find("_ZNSt3__115__thread_structD1Ev"))(made);
	((void (*)(void *))libcxx_find("_ZdlPv"))(made);
}

unsigned long *darwin_cxx_thread_local_data(void)
{
	static _Atomic uint32_t lock;
	static unsigned long key; // [lock] all that a __thread_specific_ptr consists of
	futex_lock(&lock);
	if (!key && !(key = thread_key_create(thread_struct_free)))
		report_fatal("libc++: no key is left for threads");
	futex_unlock(&lock);
	return &key;
}
