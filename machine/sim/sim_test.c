// SPDX-License-Identifier: MIT
// The user half of the seam on sim: clients, their traps, memory, launches and deaths. The first half of the tests
// call md_ functions from the test's kernel thread; the second half need the kernel's trap table.
#include "scenario_books.h"
#include "sim.h"

#include <kernel/core/alloc.h>
#include <abi/trap_numbers.h>
#include <gila/test.h>
#include <kernel/seat/grants.h>
#include <kernel/task/task.h>
#include <string.h>

static uint64_t trap(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2)
{
	return gila_trap(number, a0, a1, a2, 0, 0, 0, 0, 0, 0);
}

// ---- Address spaces -------------------------------------------------------------------------------------------------

TEST(sim_memory_is_mapped_shared_and_copied)
{
	struct task *task = sim_task("space", NULL);
	static struct md_memory memory;
	CHECK(task);
	CHECK_EQ(md_memory_create(&memory, &account_kernel, 4 * MD_PAGE_SIZE), KERN_SUCCESS);
	uint64_t shared = 0, copy = 0;
	int value = 7, seen = 0;
	vm_prot_t both = VM_PROT_READ | VM_PROT_WRITE;
	CHECK_EQ(md_map(task, &shared, 2 * MD_PAGE_SIZE, &memory, MD_PAGE_SIZE, both, 0), KERN_SUCCESS);
	CHECK_EQ(md_map(task, &copy, 2 * MD_PAGE_SIZE, &memory, MD_PAGE_SIZE, both, MD_MAP_COPY), KERN_SUCCESS);
	CHECK_EQ(md_task_write(task, shared + MD_PAGE_SIZE + 8, &value, sizeof(value)), KERN_SUCCESS);
	CHECK_EQ(md_memory_read(&memory, 2 * MD_PAGE_SIZE + 8, &seen, sizeof(seen)), KERN_SUCCESS);
	CHECK_EQ(seen, 7);
	value = 9;
	CHECK_EQ(md_task_write(task, copy + MD_PAGE_SIZE + 8, &value, sizeof(value)), KERN_SUCCESS);
	CHECK_EQ(md_task_read(task, &seen, shared + MD_PAGE_SIZE + 8, sizeof(seen)), KERN_SUCCESS);
	CHECK_EQ(seen, 7);
	CHECK_EQ(md_task_read(task, &seen, copy + MD_PAGE_SIZE + 8, sizeof(seen)), KERN_SUCCESS);
	CHECK_EQ(seen, 9);
	CHECK(md_task_read(task, &seen, shared + 2 * MD_PAGE_SIZE - 2, sizeof(seen)) == KERN_INVALID_ADDRESS);
	md_memory_destroy(&memory); // the maps stay
	CHECK_EQ(md_task_read(task, &seen, shared + MD_PAGE_SIZE + 8, sizeof(seen)), KERN_SUCCESS);
	CHECK_EQ(seen, 7);
	sim_kill(task);
}

TEST(sim_maps_obey_flags_and_protection)
{
	struct task *task = sim_task("space", NULL);
	CHECK(task);
	uint64_t at = 0, other = 0;
	char byte = 1;
	vm_prot_t both = VM_PROT_READ | VM_PROT_WRITE;
	CHECK_EQ(md_map(task, &at, 4 * MD_PAGE_SIZE, NULL, 0, both, 0), KERN_SUCCESS);
	CHECK_EQ(md_task_read(task, &byte, at, 1), KERN_SUCCESS);
	CHECK_EQ(byte, 0);
	byte = 5;
	CHECK_EQ(md_task_write(task, at + 3 * MD_PAGE_SIZE, &byte, 1), KERN_SUCCESS);
	CHECK_EQ(md_protect(task, at + MD_PAGE_SIZE, MD_PAGE_SIZE, VM_PROT_READ), KERN_SUCCESS);
	CHECK_EQ(md_task_write(task, at + MD_PAGE_SIZE, &byte, 1), KERN_INVALID_ADDRESS);
	CHECK_EQ(md_task_write(task, at, &byte, 1), KERN_SUCCESS);
	CHECK(md_protect(task, at, MD_PAGE_SIZE, VM_PROT_ALL) != KERN_SUCCESS);
	other = at;
	CHECK_EQ(md_map(task, &other, MD_PAGE_SIZE, NULL, 0, both, MD_MAP_FIXED), KERN_NO_SPACE);
	CHECK_EQ(md_map(task, &other, MD_PAGE_SIZE, NULL, 0, both, MD_MAP_FIXED | MD_MAP_OVERWRITE), KERN_SUCCESS);
	CHECK_EQ(md_task_read(task, &byte, at, 1), KERN_SUCCESS);
	CHECK_EQ(byte, 0);
	CHECK_EQ(md_unmap(task, at, 2 * MD_PAGE_SIZE), KERN_SUCCESS);
	CHECK_EQ(md_task_read(task, &byte, at, 1), KERN_INVALID_ADDRESS);
	CHECK_EQ(md_task_read(task, &byte, at + 3 * MD_PAGE_SIZE, 1), KERN_SUCCESS);
	CHECK_EQ(byte, 5);
	other = at;
	CHECK_EQ(md_map(task, &other, MD_PAGE_SIZE, NULL, 0, both, MD_MAP_FIXED), KERN_SUCCESS);
	sim_kill(task);
	CHECK(md_task_read(task, &byte, at, 1) == KERN_INVALID_ADDRESS);
}

