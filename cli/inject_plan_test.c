// SPDX-License-Identifier: MIT
#include "inject_plan.h"

#include <gila/test.h>
#include <string.h>

static struct plan plan_of(uint64_t seed)
{
	return (struct plan){.random = seed, .rate = 10, .kinds = (1u << PLAN_KINDS) - 1, .seats = 3};
}

TEST(plan_is_the_seed_s)
{
	struct plan a = plan_of(7), b = plan_of(7), c = plan_of(8);
	unsigned same = 0;
	for (unsigned i = 0; i < 1000; i++) {
		struct plan_fault x = plan_next(&a), y = plan_next(&b), z = plan_next(&c);
		CHECK(x.at == y.at && x.kind == y.kind && x.seat == y.seat && x.length == y.length && x.amount == y.amount);
		same += x.at == z.at;
	}
	CHECK(same < 10);
}

TEST(plan_has_all_kinds_at_its_rate)
{
	struct plan plan = plan_of(3);
	unsigned kinds[PLAN_KINDS] = {0}, seats[3] = {0};
	uint64_t before = 0;
	for (unsigned i = 0; i < 10000; i++) {
		struct plan_fault fault = plan_next(&plan);
		CHECK(fault.at >= before && fault.kind < PLAN_KINDS && fault.seat < 3);
		before = fault.at;
		kinds[fault.kind]++;
		seats[fault.seat]++;
	}
	CHECK(before > 950 * UINT64_C(1000000000) && before < 1050 * UINT64_C(1000000000));
	for (unsigned kind = 0; kind < PLAN_KINDS; kind++)
		CHECK(kinds[kind] > 1700 && kinds[kind] < 2300);
	for (unsigned seat = 0; seat < 3; seat++)
		CHECK(seats[seat] > 3000);
	plan.kinds = 1u << PLAN_STOP;
	for (unsigned i = 0; i < 100; i++)
		CHECK(plan_next(&plan).kind == PLAN_STOP);
}

TEST(plan_intervals_are_exponential)
{
	struct plan plan = plan_of(11);
	unsigned longer = 0, twice = 0; // than the mean, than twice the mean: e^-1 and e^-2 of all
	for (unsigned i = 0; i < 10000; i++) {
		uint64_t before = plan.at, gap = plan_next(&plan).at - before;
		longer += gap > 100000000;
		twice += gap > 200000000;
	}
	CHECK(longer > 3500 && longer < 3860);
	CHECK(twice > 1230 && twice < 1480);
}

TEST(plan_kinds_are_read)
{
	unsigned kinds;
	const char *wrong;
	size_t length;
	CHECK(plan_kinds_read("kill", &kinds, &wrong, &length) && kinds == 1u << PLAN_KILL);
	CHECK(plan_kinds_read("flip,kill", &kinds, &wrong, &length) && kinds == (1u << PLAN_FLIP | 1u << PLAN_KILL));
	CHECK(!plan_kinds_read("kill,stopp", &kinds, &wrong, &length) && strcmp(wrong, "stopp") == 0);
	CHECK(!plan_kinds_read("", &kinds, &wrong, &length) && !plan_kinds_read("kill,", &kinds, &wrong, &length));
}
