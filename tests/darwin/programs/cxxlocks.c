// SPDX-License-Identifier: MIT
// libc++'s locks and threads, called as C++ programs do, with the objects that its header makes of Darwin's pthreads.
#include "check.h"

#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

struct unique_lock {
	pthread_mutex_t *mutex;
	bool owns;
};
struct timed {
	pthread_mutex_t mutex;
	pthread_cond_t condition;
	bool locked;
};
struct shared {
	pthread_mutex_t mutex;
	pthread_cond_t enter, empty;
	unsigned state;
};
#define CXX(result, name, symbol, ...) result name(__VA_ARGS__) __asm__("__ZNSt3__1" symbol)
CXX(void, lock, "5mutex4lockEv", pthread_mutex_t *);
CXX(void, unlock, "5mutex6unlockEv", pthread_mutex_t *);
CXX(bool, try_lock, "5mutex8try_lockEv", pthread_mutex_t *);
CXX(void, recursive_make, "15recursive_mutexC1Ev", pthread_mutex_t *);
CXX(void, recursive_lock, "15recursive_mutex4lockEv", pthread_mutex_t *);
CXX(void, recursive_unlock, "15recursive_mutex6unlockEv", pthread_mutex_t *);
CXX(void, notify_all, "18condition_variable10notify_allEv", pthread_cond_t *);
CXX(void, wait_for, "18condition_variable4waitERNS_11unique_lockINS_5mutexEEE", pthread_cond_t *, struct unique_lock *);
CXX(void, wait_until,
    "18condition_variable15__do_timed_waitERNS_11unique_lockINS_5mutexEEENS_6chrono10time_pointINS5_12system_clockENS5_"
    "8durationIxNS_5ratioILl1ELl1000000000EEEEEEE",
    pthread_cond_t *, struct unique_lock *, long long);
CXX(void, timed_make, "11timed_mutexC1Ev", struct timed *);
CXX(void, timed_lock, "11timed_mutex4lockEv", struct timed *);
CXX(bool, timed_try_lock, "11timed_mutex8try_lockEv", struct timed *);
CXX(void, timed_unlock, "11timed_mutex6unlockEv", struct timed *);
CXX(void, shared_make, "19__shared_mutex_baseC1Ev", struct shared *);
CXX(void, shared_lock, "19__shared_mutex_base4lockEv", struct shared *);
CXX(void, shared_unlock, "19__shared_mutex_base6unlockEv", struct shared *);
CXX(void, shared_lock_shared, "19__shared_mutex_base11lock_sharedEv", struct shared *);
CXX(bool, shared_try_lock, "19__shared_mutex_base8try_lockEv", struct shared *);
CXX(bool, shared_try_lock_shared, "19__shared_mutex_base15try_lock_sharedEv", struct shared *);
CXX(void, shared_unlock_shared, "19__shared_mutex_base13unlock_sharedEv", struct shared *);
CXX(void, thread_join, "6thread4joinEv", pthread_t *);
CXX(void, thread_end, "6threadD1Ev", pthread_t *);
CXX(pthread_key_t *, thread_local_data, "19__thread_local_dataEv", void);
CXX(void, thread_struct_make, "15__thread_structC1Ev", void *);
void *operator_new(size_t) __asm__("__Znwm");

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static struct timed timed;
static struct shared shared;
static int counter, by_timed, by_writers, turn, wrong;

static void *work(void *argument)
{
	void *made = operator_new(sizeof(void *)); // as std::thread's header does
	thread_struct_make(made);
	CHECK(pthread_setspecific(*thread_local_data(), made) == 0);
	for (int i = 0; i < 5000; i++) {
		lock(&mutex);
		counter++;
		unlock(&mutex);
		timed_lock(&timed);
		by_timed++;
		timed_unlock(&timed);
		if (i % 10 == 0) {
			shared_lock(&shared);
			by_writers++;
			shared_unlock(&shared);
		} else {
			shared_lock_shared(&shared);
			int before = by_writers;
			wrong += before != *(volatile int *)&by_writers;
			shared_unlock_shared(&shared);
		}
	}
	struct unique_lock held = {&mutex, true};
	lock(&mutex);
	while (turn != (int)(long)argument)
		wait_for(&condition, &held);
	turn++;
	unlock(&mutex);
	notify_all(&condition);
	return NULL;
}

int main(void)
{
	pthread_t threads[4];
	pthread_mutex_t again;
	timed_make(&timed);
	shared_make(&shared);
	for (long i = 0; i < 4; i++)
		CHECK(pthread_create(&threads[i], NULL, work, (void *)(3 - i)) == 0);
	for (int i = 0; i < 4; i++) {
		thread_join(&threads[i]);
		CHECK(threads[i] == NULL);
		thread_end(&threads[i]);
	}
	CHECK(counter == 20000 && by_timed == 20000 && by_writers == 2000 && wrong == 0 && turn == 4);
	recursive_make(&again);
	recursive_lock(&again);
	recursive_lock(&again);
	recursive_unlock(&again);
	CHECK(pthread_mutex_trylock(&again) == 0); // one kind of lock with pthreads
	CHECK(try_lock(&mutex) && !try_lock(&mutex));
	struct timespec now;
	extern int clock_gettime(int, struct timespec *);
	CHECK(clock_gettime(0, &now) == 0);
	struct unique_lock held = {&mutex, true};
	wait_until(&condition, &held, now.tv_sec * 1000000000ll + now.tv_nsec + 10000000);
	unlock(&mutex);
	timed_lock(&timed);
	CHECK(!timed_try_lock(&timed));
	shared_lock_shared(&shared);
	CHECK(shared_try_lock_shared(&shared) && !shared_try_lock(&shared));
	puts("locks are fine");
	return 0;
}
