// SPDX-License-Identifier: MIT
// Queues; see queue.h.
#include "queue.h"

#include "pool.h"

#include "../libsystem/futex.h"
#include "../libsystem/report.h"

#include <stdlib.h>

__thread struct dispatch_frame *dispatch_frames;

void dispatch_queue_init(struct dispatch_queue *queue, bool concurrent)
{
	queue->concurrent = concurrent;
	queue->drain = (struct dispatch_work){.function = dispatch_queue_drain, .context = queue, .kept = true, .qos = 0x15};
}

void dispatch_queue_clear(struct dispatch_queue *queue)
{
	struct dispatch_specific *specific;
	while ((specific = queue->specific)) {
		queue->specific = specific->next;
		if (specific->destructor)
			dispatch_queue_add(dispatch_root_default(), specific->value, specific->destructor);
		free(specific);
	}
	free(queue->label);
}

bool dispatch_queue_is_root(const struct dispatch_queue *queue)
{
	return queue->head.class->kind == DISPATCH_ROOT;
}

struct dispatch_queue *dispatch_queue_target(const struct dispatch_queue *queue)
{
	if (dispatch_queue_is_root(queue))
		return NULL;
	return queue->head.target ? queue->head.target : dispatch_root_default();
}

struct dispatch_queue *dispatch_queue_retarget(struct dispatch_queue *queue, struct dispatch_queue *target)
{
	futex_lock(&queue->lock);
	struct dispatch_queue *before = queue->head.target;
	queue->head.target = target;
	futex_unlock(&queue->lock);
	return before;
}

bool dispatch_queue_is_current(const struct dispatch_queue *queue)
{
	for (const struct dispatch_frame *frame = dispatch_frames; frame; frame = frame->before)
		for (const struct dispatch_queue *at = frame->queue; at; at = dispatch_queue_target(at))
			if (at == queue)
				return true;
	return false;
}

// ---- what may run ---------------------------------------------------------------------------------------------------

static bool may_enter(const struct dispatch_queue *queue, bool barrier)
{
	if (queue->suspended || queue->exclusive)
		return false;
	return queue->running == 0 || (queue->concurrent && !barrier);
}

static bool may_run(const struct dispatch_queue *queue)
{
	return queue->first && may_enter(queue, queue->first->barrier);
}

static void enter_locked(struct dispatch_queue *queue, bool barrier)
{
	if (barrier || !queue->concurrent)
		queue->exclusive = true;
	else
		queue->running++;
}

static void leave_locked(struct dispatch_queue *queue, bool barrier)
{
	if (barrier || !queue->concurrent)
		queue->exclusive = false;
	else
		queue->running--;
}

void dispatch_queue_kick_locked(struct dispatch_queue *queue)
{
	if (queue->queued || !may_run(queue))
		return;
	queue->queued = true;
	dispatch_object_ref(&queue->head);
	if (queue->head.class->kind == DISPATCH_MAIN)
		dispatch_main_wake();
	else
		dispatch_queue_push(dispatch_queue_target(queue), &queue->drain);
}

bool dispatch_queue_try_enter(struct dispatch_queue *queue, bool barrier)
{
	futex_lock(&queue->lock);
	bool may = !queue->first && may_enter(queue, barrier);
	if (may)
		enter_locked(queue, barrier);
	futex_unlock(&queue->lock);
	return may;
}

void dispatch_queue_leave(struct dispatch_queue *queue, bool barrier)
{
	futex_lock(&queue->lock);
	leave_locked(queue, barrier);
	dispatch_queue_kick_locked(queue);
	futex_unlock(&queue->lock);
}

// ---- running --------------------------------------------------------------------------------------------------------

void dispatch_work_run(struct dispatch_work *work)
{
	struct dispatch_work copy = *work; // what is kept may be added again while it runs
	if (!work->kept)
		free(work);
	copy.function(copy.context);
	if (copy.group)
		dispatch_group_leave(copy.group);
}

void dispatch_queue_drain(void *argument)
{
	struct dispatch_queue *queue = argument;
	struct dispatch_frame frame = {queue, dispatch_frames};
	dispatch_frames = &frame;
	futex_lock(&queue->lock);
	queue->queued = false;
	while (may_run(queue)) {
		struct dispatch_work *work = queue->first;
		bool barrier = work->barrier;
		queue->first = work->next;
		enter_locked(queue, barrier);
		dispatch_queue_kick_locked(queue);
		futex_unlock(&queue->lock);
		dispatch_work_run(work);
		futex_lock(&queue->lock);
		leave_locked(queue, barrier);
	}
	futex_unlock(&queue->lock);
	dispatch_frames = frame.before;
	dispatch_object_unref(&queue->head);
}

static void append_locked(struct dispatch_queue *queue, struct dispatch_work *work)
{
	work->next = NULL;
	if (queue->first)
		queue->last->next = work;
	else
		queue->first = work;
	queue->last = work;
}

// Behind all of its class or a higher one.
static void insert_locked(struct dispatch_queue *queue, struct dispatch_work *work)
{
	struct dispatch_work **at = &queue->first;
	while (*at && (*at)->qos >= work->qos)
		at = &(*at)->next;
	work->next = *at;
	*at = work;
	if (!work->next)
		queue->last = work;
}

void dispatch_queue_push(struct dispatch_queue *queue, struct dispatch_work *work)
{
	if (dispatch_queue_is_root(queue)) {
		dispatch_pool_push(queue, work);
		return;
	}
	futex_lock(&queue->lock);
	if (queue->ordered)
		insert_locked(queue, work);
	else
		append_locked(queue, work);
	dispatch_queue_kick_locked(queue);
	futex_unlock(&queue->lock);
}

void dispatch_queue_submit(struct dispatch_queue *queue, void *context, void (*function)(void *), struct dispatch_group *group,
			   bool barrier)
{
	struct dispatch_work *work = malloc(sizeof(*work));
	if (!work)
		report_fatal("dispatch: no memory");
	*work = (struct dispatch_work){
		.function = function, .context = context, .group = group, .barrier = barrier && !dispatch_queue_is_root(queue)};
	if (queue->ordered)
		work->qos = dispatch_work_class(function, context);
	dispatch_queue_push(queue, work);
}

void dispatch_queue_add(struct dispatch_queue *queue, void *context, void (*function)(void *))
{
	dispatch_queue_submit(queue, context, function, NULL, false);
}

// ---- suspended and inactive -----------------------------------------------------------------------------------------

void dispatch_queue_suspend(struct dispatch_queue *queue)
{
	if (dispatch_queue_is_root(queue))
		return;
	futex_lock(&queue->lock);
	queue->suspended++;
	futex_unlock(&queue->lock);
}

bool dispatch_queue_resume(struct dispatch_queue *queue)
{
	if (dispatch_queue_is_root(queue))
		return false;
	futex_lock(&queue->lock);
	bool activation = queue->life == DISPATCH_INACTIVE;
	if (queue->suspended == 0)
		report_fatal("dispatch: a queue was resumed more often than suspended");
	queue->suspended--;
	queue->life = DISPATCH_ACTIVE;
	dispatch_queue_kick_locked(queue);
	futex_unlock(&queue->lock);
	return activation;
}

bool dispatch_queue_activate(struct dispatch_queue *queue)
{
	futex_lock(&queue->lock);
	bool activation = queue->life == DISPATCH_INACTIVE;
	if (activation) {
		queue->life = DISPATCH_ACTIVE;
		queue->suspended--;
		dispatch_queue_kick_locked(queue);
	}
	futex_unlock(&queue->lock);
	return activation;
}