TEST(sim_capture_is_a_snapshot)
{
	struct task *task = sim_task("space", NULL);
	static struct md_memory memory;
	uint64_t at = 0;
	char bytes[8] = "before";
	CHECK(task);
	CHECK_EQ(md_map(task, &at, 2 * MD_PAGE_SIZE, NULL, 0, VM_PROT_READ | VM_PROT_WRITE, 0), KERN_SUCCESS);
	CHECK_EQ(md_task_write(task, at + MD_PAGE_SIZE - 3, bytes, sizeof(bytes)), KERN_SUCCESS);
	CHECK_EQ(md_memory_create(&memory, &account_kernel, 2 * MD_PAGE_SIZE), KERN_SUCCESS);
	CHECK_EQ(md_memory_capture(&memory, task, at + MD_PAGE_SIZE - 3, MD_PAGE_SIZE), KERN_SUCCESS);
	CHECK_EQ(md_task_write(task, at + MD_PAGE_SIZE - 3, "after", 6), KERN_SUCCESS);
	CHECK_EQ(md_memory_read(&memory, 0, bytes, sizeof(bytes)), KERN_SUCCESS);
	CHECK(memcmp(bytes, "before", 7) == 0);
	CHECK_EQ(md_memory_capture(&memory, task, at + MD_PAGE_SIZE, 2 * MD_PAGE_SIZE), KERN_INVALID_ADDRESS);
	md_memory_destroy(&memory);
	sim_kill(task);
}

// ---- Launch and death -----------------------------------------------------------------------------------------------

static int arguments_seen, environment_seen;

static void program(void *argument)
{
	char **arguments = sim_arguments();
	for (arguments_seen = 0; arguments[arguments_seen]; arguments_seen++)
		if (arguments[arguments_seen][0] != 'a' + arguments_seen)
			sim_exit(1);
	environment_seen = sim_environment()[0] != NULL && sim_environment()[1] == NULL;
	sim_exit(42);
}

static kern_return_t launch(struct task *task, const char *image)
{
	static const char *const arguments[] = {"a", "bee", "c", NULL}, *const environment[] = {"X=1", NULL};
	return task_launch(task, &(struct md_launch){.name = "program",
						     .image = image,
						     .image_size = strlen(image),
						     .arguments = arguments,
						     .environment = environment});
}

TEST(sim_launch_runs_the_program_named_by_the_image)
{
	enum kern_death why;
	int code;
	sim_program("hello", program);
	struct task *task = task_create(NULL, "program", &grants_none);
	CHECK(task);
	CHECK_EQ(launch(task, "sim:hello\n"), KERN_SUCCESS);
	CHECK_EQ(task_wait(task, WAIT_FOREVER, &why, &code), KERN_SUCCESS);
	CHECK_EQ(why, KERN_DEATH_EXIT);
	CHECK_EQ(code, 42);
	CHECK_EQ(arguments_seen, 3);
	CHECK(environment_seen);
	task_release(task);
}

TEST(sim_launch_of_an_unknown_image_is_an_error)
{
	enum kern_death why;
	int code;
	struct task *task = task_create(NULL, "program", &grants_none);
	CHECK(task);
	CHECK(launch(task, "sim:nobody knows") != KERN_SUCCESS);
	CHECK_EQ(task_wait(task, WAIT_FOREVER, &why, &code), KERN_SUCCESS);
	CHECK_EQ(why, KERN_DEATH_LOAD);
	task_release(task);
}

static void crasher(void *argument) { sim_crash(11); }
static void returner(void *argument) {}

static void death_is_reported(void (*function)(void *), enum kern_death expected, int expected_code)
{
	enum kern_death why;
	int code;
	struct task *task = sim_client("short", function, NULL);
	CHECK(task);
	CHECK_EQ(task_wait(task, WAIT_FOREVER, &why, &code), KERN_SUCCESS);
	CHECK_EQ(why, expected);
	CHECK_EQ(code, expected_code);
	task_release(task);
}

