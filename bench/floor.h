// SPDX-License-Identifier: MIT
// Floors: what Linux itself takes for a message there and back between two processes. Each function measures in the
// calling process and a child of its own, on the CPUs given (the same one twice: same core), in microseconds.
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include "stats.h"

struct floors {
	double futex;    // futex wake and wait there and back, median, µs
	double datagram; // Unix datagrams there and back, median, µs
	double copy;     // memcpy of 1 MiB, median, µs
};

void floor_futex(int here, int there, unsigned rounds, struct stats *stats);
void floor_datagram(int here, int there, unsigned rounds, struct stats *stats);
void floor_copy(unsigned rounds, struct stats *stats);

#endif
