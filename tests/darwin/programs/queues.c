// SPDX-License-Identifier: MIT
// Blocks and libdispatch: queues, barriers, groups, apply, once, semaphores, the main queue, the life of objects.
#include "check.h"

#include <Block.h>
#include <dispatch/dispatch.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define MANY 100000
static atomic_int finals, live;

static dispatch_time_t soon(long long milliseconds)
{
	return dispatch_time(DISPATCH_TIME_NOW, milliseconds * (long long)NSEC_PER_MSEC);
}

static void count_final(void *context)
{
	CHECK(context == (void *)&finals);
	finals++;
}

static void add_one(void *counter)
{
	atomic_fetch_add((atomic_int *)counter, 1);
}

static void test_blocks(void)
{
	__block int number = 1;
	int (^add)(int) = ^(int more) { return number += more; };
	int (^copy)(int) = Block_copy(add);
	int (^again)(int) = Block_copy(copy);
	CHECK(copy == again && *(void **)copy == (void *)_NSConcreteMallocBlock);
	CHECK(copy(2) == 3 && again(4) == 7 && number == 7);
	void (^inner)(void) = ^{ copy(10); };
	void (^outer)(void) = Block_copy(^{ inner(); inner(); });
	outer();
	CHECK(number == 27);
	Block_release(outer);
	Block_release(again);
	Block_release(copy);
}

// In order, each once, never two at a time, on a serial queue that several threads add to.
static void test_serial(void)
{
	dispatch_queue_t queue = dispatch_queue_create("serial", DISPATCH_QUEUE_SERIAL);
	__block int next = 0, inside = 0, disorder = 0;
	for (int i = 0; i < MANY; i++)
		dispatch_async(queue, ^{
			if (inside++ != 0 || next++ != i)
				disorder++;
			inside--;
		});
	dispatch_sync(queue, ^{ CHECK(next == MANY && disorder == 0); });
	static int total; // [queue]
	dispatch_apply(8, dispatch_get_global_queue(0, 0), ^(size_t part) {
		for (int i = 0; i < 2000; i++) {
			if ((i + (int)part) % 4)
				dispatch_async(queue, ^{ total++; });
			else
				dispatch_sync(queue, ^{ total++; });
		}
	});
	dispatch_sync(queue, ^{ CHECK(total == 16000); });
	dispatch_release(queue);
}

// Two functions of a concurrent queue meet; a barrier meets nobody.
static void test_concurrent(void)
{
	dispatch_queue_t queue = dispatch_queue_create("concurrent", DISPATCH_QUEUE_CONCURRENT);
	dispatch_semaphore_t here = dispatch_semaphore_create(0), there = dispatch_semaphore_create(0);
	__block atomic_int met = 0;
	dispatch_async(queue, ^{
		dispatch_semaphore_signal(here);
		met += dispatch_semaphore_wait(there, soon(10000)) == 0;
	});
	dispatch_async(queue, ^{
		dispatch_semaphore_signal(there);
		met += dispatch_semaphore_wait(here, soon(10000)) == 0;
	});
	dispatch_barrier_sync(queue, ^{ CHECK(met == 2); });
	static atomic_int readers, writers, wrong, done;
	static int plain; // changed by barriers alone
	for (int i = 0; i < 2000; i++) {
		if (i % 10 == 0)
			dispatch_barrier_async(queue, ^{
				wrong += writers++ != 0 || readers != 0;
				plain++;
				writers--;
			});
		else
			dispatch_async(queue, ^{
				readers++;
				wrong += writers != 0;
				done++;
				readers--;
			});
		if (i % 100 == 50)
			dispatch_sync(queue, ^{ wrong += writers != 0; });
		if (i % 400 == 50)
			dispatch_barrier_sync(queue, ^{ wrong += writers != 0 || readers != 0; plain++; });
	}
	dispatch_barrier_sync(queue, ^{ CHECK(done == 1800 && plain == 205 && wrong == 0); });
	dispatch_release(queue);
	dispatch_release(here);
	dispatch_release(there);
}

