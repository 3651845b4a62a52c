// SPDX-License-Identifier: MIT
// Fuzz target: any file as a program.
#include <gila/fuzz.h>
#include <gila/program.h>
#include <stdlib.h>
#include <string.h>

static int fuzz_program(const uint8_t *data, size_t size)
{
	const char *why = gila_program_check(data, size);
	if (why && !*why)
		abort();
	if (!why && size < 64 + 56)
		abort(); // a header and a segment at least
	return 0;
}

FUZZ_TARGET(fuzz_program)
