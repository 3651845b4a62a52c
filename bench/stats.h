// SPDX-License-Identifier: MIT
// Samples and what is said about them: the one statistics code of all measurements, floors included.
//
// stats_begin; stats_add for every sample; then stats_median, stats_p99. Samples are doubles in whatever unit the caller
// uses. A struct stats may be used again after stats_begin; its memory is kept until the program ends.
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stddef.h>
#include <stdint.h>

struct stats {
	double *samples;
	size_t count, room;
};

void stats_begin(struct stats *stats);
void stats_add(struct stats *stats, double sample);
// The smallest sample that `percent` of all samples do not exceed (nearest rank); 0 without samples.
double stats_percentile(struct stats *stats, double percent);
static inline double stats_median(struct stats *stats) { return stats_percentile(stats, 50); }
static inline double stats_p99(struct stats *stats) { return stats_percentile(stats, 99); }

// CLOCK_MONOTONIC in nanoseconds.
uint64_t clock_now(void);
// Puts the calling thread on one Linux CPU; those it creates inherit that. Negative: leaves it where it is.
void pin_to(int cpu);

#endif
