// SPDX-License-Identifier: MIT
// Runs scenarios for many seeds, several at a time, each simulation in a process of its own; see scenario.h.
#include "scenario.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern const struct scenario *const __start_gila_scenarios[];
extern const struct scenario *const __stop_gila_scenarios[];

#define JOBS_LIMIT 64u
#define FAILURES_SHOWN 5u

// What a child leaves behind, in memory that both processes see.
struct outcome {
	uint64_t history, steps;
};

struct job {
	pid_t child; // 0: free
	uint64_t seed;
	unsigned round; // 0 or, with `twice`, 1
};

struct batch_state {
	const struct scenario *scenario;
	const struct scenario_batch *batch;
	struct job jobs[JOBS_LIMIT];
	struct outcome *outcomes; // [job]
	uint64_t *first_history;  // [seed - first], with `twice`
	uint64_t steps, ran;
	unsigned failures;
};

static struct sim_options job_options(const struct batch_state *state, uint64_t seed)
{
	struct sim_options options = state->batch->options;
	options.seed = seed;
	options.main = state->scenario->run;
	if (options.cpus == 0)
		options.cpus = state->scenario->cpus;
	return options;
}

static void job_start(struct batch_state *state, unsigned at, uint64_t seed, unsigned round)
{
	fflush(NULL);
	pid_t child = fork();
	if (child < 0) {
		perror("fork");
		exit(70);
	}
	if (child == 0) {
		struct sim_options options = job_options(state, seed);
		if (state->scenario->ending != SIM_PASSED && !options.verbose)
			freopen("/dev/null", "w", stderr);
		sim_check_name(state->scenario->name);
		enum sim_status status = sim_run(&options);
		state->outcomes[at] = (struct outcome){sim_history(), sim_steps()};
		fflush(NULL);
		_exit((int)status);
	}
	state->jobs[at] = (struct job){child, seed, round};
}

static void job_failed(struct batch_state *state, const struct job *job, const char *what, int status)
{
	if (state->failures++ < FAILURES_SHOWN)
		printf("scenario %s: %s (status %d), seed %" PRIu64 "; replay: sim-test --scenario %s --seed %" PRIu64
		       "\n",
		       state->scenario->name, what, status, job->seed, state->scenario->name, job->seed);
}

// Waits for one child. The job it leaves is free.
static void job_finish(struct batch_state *state)
{
	int status;
	pid_t child = wait(&status);
	for (unsigned at = 0; at < JOBS_LIMIT; at++) {
		struct job *job = &state->jobs[at];
		if (child <= 0 || job->child != child)
			continue;
		job->child = 0;
		int code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
		uint64_t *first = state->first_history ? &state->first_history[job->seed - state->batch->options.seed] : NULL;
		state->ran++;
		state->steps += state->outcomes[at].steps;
		if (code != (int)state->scenario->ending)
			job_failed(state, job, "failed", code);
		else if (first && *first && *first != state->outcomes[at].history)
			job_failed(state, job, "did not replay", code);
		if (first)
			*first = state->outcomes[at].history;
		return;
	}
}

static unsigned job_free(const struct batch_state *state, unsigned jobs)
{
	for (unsigned at = 0; at < jobs; at++)
		if (state->jobs[at].child == 0)
			return at;
	return JOBS_LIMIT;
}

static bool scenario_run_one(const struct scenario *scenario, const struct scenario_batch *batch)
{
	struct batch_state state = {.scenario = scenario, .batch = batch};
	unsigned jobs = batch->jobs && batch->jobs <= JOBS_LIMIT ? batch->jobs : 1;
	size_t size = JOBS_LIMIT * sizeof(*state.outcomes);
	state.outcomes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (batch->twice)
		state.first_history = calloc(batch->seeds, sizeof(uint64_t));
	if (state.outcomes == MAP_FAILED || (batch->twice && !state.first_history))
		exit(70);
	unsigned running = 0;
	for (uint64_t i = 0; i < batch->seeds * (batch->twice ? 2 : 1) && state.failures < FAILURES_SHOWN; i++) {
		if (running == jobs) {
			job_finish(&state);
			running--;
		}
		uint64_t number = batch->twice ? i / 2 : i;
		job_start(&state, job_free(&state, jobs), batch->options.seed + number, i % 2);
		running++;
	}
	while (running-- > 0)
		job_finish(&state);
	printf("scenario %s: %" PRIu64 " runs, %u failed, %" PRIu64 " scheduling points each\n", scenario->name,
	       state.ran, state.failures, state.ran ? state.steps / state.ran : 0);
	munmap(state.outcomes, size);
	free(state.first_history);
	return state.failures == 0;
}

bool scenario_run(const struct scenario_batch *batch, unsigned *passed, unsigned *failed)
{
	bool found = false;
	for (const struct scenario *const *s = __start_gila_scenarios; s < __stop_gila_scenarios; s++) {
		if (batch->name && strcmp((*s)->name, batch->name) != 0)
			continue;
		found = true;
		if (scenario_run_one(*s, batch))
			(*passed)++;
		else
			(*failed)++;
	}
	return found;
}