static void test_targets(void)
{
	static char key, value, other;
	dispatch_queue_t base = dispatch_queue_create("base", NULL);
	dispatch_queue_t left = dispatch_queue_create_with_target("left", NULL, base);
	dispatch_queue_t right = dispatch_queue_create("right", DISPATCH_QUEUE_CONCURRENT);
	static atomic_int inside, wrong, ran;
	dispatch_set_target_queue(right, base);
	dispatch_queue_set_specific(base, &key, &value, NULL);
	dispatch_sync(left, ^{ CHECK(dispatch_get_current_queue() == left); }); // nothing is in the way
	for (int i = 0; i < 3000; i++) {
		dispatch_block_t work = ^{ wrong += inside++ != 0; inside--; ran++; };
		dispatch_async(i % 3 == 0 ? base : i % 3 == 1 ? left : right, work);
		if (i % 64 == 0)
			dispatch_sync(i % 128 ? left : right, work);
	}
	dispatch_sync(left, ^{
		CHECK(dispatch_get_specific(&key) == &value && dispatch_queue_get_specific(left, &key) == NULL);
		CHECK(strcmp(dispatch_queue_get_label(DISPATCH_CURRENT_QUEUE_LABEL), "left") == 0);
		CHECK(dispatch_get_current_queue() == left);
		dispatch_assert_queue(left);
		dispatch_assert_queue(base);
		dispatch_assert_queue_not(right);
	});
	dispatch_sync(right, ^{ });
	dispatch_sync(base, ^{ });
	dispatch_barrier_sync(right, ^{ dispatch_assert_queue_barrier(right); });
	CHECK(wrong == 0 && ran == 3047);
	dispatch_queue_set_specific(base, &key, &other, NULL);
	CHECK(dispatch_queue_get_specific(base, &key) == &other && dispatch_get_specific(&key) == NULL);
	dispatch_release(left);
	dispatch_release(right);
	dispatch_release(base);
}

static void test_suspend(void)
{
	dispatch_queue_t queue = dispatch_queue_create("suspended", NULL);
	dispatch_queue_t lazy = dispatch_queue_create("lazy", dispatch_queue_attr_make_initially_inactive(NULL));
	dispatch_semaphore_t ran = dispatch_semaphore_create(0);
	dispatch_suspend(queue);
	dispatch_suspend(queue);
	dispatch_async(queue, ^{ dispatch_semaphore_signal(ran); });
	dispatch_async(lazy, ^{ dispatch_semaphore_signal(ran); });
	dispatch_resume(queue);
	CHECK(dispatch_semaphore_wait(ran, soon(20)) != 0);
	dispatch_resume(queue);
	CHECK(dispatch_semaphore_wait(ran, soon(10000)) == 0 && dispatch_semaphore_wait(ran, soon(20)) != 0);
	dispatch_activate(lazy);
	CHECK(dispatch_semaphore_wait(ran, soon(10000)) == 0);
	dispatch_release(queue);
	dispatch_release(lazy);
	dispatch_release(ran);
}

static void test_groups(void)
{
	dispatch_group_t group = dispatch_group_create();
	dispatch_queue_t global = dispatch_get_global_queue(QOS_CLASS_UTILITY, 0), serial = dispatch_queue_create("g", NULL);
	dispatch_semaphore_t told = dispatch_semaphore_create(0);
	static atomic_int count;
	CHECK(dispatch_group_wait(group, DISPATCH_TIME_NOW) == 0);
	for (int i = 0; i < 200; i++) {
		dispatch_group_async(group, i % 2 ? global : serial, ^{ count++; });
		dispatch_group_async_f(group, global, &count, add_one);
	}
	dispatch_group_enter(group);
	CHECK(dispatch_group_wait(group, soon(20)) != 0);
	dispatch_group_notify(group, serial, ^{
		CHECK(count == 400);
		dispatch_semaphore_signal(told);
	});
	CHECK(dispatch_semaphore_wait(told, DISPATCH_TIME_NOW) != 0);
	dispatch_group_leave(group);
	CHECK(dispatch_group_wait(group, soon(10000)) == 0 && dispatch_semaphore_wait(told, soon(10000)) == 0);
	dispatch_group_notify(group, global, ^{ dispatch_semaphore_signal(told); }); // it is empty: at once
	CHECK(dispatch_semaphore_wait(told, soon(10000)) == 0);
	dispatch_release(group);
	dispatch_release(serial);
	dispatch_release(told);
}

