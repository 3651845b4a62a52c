// SPDX-License-Identifier: MIT
// calm SEAT SECONDS: the second client. Calls a probe all the time, while others misbehave; every call must succeed.
// Prints how many there were, the median and the slowest; exit status 1 also when one took so long that it must have hung,
// however busy the machine is.
#include "client.h"

#include <abi/probe.h>
#include <gila/gila.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SAMPLES 4096u

static uint64_t samples[SAMPLES];

static int compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
	return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
	uint64_t calls = 0, slowest = 0, same;
	uint32_t pid;
	if (argc != 3)
		return 2;
	client_limit((unsigned)atoi(argv[2]) + 30);
	mach_port_t probe = client_seat(argv[1]);
	uint64_t end = client_now() + (uint64_t)atoi(argv[2]) * 1000000000u;
	for (uint64_t start; (start = client_now()) < end; calls++) {
		kern_return_t error = probe_echo(probe, calls, &same, &pid);
		uint64_t took = client_now() - start;
		if (error || same != calls)
			client_fail("call %" PRIu64 ": %s", calls, error ? gila_error_text(error) : "another answer");
		if (error)
			break;
		slowest = took > slowest ? took : slowest;
		samples[calls % SAMPLES] = took;
	}
	if (slowest > CLIENT_HUNG)
		client_fail("a call took %" PRIu64 " ms", slowest / 1000000);
	unsigned count = calls < SAMPLES ? (unsigned)calls : SAMPLES;
	qsort(samples, count, sizeof(samples[0]), compare);
	printf("%" PRIu64 " calls, median %" PRIu64 " us, slowest %" PRIu64 " us\n", calls, samples[count / 2] / 1000,
	       slowest / 1000);
	return client_status();
}
