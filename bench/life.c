// SPDX-License-Identifier: MIT
// Check-in of threads, and a server that dies and comes back; see calls.h.
#include "calls.h"
#include "report.h"

#include <abi/traps.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>

#define CHECK_IN_GOAL 50.0  // µs
#define RESTART_GOAL 3000.0 // µs

static struct stats stats;

// The first trap of a thread is its check-in.
static void *first_trap(void *argument)
{
	uint64_t start = clock_now();
	gila_null();
	*(double *)argument = (double)(clock_now() - start) / 1000;
	return NULL;
}

void measure_check_in(struct link *link, const struct plan *plan)
{
	unsigned rounds = plan->rounds / 10 + 10;
	stats_begin(&stats);
	for (unsigned i = 0; i < rounds; i++) {
		double sample = 0;
		pthread_t thread;
		link_must("a thread", pthread_create(&thread, NULL, first_trap, &sample));
		pthread_join(thread, NULL);
		if (i >= 5)
			stats_add(&stats, sample);
	}
	report_figure("thread check-in (its first trap)", "us", &stats, plan->floors.futex, CHECK_IN_GOAL);
}

// SIGKILL to the first answer of the server that follows. The process is ours: it answered with its pid just now.
void measure_restart(struct link *link, const struct plan *plan)
{
	unsigned rounds = plan->rounds / 200 + 5;
	stats_begin(&stats);
	for (unsigned i = 0; i < rounds; i++) {
		pid_t before = link->pid;
		uint64_t start = clock_now();
		if (kill(before, SIGKILL) < 0)
			perror("bench: kill");
		do
			link_find_server(link);
		while (link->pid == before);
		stats_add(&stats, (double)(clock_now() - start) / 1000);
	}
	report_figure("seat restart, kill to first answer", "us", &stats, 0, RESTART_GOAL);
}
