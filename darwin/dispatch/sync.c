// SPDX-License-Identifier: MIT
// Functions that run in their caller, when the queue lets them; see queue.h, 3. Facts: <dispatch/queue.h>.
#include "block.h"
#include "pool.h"

#include "../libsystem/futex.h"
#include "../libsystem/report.h"

#include <stdlib.h>

struct waiter {
	struct dispatch_work work;
	void (*function)(void *);
	void *context;
	_Atomic uint32_t go;	   // it is its turn, or (on the main queue) it has been run
	_Atomic uint32_t *done;	   // what who gave the turn waits for
};

static void run_here(struct dispatch_queue *queue, void *context, void (*function)(void *))
{
	struct dispatch_frame frame = {queue, dispatch_frames};
	dispatch_frames = &frame;
	function(context);
	dispatch_frames = frame.before;
}

// In the thread that drains the queue: the waiter's stack is not looked at after it was told to go.
static void hand_over(void *argument)
{
	struct waiter *waiter = argument;
	_Atomic uint32_t done = 0;
	waiter->done = &done;
	atomic_store(&waiter->go, 1);
	futex_wake(&waiter->go, 1);
	dispatch_wait(&done, 0, DISPATCH_TIME_FOREVER);
}

static void run_for_waiter(void *argument)
{
	struct waiter *waiter = argument;
	waiter->function(waiter->context);
	atomic_store(&waiter->go, 1);
	futex_wake(&waiter->go, 1);
}

// As a function of `as`, which is `queue` or targets it.
static void sync_wait(struct dispatch_queue *as, struct dispatch_queue *queue, void *context, void (*function)(void *),
		      bool barrier)
{
	bool of_main = queue->head.class->kind == DISPATCH_MAIN;
	struct waiter waiter = {.function = function, .context = context};
	waiter.work = (struct dispatch_work){
		.function = of_main ? run_for_waiter : hand_over, .context = &waiter, .barrier = barrier, .kept = true};
	if (queue->ordered)
		waiter.work.qos = dispatch_work_class(function, context);
	dispatch_queue_push(queue, &waiter.work);
	dispatch_wait(&waiter.go, 0, DISPATCH_TIME_FOREVER);
	if (of_main)
		return;
	run_here(as, context, function);
	_Atomic uint32_t *done = waiter.done;
	atomic_store(done, 1);
	futex_wake(done, 1);
}

// A thread that waits for itself would wait for ever.
static void check_not_held(const struct dispatch_queue *queue)
{
	if (queue->concurrent || !dispatch_queue_is_current(queue))
		return;
	report("dispatch: a function that runs on the queue %s waits for its own turn there",
	       queue->label ? queue->label : "without a name");
	abort();
}

// Enters the queue and its targets, one after the other, and runs the function as one of `as`, the first of them.
static void sync_on(struct dispatch_queue *as, struct dispatch_queue *queue, void *context, void (*function)(void *), bool barrier)
{
	if (dispatch_queue_is_root(queue)) {
		run_here(as, context, function);
		return;
	}
	if (queue->head.class->kind == DISPATCH_MAIN || !dispatch_queue_try_enter(queue, barrier)) {
		check_not_held(queue);
		sync_wait(as, queue, context, function, barrier);
		return;
	}
	sync_on(as, dispatch_queue_target(queue), context, function, false);
	dispatch_queue_leave(queue, barrier);
}

void dispatch_queue_sync(struct dispatch_queue *queue, void *context, void (*function)(void *), bool barrier)
{
	sync_on(queue, queue, context, function, barrier);
}

void darwin_dispatch_sync_f(struct dispatch_queue *queue, void *context, void (*function)(void *))
{
	dispatch_queue_sync(queue, context, function, false);
}

void darwin_dispatch_barrier_sync_f(struct dispatch_queue *queue, void *context, void (*function)(void *))
{
	dispatch_queue_sync(queue, context, function, true);
}

void darwin_dispatch_sync(struct dispatch_queue *queue, struct block *block)
{
	dispatch_queue_sync(queue, block, block_call, block_is_barrier(block));
}

void darwin_dispatch_barrier_sync(struct dispatch_queue *queue, struct block *block)
{
	dispatch_queue_sync(queue, block, block_call, true);
}

// ---- apply ----------------------------------------------------------------------------------------------------------

struct apply {
	_Atomic size_t next, done;
	_Atomic uint32_t finished; // all are done
	_Atomic uint32_t references;
	size_t count;
	void *context;
	void (*function)(void *, size_t);
};

static void apply_run(struct apply *apply)
{
	size_t i;
	while ((i = atomic_fetch_add(&apply->next, 1)) < apply->count) {
		apply->function(apply->context, i);
		if (atomic_fetch_add(&apply->done, 1) + 1 == apply->count) {
			atomic_store(&apply->finished, 1);
			futex_wake(&apply->finished, 1);
		}
	}
}

static void apply_release(struct apply *apply)
{
	if (atomic_fetch_sub(&apply->references, 1) == 1)
		free(apply);
}

static void apply_help(void *argument)
{
	struct apply *apply = argument;
	apply_run(apply);
	apply_release(apply);
}

static void apply_here(void *argument)
{
	apply_run(argument);
}

// Helpers that come late find nothing left; the caller waits only for what others have begun.
void darwin_dispatch_apply_f(size_t count, struct dispatch_queue *queue, void *context, void (*function)(void *, size_t))
{
	struct apply *apply = calloc(1, sizeof(*apply));
	size_t helpers = dispatch_pool_width() - 1;
	if (!apply)
		report_fatal("dispatch: no memory");
	if (!queue) // DISPATCH_APPLY_AUTO
		queue = dispatch_root_of(0x15, false);
	apply->count = count;
	apply->context = context;
	apply->function = function;
	helpers = !queue->concurrent || count < 2 ? 0 : helpers < count - 1 ? helpers : count - 1;
	apply->references = (uint32_t)helpers + 1;
	for (size_t i = 0; i < helpers; i++)
		dispatch_queue_add(queue, apply, apply_help);
	if (count > 0) {
		dispatch_queue_sync(queue, apply, apply_here, false);
		dispatch_wait(&apply->finished, 0, DISPATCH_TIME_FOREVER);
	}
	apply_release(apply);
}

static void apply_block(void *block, size_t index)
{
	((struct block_of_index *)block)->invoke(block, index);
}

void darwin_dispatch_apply(size_t count, struct dispatch_queue *queue, struct block *block)
{
	darwin_dispatch_apply_f(count, queue, block, apply_block);
}
