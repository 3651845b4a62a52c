// SPDX-License-Identifier: MIT
// Tests of seats: registration, launch on demand, handles and queues that survive, backoff, stop and start, removal.
#include "seat_test.h"

#include <gila/test.h>

#define MS UINT64_C(1000000)

TEST(seat_registration_is_checked)
{
	char complaint[RECIPE_COMPLAINT_MAX];
	uint64_t seats = account_total(ACCOUNT_SEAT), bytes = kalloc_bytes();
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_sits", NULL, "t/*");
	struct task *all = task_create(NULL, "all", &grants_all), *some;
	const char *const patterns[] = {"t/*"};
	struct grants *grants = grants_create(patterns, 1);
	CHECK(all && grants);
	some = task_create(NULL, "some", grants);
	CHECK_EQ(test_register(all, &packed, false, complaint), KERN_SUCCESS);
	CHECK_EQ(test_register(all, &packed, false, complaint), KERN_NAME_EXISTS);
	CHECK(test_contains(complaint, "t/a"));
	CHECK_EQ(test_register(all, &packed, true, complaint), KERN_SUCCESS);
	packed = packed_recipe("t/b", "/system/bin/nothing", NULL, NULL);
	CHECK_EQ(test_register(all, &packed, false, complaint), KERN_NOT_FOUND);
	CHECK(test_contains(complaint, "t/b") && test_contains(complaint, "/system/bin/nothing"));
	packed = packed_recipe("t/b", "/system/bin/seat_sits", NULL, "fs/*");
	CHECK_EQ(test_register(some, &packed, false, complaint), KERN_DENIED);
	CHECK(test_contains(complaint, "\"fs/*\""));
	packed = packed_recipe("u/b", "/system/bin/seat_sits", NULL, NULL);
	CHECK_EQ(test_register(some, &packed, false, complaint), KERN_DENIED);
	packed = packed_recipe("t/b", "/system/bin/seat_sits", NULL, "t/a");
	packed.head.limit_ports = 1000000000;
	CHECK_EQ(test_register(some, &packed, false, complaint), KERN_DENIED);
	CHECK(test_contains(complaint, "ports"));
	packed = packed_recipe("t/c", "/system/bin/seat_sits", NULL, NULL);
	CHECK_EQ(test_register(all, &packed, true, complaint), KERN_NOT_FOUND);
	test_remove("t/a");
	task_terminate(all, KERN_DEATH_EXIT, 0);
	task_terminate(some, KERN_DEATH_EXIT, 0);
	task_release(all);
	task_release(some);
	grants_release(grants);
	sim_settle();
	CHECK_EQ(account_total(ACCOUNT_SEAT), seats);
	CHECK_EQ(kalloc_bytes(), bytes);
}

TEST(seat_lookup_says_why_not)
{
	struct right right;
	struct task *none = task_create(NULL, "none", &grants_none), *all = task_create(NULL, "all", &grants_all);
	CHECK_EQ(seat_lookup(none, "t/a", &right), KERN_DENIED);
	CHECK_EQ(seat_lookup(all, "t/a", &right), KERN_NOT_FOUND);
	CHECK_EQ(seat_lookup(all, "kernel/nothing", &right), KERN_NOT_FOUND);
	CHECK_EQ(seat_lookup(all, "kernel/monitor", &right), KERN_SUCCESS);
	right_release(right);
	CHECK_EQ(seat_lookup(all, "kernel/archive", &right), KERN_SUCCESS);
	right_release(right);
	task_terminate(none, KERN_DEATH_EXIT, 0);
	task_terminate(all, KERN_DEATH_EXIT, 0);
	task_release(none);
	task_release(all);
}

TEST(seat_is_taken_by_its_server)
{
	struct seat_probe probe;
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_sits", NULL, NULL);
	CHECK(test_add(&packed));
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_VACANT);
	CHECK(test_look_up("t/a"));
	sim_settle();
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_OCCUPIED);
	CHECK_EQ(probe.generation, 1);
	CHECK(probe.task);
	test_remove("t/a");
	sim_settle();
	CHECK(!test_probe("t/a", &probe));
}

TEST(seat_is_launched_again_after_a_crash)
{
	struct seat_probe probe;
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_sits", NULL, NULL);
	packed.head.backoff_reset = SEAT_RESET_ALWAYS;
	CHECK(test_add(&packed));
	CHECK(test_look_up("t/a"));
	sim_settle();
	for (unsigned i = 2; i < 20; i++) {
		test_kill_occupant("t/a");
		sim_settle();
		CHECK(test_probe("t/a", &probe));
		CHECK_EQ(probe.state, SEAT_OCCUPIED);
		CHECK_EQ(probe.generation, i);
		CHECK_EQ(probe.restarts, i - 1);
		CHECK_EQ(probe.reason, SEAT_REASON_SIGNAL);
		CHECK_EQ(probe.code, 9);
	}
	test_remove("t/a");
}

TEST(seat_of_a_crashing_server_backs_off)
{
	struct seat_probe probe;
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_crashes", NULL, NULL);
	packed.head.backoff_initial = 100 * MS;
	packed.head.backoff_cap = 400 * MS;
	CHECK(test_add(&packed));
	CHECK(test_look_up("t/a"));
	sim_settle();
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_BACKING_OFF);
	CHECK_EQ(probe.generation, 2); // the first restart was immediate
	CHECK_EQ(probe.failures, 2);
	CHECK_EQ(probe.reason, SEAT_REASON_SIGNAL);
	CHECK_EQ(probe.code, 11);
	sim_sleep(50 * MS);
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.generation, 2);
	sim_sleep(70 * MS);
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.generation, 3);
	sim_sleep(10000 * MS); // at 400 ms each once the cap is reached
	CHECK(test_probe("t/a", &probe));
	CHECK(probe.generation >= 26 && probe.generation <= 30);
	test_remove("t/a");
}

TEST(seat_backoff_is_reset_by_a_stable_run)
{
	struct seat_probe probe;
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_sits", NULL, NULL);
	packed.head.backoff_reset = 1000 * MS;
	CHECK(test_add(&packed));
	CHECK(test_look_up("t/a"));
	sim_settle();
	test_kill_occupant("t/a");
	sim_settle();
	test_kill_occupant("t/a");
	sim_settle();
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_BACKING_OFF);
	sim_sleep(1500 * MS);
	test_kill_occupant("t/a");
	sim_settle();
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_OCCUPIED);
	CHECK_EQ(probe.failures, 1);
	test_remove("t/a");
}

TEST(seat_that_is_never_taken_times_out)
{
	struct seat_probe probe;
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_stands", NULL, NULL);
	packed.head.start_timeout = 200 * MS;
	packed.head.backoff_initial = 5000 * MS;
	CHECK(test_add(&packed));
	CHECK(test_look_up("t/a"));
	sim_settle();
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_STARTING);
	sim_sleep(450 * MS);
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_BACKING_OFF);
	CHECK_EQ(probe.reason, SEAT_REASON_START_TIMEOUT);
	test_remove("t/a");
}

TEST(seat_of_a_program_that_cannot_be_loaded_backs_off)
{
	struct seat_probe probe;
	struct memory *nonsense;
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_sits", NULL, NULL);
	CHECK(test_add(&packed));
	CHECK_EQ(memory_create(&account_kernel, 1, &nonsense), KERN_SUCCESS);
	struct seat *seat = seat_find("t/a");
	CHECK_EQ(seat_set_image(seat, nonsense), KERN_SUCCESS);
	memory_release(nonsense);
	CHECK(test_look_up("t/a"));
	sim_settle();
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_BACKING_OFF);
	CHECK_EQ(probe.reason, SEAT_REASON_LOAD);
	CHECK_EQ(seat_set_image(seat, NULL), KERN_SUCCESS);
	seat_start(seat);
	seat_release(seat);
	sim_settle();
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_OCCUPIED);
	test_remove("t/a");
}

TEST(seat_can_be_stopped_and_started_at_any_time)
{
	struct seat_probe probe;
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_sits", NULL, NULL);
	CHECK(test_add(&packed));
	struct seat *seat = seat_find("t/a");
	for (unsigned i = 0; i < 30; i++) {
		seat_stop(seat);
		if (i & 1)
			sim_settle();
		CHECK(test_look_up("t/a"));
		CHECK_EQ(seat->state, SEAT_DISABLED);
		seat_start(seat);
		if (i & 2)
			sim_settle();
		if (i & 4)
			seat_restart(seat);
	}
	sim_settle();
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_OCCUPIED);
	CHECK_EQ(probe.restarts, 0);
	seat_stop(seat);
	seat_release(seat);
	sim_sleep(60000 * MS);
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_DISABLED);
	CHECK_EQ(probe.task, 0);
	test_remove("t/a");
}

TEST(seat_on_demand_stays_vacant_until_it_is_needed)
{
	struct seat_probe probe;
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_sits", NULL, NULL);
	packed.head.flags = SEAT_RESTART_DEMAND;
	CHECK(test_add(&packed));
	CHECK(test_look_up("t/a"));
	sim_settle();
	test_kill_occupant("t/a");
	sim_settle();
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_VACANT);
	CHECK(test_send("t/a", 1234)); // the look-up launches, the message waits
	sim_settle();
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_OCCUPIED);
	CHECK_EQ(probe.generation, 2);
	test_remove("t/a");
}

TEST(seat_circle_is_refused)
{
	struct packed_recipe a = packed_recipe("t/a", "/system/bin/seat_needs", "t/b", "t/*");
	struct packed_recipe b = packed_recipe("t/b", "/system/bin/seat_needs", "t/c", "t/*");
	struct packed_recipe c = packed_recipe("t/c", "/system/bin/seat_needs", "t/a", "t/*");
	CHECK(test_add(&a) && test_add(&b) && test_add(&c));
	test_circles = 0;
	CHECK(test_look_up("t/a"));
	sim_settle();
	CHECK_EQ(test_circles, 1);
	CHECK(test_log_contains("t/a -> t/b -> t/c -> t/a"));
	test_remove("t/a");
	test_remove("t/b");
	test_remove("t/c");
}

TEST(seat_heartbeat_tells_the_living_from_the_hanging)
{
	struct seat_probe probe;
	struct packed_recipe alive = packed_recipe("t/a", "/system/bin/seat_sits", NULL, NULL);
	struct packed_recipe hangs = packed_recipe("t/b", "/system/bin/seat_hangs", NULL, NULL);
	alive.head.heartbeat_interval = hangs.head.heartbeat_interval = 100 * MS;
	hangs.head.heartbeat_timeout = 50 * MS;
	CHECK(test_add(&alive) && test_add(&hangs));
	CHECK(test_look_up("t/a") && test_look_up("t/b"));
	sim_sleep(90 * MS);
	CHECK(test_probe("t/b", &probe));
	CHECK_EQ(probe.state, SEAT_OCCUPIED);
	CHECK_EQ(probe.generation, 1);
	sim_sleep(100 * MS);
	CHECK(test_probe("t/b", &probe));
	CHECK_EQ(probe.generation, 2);
	CHECK_EQ(probe.reason, SEAT_REASON_HEARTBEAT);
	sim_sleep(2000 * MS);
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_OCCUPIED);
	CHECK_EQ(probe.generation, 1);
	test_remove("t/a");
	test_remove("t/b");
}

TEST(seat_that_was_left_is_vacant)
{
	struct seat_probe probe;
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_leaves", NULL, NULL);
	CHECK(test_add(&packed));
	CHECK(test_look_up("t/a"));
	sim_settle();
	CHECK(test_probe("t/a", &probe));
	CHECK_EQ(probe.state, SEAT_VACANT);
	CHECK_EQ(probe.reason, SEAT_REASON_LEFT);
	CHECK_EQ(probe.task, 0);
	test_remove("t/a");
}

TEST(seat_keeps_what_a_server_leaves_for_the_next)
{
	struct seat_probe probe;
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_keeps", NULL, NULL);
	uint64_t objects = account_total(ACCOUNT_MEMORY);
	packed.head.backoff_reset = SEAT_RESET_ALWAYS;
	CHECK(test_add(&packed));
	CHECK(test_look_up("t/a"));
	for (unsigned i = 1; i <= 5; i++) {
		sim_settle();
		CHECK(test_probe("t/a", &probe));
		CHECK_EQ(probe.generation, i);
		CHECK_EQ(test_kept, i); // each server counts on from what it found
		test_kill_occupant("t/a");
	}
	test_remove("t/a");
	sim_settle();
	CHECK_EQ(account_total(ACCOUNT_MEMORY), objects);
}

TEST(seat_watchers_are_told_without_being_waited_for)
{
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_sits", NULL, NULL);
	struct port *port = port_create(&account_kernel);
	CHECK(port);
	uint64_t messages = account_total(ACCOUNT_MESSAGE);
	CHECK_EQ(seat_watch(port_make_send(port)), KERN_SUCCESS);
	CHECK(test_add(&packed));
	CHECK(test_look_up("t/a"));
	sim_settle();
	CHECK(port->queued >= 2); // starting, occupied: as many as find room
	CHECK(port->queued <= port->limit);
	for (unsigned i = 0; i < 10; i++) {
		test_kill_occupant("t/a");
		sim_settle();
	}
	CHECK_EQ(port->queued, port->limit);
	right_release((struct right){&port->plain, RIGHT_RECEIVE});
	test_kill_occupant("t/a");
	sim_settle();
	CHECK_EQ(account_total(ACCOUNT_MESSAGE), messages);
	test_remove("t/a");
}

TEST(seat_leaves_nothing_behind)
{
	sim_settle();
	uint64_t bytes = kalloc_bytes(), tasks = account_total(ACCOUNT_TASK), ports = account_total(ACCOUNT_PORT);
	struct packed_recipe packed = packed_recipe("t/a", "/system/bin/seat_sits", NULL, NULL);
	packed.head.backoff_reset = SEAT_RESET_ALWAYS;
	for (unsigned round = 0; round < 20; round++) {
		CHECK(test_add(&packed));
		CHECK(test_send("t/a", 77));
		if (round & 1)
			sim_settle();
		test_kill_occupant("t/a");
		if (round & 2)
			sim_settle();
		test_remove("t/a");
		if (round & 4)
			sim_settle();
	}
	sim_settle();
	CHECK_EQ(account_total(ACCOUNT_TASK), tasks);
	CHECK_EQ(account_total(ACCOUNT_PORT), ports);
	CHECK_EQ(account_total(ACCOUNT_SEAT), 0);
	CHECK_EQ(kalloc_bytes(), bytes);
}
