// SPDX-License-Identifier: MIT
// Threads of the C library: mutexes, conditions, barriers, semaphores, thread-local storage, time-outs.
#include "guest.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 8, ROUNDS = 300, ITEMS = 500 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int counter;
static __thread int own = 42;
static __thread char text[64];
static pthread_key_t key;
static _Atomic int destroyed;

static void key_end(void *value) { destroyed++; }

static void *count(void *argument)
{
	uintptr_t number = (uintptr_t)argument;
	if (own != 42 || text[0])
		return NULL;
	pthread_setspecific(key, &own);
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&mutex);
		int before = counter;
		if (i % 16 == 0)
			sched_yield(); // with the lock held: others come to wait
		counter = before + 1;
		pthread_mutex_unlock(&mutex);
		own += (int)number;
		snprintf(text, sizeof(text), "%d", i);
		char *block = malloc(number * 1000 + 1);
		if (!block)
			return NULL;
		memset(block, 1, number * 1000 + 1);
		free(block);
	}
	return atoi(text) == ROUNDS - 1 && own == 42 + ROUNDS * (int)number ? (void *)(number + 1) : NULL;
}

bool test_threads(void)
{
	pthread_t threads[THREADS];
	void *result;
	MUST(pthread_key_create(&key, key_end) == 0);
	for (uintptr_t i = 0; i < THREADS; i++)
		MUST(pthread_create(&threads[i], NULL, count, (void *)i) == 0);
	for (uintptr_t i = 0; i < THREADS; i++) {
		MUST(pthread_join(threads[i], &result) == 0);
		MUST((uintptr_t)result == i + 1);
	}
	MUST(counter == THREADS * ROUNDS);
	MUST(destroyed == THREADS);
	MUST(own == 42);
	return true;
}

// ---- Conditions ------------------------------------------------------------------------------------------------------

static pthread_cond_t filled = PTHREAD_COND_INITIALIZER, emptied = PTHREAD_COND_INITIALIZER;
static int queue[4], first, queued, got[ITEMS];
static pthread_barrier_t barrier;

static void *consume(void *argument)
{
	pthread_barrier_wait(&barrier);
	for (;;) {
		pthread_mutex_lock(&mutex);
		while (queued == 0)
			pthread_cond_wait(&filled, &mutex);
		int item = queue[first];
		first = (first + 1) % 4;
		queued--;
		pthread_cond_signal(&emptied);
		pthread_mutex_unlock(&mutex);
		if (item < 0)
			return NULL;
		__atomic_fetch_add(&got[item], 1, __ATOMIC_SEQ_CST);
	}
}

static void produce(int item)
{
	pthread_mutex_lock(&mutex);
	while (queued == 4)
		pthread_cond_wait(&emptied, &mutex);
	queue[(first + queued++) % 4] = item;
	pthread_cond_broadcast(&filled);
	pthread_mutex_unlock(&mutex);
}

bool test_condition(void)
{
	pthread_t threads[4];
	MUST(pthread_barrier_init(&barrier, NULL, 5) == 0);
	for (int i = 0; i < 4; i++)
		MUST(pthread_create(&threads[i], NULL, consume, NULL) == 0);
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < ITEMS; i++)
		produce(i);
	for (int i = 0; i < 4; i++)
		produce(-1);
	for (int i = 0; i < 4; i++)
		MUST(pthread_join(threads[i], NULL) == 0);
	for (int i = 0; i < ITEMS; i++)
		MUST(got[i] == 1);
	return true;
}

// ---- Time-outs -------------------------------------------------------------------------------------------------------

