// SPDX-License-Identifier: MIT
// libdispatch, so far: time, semaphores, serial queues for functions. Facts: <dispatch/{time,semaphore,queue}.h>.
//
// A serial queue runs functions one after the other: synchronous ones in the calling thread, others in a thread of the queue that
// exists while there is work. Blocks, groups, sources and the pool of concurrent queues come later.
#include "dispatch.h"

#include "errno.h"
#include "futex.h"
#include "report.h"
#include "thread.h"

#include <limits.h>
#include <stdlib.h>

#define TIME_FOREVER UINT64_MAX

uint64_t darwin_mach_absolute_time(void);

// A time is a value of mach_absolute_time, or, with the topmost bit, the negative of nanoseconds of the calendar.
uint64_t darwin_dispatch_time(uint64_t when, int64_t delta)
{
	if (when == TIME_FOREVER)
		return when;
	if (when == 0)
		when = darwin_mach_absolute_time();
	if (when >> 63) {
		int64_t calendar = -(int64_t)when + delta;
		return calendar < 1 ? (uint64_t)-1 : (uint64_t)-calendar;
	}
	if (delta > 0 && when > INT64_MAX - (uint64_t)delta)
		return TIME_FOREVER;
	return delta < 0 && (uint64_t)-delta >= when ? 1 : when + (uint64_t)delta;
}

uint64_t darwin_dispatch_walltime(const struct timespec *when, int64_t delta)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	int64_t calendar =
		(when ? when->tv_sec : now.tv_sec) * 1000000000 + (when ? when->tv_nsec : now.tv_nsec) + delta;
	return (uint64_t) - (calendar < 2 ? 2 : calendar);
}

static struct timespec deadline_of(uint64_t when, bool *realtime)
{
	*realtime = when >> 63;
	uint64_t nanoseconds = *realtime ? (uint64_t) - (int64_t)when : when;
	return (struct timespec){(time_t)(nanoseconds / 1000000000), (long)(nanoseconds % 1000000000)};
}

// ---- objects --------------------------------------------------------------------------------------------------------

enum dispatch_kind { DISPATCH_SEMAPHORE, DISPATCH_QUEUE };

struct dispatch_object {
	enum dispatch_kind kind;
	_Atomic int32_t references;
};

struct semaphore {
	struct dispatch_object head;
	_Atomic uint32_t value, waiters;
};

struct work {
	void (*function)(void *);
	void *context;
	struct work *next;
};

struct dispatch_queue {
	struct dispatch_object head;
	_Atomic uint32_t running; // a lock: who has it runs a function of the queue
	_Atomic uint32_t lock;	  // of the list
	struct work *first, **last;
	bool thread; // one runs the list
};

static void *object_new(size_t size, enum dispatch_kind kind)
{
	struct dispatch_object *object = calloc(1, size);
	if (object)
		*object = (struct dispatch_object){kind, 1};
	return object;
}

void darwin_dispatch_retain(struct dispatch_object *object)
{
	object->references++;
}

void darwin_dispatch_release(struct dispatch_object *object)
{
	if (--object->references == 0)
		free(object); // a queue with work has a reference for its thread
}

// ---- semaphores -----------------------------------------------------------------------------------------------------

struct semaphore *darwin_dispatch_semaphore_create(int64_t value)
{
	struct semaphore *semaphore = value < 0 ? NULL : object_new(sizeof(*semaphore), DISPATCH_SEMAPHORE);
	if (semaphore)
		semaphore->value = (uint32_t)value;
	return semaphore;
}

int64_t darwin_dispatch_semaphore_signal(struct semaphore *semaphore)
{
	atomic_fetch_add(&semaphore->value, 1);
	if (atomic_load(&semaphore->waiters) == 0)
		return 0;
	futex_wake(&semaphore->value, 1);
	return 1;
}

int64_t darwin_dispatch_semaphore_wait(struct semaphore *semaphore, uint64_t when)
{
	bool realtime, forever = when == TIME_FOREVER;
	struct timespec deadline = deadline_of(when, &realtime);
	for (;;) {
		uint32_t value = atomic_load(&semaphore->value);
		while (value > 0)
			if (atomic_compare_exchange_weak(&semaphore->value, &value, value - 1))
				return 0;
		if (when == 0) // DISPATCH_TIME_NOW
			return 1;
		atomic_fetch_add(&semaphore->waiters, 1);
		int error = futex_wait(&semaphore->value, 0, forever ? NULL : &deadline, realtime);
		atomic_fetch_sub(&semaphore->waiters, 1);
		if (error == ETIMEDOUT)
			return 1;
	}
}

// ---- queues ---------------------------------------------------------------------------------------------------------

struct dispatch_queue *darwin_dispatch_queue_create(const char *name, const void *attributes)
{
	(void)name;
	if (attributes)
		report_once("dispatch: a concurrent queue runs one function at a time");
	struct dispatch_queue *queue = object_new(sizeof(*queue), DISPATCH_QUEUE);
	if (queue)
		queue->last = &queue->first;
	return queue;
}

static struct work *queue_take(struct dispatch_queue *queue)
{
	futex_lock(&queue->lock);
	struct work *work = queue->first;
	if (work && !(queue->first = work->next))
		queue->last = &queue->first;
	if (!work)
		queue->thread = false;
	futex_unlock(&queue->lock);
	return work;
}

static void *queue_run(void *argument)
{
	struct dispatch_queue *queue = argument;
	struct work *work;
	thread_adopt();
	while ((work = queue_take(queue))) {
		futex_lock(&queue->running);
		work->function(work->context);
		futex_unlock(&queue->running);
		free(work);
	}
	thread_run_destructors(thread_self());
	darwin_dispatch_release(&queue->head);
	return NULL;
}

void dispatch_queue_add(struct dispatch_queue *queue, void *context, void (*function)(void *))
{
	struct work *work = malloc(sizeof(*work));
	pthread_t thread;
	if (!work)
		abort();
	*work = (struct work){function, context, NULL};
	futex_lock(&queue->lock);
	*queue->last = work;
	queue->last = &work->next;
	bool start = !queue->thread;
	queue->thread = true;
	futex_unlock(&queue->lock);
	if (!start)
		return;
	darwin_dispatch_retain(&queue->head);
	if (thread_start_helper(&thread, queue_run, queue))
		report_fatal("dispatch: no thread for a queue");
}

void darwin_dispatch_async_f(struct dispatch_queue *queue, void *context, void (*function)(void *))
{
	dispatch_queue_add(queue, context, function);
}

// What was added before runs before: then the queue has a thread, and this waits for its turn behind it.
void darwin_dispatch_sync_f(struct dispatch_queue *queue, void *context, void (*function)(void *))
{
	for (;;) {
		futex_lock(&queue->running);
		futex_lock(&queue->lock);
		bool empty = !queue->first;
		futex_unlock(&queue->lock);
		if (empty)
			break;
		futex_unlock(&queue->running);
		sched_yield();
	}
	function(context);
	futex_unlock(&queue->running);
}