static void test_apply(void)
{
	dispatch_queue_t serial = dispatch_queue_create("apply", NULL);
	static atomic_long sum;
	static unsigned char seen[50000];
	dispatch_apply(sizeof(seen), DISPATCH_APPLY_AUTO, ^(size_t i) { seen[i]++; sum += (long)i; });
	CHECK(sum == 50000l * 49999 / 2);
	for (size_t i = 0; i < sizeof(seen); i++)
		CHECK(seen[i] == 1);
	__block size_t next = 0;
	dispatch_apply(1000, serial, ^(size_t i) { CHECK(i == next); next++; });
	CHECK(next == 1000);
	sum = 0;
	dispatch_apply(16, dispatch_get_global_queue(0, 0), ^(size_t i) {
		dispatch_apply(16, dispatch_get_global_queue(0, 0), ^(size_t j) { sum += (long)(i * j); });
	});
	CHECK(sum == 120 * 120);
	dispatch_release(serial);
}

static void *race_once(void *argument)
{
	static dispatch_once_t once;
	static atomic_int runs, done;
	atomic_int *ready = argument;
	(*ready)--;
	while (*ready > 0)
		;
	dispatch_once(&once, ^{
		runs++;
		usleep(20000);
		done = 1;
	});
	CHECK(runs == 1 && done == 1 && once == ~0l);
	return NULL;
}

static void test_once(void)
{
	pthread_t threads[6];
	atomic_int ready = 6;
	for (int i = 0; i < 6; i++)
		CHECK(pthread_create(&threads[i], NULL, race_once, &ready) == 0);
	for (int i = 0; i < 6; i++)
		pthread_join(threads[i], NULL);
}

// More functions block than there are processors; the last lets all of them go.
static void test_growth(dispatch_queue_t queue, bool inside)
{
	dispatch_semaphore_t gate = dispatch_semaphore_create(0);
	dispatch_group_t group = dispatch_group_create();
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
	__block int open = 0;
	for (int i = 0; i < 20; i++)
		dispatch_group_async(group, queue, ^{
			if (inside) {
				dispatch_semaphore_wait(gate, DISPATCH_TIME_FOREVER);
				return;
			}
			pthread_mutex_lock(&mutex);
			while (!open)
				pthread_cond_wait(&condition, &mutex);
			pthread_mutex_unlock(&mutex);
		});
	dispatch_group_async(group, queue, ^{
		for (int i = 0; i < 20; i++)
			dispatch_semaphore_signal(gate);
		pthread_mutex_lock(&mutex);
		open = 1;
		pthread_cond_broadcast(&condition);
		pthread_mutex_unlock(&mutex);
	});
	CHECK(dispatch_group_wait(group, soon(20000)) == 0);
	dispatch_release(group);
	dispatch_release(gate);
}

static void test_items(void)
{
	dispatch_queue_t queue = dispatch_queue_create("items", DISPATCH_QUEUE_CONCURRENT);
	dispatch_semaphore_t told = dispatch_semaphore_create(0);
	static atomic_int ran;
	dispatch_block_t one = dispatch_block_create(0, ^{ ran++; }), two = dispatch_block_create(0, ^{ ran += 100; });
	dispatch_block_t barrier = dispatch_block_create(DISPATCH_BLOCK_BARRIER, ^{ dispatch_assert_queue_barrier(queue); });
	CHECK(dispatch_block_wait(one, soon(10)) != 0);
	dispatch_block_notify(one, queue, ^{ dispatch_semaphore_signal(told); });
	dispatch_async(queue, one);
	CHECK(dispatch_block_wait(one, soon(10000)) == 0 && ran == 1);
	CHECK(dispatch_semaphore_wait(told, soon(10000)) == 0);
	dispatch_block_cancel(two);
	CHECK(dispatch_block_testcancel(two) != 0 && dispatch_block_testcancel(one) == 0);
	dispatch_async(queue, two);
	CHECK(dispatch_block_wait(two, soon(10000)) == 0 && ran == 1);
	dispatch_async(queue, barrier);
	CHECK(dispatch_block_wait(barrier, soon(10000)) == 0);
	dispatch_block_perform(0, ^{ ran++; });
	CHECK(ran == 2);
	Block_release(one);
	Block_release(two);
	Block_release(barrier);
	dispatch_release(queue);
	dispatch_release(told);
}