static double seconds(clockid_t clock)
{
	struct timespec now;
	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct timespec after(clockid_t clock, long ms)
{
	struct timespec time;
	clock_gettime(clock, &time);
	time.tv_nsec += ms * 1000000;
	time.tv_sec += time.tv_nsec / 1000000000;
	time.tv_nsec %= 1000000000;
	return time;
}

static void *holder(void *argument)
{
	pthread_mutex_lock(&mutex);
	pthread_barrier_wait(&barrier);
	usleep(60000);
	pthread_mutex_unlock(&mutex);
	return NULL;
}

bool test_timeouts(void)
{
	pthread_cond_t never;
	pthread_condattr_t attributes;
	sem_t semaphore;
	pthread_t thread;
	double start = seconds(CLOCK_MONOTONIC);
	struct timespec time = after(CLOCK_REALTIME, 20);
	MUST(sem_init(&semaphore, 0, 0) == 0);
	MUST(sem_timedwait(&semaphore, &time) != 0 && errno == ETIMEDOUT);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	MUST(pthread_cond_init(&never, &attributes) == 0);
	pthread_mutex_lock(&mutex);
	time = after(CLOCK_MONOTONIC, 20);
	MUST(pthread_cond_timedwait(&never, &mutex, &time) == ETIMEDOUT);
	pthread_mutex_unlock(&mutex);
	double took = seconds(CLOCK_MONOTONIC) - start;
	MUST(took >= 0.04 && took < 20);
	MUST(pthread_barrier_init(&barrier, NULL, 2) == 0);
	MUST(pthread_create(&thread, NULL, holder, NULL) == 0);
	pthread_barrier_wait(&barrier);
	time = after(CLOCK_REALTIME, 5);
	MUST(pthread_mutex_timedlock(&mutex, &time) == ETIMEDOUT);
	time = after(CLOCK_REALTIME, 20000);
	MUST(pthread_mutex_timedlock(&mutex, &time) == 0);
	pthread_mutex_unlock(&mutex);
	MUST(pthread_join(thread, NULL) == 0);
	return true;
}

// ---- Many, one after the other ---------------------------------------------------------------------------------------

static _Atomic int ran;

static void *brief(void *argument)
{
	ran++;
	return argument;
}

// Stacks are used again at once: who ended must not touch its own any more.
bool test_churn(void)
{
	pthread_attr_t detached;
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&detached, 65536);
	for (int round = 0; round < 30; round++) {
		pthread_t threads[4], gone;
		void *result;
		for (uintptr_t i = 0; i < 4; i++)
			MUST(pthread_create(&threads[i], NULL, brief, (void *)i) == 0);
		MUST(pthread_create(&gone, &detached, brief, NULL) == 0);
		for (uintptr_t i = 0; i < 4; i++)
			MUST(pthread_join(threads[i], &result) == 0 && (uintptr_t)result == i);
	}
	for (int i = 0; i < 2000 && ran < 150; i++)
		usleep(1000);
	MUST(ran == 150);
	return true;
}

// ---- Many at the same time -------------------------------------------------------------------------------------------

enum { CROWD = 400 };

static pthread_cond_t gate = PTHREAD_COND_INITIALIZER;
static int waiting, open_gate; // [mutex]

static void *stands(void *argument)
{
	pthread_mutex_lock(&mutex);
	waiting++;
	while (!open_gate)
		pthread_cond_wait(&gate, &mutex);
	waiting--;
	pthread_mutex_unlock(&mutex);
	return argument;
}

bool test_crowd(void)
{
	static pthread_t threads[CROWD];
	pthread_attr_t small;
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 32768);
	for (uintptr_t i = 0; i < CROWD; i++)
		MUST(pthread_create(&threads[i], &small, stands, (void *)i) == 0);
	for (int all = 0; all < CROWD; usleep(1000)) {
		pthread_mutex_lock(&mutex);
		all = waiting;
		pthread_mutex_unlock(&mutex);
	}
	pthread_mutex_lock(&mutex);
	open_gate = 1;
	pthread_cond_broadcast(&gate);
	pthread_mutex_unlock(&mutex);
	for (uintptr_t i = 0; i < CROWD; i++) {
		void *result;
		MUST(pthread_join(threads[i], &result) == 0 && (uintptr_t)result == i);
	}
	MUST(waiting == 0);
	return true;
}
