// SPDX-License-Identifier: MIT
// The conformance test of the seam: what every machine must do, asked from a kernel thread. The parts that need a
// program in user mode are tested beside each machine (machine/sim/sim_test.c, tests/ for linux).
#include "md.h"

#include <gila/test.h>
#include <kernel/core/alloc.h>
#include <kernel/core/sched.h>
#include <kernel/core/timer.h>
#include <kernel/core/wait.h>
#include <kernel/task/thread.h>

// ---- CPUs, locks, time ----------------------------------------------------------------------------------------------

TEST(md_cpu_numbers_are_in_range)
{
	CHECK(md_cpu_count() >= 1 && md_cpu_count() <= MD_CPU_LIMIT);
	CHECK(md_cpu_self() < md_cpu_count());
}

static struct {
	struct md_lock lock;
	unsigned inside, most, total;
	_Atomic unsigned finished;
} exclusion;

static void exclusion_worker(void *argument)
{
	for (unsigned i = 0; i < 200; i++) {
		md_lock_acquire(&exclusion.lock);
		exclusion.inside++;
		if (exclusion.inside > exclusion.most)
			exclusion.most = exclusion.inside;
		exclusion.total++;
		exclusion.inside--;
		md_lock_release(&exclusion.lock);
		if (i % 20 == 0)
			thread_yield();
	}
	atomic_fetch_add(&exclusion.finished, 1);
}

TEST(md_lock_excludes_other_cpus)
{
	md_lock_init(&exclusion.lock);
	exclusion.inside = exclusion.most = exclusion.total = 0;
	atomic_store(&exclusion.finished, 0);
	for (int i = 0; i < 4; i++)
		CHECK_EQ(thread_create_kernel("exclusion", exclusion_worker, NULL), KERN_SUCCESS);
	while (atomic_load(&exclusion.finished) < 4)
		thread_yield();
	CHECK_EQ(exclusion.most, 1);
	CHECK_EQ(exclusion.total, 800);
}

TEST(md_lock_try_fails_while_held)
{
	struct md_lock lock;
	md_lock_init(&lock);
	CHECK(md_lock_try(&lock));
	CHECK(!md_lock_try(&lock));
	md_lock_release(&lock);
	CHECK(md_lock_try(&lock));
	md_lock_release(&lock);
}

TEST(md_clock_never_goes_back)
{
	uint64_t last = md_clock_now();
	for (int i = 0; i < 1000; i++) {
		uint64_t now = md_clock_now();
		CHECK(now >= last);
		last = now;
		if (i % 100 == 0)
			thread_yield();
	}
	// 2020-01-01: a calendar that was never set is no calendar.
	CHECK(md_clock_calendar() > INT64_C(1577836800000000000));
}

// Blocks the test's thread for `ns`, through the kernel's own timers.
static void sleep_for(uint64_t ns)
{
	wait_begin(NULL, md_clock_now() + ns, WAIT_UNINTERRUPTIBLE, "test");
	thread_block();
	wait_end(thread_current());
}

TEST(md_timer_fires_at_its_deadline_and_not_before)
{
	for (uint64_t ns = 1000; ns <= 10000000; ns *= 10) {
		uint64_t start = md_clock_now();
		sleep_for(ns);
		CHECK(md_clock_now() - start >= ns);
	}
}

TEST(md_timer_serves_an_earlier_deadline_that_comes_later)
{
	static struct timer far;
	timer_init(&far, NULL);
	timer_set(&far, md_clock_now() + UINT64_C(3600000000000));
	uint64_t start = md_clock_now();
	sleep_for(1000000);
	uint64_t slept = md_clock_now() - start;
	CHECK(timer_cancel(&far));
	CHECK(slept >= 1000000 && slept < UINT64_C(1000000000000));
}

TEST(md_timer_serves_a_deadline_in_the_past)
{
	uint64_t start = md_clock_now();
	wait_begin(NULL, start > 0 ? start - 1 : 0, WAIT_UNINTERRUPTIBLE, "test");
	thread_block();
	CHECK_EQ(wait_end(thread_current()), WAIT_TIMED_OUT);
}

// ---- Stacks and contexts --------------------------------------------------------------------------------------------

static struct md_context here, there;
static void *there_stack;
static int bounces, restarts;

static void bounce(void *argument)
{
	volatile char use[8192]; // a good part of the stack is really there
	for (size_t i = 0; i < sizeof(use); i += 512)
		use[i] = (char)i;
	for (;;) {
		bounces += *(int *)argument;
		md_context_switch(&there, &here);
	}
}

