// SPDX-License-Identifier: MIT
// Runs the conformance test of the seam (md_test.c) inside a booted kernel of the machine linux: md-test-linux [workers].
//
// Linked with the kernel's and the machine's objects and -Wl,--wrap=md_cpu_start_others, the kernel's last call before
// its threads run: there a kernel thread is added that runs the tests, says "N passed, N failed" and ends the machine.
#include "md.h"

#include <gila/test.h>
#include <inttypes.h>
#include <kernel/core/sched.h>
#include <machine/linux/linux.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

extern const struct test *const __start_gila_tests[];
extern const struct test *const __stop_gila_tests[];

void __real_md_cpu_start_others(void);
void __wrap_md_cpu_start_others(void);

static char directory[] = "/tmp/gila-md-test-XXXXXX", socket_path[64];
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

static void tests_thread(void *argument)
{
	unsigned passed = 0, failed = 0;
	for (const struct test *const *t = __start_gila_tests; t < __stop_gila_tests; t++) {
		running = *t;
		running_failed = false;
		running->run();
		running_failed ? failed++ : passed++;
	}
	printf("%u passed, %u failed\n", passed, failed);
	fflush(stdout);
	unlink(socket_path);
	rmdir(directory);
	md_end(MD_END_POWER_OFF, failed > 0 || passed == 0);
}

void __wrap_md_cpu_start_others(void)
{
	if (thread_create_kernel("md-test", tests_thread, NULL) != KERN_SUCCESS)
		md_end(MD_END_POWER_OFF, 2);
	__real_md_cpu_start_others();
}

int main(int argc, char **argv)
{
	struct linux_options options = {.socket = socket_path, .workers = argc > 1 ? (unsigned)atoi(argv[1]) : 0};
	if (!mkdtemp(directory)) {
		perror(directory);
		return 2;
	}
	snprintf(socket_path, sizeof(socket_path), "%s/socket", directory);
	alarm(60);
	return linux_boot(&options);
}
