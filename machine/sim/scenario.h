// SPDX-License-Identifier: MIT
// Scenarios: long simulations that are run for many seeds (sim-test --scenario NAME --seeds N), beside the unit tests.
//
// SCENARIO(name, cpus) { ... } is the body of a kernel thread; CHECK works as in tests. SCENARIO_ENDING(name, cpus,
// status) is one that must end in a certain failure: a check of the simulator itself.
#ifndef MACHINE_SIM_SCENARIO_H
#define MACHINE_SIM_SCENARIO_H

#include "sim.h"

#include <gila/test.h>

struct scenario {
	const char *name;
	unsigned cpus;
	enum sim_status ending;
	void (*run)(void *argument);
};

#define SCENARIO_ENDING(id, cpu_count, status)                                                                         \
	static void scenario_##id(void *argument);                                                                     \
	static const struct scenario scenario_entry_##id = {#id, cpu_count, status, scenario_##id};                    \
	static const struct scenario *const scenario_pointer_##id                                                      \
		__attribute__((section("gila_scenarios"), used, TEST_UNPADDED)) = &scenario_entry_##id;                \
	static void scenario_##id(void *argument)

#define SCENARIO(id, cpu_count) SCENARIO_ENDING(id, cpu_count, SIM_PASSED)

struct scenario_batch {
	const char *name;     // only the scenario of this name; NULL: all
	struct sim_options options; // seed: the first; cpus 0: the scenario's own
	uint64_t seeds;
	unsigned jobs;        // simulations at a time
	bool twice;           // each seed runs twice and must have the same history
};

// Runs them, prints failing seeds and how to replay them; adds to the counts of scenarios. False: unknown name.
bool scenario_run(const struct scenario_batch *batch, unsigned *passed, unsigned *failed);

#endif
