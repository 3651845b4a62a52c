// SPDX-License-Identifier: MIT
// What things cost in the kernel server: resident memory as Linux counts it, and kernel memory as Gila's accounts do.
#ifndef BENCH_MEMORY_H
#define BENCH_MEMORY_H

#include "link.h"

// `server`: pid of `gila boot`. `scale`: divides the usual numbers of things.
void measure_memory_use(struct link *link, pid_t server, unsigned scale);

#endif
