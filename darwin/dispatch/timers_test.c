// SPDX-License-Identifier: MIT
// Timers of the manager: random ones are set, moved and cleared; they fire in order, none too early, and the clock is set in time.
#include "timers.h"

#include <gila/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TIMERS 200

// What timers.c needs of the rest of libdispatch.
static uint64_t armed;
static int fatal;

void dispatch_manager_lock(void)
{
}

void dispatch_manager_unlock(void)
{
}

void timers_arm(enum dispatch_clock clock, uint64_t deadline)
{
	(void)clock;
	armed = deadline;
}

void report_fatal(const char *format, ...);
void report_fatal(const char *format, ...)
{
	(void)format;
	fatal++;
	abort();
}

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static struct dispatch_timer timers[TIMERS];
static int fired[TIMERS], order;
static uint64_t last;

static void fire(struct dispatch_timer *timer)
{
	CHECK(timer->deadline >= last && timer->deadline <= now() && timer->place == 0);
	last = timer->deadline;
	fired[timer - timers] = ++order;
}

static void set(struct dispatch_timer *timer, uint64_t deadline, uint64_t leeway)
{
	timer->clock = DISPATCH_CLOCK_UPTIME;
	timer->fire = fire;
	dispatch_timer_clear(timer);
	timer->deadline = deadline;
	timer->leeway = leeway;
	dispatch_timer_set(timer);
}

static void begin(void)
{
	timers_forget();
	memset(timers, 0, sizeof(timers));
	memset(fired, 0, sizeof(fired));
	order = 0;
	last = armed = 0;
}

static uint64_t random_deadline(uint64_t base)
{
	uint64_t part = (uint64_t)random() % 1000000;
	return random() % 2 ? base - part : base + 86400000000000u + part; // half of them in the past, the others tomorrow
}

static bool run_random(unsigned seed)
{
	uint64_t base = now();
	bool expected[TIMERS];
	int count = 0;
	begin();
	srandom(seed);
	for (int i = 0; i < 5000; i++) {
		struct dispatch_timer *timer = &timers[random() % TIMERS];
		if (random() % 4 == 0)
			dispatch_timer_clear(timer);
		else
			set(timer, random_deadline(base), (uint64_t)random() % 1000);
	}
	for (int i = 0; i < TIMERS; i++)
		count += expected[i] = timers[i].place != 0 && timers[i].deadline <= base;
	timers_fire(DISPATCH_CLOCK_WALL);
	if (order != 0)
		return false;
	timers_fire(DISPATCH_CLOCK_UPTIME);
	for (int i = 0; i < TIMERS; i++)
		if ((fired[i] != 0) != expected[i])
			return false;
	return order == count && count > 0 && armed > base;
}

TEST(dispatch_timers_random)
{
	for (unsigned seed = (unsigned)now(), i = 0; i < 50; i++, seed++) {
		if (!run_random(seed))
			printf("seed %u\n", seed);
		CHECK(run_random(seed));
	}
}

TEST(dispatch_timers_leeway)
{
	uint64_t base = now() + 3600000000000u;
	begin();
	set(&timers[0], base, 1000);
	CHECK_EQ(armed, base + 1000);
	set(&timers[1], base + 500, 100); // sooner at the latest
	CHECK_EQ(armed, base + 600);
	set(&timers[2], base + 700, 0); // after both
	CHECK_EQ(armed, base + 600);
	set(&timers[3], base - 100, 100000);
	CHECK_EQ(armed, base + 600);
	set(&timers[4], base - 200, 0);
	CHECK_EQ(armed, base - 200);
	set(&timers[5], UINT64_MAX - 5, UINT64_MAX); // its latest moment is beyond all numbers
	timers_fire(DISPATCH_CLOCK_UPTIME);
	CHECK(order == 0 && armed == base - 200);
}
