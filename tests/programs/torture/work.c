// SPDX-License-Identifier: MIT
// What the clients have in common; see work.h.
#include "work.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#define PRINTED 40u

uint64_t work_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void work_fail(struct work *work, const char *format, ...)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	va_list arguments;
	if (work->gone || work->files->gone()) { // then calls fail, and prove nothing
		work->gone = true;
		return;
	}
	uint64_t before = work->failures++;
	if (work->quiet || before >= PRINTED)
		return;
	pthread_mutex_lock(&mutex);
	fprintf(stderr, "torture: ");
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\n");
	pthread_mutex_unlock(&mutex);
}
