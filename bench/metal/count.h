// SPDX-License-Identifier: MIT
// Counting instructions by the time stamp counter, under QEMU with -icount; rows for bench/metal.sh in the log. One row at a time.
#ifndef BENCH_METAL_COUNT_H
#define BENCH_METAL_COUNT_H

#include <stdint.h>

#define COUNT_WARM_UP 64u
#define COUNT_ROUNDS 2000u

static inline uint64_t count(void)
{
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return low | (uint64_t)high << 32;
}

// What two readings in a row cost, which is taken off every sample from now on.
uint64_t count_calibrate(void);
// In line: what is between two readings is to be the operation and no more than was calibrated.
extern uint32_t count_samples[COUNT_ROUNDS];
extern unsigned count_taken;
extern uint64_t count_pair;
static inline void count_sample(unsigned round, uint64_t start, uint64_t end)
{
	if (round >= COUNT_WARM_UP && count_taken < COUNT_ROUNDS)
		count_samples[count_taken++] = (uint32_t)(end - start - count_pair);
}
// "bench-row NAME MODE MIN MAX" of the samples since the last row, each for `parts` operations.
void count_row(const char *name, unsigned parts);
// Ends the bench if the code is not KERN_SUCCESS.
_Noreturn void count_failed(const char *what, int code);
static inline void count_must(const char *what, int code)
{
	if (code)
		count_failed(what, code);
}

#endif
