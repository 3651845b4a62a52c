// SPDX-License-Identifier: MIT
// How long things took: counts in buckets that are an eighth of a power of two wide, so percentiles are right to about 9 %.
#ifndef TORTURE_TIMES_H
#define TORTURE_TIMES_H

#include <stdint.h>

#define TIMES_BUCKETS 512u

struct times {
	uint64_t count, most; // ns
	uint64_t buckets[TIMES_BUCKETS];
};

void times_add(struct times *times, uint64_t nanoseconds);
void times_join(struct times *to, const struct times *from);
// The upper end of the bucket that the percentile lies in, at most `most`; 0: nothing was counted.
uint64_t times_percentile(const struct times *times, double percent);

#endif
