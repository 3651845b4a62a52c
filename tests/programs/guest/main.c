// SPDX-License-Identifier: MIT
// Which tests there are; see guest.h. Besides: `guest exit N`, `guest abort`, `guest leave` (the first thread ends, another goes on).
#include "guest.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *name;
	bool (*function)(void);
} tests[] = {
	{"malloc", test_malloc},     {"mapping", test_mapping},   {"threads", test_threads}, {"condition", test_condition},
	{"timeouts", test_timeouts}, {"churn", test_churn},	  {"clocks", test_clocks},   {"random", test_random},
	{"identity", test_identity}, {"files", test_files},	  {"missing", test_missing}, {"signals", test_signals},
	{"crowd", test_crowd},
};

static void *goes_on(void *argument)
{
	usleep(20000);
	puts("leave: ok");
	return NULL; // the last thread: exit status 0
}

int main(int argc, char **argv)
{
	int failed = 0, ran = 0;
	pthread_t thread;
	if (argc == 3 && strcmp(argv[1], "exit") == 0)
		exit(atoi(argv[2]));
	if (argc == 2 && strcmp(argv[1], "abort") == 0) {
		printf("going to abort");
		fflush(stdout);
		abort();
	}
	if (argc == 2 && strcmp(argv[1], "leave") == 0) {
		if (pthread_create(&thread, NULL, goes_on, NULL) != 0)
			return 1;
		pthread_exit(NULL);
	}
	for (int i = 1; i < argc; i++)
		for (size_t j = 0; j < sizeof(tests) / sizeof(tests[0]); j++)
			if (strcmp(argv[i], tests[j].name) == 0) {
				bool good = tests[j].function();
				printf("%s: %s (%.1f)\n", argv[i], good ? "ok" : "failed", 0.5);
				failed += !good;
				ran++;
			}
	return ran == argc - 1 ? failed : 99;
}
