// SPDX-License-Identifier: MIT
// Threads: static initialisers, keys, thread-local variables and what runs when a thread ends.
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, again = PTHREAD_RECURSIVE_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int counter, onces, turn;
static char order[8];

static __thread int number = 7;
static __thread char zeros[100];
static __thread int *pointer = &counter; // has to be bound in the template

static void count_once(void)
{
	onces++;
}

static void note(void *letter)
{
	order[strlen(order)] = *(char *)letter;
}

static void *work(void *argument)
{
	static char k = 'k', t = 't';
	CHECK(number == 7 && zeros[99] == 0 && pointer == &counter);
	number = (int)(long)argument;
	pthread_once(&once, count_once);
	for (int i = 0; i < 20000; i++) {
		pthread_mutex_lock(&mutex);
		(*pointer)++;
		pthread_mutex_unlock(&mutex);
	}
	if (argument == 0) {
		pthread_setspecific(key, &k);
		_tlv_atexit(note, &t);
		pthread_exit((void *)99);
	}
	return (void *)(long)number;
}

static void *take_turn(void *argument)
{
	pthread_mutex_lock(&mutex);
	while (turn != (int)(long)argument)
		pthread_cond_wait(&condition, &mutex);
	turn++;
	pthread_cond_broadcast(&condition);
	pthread_mutex_unlock(&mutex);
	return NULL;
}

int main(void)
{
	pthread_t threads[4];
	void *result;
	CHECK(pthread_key_create(&key, note) == 0);
	for (long i = 0; i < 4; i++)
		CHECK(pthread_create(&threads[i], NULL, work, (void *)i) == 0);
	for (long i = 0; i < 4; i++)
		CHECK(pthread_join(threads[i], &result) == 0 && result == (void *)(i ? i : 99));
	CHECK(counter == 80000 && onces == 1 && number == 7);
	CHECK(strcmp(order, "tk") == 0); // _tlv_atexit's first, then values of keys
	for (long i = 3; i >= 0; i--)
		CHECK(pthread_create(&threads[i], NULL, take_turn, (void *)i) == 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	CHECK(turn == 4);
	CHECK(pthread_mutex_lock(&again) == 0 && pthread_mutex_lock(&again) == 0 && pthread_mutex_unlock(&again) == 0 &&
	      pthread_mutex_unlock(&again) == 0);
	CHECK(pthread_mutex_unlock(&again) == EPERM);
	CHECK(pthread_mutex_lock(&mutex) == 0 && pthread_mutex_trylock(&mutex) == EBUSY);
	struct timespec span = {0, 20000000};
	CHECK(pthread_cond_timedwait_relative_np(&condition, &mutex, &span) == ETIMEDOUT);
	pthread_mutex_unlock(&mutex);
	CHECK(pthread_rwlock_rdlock(&rwlock) == 0 && pthread_rwlock_rdlock(&rwlock) == 0 &&
	      pthread_rwlock_trywrlock(&rwlock) == EBUSY);
	CHECK(pthread_rwlock_unlock(&rwlock) == 0 && pthread_rwlock_unlock(&rwlock) == 0 &&
	      pthread_rwlock_wrlock(&rwlock) == 0);
	puts("threads are fine");
	return 0;
}
