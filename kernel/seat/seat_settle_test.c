// SPDX-License-Identifier: MIT
// Seats that settle before the end: those that keep something, also when their server has just died, and one that does not answer.
#include "seat_test.h"

#include <gila/test.h>

#define MS UINT64_C(1000000)

TEST(seats_that_keep_something_settle)
{
	struct packed_recipe keeps = packed_recipe("t/a", "/system/bin/seat_keeps", NULL, NULL);
	struct packed_recipe other = packed_recipe("t/b", "/system/bin/seat_hangs", NULL, NULL);
	keeps.head.flags |= SEAT_RESTART_DEMAND;
	CHECK(test_add(&keeps) && test_add(&other));
	test_settled = 0;
	CHECK(seats_settle(md_clock_now() + 1000 * MS)); // nobody was launched yet, so nobody keeps anything
	CHECK_EQ(test_settled, 0);
	CHECK(test_look_up("t/a") && test_look_up("t/b"));
	sim_sleep(50 * MS);
	CHECK(seats_settle(md_clock_now() + 1000 * MS));
	CHECK_EQ(test_settled, 1);
	test_kill_occupant("t/a");
	sim_sleep(10 * MS);
	CHECK(seats_settle(md_clock_now() + 1000 * MS));
	CHECK_EQ(test_settled, 2);
	CHECK_EQ(test_kept, 2); // by another server
	test_remove("t/a");
	test_remove("t/b");
}

// A server that answered is counted once: an answer's own right must not tell that it went unused.
TEST(one_answer_does_not_stand_for_two)
{
	struct packed_recipe quick = packed_recipe("t/a", "/system/bin/seat_keeps", NULL, NULL);
	struct packed_recipe silent = packed_recipe("t/b", "/system/bin/seat_keeps", "silent", NULL);
	CHECK(test_add(&quick) && test_add(&silent));
	CHECK(test_look_up("t/a") && test_look_up("t/b"));
	sim_sleep(50 * MS);
	CHECK(!seats_settle(md_clock_now() + 200 * MS));
	test_remove("t/a");
	test_remove("t/b");
	sim_settle();
}

TEST(a_seat_that_does_not_settle_is_not_waited_for_longer)
{
	struct packed_recipe keeps = packed_recipe("t/a", "/system/bin/seat_keeps", "silent", NULL);
	CHECK(test_add(&keeps));
	CHECK(test_look_up("t/a"));
	sim_sleep(50 * MS);
	uint64_t before = md_clock_now();
	CHECK(!seats_settle(before + 200 * MS));
	CHECK(md_clock_now() >= before + 200 * MS);
	CHECK(test_log_contains("1 seats have not settled in time"));
	test_remove("t/a"); // its death is the answer
	sim_settle();
	CHECK(seats_settle(md_clock_now() + 200 * MS));
}
