// SPDX-License-Identifier: MIT
// What programs add to queues, and what a function can ask about the queue that it runs on. Facts: <dispatch/queue.h>.
#include "block.h"
#include "manager.h"
#include "queue.h"

#include "../libsystem/futex.h"
#include "../libsystem/report.h"

#include <stdlib.h>

void darwin_dispatch_async_f(struct dispatch_queue *queue, void *context, void (*function)(void *))
{
	dispatch_queue_submit(queue, context, function, NULL, false);
}

void darwin_dispatch_async(struct dispatch_queue *queue, struct block *block)
{
	dispatch_queue_submit(queue, block_copy(block), block_call_release, NULL, block_is_barrier(block));
}

void darwin_dispatch_barrier_async_f(struct dispatch_queue *queue, void *context, void (*function)(void *))
{
	dispatch_queue_submit(queue, context, function, NULL, true);
}

void darwin_dispatch_barrier_async(struct dispatch_queue *queue, struct block *block)
{
	dispatch_queue_submit(queue, block_copy(block), block_call_release, NULL, true);
}

void darwin_dispatch_group_async_f(struct dispatch_group *group, struct dispatch_queue *queue, void *context,
				   void (*function)(void *))
{
	dispatch_group_enter(group);
	dispatch_queue_submit(queue, context, function, group, false);
}

void darwin_dispatch_group_async(struct dispatch_group *group, struct dispatch_queue *queue, struct block *block)
{
	dispatch_group_enter(group);
	dispatch_queue_submit(queue, block_copy(block), block_call_release, group, block_is_barrier(block));
}

// ---- later ----------------------------------------------------------------------------------------------------------

struct later {
	struct dispatch_timer timer;
	struct dispatch_queue *queue;
	void *context;
	void (*function)(void *);
};

static void later_fire(struct dispatch_timer *timer)
{
	struct later *later = (struct later *)timer;
	dispatch_queue_add(later->queue, later->context, later->function);
	dispatch_object_unref(&later->queue->head);
	free(later);
}

void darwin_dispatch_after_f(uint64_t when, struct dispatch_queue *queue, void *context, void (*function)(void *))
{
	if (when == DISPATCH_TIME_FOREVER)
		return;
	if (when == DISPATCH_TIME_NOW) {
		dispatch_queue_add(queue, context, function);
		return;
	}
	struct later *later = calloc(1, sizeof(*later));
	if (!later)
		report_fatal("dispatch: no memory");
	*later = (struct later){{.fire = later_fire}, queue, context, function};
	dispatch_object_ref(&queue->head);
	later->timer.deadline = dispatch_time_split(when, &later->timer.clock);
	dispatch_timer_set(&later->timer);
}

void darwin_dispatch_after(uint64_t when, struct dispatch_queue *queue, struct block *block)
{
	if (when != DISPATCH_TIME_FOREVER)
		darwin_dispatch_after_f(when, queue, block_copy(block), block_call_release);
}

// ---- where am I -----------------------------------------------------------------------------------------------------

int darwin_pthread_main_np(void);
extern struct dispatch_queue darwin_dispatch_main_q;

// A source's own queue is not the program's.
struct dispatch_queue *darwin_dispatch_get_current_queue(void)
{
	struct dispatch_queue *queue = dispatch_frames ? dispatch_frames->queue : NULL;
	while (queue && queue->head.class->kind == DISPATCH_SOURCE)
		queue = dispatch_queue_target(queue);
	if (queue)
		return queue;
	return darwin_pthread_main_np() ? &darwin_dispatch_main_q : dispatch_root_default();
}

const char *darwin_dispatch_queue_get_label(const struct dispatch_queue *queue)
{
	if (!queue) // DISPATCH_CURRENT_QUEUE_LABEL
		queue = darwin_dispatch_get_current_queue();
	return queue->label ? queue->label : "";
}

static bool runs_on(const struct dispatch_queue *queue)
{
	return dispatch_queue_is_current(queue) ||
	       (queue == &darwin_dispatch_main_q && !dispatch_frames && darwin_pthread_main_np());
}

static void require(bool good, const struct dispatch_queue *queue, const char *what)
{
	if (good)
		return;
	report("dispatch: a function was expected %s the queue %s", what, darwin_dispatch_queue_get_label(queue));
	abort();
}

void darwin_dispatch_assert_queue(const struct dispatch_queue *queue)
{
	require(runs_on(queue), queue, "to run on");
}

void darwin_dispatch_assert_queue_not(const struct dispatch_queue *queue)
{
	require(!runs_on(queue), queue, "not to run on");
}

void darwin_dispatch_assert_queue_barrier(const struct dispatch_queue *queue)
{
	require(runs_on(queue) && (queue->exclusive || queue->head.class->kind == DISPATCH_MAIN), queue, "to run alone on");
}

static struct dispatch_specific *specific_find(const struct dispatch_queue *queue, const void *key)
{
	struct dispatch_specific *specific = queue->specific;
	while (specific && specific->key != key)
		specific = specific->next;
	return specific;
}

void darwin_dispatch_queue_set_specific(struct dispatch_queue *queue, const void *key, void *value,
					void (*destructor)(void *))
{
	struct dispatch_specific *fresh = calloc(1, sizeof(*fresh));
	if (!fresh)
		report_fatal("dispatch: no memory");
	futex_lock(&queue->lock);
	struct dispatch_specific *specific = specific_find(queue, key);
	struct dispatch_specific before = specific ? *specific : (struct dispatch_specific){0};
	if (!specific) {
		specific = fresh;
		*specific = (struct dispatch_specific){.key = key, .next = queue->specific};
		queue->specific = specific;
		fresh = NULL;
	}
	specific->value = value;
	specific->destructor = destructor;
	futex_unlock(&queue->lock);
	free(fresh);
	if (before.value && before.destructor)
		dispatch_queue_add(dispatch_root_default(), before.value, before.destructor);
}

void *darwin_dispatch_queue_get_specific(struct dispatch_queue *queue, const void *key)
{
	futex_lock(&queue->lock);
	struct dispatch_specific *specific = specific_find(queue, key);
	void *value = specific ? specific->value : NULL;
	futex_unlock(&queue->lock);
	return value;
}

// Of the queue that this runs on, or of the nearest of its targets.
void *darwin_dispatch_get_specific(const void *key)
{
	struct dispatch_queue *queue = darwin_dispatch_get_current_queue();
	void *value = NULL;
	for (; queue && !value; queue = dispatch_queue_target(queue))
		value = darwin_dispatch_queue_get_specific(queue, key);
	return value;
}
