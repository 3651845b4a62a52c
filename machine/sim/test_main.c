// SPDX-License-Identifier: MIT
// Runs kernel unit tests:  sim-test [--seed N] [--seeds N] [--cpus N] [--verbose] [--here] [name part]...
// and scenarios:           sim-test --scenario NAME|all [--seed N] [--seeds N] [--cpus N] [--jobs N] [--twice] [--verbose]
//
// Each test is a kernel thread of a kernel that was booted for it, in a process of its own (--here: in this one; then
// only the first test that matches runs, which suits a debugger). --seeds N runs each test with N seeds from --seed on.
// Prints a line for each failure and a closing line "N passed, N failed"; exit status 1 when one failed or none ran.
#include "scenario.h"

#include <gila/test.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct test *const __start_gila_tests[];
extern const struct test *const __stop_gila_tests[];

static void test_main(void *argument)
{
	const struct test *test = argument;
	test->run();
}

static bool selected(const char *name, char **parts, int count)
{
	for (int i = 0; i < count; i++)
		if (strstr(name, parts[i]))
			return true;
	return count == 0;
}

static bool test_run(const struct test *test, struct sim_options options, uint64_t seeds, bool here)
{
	options.main = test_main;
	options.argument = (void *)(uintptr_t)test;
	sim_check_name(test->name);
	for (uint64_t i = 0; i < seeds; i++, options.seed++) {
		int status = here ? (int)sim_run(&options) : sim_run_forked(&options);
		if (status == SIM_PASSED)
			continue;
		if (status != SIM_FAILED)
			printf("%s: %s: ended with status %d (seed %" PRIu64 ")\n", test->file, test->name, status,
			       options.seed);
		return false;
	}
	return true;
}

struct arguments {
	struct scenario_batch batch;
	bool scenarios, here;
	int next; // the first argument that is no option
};

// False: an unknown option, left in argv[next].
static bool arguments_parse(struct arguments *arguments, int argc, char **argv)
{
	struct sim_options *options = &arguments->batch.options;
	for (; arguments->next < argc && argv[arguments->next][0] == '-'; arguments->next++) {
		const char *name = argv[arguments->next];
		if (!strcmp(name, "--verbose")) {
			options->verbose = true;
			continue;
		} else if (!strcmp(name, "--here")) {
			arguments->here = true;
			continue;
		} else if (!strcmp(name, "--twice")) {
			arguments->batch.twice = true;
			continue;
		}
		if (arguments->next + 1 == argc)
			return false;
		const char *value = argv[arguments->next + 1];
		uint64_t number = strtoull(value, NULL, 0);
		if (!strcmp(name, "--seed"))
			options->seed = number;
		else if (!strcmp(name, "--seeds"))
			arguments->batch.seeds = number;
		else if (!strcmp(name, "--cpus"))
			options->cpus = (unsigned)number;
		else if (!strcmp(name, "--jobs"))
			arguments->batch.jobs = (unsigned)number;
		else if (!strcmp(name, "--scenario"))
			arguments->scenarios = true, arguments->batch.name = strcmp(value, "all") ? value : NULL;
		else
			return false;
		arguments->next++;
	}
	return true;
}

static void tests_run(const struct arguments *arguments, char **parts, int count, unsigned *passed, unsigned *failed)
{
	struct sim_options options = arguments->batch.options;
	if (options.cpus == 0)
		options.cpus = 1;
	for (const struct test *const *t = __start_gila_tests; t < __stop_gila_tests; t++) {
		if (!selected((*t)->name, parts, count))
			continue;
		if (test_run(*t, options, arguments->batch.seeds, arguments->here))
			(*passed)++;
		else
			(*failed)++;
		if (arguments->here)
			break;
	}
}

int main(int argc, char **argv)
{
	struct arguments arguments = {.batch = {.options = {.seed = 1}, .seeds = 1, .jobs = 2}, .next = 1};
	unsigned passed = 0, failed = 0;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!arguments_parse(&arguments, argc, argv)) {
		fprintf(stderr, "%s: unknown or incomplete option %s\n", argv[0], argv[arguments.next]);
		return 2;
	}
	if (!arguments.scenarios) {
		tests_run(&arguments, argv + arguments.next, argc - arguments.next, &passed, &failed);
	} else if (!scenario_run(&arguments.batch, &passed, &failed)) {
		fprintf(stderr, "%s: there is no scenario %s\n", argv[0], arguments.batch.name);
		return 2;
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed > 0 || passed == 0;
}
