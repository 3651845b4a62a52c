// SPDX-License-Identifier: MIT
#include "ipc_test.h"
#include <mach/sync_policy.h>

static mach_port_t semaphore;
static kern_return_t results[4];
static unsigned order[4], done;

static void wait_once(void *argument)
{
	unsigned i = (unsigned)(uintptr_t)argument;
	results[i] = semaphore_wait_trap(semaphore);
	order[done++] = i;
}

static void start_waiters(unsigned count)
{
	done = 0;
	for (unsigned i = 0; i < count; i++) {
		sim_thread(sim_self(), wait_once, (void *)(uintptr_t)i);
		mach_wait_until_trap(gila_clock_get_time(0) + 1000000);
	}
}

CLIENT_TEST(semaphore_counts)
{
	CHECK_EQ(gila_semaphore_create(0, -1) >> 32, KERN_INVALID_ARGUMENT);
	semaphore = (mach_port_t)gila_semaphore_create(SYNC_POLICY_FIFO, 1);
	CHECK(semaphore);
	CHECK_EQ(semaphore_wait_trap(semaphore), 0);
	CHECK_EQ(semaphore_timedwait_trap(semaphore, 0, 0), KERN_OPERATION_TIMED_OUT);
	CHECK_EQ(semaphore_timedwait_trap(semaphore, 0, 5000000), KERN_OPERATION_TIMED_OUT);
	CHECK_EQ(semaphore_timedwait_trap(semaphore, 0, 1000000000), KERN_INVALID_VALUE);
	CHECK_EQ(semaphore_signal_all_trap(semaphore), KERN_NOT_WAITING);
	CHECK_EQ(semaphore_signal_trap(semaphore), 0);
	CHECK_EQ(semaphore_signal_trap(semaphore), 0);
	CHECK_EQ(semaphore_wait_trap(semaphore), 0);
	CHECK_EQ(semaphore_wait_signal_trap(semaphore, semaphore), 0);
	CHECK_EQ(semaphore_wait_trap(semaphore), 0);
	CHECK_EQ(semaphore_wait_trap(test_self()), KERN_INVALID_ARGUMENT);
	CHECK_EQ(gila_semaphore_destroy(semaphore), 0);
	CHECK_EQ(semaphore_wait_trap(semaphore), KERN_INVALID_ARGUMENT);
}

CLIENT_TEST(semaphore_wakes_in_order)
{
	semaphore = (mach_port_t)gila_semaphore_create(SYNC_POLICY_FIFO, 0);
	start_waiters(3);
	CHECK_EQ(done, 0);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(semaphore_signal_trap(semaphore), 0);
		while (done < i + 1)
			swtch();
		CHECK_EQ(order[i], i);
	}
	mach_port_t lifo = (mach_port_t)gila_semaphore_create(SYNC_POLICY_LIFO, 0);
	semaphore = lifo;
	start_waiters(3);
	CHECK_EQ(semaphore_signal_trap(semaphore), 0);
	while (done < 1)
		swtch();
	CHECK_EQ(order[0], 2);
	CHECK_EQ(semaphore_signal_all_trap(semaphore), 0);
	while (done < 3)
		swtch();
	start_waiters(2);
	CHECK_EQ(gila_semaphore_destroy(semaphore), 0);
	while (done < 2)
		swtch();
	CHECK_EQ(results[0], KERN_TERMINATED);
	CHECK_EQ(results[1], KERN_TERMINATED);
}

CLIENT_TEST(clocks_go_on_and_sleep)
{
	uint64_t now = gila_clock_get_time(SYSTEM_CLOCK);
	CHECK_EQ(mach_wait_until_trap(now + 7000000), 0);
	CHECK(gila_clock_get_time(SYSTEM_CLOCK) >= now + 7000000);
	struct mach_timespec woken = {0, 0};
	CHECK_EQ(clock_sleep_trap(0, TIME_RELATIVE, 1, 5, &woken), 0);
	CHECK(woken.tv_sec >= 1);
	CHECK_EQ(clock_sleep_trap(0, TIME_RELATIVE, 1, -5, &woken), KERN_INVALID_VALUE);
	CHECK_EQ(clock_sleep_trap(0, 7, 1, 5, &woken), KERN_INVALID_ARGUMENT);
	struct mach_timebase_info info;
	CHECK_EQ(mach_timebase_info_trap(&info), 0);
	CHECK_EQ(info.numer, info.denom);
	CHECK_EQ(mach_timebase_info_trap((void *)3), KERN_INVALID_ADDRESS);
}

CLIENT_TEST(mk_timer_sends_when_due)
{
	struct word_message m;
	mach_port_t timer = mk_timer_create_trap();
	uint64_t due = gila_clock_get_time(0) + 3000000, was = 0;
	CHECK(timer);
	CHECK_EQ(mk_timer_arm_trap(timer, due), 0);
	CHECK_EQ(test_poll(timer, &m), -1);
	CHECK_EQ(test_receive(timer, &m, sizeof(m), 0, 0), 0);
	CHECK(gila_clock_get_time(0) >= due);
	CHECK_EQ(m.head.msgh_size, 48);
	CHECK_EQ(mk_timer_arm_trap(timer, due + 1000000000), 0);
	CHECK_EQ(mk_timer_cancel_trap(timer, &was), 0);
	CHECK_EQ(was, due + 1000000000);
	CHECK_EQ(mk_timer_cancel_trap(timer, &was), 0);
	CHECK_EQ(was, 0);
	CHECK_EQ(mk_timer_arm_trap(timer, 1), 0);
	CHECK_EQ(test_receive(timer, &m, sizeof(m), 0, 0), 0);
	CHECK_EQ(mk_timer_arm_trap(timer, due + 1000000000), 0);
	CHECK_EQ(mk_timer_destroy_trap(timer), 0);
	CHECK_EQ(mk_timer_arm_trap(timer, 1), KERN_INVALID_ARGUMENT);
	CHECK_EQ(mk_timer_arm_trap(test_port(), 1), KERN_INVALID_ARGUMENT);
	timer = mk_timer_create_trap();
	CHECK_EQ(mk_timer_arm_trap(timer, due + 1000000000), 0); // ends with the task
}
