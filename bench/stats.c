// SPDX-License-Identifier: MIT
// Samples, medians, percentiles; see stats.h.
#include "stats.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void stats_begin(struct stats *stats) { stats->count = 0; }

void stats_add(struct stats *stats, double sample)
{
	if (stats->count == stats->room) {
		stats->room = stats->room ? 2 * stats->room : 1024;
		stats->samples = realloc(stats->samples, stats->room * sizeof(*stats->samples));
		if (!stats->samples) {
			fprintf(stderr, "bench: no memory for %zu samples\n", stats->room);
			exit(2);
		}
	}
	stats->samples[stats->count++] = sample;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;
	return (a > b) - (a < b);
}

double stats_percentile(struct stats *stats, double percent)
{
	if (stats->count == 0)
		return 0;
	qsort(stats->samples, stats->count, sizeof(*stats->samples), compare);
	double rank = percent / 100 * (double)stats->count;
	size_t index = (size_t)rank;
	if ((double)index < rank)
		index++; // nearest rank: rounded up, counted from 1
	return stats->samples[index > 0 ? index - 1 : 0];
}

uint64_t clock_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void pin_to(int cpu)
{
	if (cpu < 0)
		return;
	cpu_set_t set;
	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set) == 0)
		return;
	perror("bench: sched_setaffinity");
	exit(2);
}
