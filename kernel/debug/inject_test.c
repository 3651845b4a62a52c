// SPDX-License-Identifier: MIT
// Tests of fault injection: who it may be done to, and that it ends.
#include "../core/sched.h"
#include "../seat/grants.h"
#include "../seat/seat_test.h"
#include "monitor.h"

#include <abi/monitor_server.h>
#include <gila/test.h>

static kern_return_t inject(uint32_t task, enum monitor_fault fault, uint64_t amount)
{
	uint64_t where = 1;
	kern_return_t error = monitor_call_inject(NULL, task, fault, amount, &where);
	return where == 0 ? error : KERN_FAILURE; // no program has text here
}

// The task that sits in t/a; 0: none.
static uint32_t sitter(void)
{
	struct seat_probe probe;
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_sits", NULL, "t/*");
	if (!test_add(&packed) || !test_look_up("t/a"))
		return 0;
	sim_settle();
	return test_probe("t/a", &probe) && probe.state == SEAT_OCCUPIED ? probe.task : 0;
}

static unsigned suspensions(uint32_t id)
{
	struct monitor_task record;
	struct task *task = task_find(id);
	if (!task)
		return 99;
	monitor_fill_task(task, &record);
	task_release(task);
	return record.suspended;
}

static void wait_until(uint64_t time)
{
	wait_begin(NULL, time, WAIT_NO_KILL, "the test");
	thread_block();
	wait_end(thread_current());
}

TEST(inject_is_refused_without_a_seat)
{
	struct task *task = task_create(NULL, "stray", &grants_none);
	CHECK(task);
	uint32_t id = task->id;
	CHECK_EQ(inject(id, MONITOR_FAULT_STOP, 1000), KERN_DENIED);
	CHECK_EQ(inject(id, MONITOR_FAULT_SHORTAGE, 1), KERN_DENIED);
	CHECK_EQ(inject(99999, MONITOR_FAULT_STOP, 1000), KERN_NOT_FOUND);
	task_terminate(task, KERN_DEATH_SIGNAL, 9);
	task_release(task);
}

TEST(inject_refuses_nonsense)
{
	uint32_t id = sitter();
	CHECK(id);
	CHECK_EQ(inject(id, MONITOR_FAULT_STOP, 0), KERN_INVALID_ARGUMENT);
	CHECK_EQ(inject(id, MONITOR_FAULT_STOP, MONITOR_STOP_MAX + 1), KERN_INVALID_ARGUMENT);
	CHECK_EQ(inject(id, MONITOR_FAULT_SHORTAGE, UINT64_C(1) << 32), KERN_INVALID_ARGUMENT);
	CHECK_EQ(inject(id, MONITOR_FAULT_FLIP, 5), KERN_NOT_SUPPORTED);
	CHECK_EQ(inject(id, (enum monitor_fault)0, 1), KERN_INVALID_ARGUMENT);
	CHECK_EQ(inject(id, (enum monitor_fault)99, 1), KERN_INVALID_ARGUMENT);
	test_remove("t/a");
}

TEST(inject_stops_for_a_while)
{
	uint32_t id = sitter();
	CHECK(id);
	uint64_t start = md_clock_now();
	CHECK_EQ(inject(id, MONITOR_FAULT_STOP, 5000000), KERN_SUCCESS);
	CHECK_EQ(inject(id, MONITOR_FAULT_STOP, 9000000), KERN_SUCCESS);
	CHECK_EQ(suspensions(id), 2);
	wait_until(start + 7000000);
	CHECK_EQ(suspensions(id), 1);
	wait_until(start + 12000000);
	sim_settle();
	CHECK_EQ(suspensions(id), 0);
	test_remove("t/a");
}

TEST(inject_stop_ends_with_its_task)
{
	uint64_t bytes = kalloc_bytes();
	for (unsigned i = 0; i < 2; i++) {
		uint32_t id = sitter();
		CHECK(id);
		CHECK_EQ(inject(id, MONITOR_FAULT_STOP, 50000000), KERN_SUCCESS);
		CHECK_EQ(inject(id, MONITOR_FAULT_STOP, 100000), KERN_SUCCESS); // may be ending just now
		test_remove("t/a");
		sim_settle();
		CHECK(!task_find(id));
		if (i == 0)
			bytes = kalloc_bytes(); // tables have grown to their size
	}
	CHECK_EQ(kalloc_bytes(), bytes);
}

TEST(inject_shortage_ends_with_the_server)
{
	struct seat_probe probe;
	uint32_t id = sitter();
	CHECK(id);
	CHECK_EQ(inject(id, MONITOR_FAULT_SHORTAGE, 1), KERN_SUCCESS);
	struct task *task = task_find(id);
	CHECK(task);
	CHECK(kalloc(task->account, 100) == NULL);
	CHECK_EQ(inject(id, MONITOR_FAULT_SHORTAGE, 0), KERN_SUCCESS);
	void *block = kalloc(task->account, 100);
	CHECK(block);
	kfree(task->account, block, 100);
	CHECK_EQ(inject(id, MONITOR_FAULT_SHORTAGE, 1), KERN_SUCCESS);
	task_release(task);
	test_kill_occupant("t/a");
	sim_settle();
	CHECK(test_look_up("t/a"));
	sim_settle();
	CHECK(test_probe("t/a", &probe));
	CHECK(probe.state == SEAT_OCCUPIED && probe.task != id);
	test_remove("t/a");
}
