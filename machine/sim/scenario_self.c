// SPDX-License-Identifier: MIT
// Checks of the simulator itself: that it ends hanging and misbehaving kernels as such, and that seeds replay.
#include "scenario.h"

#include <kernel/core/lock.h>
#include <kernel/core/sched.h>
#include <kernel/core/wait.h>
#include <machine/md.h>

// A wake-up that is never sent.
SCENARIO_ENDING(self_lost_wakeup, 4, SIM_HANG)
{
	wait_begin(NULL, WAIT_FOREVER, WAIT_NO_KILL, "nobody");
	thread_block();
}

#define THREADS 16 // enough that the kernel spreads them over its CPUs

static struct md_lock first, second;

static void take_both(void *argument)
{
	for (;;) {
		md_lock_acquire(argument ? &first : &second);
		md_lock_acquire(argument ? &second : &first);
		md_lock_release(&first);
		md_lock_release(&second);
		thread_yield();
	}
}

static void start(void (*function)(void *))
{
	for (int i = 0; i < THREADS; i++)
		if (thread_create_kernel("self", function, i % 2 ? &first : NULL) != KERN_SUCCESS)
			sim_fail();
}

// CPUs that take two locks in different order.
SCENARIO_ENDING(self_deadlock, 4, SIM_HANG)
{
	md_lock_init(&first);
	md_lock_init(&second);
	start(take_both);
	sim_settle();
}

SCENARIO_ENDING(self_endless_loop, 1, SIM_HANG)
{
	for (;;)
		sim_point();
}

SCENARIO_ENDING(self_panic, 4, SIM_PANIC) { panic("as asked"); }

SCENARIO_ENDING(self_idle_with_lock, 1, SIM_MISUSE)
{
	static struct md_lock lock;
	md_lock_init(&lock);
	md_lock_acquire(&lock);
	md_cpu_idle();
}

SCENARIO_ENDING(self_double_free, 1, SIM_MISUSE)
{
	void *pages = md_pages_alloc(2);
	md_pages_free(pages, 2);
	md_pages_free(pages, 2);
}

SCENARIO_ENDING(self_failed_check, 1, SIM_FAILED) { sim_fail(); }

static unsigned counter;

static void racer(void *argument)
{
	for (int i = 0; i < 100; i++) {
		unsigned seen = counter;
		sim_point();
		counter = seen + 1;
	}
}

// Time jumps when nothing runs: an hour costs nothing.
SCENARIO(self_time_jumps, 4)
{
	uint64_t start = md_clock_now();
	sim_sleep(UINT64_C(3600000000000));
	if (md_clock_now() - start < UINT64_C(3600000000000) || sim_steps() > 100000)
		sim_fail();
}

// A race between CPUs is there to be seen: increments get lost, and with --twice as many each time.
SCENARIO(self_race, 4)
{
	counter = 0;
	start(racer);
	sim_settle();
	if (counter >= THREADS * 100 || counter < 2)
		sim_fail();
}