static void test_objects(void)
{
	dispatch_queue_t target = dispatch_queue_create("finals", NULL);
	for (int i = 0; i < 100; i++) {
		dispatch_queue_t queue = dispatch_queue_create("short", i % 2 ? DISPATCH_QUEUE_CONCURRENT : NULL);
		dispatch_group_t group = dispatch_group_create();
		dispatch_object_t objects[] = {{.queue = queue}, {.group = group}, {.semaphore = dispatch_semaphore_create(1)}};
		for (int j = 0; j < 3; j++) {
			dispatch_set_context(objects[j], &finals);
			CHECK(dispatch_get_context(objects[j]) == &finals);
			dispatch_set_finalizer_f(objects[j], count_final);
			dispatch_set_target_queue(objects[j], target);
			dispatch_retain(objects[j]);
		}
		dispatch_group_async(group, queue, ^{ live++; });
		for (int j = 0; j < 6; j++)
			dispatch_release(objects[j % 3]);
	}
	for (int i = 0; i < 10000 && finals < 300; i++)
		usleep(1000);
	dispatch_sync(target, ^{ });
	CHECK(finals == 300 && live == 100);
	dispatch_release(target);
	CHECK(dispatch_queue_get_qos_class(dispatch_get_global_queue(QOS_CLASS_BACKGROUND, 0), NULL) == QOS_CLASS_BACKGROUND);
	CHECK(strcmp(dispatch_queue_get_label(dispatch_get_global_queue(0, 0)), "com.apple.root.default-qos") == 0);
	CHECK(dispatch_get_global_queue(0, 0) == dispatch_get_global_queue(QOS_CLASS_DEFAULT, 0));
	dispatch_queue_attr_t attr =
		dispatch_queue_attr_make_with_qos_class(DISPATCH_QUEUE_CONCURRENT, QOS_CLASS_UTILITY, -3);
	int priority = 0;
	dispatch_queue_t queue = dispatch_queue_create("utility", attr);
	CHECK(dispatch_queue_get_qos_class(queue, &priority) == QOS_CLASS_UTILITY && priority == -3);
	dispatch_release(queue);
}

static void test_fork(void)
{
	int child = fork(), status;
	if (child == 0)
		exit(7); // what runs at exit needs none of the threads that stayed behind
	extern int waitpid(int, int *, int);
	CHECK(waitpid(child, &status, 0) == child && status == 7 << 8);
}

static void test_main_queue(void)
{
	pthread_t first = pthread_self();
	static int order;
	CHECK(dispatch_get_current_queue() == dispatch_get_main_queue());
	dispatch_async(dispatch_get_main_queue(), ^{ CHECK(order++ == 0 && pthread_self() == first); });
	dispatch_async(dispatch_get_global_queue(0, 0), ^{
		CHECK(pthread_self() != first);
		dispatch_assert_queue_not(dispatch_get_main_queue());
		dispatch_sync(dispatch_get_main_queue(), ^{
			CHECK(order++ == 1 && pthread_self() == first);
			dispatch_assert_queue(dispatch_get_main_queue());
		});
		CHECK(order == 2);
		dispatch_after(soon(20), dispatch_get_main_queue(), ^{
			CHECK(order == 2);
			puts("queues are fine");
			exit(0);
		});
	});
	dispatch_main();
}

int main(int count, char **words)
{
	if (count > 1) { // it waits for itself
		dispatch_queue_t queue = dispatch_queue_create("mine", NULL);
		dispatch_sync(queue, ^{ dispatch_sync(queue, ^{ puts(words[1]); }); });
	}
	test_blocks();
	test_serial();
	test_concurrent();
	test_targets();
	test_suspend();
	test_groups();
	test_apply();
	test_once();
	test_growth(dispatch_get_global_queue(0, 0), true);
	test_growth(dispatch_get_global_queue(0, 0), false);
	test_growth(dispatch_get_global_queue(QOS_CLASS_BACKGROUND, 2), false);
	test_items();
	test_objects();
	test_fork();
	test_main_queue();
	return 1;
}