TEST(sim_deaths_are_reported_with_their_reason)
{
	death_is_reported(crasher, KERN_DEATH_SIGNAL, 11);
	death_is_reported(returner, KERN_DEATH_EXIT, 0);
}

// ---- Traps ----------------------------------------------------------------------------------------------------------

static unsigned loops;

static void busy(void *argument)
{
	for (;;) {
		char text[] = "a line";
		trap(TRAP_null, 0, 0, 0);
		trap(TRAP_log, (uintptr_t)text, sizeof(text) - 1, 0);
		trap(TRAP_thread_switch, 0, 2, 1); // SWITCH_OPTION_WAIT
		trap(TRAP_swtch, 0, 0, 0);
		if (trap(TRAP_log, 4096, 1, 0) != KERN_INVALID_ADDRESS || trap(4000, 0, 0, 0) != KERN_INVALID_ARGUMENT)
			sim_exit(1);
		loops++;
	}
}

TEST(sim_clients_trap_until_they_are_killed)
{
	struct books before;
	books_take(&before);
	struct task *tasks[10];
	loops = 0;
	for (int i = 0; i < 10; i++) {
		tasks[i] = sim_client("busy", busy, NULL);
		CHECK(tasks[i]);
		sim_thread(tasks[i], busy, NULL);
	}
	sim_sleep(20000000);
	CHECK(loops > 20);
	for (int i = 0; i < 10; i++) {
		if (i % 2)
			sim_kill(tasks[i]);
		else
			task_terminate(tasks[i], KERN_DEATH_SIGNAL, 9);
	}
	for (int i = 0; i < 10; i++)
		sim_join(tasks[i]);
	CHECK(books_compare(&before, "sim_test"));
}

// Kills a client at every scheduling point of each of its first traps.
TEST(sim_kill_sweep_of_simple_traps_leaves_nothing)
{
	struct books before;
	unsigned kills = 0;
	books_take(&before);
	for (unsigned number = 0; number < 8; number++) {
		for (unsigned point = 0;; point++) {
			struct task *task = sim_client("victim", busy, NULL);
			CHECK(task);
			sim_kill_at(task, number, point);
			sim_sleep(5000000);
			bool happened = sim_kill_happened();
			if (!happened)
				sim_kill(task);
			sim_join(task);
			CHECK(books_compare(&before, "sim_test"));
			if (!happened)
				break;
			kills++;
		}
	}
	CHECK(kills > 24); // three points a trap, if nobody else does anything
}

static void spinner(void *argument)
{
	for (;;) {
		sim_point();
		loops++;
	}
}

TEST(sim_suspension_stops_a_client_in_user_mode)
{
	loops = 0;
	struct task *task = sim_client("spinner", spinner, NULL);
	CHECK(task);
	sim_sleep(100000);
	CHECK(loops > 0);
	CHECK_EQ(task_suspend(task), KERN_SUCCESS);
	sim_settle(); // would never come back while the client can run
	unsigned stopped = loops;
	sim_sleep(100000);
	CHECK_EQ(loops, stopped);
	CHECK_EQ(task_resume(task), KERN_SUCCESS);
	sim_sleep(100000);
	CHECK(loops > stopped);
	sim_kill(task);
	sim_join(task);
}

TEST(sim_memory_that_is_scarce_is_refused_to_who_has_much)
{
	struct account *account = account_create();
	CHECK(account);
	void *small = kalloc(account, 1000), *large = kalloc(account, 1 << 20);
	CHECK(small && large);
	sim_memory_allow(2 << 20);
	void *more = kalloc(account, 256 << 10);
	CHECK(more);
	CHECK(!kalloc(account, 1 << 20));
	CHECK(account_allows_pages(account, 100) && !account_allows_pages(account, 300));
	// Page frames count, too.
	account_add(account, ACCOUNT_PAGES, 200);
	CHECK(!account_allows_pages(account, 100) && !kalloc(account, 256 << 10));
	account_refund(account, ACCOUNT_PAGES, 200);
	sim_memory_allow(0);
	struct account *other = account_create();
	CHECK(other);
	void *little = kalloc(other, 100 << 10); // nobody is asked for that
	CHECK(little && !kalloc(other, 1 << 20));
	sim_memory_allow(UINT64_MAX);
	atomic_store(&account->count_limit[ACCOUNT_PAGES], 5);
	CHECK(account_allows_pages(account, 5) && !account_allows_pages(account, 6));
	account_fail_every(account, 1); // a page cannot be refused for a test
	CHECK(account_allows_pages(account, 5) && !account_allows_pages(account, 6));
	account_fail_every(account, 0);
	kfree(account, small, 1000);
	kfree(account, large, 1 << 20);
	kfree(account, more, 256 << 10);
	kfree(other, little, 100 << 10);
	account_release(account);
	account_release(other);
}
