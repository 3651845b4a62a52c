// SPDX-License-Identifier: MIT
// Locks and threads of libc++ by their names in the library: objects are Darwin's structures.
#include "check.h"

#include <pthread.h>
#include <stdint.h>
#include <unistd.h>

struct mutex {
	long signature;
	char rest[56];
};
struct condition {
	long signature;
	char rest[40];
};
struct holder {
	struct mutex *mutex;
	_Bool owns;
};
#define NAMED(name) __asm__("__ZNSt3__1" name)
void lock(struct mutex *) NAMED("5mutex4lockEv");
_Bool try_lock(struct mutex *) NAMED("5mutex8try_lockEv");
void unlock(struct mutex *) NAMED("5mutex6unlockEv");
void recursive_begin(struct mutex *) NAMED("15recursive_mutexC1Ev");
void recursive_lock(struct mutex *) NAMED("15recursive_mutex4lockEv");
void recursive_unlock(struct mutex *) NAMED("15recursive_mutex6unlockEv");
void notify_one(struct condition *) NAMED("18condition_variable10notify_oneEv");
void wait_for_it(struct condition *, struct holder *) NAMED("18condition_variable4waitERNS_11unique_lockINS_5mutexEEE");
void timed_wait(struct condition *, struct holder *, int64_t)
	NAMED("18condition_variable15__do_timed_waitERNS_11unique_lockINS_5mutexEEENS_6chrono10time_pointINS5_12system_clockENS5_8durationIxNS_5ratioILl1ELl1000000000EEEEEEE");
void shared_begin(void *) NAMED("19__shared_mutex_baseC1Ev");
void shared_lock(void *) NAMED("19__shared_mutex_base4lockEv");
_Bool shared_try_lock(void *) NAMED("19__shared_mutex_base8try_lockEv");
void shared_unlock(void *) NAMED("19__shared_mutex_base6unlockEv");
void lock_shared(void *) NAMED("19__shared_mutex_base11lock_sharedEv");
void unlock_shared(void *) NAMED("19__shared_mutex_base13unlock_sharedEv");
void join(pthread_t *) NAMED("6thread4joinEv");
unsigned long *thread_local_data(void) NAMED("19__thread_local_dataEv");

static struct mutex mutex = {0x32AAABA7, {0}}; // as a constant initialiser leaves it
static struct condition condition = {0x3CB0B1BB, {0}};
static int turns, ready;

static void *work(void *argument)
{
	for (int i = 0; i < 10000; i++) {
		lock(&mutex);
		turns++;
		unlock(&mutex);
	}
	lock(&mutex);
	ready++;
	unlock(&mutex);
	notify_one(&condition);
	return argument;
}

int main(void)
{
	pthread_t threads[2];
	struct holder holder = {&mutex, 1};
	struct mutex recursive;
	static char shared[64 + 48 + 48 + 8];
	CHECK(pthread_create(&threads[0], 0, work, 0) == 0 && pthread_create(&threads[1], 0, work, 0) == 0);
	lock(&mutex);
	while (ready < 2)
		wait_for_it(&condition, &holder);
	CHECK(turns == 20000 && !try_lock(&mutex));
	timed_wait(&condition, &holder, 1000); // long ago
	unlock(&mutex);
	CHECK(try_lock(&mutex));
	unlock(&mutex);
	join(&threads[0]);
	join(&threads[1]);
	CHECK(!threads[0]);
	recursive_begin(&recursive);
	recursive_lock(&recursive);
	recursive_lock(&recursive);
	recursive_unlock(&recursive);
	recursive_unlock(&recursive);
	shared_begin(shared);
	lock_shared(shared);
	lock_shared(shared);
	CHECK(!shared_try_lock(shared));
	unlock_shared(shared);
	unlock_shared(shared);
	shared_lock(shared);
	CHECK(!shared_try_lock(shared));
	shared_unlock(shared);
	CHECK(shared_try_lock(shared) && *thread_local_data() >= 256); // a key of Darwin's
	puts("locks are fine");
	return 0;
}
