// SPDX-License-Identifier: MIT
// Runs the unit tests of a hosted test binary: `x-test [name part]`. Prints one line for each failure and a closing
// line "N passed, N failed"; the exit status is 1 when a test failed or none ran.
#include <gila/test.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct test *const __start_gila_tests[];
extern const struct test *const __stop_gila_tests[];

static const struct test *running;
static bool running_failed;

void test_fail(const char *file, int line, const char *expression)
{
	printf("%s:%d: %s: %s is false\n", file, line, running->name, expression);
	running_failed = true;
}

void test_fail_values(const char *file, int line, const char *expression, uint64_t left, uint64_t right)
{
	printf("%s:%d: %s: %s: %" PRIu64 " (0x%" PRIx64 ") is not %" PRIu64 " (0x%" PRIx64 ")\n", file, line,
	       running->name, expression, left, left, right, right);
	running_failed = true;
}

int main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0;
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (const struct test *const *t = __start_gila_tests; t < __stop_gila_tests; t++) {
		if (argc > 1 && !strstr((*t)->name, argv[1]))
			continue;
		running = *t;
		running_failed = false;
		running->run();
		if (running_failed)
			failed++;
		else
			passed++;
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed > 0 || passed == 0;
}
