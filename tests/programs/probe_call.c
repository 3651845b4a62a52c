// SPDX-License-Identifier: MIT
// probe SEAT echo | count | pid | hang | die STATUS | lookup: one call to a probe, for scripts. Prints the answer, or the
// error on standard output with exit status 1. `die` succeeds when the server that follows has answered.
#include "client.h"

#include <abi/probe.h>
#include <gila/gila.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static kern_return_t call(mach_port_t probe, const char *what, uint32_t status)
{
	uint64_t value = 0;
	uint32_t pid = 0;
	kern_return_t error = KERN_SUCCESS;
	if (strcmp(what, "count") == 0) {
		error = probe_count(probe, &value);
		if (!error)
			printf("%" PRIu64 "\n", value);
		return error;
	}
	if (strcmp(what, "lookup") == 0)
		return KERN_SUCCESS;
	error = probe_echo(probe, 41, &value, &pid);
	if (error)
		return error;
	if (strcmp(what, "hang") == 0)
		return probe_hang(probe, pid);
	if (strcmp(what, "die") == 0)
		return probe_die(probe, pid, status);
	printf("%u\n", strcmp(what, "pid") == 0 ? pid : (uint32_t)value + 1);
	return KERN_SUCCESS;
}

int main(int argc, char **argv)
{
	mach_port_t probe = MACH_PORT_NULL;
	client_limit(60);
	if (argc < 3)
		return 2;
	kern_return_t error = gila_seat(argv[1], &probe);
	if (!error)
		error = call(probe, argv[2], argc > 3 ? (uint32_t)atoi(argv[3]) : 0);
	if (error)
		printf("%s: %s\n", argv[1], gila_error_text(error));
	return error != 0;
}