TEST(md_context_switches_there_and_back)
{
	int by = 3;
	bounces = 0;
	there_stack = md_stack_alloc();
	CHECK(there_stack);
	md_context_make(&there, there_stack, bounce, &by);
	for (int i = 0; i < 5; i++)
		md_context_switch(&here, &there);
	md_stack_free(there_stack);
	CHECK_EQ(bounces, 15);
}

static void restart(void *argument)
{
	if (++restarts < 50)
		md_stack_restart(there_stack, restart, argument);
	for (;;)
		md_context_switch(&there, &here);
}

TEST(md_stack_restart_begins_at_the_top)
{
	restarts = 0;
	there_stack = md_stack_alloc();
	CHECK(there_stack);
	md_context_make(&there, there_stack, restart, NULL);
	md_context_switch(&here, &there);
	md_stack_free(there_stack);
	CHECK_EQ(restarts, 50);
}

TEST(md_stacks_are_disjoint_and_aligned)
{
	char *stacks[8];
	for (int i = 0; i < 8; i++) {
		stacks[i] = md_stack_alloc();
		CHECK(stacks[i] && (uintptr_t)stacks[i] % 16 == 0);
		stacks[i][0] = (char)i;
		stacks[i][MD_STACK_SIZE - 256] = (char)i;
	}
	for (int i = 0; i < 8; i++) {
		CHECK_EQ(stacks[i][0], i);
		CHECK_EQ(stacks[i][MD_STACK_SIZE - 256], i);
		md_stack_free(stacks[i]);
	}
}

// ---- Memory ---------------------------------------------------------------------------------------------------------

