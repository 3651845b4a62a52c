// SPDX-License-Identifier: MIT
#include "timer.h"

#include "../task/thread.h"
#include "sched.h"
#include "work.h"
#include <gila/test.h>

enum { TIMERS = 200 };

static struct timer timers[TIMERS];
static _Atomic unsigned fired_count;
static uint64_t fired_order[TIMERS];

static void fired(struct timer *timer) { fired_order[fired_count++] = timer->deadline; }

static enum wait_result sleep_until(uint64_t deadline)
{
	wait_begin(NULL, deadline, WAIT_UNINTERRUPTIBLE, "test");
	thread_block();
	return wait_end(thread_current());
}

TEST(timer_fires_in_order_and_cancelled_ones_never)
{
	uint64_t start = md_clock_now() + 1000000;
	uint32_t random = 99;
	fired_count = 0;
	for (unsigned i = 0; i < TIMERS; i++) {
		random = random * 1664525 + 1013904223;
		timer_init(&timers[i], fired);
		timer_set(&timers[i], start + (random >> 8) % 1000000);
	}
	for (unsigned i = 0; i < TIMERS; i += 3)
		CHECK(timer_cancel(&timers[i]));
	for (unsigned i = 1; i < TIMERS; i += 3)
		timer_set(&timers[i], start + 2000000 - i);
	CHECK_EQ(sleep_until(start + 3000000), WAIT_TIMED_OUT);
	CHECK_EQ(fired_count, TIMERS - (TIMERS + 2) / 3);
	for (unsigned i = 1; i < fired_count; i++)
		CHECK(fired_order[i - 1] <= fired_order[i]);
	CHECK(!timer_cancel(&timers[1]));
}

TEST(wait_times_out_not_before_its_deadline)
{
	uint64_t deadline = md_clock_now() + 5000000;
	CHECK_EQ(sleep_until(deadline), WAIT_TIMED_OUT);
	CHECK(md_clock_now() >= deadline);
	// A deadline in the past ends at once.
	CHECK_EQ(sleep_until(1), WAIT_TIMED_OUT);
}

struct counter_work {
	struct work work;
	struct lock lock;
	struct wait_queue done;
	unsigned runs;
};

static void count_work(struct work *work)
{
	struct counter_work *counter = container_of(work, struct counter_work, work);
	lock_acquire(&counter->lock);
	counter->runs++;
	struct thread *thread = wait_claim(&counter->done);
	lock_release(&counter->lock);
	if (thread)
		thread_ready(thread);
}

TEST(work_runs_once_for_each_post)
{
	static struct counter_work counter;
	work_init(&counter.work, count_work);
	lock_init(&counter.lock, RANK_SEMAPHORE);
	wait_queue_init(&counter.done);
	counter.runs = 0;
	for (unsigned i = 1; i <= 50; i++) {
		lock_acquire(&counter.lock);
		unsigned before = counter.runs;
		wait_begin(&counter.done, WAIT_FOREVER, WAIT_UNINTERRUPTIBLE, "work");
		lock_release(&counter.lock);
		work_post(&counter.work);
		thread_block();
		lock_acquire(&counter.lock);
		CHECK_EQ(wait_end(thread_current()), WAIT_AWAKENED);
		CHECK_EQ(counter.runs, before + 1);
		lock_release(&counter.lock);
	}
}
