// SPDX-License-Identifier: MIT
// What gila-darwin loads only when it is used: functions of libm and the unwinder; libc++ behind libc++abi. Conditions that are signalled
// with their mutex held and without.
#include "check.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

double sin(double), pow(double, double), ldexp(double, int);
float fmodf(float, float);
struct context;
int _Unwind_Backtrace(int (*function)(struct context *, void *), void *argument);
unsigned long _Unwind_GetIP(struct context *context);

static int count_frame(struct context *context, void *argument)
{
	if (_Unwind_GetIP(context))
		++*(int *)argument;
	return 0; // _URC_NO_REASON
}

__attribute__((noinline)) static int descend(int depth)
{
	int frames = 0;
	if (depth > 0)
		return descend(depth - 1) + 0 * depth + (depth < 0);
	_Unwind_Backtrace(count_frame, &frames);
	return frames;
}

static int has_library(const char *name)
{
	static char text[65536];
	size_t size = 0;
	long more;
	int file = open("/proc/self/maps", O_RDONLY);
	while (size < sizeof(text) - 1 && (more = read(file, text + size, sizeof(text) - 1 - size)) > 0)
		size += (size_t)more;
	close(file);
	text[size] = 0;
	return strstr(text, name) != NULL;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition[2] = {PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER};
static int turn, held, woken;

static void *take_turns(void *argument)
{
	int me = argument != 0;
	for (int i = 0; i < 3000; i++) {
		pthread_mutex_lock(&mutex);
		while (turn != me)
			pthread_cond_wait(&condition[me], &mutex);
		turn = !me;
		if (held)
			pthread_cond_signal(&condition[!me]);
		pthread_mutex_unlock(&mutex);
		if (!held)
			pthread_cond_signal(&condition[!me]);
	}
	return 0;
}

static void *wait_for_two(void *argument)
{
	pthread_mutex_lock(&mutex);
	woken++;
	pthread_cond_wait(&condition[argument != 0], &mutex);
	woken--;
	pthread_mutex_unlock(&mutex);
	return 0;
}

static void wake_two(void)
{
	pthread_t threads[4];
	for (long i = 0; i < 4; i++)
		pthread_create(&threads[i], 0, wait_for_two, (void *)(i & 1));
	pthread_mutex_lock(&mutex);
	while (woken < 4) {
		pthread_mutex_unlock(&mutex);
		pthread_mutex_lock(&mutex);
	}
	// Two conditions within one turn of the mutex, one by one and all at once.
	pthread_cond_signal(&condition[0]);
	pthread_cond_broadcast(&condition[1]);
	pthread_cond_signal(&condition[0]);
	pthread_mutex_unlock(&mutex);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], 0);
	CHECK(woken == 0);
}

int main(void)
{
	volatile double half = 0.5;
	pthread_t other;
	CHECK(!has_library("libm.so") && !has_library("libgcc_s.so") && !has_library("libc++"));
	CHECK(sin(half) > 0.479 && sin(half) < 0.480 && pow(half, 3) == 0.125 && ldexp(half, 3) == 4);
	CHECK(fmodf(5.5f, 2) == 1.5f && has_library("libm.so") && !has_library("libgcc_s.so"));
	CHECK(descend(20) - descend(5) == 15 && descend(0) >= 2 && has_library("libgcc_s.so"));
	void *library = dlopen("/usr/lib/libc++.1.dylib", RTLD_NOW);
	CHECK(library && dlsym(library, "_Znwm") && has_library("libc++abi.so") && !has_library("libc++.so"));
	CHECK(dlsym(library, "_ZNSt3__14coutE") && has_library("libc++.so"));
	for (held = 0; held < 2; held++) {
		turn = 0;
		CHECK(pthread_create(&other, 0, take_turns, (void *)1) == 0);
		take_turns(0);
		CHECK(pthread_join(other, 0) == 0 && turn == 0);
	}
	wake_two();
	puts("all was late");
	return 0;
}