static bool all_zero(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

TEST(md_pages_are_zeroed_aligned_and_reusable)
{
	for (int round = 0; round < 20; round++) {
		size_t count = (size_t)(round % 5) + 1;
		char *pages = md_pages_alloc(count);
		CHECK(pages && (uintptr_t)pages % MD_PAGE_SIZE == 0);
		CHECK(all_zero(pages, count * MD_PAGE_SIZE));
		memset(pages, 0xa5, count * MD_PAGE_SIZE);
		md_pages_free(pages, count);
	}
}

TEST(md_pages_may_be_freed_in_parts)
{
	char *pages = md_pages_alloc(4);
	CHECK(pages);
	md_pages_free(pages, 1);
	md_pages_free(pages + 3 * MD_PAGE_SIZE, 1);
	memset(pages + MD_PAGE_SIZE, 1, 2 * MD_PAGE_SIZE);
	md_pages_free(pages + MD_PAGE_SIZE, 2);
}

TEST(md_memory_is_there_for_who_has_little)
{
	CHECK(md_memory_allows(0));
	CHECK(md_memory_allows(1 << 20));
}

TEST(md_pages_refuse_the_absurd) { CHECK(md_pages_alloc(SIZE_MAX / MD_PAGE_SIZE / 2) == NULL); }

TEST(md_memory_reads_what_was_written)
{
	static struct md_memory memory;
	static char buffer[3 * MD_PAGE_SIZE];
	CHECK_EQ(md_memory_create(&memory, &account_kernel, 3 * MD_PAGE_SIZE), KERN_SUCCESS);
	memset(buffer, 1, sizeof(buffer));
	CHECK_EQ(md_memory_read(&memory, 0, buffer, sizeof(buffer)), KERN_SUCCESS);
	CHECK(all_zero(buffer, sizeof(buffer)));
	CHECK_EQ(md_memory_write(&memory, MD_PAGE_SIZE - 3, "across", 6), KERN_SUCCESS);
	CHECK_EQ(md_memory_read(&memory, MD_PAGE_SIZE - 3, buffer, 6), KERN_SUCCESS);
	CHECK(memcmp(buffer, "across", 6) == 0);
	CHECK(md_memory_read(&memory, 3 * MD_PAGE_SIZE - 1, buffer, 2) != KERN_SUCCESS);
	CHECK(md_memory_write(&memory, UINT64_MAX, buffer, 2) != KERN_SUCCESS);
	md_memory_destroy(&memory);
}

TEST(md_memory_resize_keeps_data_and_adds_zeroes)
{
	static struct md_memory memory;
	char buffer[8];
	CHECK_EQ(md_memory_create(&memory, &account_kernel, MD_PAGE_SIZE), KERN_SUCCESS);
	CHECK_EQ(md_memory_write(&memory, MD_PAGE_SIZE - 4, "data", 4), KERN_SUCCESS);
	CHECK_EQ(md_memory_resize(&memory, 4 * MD_PAGE_SIZE), KERN_SUCCESS);
	CHECK_EQ(md_memory_read(&memory, MD_PAGE_SIZE - 4, buffer, 8), KERN_SUCCESS);
	CHECK(memcmp(buffer, "data\0\0\0\0", 8) == 0);
	CHECK_EQ(md_memory_write(&memory, 3 * MD_PAGE_SIZE, "tail", 4), KERN_SUCCESS);
	CHECK_EQ(md_memory_resize(&memory, MD_PAGE_SIZE), KERN_SUCCESS);
	CHECK(md_memory_read(&memory, MD_PAGE_SIZE, buffer, 1) != KERN_SUCCESS);
	CHECK_EQ(md_memory_resize(&memory, 4 * MD_PAGE_SIZE), KERN_SUCCESS);
	CHECK_EQ(md_memory_read(&memory, 3 * MD_PAGE_SIZE, buffer, 4), KERN_SUCCESS);
	CHECK(all_zero(buffer, 4)); // what was cut off is gone
	md_memory_destroy(&memory);
}

TEST(md_memory_copy_is_a_snapshot)
{
	static struct md_memory source, copy;
	char buffer[4];
	CHECK_EQ(md_memory_create(&source, &account_kernel, 2 * MD_PAGE_SIZE), KERN_SUCCESS);
	CHECK_EQ(md_memory_create(&copy, &account_kernel, 2 * MD_PAGE_SIZE), KERN_SUCCESS);
	CHECK_EQ(md_memory_write(&source, MD_PAGE_SIZE + 1, "old", 4), KERN_SUCCESS);
	CHECK_EQ(md_memory_copy(&copy, &source, MD_PAGE_SIZE, MD_PAGE_SIZE), KERN_SUCCESS);
	CHECK_EQ(md_memory_write(&source, MD_PAGE_SIZE + 1, "new", 4), KERN_SUCCESS);
	CHECK_EQ(md_memory_read(&copy, 1, buffer, 4), KERN_SUCCESS);
	CHECK(memcmp(buffer, "old", 4) == 0);
	CHECK(md_memory_copy(&copy, &source, MD_PAGE_SIZE, 2 * MD_PAGE_SIZE) != KERN_SUCCESS);
	md_memory_destroy(&copy);
	md_memory_destroy(&source);
}

TEST(md_memory_refuses_the_absurd)
{
	static struct md_memory memory;
	CHECK(md_memory_create(&memory, &account_kernel, UINT64_MAX - MD_PAGE_SIZE + 1) != KERN_SUCCESS);
	CHECK_EQ(md_memory_create(&memory, &account_kernel, MD_PAGE_SIZE), KERN_SUCCESS);
	CHECK(md_memory_resize(&memory, UINT64_MAX - MD_PAGE_SIZE + 1) != KERN_SUCCESS);
	CHECK_EQ(md_memory_write(&memory, 0, "still", 5), KERN_SUCCESS);
	md_memory_destroy(&memory);
}

TEST(md_memory_that_is_fixed_keeps_its_size)
{
	static struct md_memory memory;
	char byte = 0;
	CHECK_EQ(md_memory_create(&memory, &account_kernel, 2 * MD_PAGE_SIZE), KERN_SUCCESS);
	CHECK_EQ(md_memory_write(&memory, MD_PAGE_SIZE, "x", 1), KERN_SUCCESS);
	CHECK_EQ(md_memory_fix(&memory), KERN_SUCCESS);
	CHECK_EQ(md_memory_fix(&memory), KERN_SUCCESS);
	CHECK_EQ(md_memory_resize(&memory, MD_PAGE_SIZE), KERN_PROTECTION_FAILURE);
	CHECK_EQ(md_memory_resize(&memory, 3 * MD_PAGE_SIZE), KERN_PROTECTION_FAILURE);
	CHECK_EQ(md_memory_read(&memory, MD_PAGE_SIZE, &byte, 1), KERN_SUCCESS);
	CHECK_EQ(byte, 'x');
	CHECK_EQ(md_memory_write(&memory, 0, "y", 1), KERN_SUCCESS);
	md_memory_destroy(&memory);
}

TEST(md_memory_of_devices_is_fixed_and_apart)
{
	static struct md_memory memory[3];
	uint64_t at[3];
	char byte = 1;
	for (int i = 0; i < 3; i++) {
		CHECK_EQ(md_memory_create_dma(&memory[i], &account_kernel, 2 * MD_PAGE_SIZE, &at[i]), KERN_SUCCESS);
		CHECK(at[i] != 0 && at[i] % MD_PAGE_SIZE == 0);
		CHECK_EQ(md_memory_read(&memory[i], 2 * MD_PAGE_SIZE - 1, &byte, 1), KERN_SUCCESS);
		CHECK_EQ(byte, 0);
		CHECK_EQ(md_memory_resize(&memory[i], MD_PAGE_SIZE), KERN_PROTECTION_FAILURE);
		for (int j = 0; j < i; j++)
			CHECK(at[i] + 2 * MD_PAGE_SIZE <= at[j] || at[j] + 2 * MD_PAGE_SIZE <= at[i]);
	}
	for (int i = 0; i < 3; i++)
		md_memory_destroy(&memory[i]);
	CHECK(md_memory_create_dma(&memory[0], &account_kernel, UINT64_MAX - MD_PAGE_SIZE + 1, &at[0]) != KERN_SUCCESS);
	CHECK(md_memory_create_device(&memory[0], UINT64_MAX - MD_PAGE_SIZE + 1, MD_PAGE_SIZE) != KERN_SUCCESS);
}

// ---- Devices --------------------------------------------------------------------------------------------------------

TEST(md_interrupts_can_be_enabled_and_disabled)
{
	CHECK_EQ(md_interrupt_enable(UINT32_MAX), KERN_INVALID_ARGUMENT);
	for (int i = 0; i < 2; i++) {
		CHECK_EQ(md_interrupt_enable(77), KERN_SUCCESS);
		md_interrupt_ack(77);
		md_interrupt_disable(77);
	}
	md_device_master(UINT32_MAX, true); // nobody's
	md_device_master(UINT32_MAX, false);
}

TEST(md_ports_that_are_not_there_are_refused)
{
	uint32_t value;
	kern_return_t none = md_port_read(UINT64_MAX, 1, &value);
	CHECK(none == KERN_INVALID_ARGUMENT || none == KERN_NOT_SUPPORTED);
	CHECK_EQ(md_port_write(UINT64_MAX, 1, 0), none);
	CHECK_EQ(md_port_read(UINT64_C(1) << 32, 1, &value), none); // not cut off to port 0
	CHECK_EQ(md_port_write(UINT64_C(1) << 32, 1, 0), none);
	CHECK_EQ(md_port_read(0, 3, &value), none);
	CHECK_EQ(md_port_write(0, 0, 0), none);
}

TEST(md_host_descriptors_of_devices_are_given_or_not_there)
{
	static struct md_memory memory;
	struct md_descriptor descriptor = {0};
	uint64_t bus;
	kern_return_t error = md_descriptor_interrupt(&descriptor, 78);
	CHECK(error == KERN_SUCCESS || error == KERN_NOT_SUPPORTED);
	md_descriptor_close(&descriptor);
	CHECK_EQ(md_memory_create_dma(&memory, &account_kernel, MD_PAGE_SIZE, &bus), KERN_SUCCESS);
	CHECK_EQ(md_descriptor_memory(&descriptor, &memory), error);
	md_descriptor_close(&descriptor);
	md_memory_destroy(&memory);
	error = md_descriptor_backend(&descriptor, UINT32_MAX);
	CHECK(error == KERN_NOT_FOUND || error == KERN_NOT_SUPPORTED);
}

// ---- The rest -------------------------------------------------------------------------------------------------------

TEST(md_entropy_fills_and_differs)
{
	uint8_t a[64] = {0}, b[64] = {0};
	md_entropy(a, sizeof(a));
	md_entropy(b, sizeof(b));
	CHECK(memcmp(a, b, sizeof(a)) != 0);
	unsigned zeros = 0;
	for (unsigned i = 0; i < sizeof(a); i++)
		zeros += a[i] == 0;
	CHECK(zeros < 16);
	uint8_t guard[3] = {1, 2, 3};
	md_entropy(&guard[1], 0);
	CHECK(guard[1] == 2);
}

TEST(md_boot_data_is_there)
{
	const void *data;
	size_t size;
	md_boot_archive(&data, &size);
	CHECK(size == 0 || data != NULL);
	CHECK(md_boot_command_line() != NULL);
	for (unsigned i = 0; i < 100; i++) {
		const void *tree = md_boot_device_tree(i, &size);
		if (!tree)
			break;
		CHECK(size >= 40 && ((const uint8_t *)tree)[0] == 0xd0); // a header and its magic number
	}
	CHECK(md_boot_device_tree(UINT32_MAX, &size) == NULL);
}

static _Atomic bool kicked_ran;

static void kicked_thread(void *argument) { atomic_store(&kicked_ran, true); }

// A CPU that idles (all do while this thread sleeps) takes a thread that is made ready elsewhere.
TEST(md_cpu_kick_wakes_an_idle_cpu)
{
	for (int i = 0; i < 20; i++) {
		atomic_store(&kicked_ran, false);
		sleep_for(100000);
		CHECK_EQ(thread_create_kernel("kicked", kicked_thread, NULL), KERN_SUCCESS);
		sleep_for(1000000);
		CHECK(atomic_load(&kicked_ran));
		for (unsigned cpu = 0; cpu < md_cpu_count(); cpu++)
			md_cpu_kick(cpu);
	}
}
