// SPDX-License-Identifier: MIT
// What a failed CHECK does in a simulation: says so with the seed, and makes the simulation fail.
#include "sim.h"

#include <gila/test.h>
#include <inttypes.h>
#include <stdio.h>

static const char *running = "simulation";

void sim_check_name(const char *name) { running = name; }

void test_fail(const char *file, int line, const char *expression)
{
	printf("%s:%d: %s: %s is false (seed %" PRIu64 ")\n", file, line, running, expression, sim_seed());
	sim_fail();
}

void test_fail_values(const char *file, int line, const char *expression, uint64_t left, uint64_t right)
{
	printf("%s:%d: %s: %s: %" PRIu64 " (0x%" PRIx64 ") is not %" PRIu64 " (0x%" PRIx64 ") (seed %" PRIu64 ")\n",
	       file, line, running, expression, left, left, right, right, sim_seed());
	sim_fail();
}
