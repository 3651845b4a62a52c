// SPDX-License-Identifier: MIT
// Run loops; see runloop.h. Timers and sources of a program's own come later.
#include "runloop.h"

#include "object.h"

#include "../libsystem/futex.h"

#include <limits.h>
#include <stdlib.h>

enum loop_state { LOOP_IDLE, LOOP_RUNNING, LOOP_WAITING };
enum loop_result { LOOP_FINISHED = 1, LOOP_STOPPED = 2, LOOP_TIMED_OUT = 3 };

struct loop_work {
	void (*function)(void *);
	void *context;
	struct loop_work *next;
};

struct runloop {
	struct object head;
	_Atomic uint32_t lock;	   // of the list
	_Atomic uint32_t sequence; // grows when there is something to look at
	_Atomic uint32_t stop, sources;
	_Atomic enum loop_state state;
	struct loop_work *first, **last;
};

static const struct object_type runloop_type = {"CFRunLoop", NULL, NULL, NULL};
const void *darwin_kCFRunLoopDefaultMode, *darwin_kCFRunLoopCommonModes;

__attribute__((constructor)) static void runloop_begin(void)
{
	darwin_kCFRunLoopDefaultMode = string_format("kCFRunLoopDefaultMode");
	darwin_kCFRunLoopCommonModes = string_format("kCFRunLoopCommonModes");
}

struct runloop *darwin_CFRunLoopGetCurrent(void)
{
	static __thread struct runloop *loop; // others may know it when the thread has ended: it is not freed
	if (!loop) {
		loop = object_make(&runloop_type, sizeof(*loop));
		loop->last = &loop->first;
	}
	return loop;
}

static void runloop_wake(struct runloop *loop)
{
	loop->sequence++;
	futex_wake(&loop->sequence, INT_MAX);
}

void runloop_add(struct runloop *loop, void *context, void (*function)(void *))
{
	struct loop_work *work = malloc(sizeof(*work));
	if (!work)
		abort();
	*work = (struct loop_work){function, context, NULL};
	futex_lock(&loop->lock);
	*loop->last = work;
	loop->last = &work->next;
	futex_unlock(&loop->lock);
	runloop_wake(loop);
}

void runloop_attach(struct runloop *loop)
{
	loop->sources++;
}

void runloop_detach(struct runloop *loop)
{
	loop->sources--;
	runloop_wake(loop);
}

void darwin_CFRunLoopWakeUp(struct runloop *loop)
{
	runloop_wake(loop);
}

void darwin_CFRunLoopStop(struct runloop *loop)
{
	loop->stop = 1;
	runloop_wake(loop);
}

uint8_t darwin_CFRunLoopIsWaiting(const struct runloop *loop)
{
	return loop->state == LOOP_WAITING;
}

static bool run_one(struct runloop *loop)
{
	futex_lock(&loop->lock);
	struct loop_work *work = loop->first;
	if (work && !(loop->first = work->next))
		loop->last = &loop->first;
	futex_unlock(&loop->lock);
	if (!work)
		return false;
	work->function(work->context);
	free(work);
	return true;
}

static int32_t run(struct runloop *loop, const struct timespec *until)
{
	int32_t result = 0;
	loop->state = LOOP_RUNNING;
	while (!result) {
		uint32_t sequence = loop->sequence;
		if (atomic_exchange(&loop->stop, 0))
			result = LOOP_STOPPED;
		else if (run_one(loop))
			continue;
		else if (loop->sources == 0)
			result = LOOP_FINISHED;
		else {
			loop->state = LOOP_WAITING;
			if (futex_wait(&loop->sequence, sequence, until, false) == 110 /* ETIMEDOUT */)
				result = LOOP_TIMED_OUT;
			loop->state = LOOP_RUNNING;
		}
	}
	loop->state = LOOP_IDLE;
	return result;
}

void darwin_CFRunLoopRun(void)
{
	run(darwin_CFRunLoopGetCurrent(), NULL);
}

int32_t darwin_CFRunLoopRunInMode(const void *mode, double seconds, uint8_t return_after_one)
{
	(void)mode, (void)return_after_one;
	struct timespec until = futex_deadline((int64_t)seconds, (int64_t)((seconds - (double)(int64_t)seconds) * 1e9),
					       CLOCK_MONOTONIC);
	return run(darwin_CFRunLoopGetCurrent(), &until);
}
