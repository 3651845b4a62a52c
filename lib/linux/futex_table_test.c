// SPDX-License-Identifier: MIT
// The table of sleepers under contention, with real threads: no wake-up is lost, none is counted that did not happen.
#include "futex_table.h"
#include "fake_kernel.h"
#include "linux.h"
#include "mutex.h"

#include <errno.h>
#include <gila/test.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

enum { THREADS = 6, ROUNDS = 4000 };

static void run(void *(*function)(void *), unsigned count)
{
	pthread_t threads[32];
	for (uintptr_t i = 0; i < count; i++)
		pthread_create(&threads[i], NULL, function, (void *)i);
	for (unsigned i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
}

TEST(futex_refuses_another_value_and_times_out)
{
	uint32_t word = 5;
	uint64_t start = linux_now();
	CHECK_EQ(futex_wait(&word, 4, FUTEX_ANY, FOREVER), -EAGAIN);
	CHECK_EQ(futex_wait(&word, 5, FUTEX_ANY, start + 3000000), -ETIMEDOUT);
	CHECK(linux_now() >= start + 3000000);
	CHECK_EQ(futex_wait(&word, 5, FUTEX_ANY, start), -ETIMEDOUT); // over already
	CHECK_EQ(futex_wake(&word, 7, FUTEX_ANY), 0);
}

// ---- A mutex ---------------------------------------------------------------------------------------------------------

static struct mutex mutex;
static unsigned counter; // [mutex]

static void *counts(void *argument)
{
	for (int i = 0; i < ROUNDS; i++) {
		mutex_acquire(&mutex);
		unsigned before = counter;
		if (i % 8 == 0)
			sched_yield();
		counter = before + 1;
		mutex_release(&mutex);
	}
	return NULL;
}

TEST(futex_mutex_excludes)
{
	counter = 0;
	fake_interrupts = 0;
	run(counts, THREADS);
	CHECK_EQ(counter, THREADS * ROUNDS);
	CHECK_EQ(mutex.state, 0);
}

TEST(futex_mutex_excludes_with_interrupts_and_without_semaphores)
{
	counter = 0;
	fake_interrupts = 3;
	run(counts, THREADS);
	CHECK_EQ(counter, THREADS * ROUNDS);
	int left = fake_semaphores_left;
	fake_semaphores_left = 0; // those that were made before still go round
	run(counts, 4 * THREADS);
	fake_semaphores_left = left;
	fake_interrupts = 0;
	CHECK_EQ(counter, 5 * THREADS * ROUNDS);
}

// ---- Waits that end in all ways at once ------------------------------------------------------------------------------

static uint32_t words[2];
static _Atomic uint64_t woken, said_woken;
static _Atomic unsigned waiters;

// Half of the waits run out of time about when somebody wakes them.
static void *waits(void *argument)
{
	unsigned seed = (unsigned)(uintptr_t)argument + 1;
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t deadline = linux_now() + (uint64_t)(rand_r(&seed) % 40000);
		uint32_t bits = 1u << rand_r(&seed) % 3;
		if (futex_wait(&words[rand_r(&seed) % 2], 0, bits, deadline) == 0)
			woken++;
	}
	waiters--;
	return NULL;
}

static void *wakes(void *argument)
{
	unsigned seed = (unsigned)(uintptr_t)argument + 77;
	while (waiters > 0) {
		said_woken += futex_wake(&words[rand_r(&seed) % 2], (uint32_t)rand_r(&seed) % 3 + 1, 1u << rand_r(&seed) % 3);
		sched_yield();
	}
	return NULL;
}

static void *waits_or_wakes(void *argument) { return (uintptr_t)argument < THREADS ? waits(argument) : wakes(argument); }

TEST(futex_wakes_exactly_those_that_it_says)
{
	woken = said_woken = 0;
	waiters = THREADS;
	fake_interrupts = 50;
	run(waits_or_wakes, THREADS + 2);
	fake_interrupts = 0;
	CHECK_EQ(woken, said_woken);
	CHECK(woken > 0);
	CHECK_EQ(futex_wake(&words[0], UINT32_MAX, FUTEX_ANY), 0); // nobody was left in the table
	CHECK_EQ(futex_wake(&words[1], UINT32_MAX, FUTEX_ANY), 0);
}

// ---- Nobody sleeps through what he waited for ------------------------------------------------------------------------

static _Atomic uint32_t turn;

// Each waits for ever for its turn; a lost wake-up hangs the test.
static void *takes_turns(void *argument)
{
	uint32_t number = (uint32_t)(uintptr_t)argument;
	for (uint32_t i = 0; i < ROUNDS / 4; i++) {
		uint32_t mine = i * THREADS + number, now;
		while ((now = atomic_load(&turn)) != mine)
			futex_wait((const uint32_t *)&turn, now, 1u << number, FOREVER);
		atomic_store(&turn, mine + 1);
		// Whoever waits for another value than the one that is there now looks again.
		futex_wake((const uint32_t *)&turn, UINT32_MAX, FUTEX_ANY);
	}
	return NULL;
}

TEST(futex_loses_no_wake_up)
{
	turn = 0;
	run(takes_turns, THREADS);
	CHECK_EQ(turn, THREADS * (ROUNDS / 4));
}

// ---- Order and bits --------------------------------------------------------------------------------------------------

static uint32_t word;
static _Atomic unsigned gone[3];

static void *waits_with_bit(void *argument)
{
	uintptr_t number = (uintptr_t)argument;
	if (futex_wait(&word, 0, 1u << number, FOREVER) == 0)
		gone[number]++;
	return NULL;
}

TEST(futex_wakes_by_bits_and_count)
{
	pthread_t threads[6];
	for (uintptr_t i = 0; i < 6; i++)
		pthread_create(&threads[i], NULL, waits_with_bit, (void *)(i % 3));
	uint32_t first = 0, second = 0, third = 0;
	while (first < 2) // as they come
		first += futex_wake(&word, 2 - first, 2);
	while (gone[0] + gone[1] + gone[2] < 2)
		sched_yield();
	unsigned right = gone[1], wrong = gone[0] + gone[2];
	while (second < 1)
		second += futex_wake(&word, 1, 4 | 1);
	while (third < 3)
		third += futex_wake(&word, UINT32_MAX, FUTEX_ANY);
	for (int i = 0; i < 6; i++)
		pthread_join(threads[i], NULL);
	CHECK_EQ(right, 2);
	CHECK_EQ(wrong, 0);
	CHECK_EQ(first + second + third, 6);
	CHECK_EQ(gone[1], 2);
	CHECK_EQ(gone[0] + gone[2], 4);
}
