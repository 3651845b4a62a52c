// SPDX-License-Identifier: MIT
// Sources: what happens becomes functions on a queue. Facts: <dispatch/source.h>.
//
// A source is a serial queue of its own that targets the program's, so that suspending, targets and order are those of queues. What
// happens is kept in `pending` until the handler, which is added once, takes it all.
// State: made (inactive) -> active, when it is watched -> cancelled, from when the event handler is not called any more; a source that
// the program releases is cancelled, but its cancel handler is not called.
#include "block.h"
#include "manager.h"
#include "queue.h"
#include "send_watch.h"

#include "../libsystem/futex.h"
#include "../libsystem/kqueue.h"
#include "../libsystem/report.h"

#include <stdlib.h>
#include <time.h>

#define NO_BYTES UINT64_MAX	  // stands for 0 in `pending`: the end of a file is told, too
#define WRITABLE_LEAST 4096u // what fits when Linux says that a descriptor is writable: PIPE_BUF, pipe(7)

enum source_merge { MERGE_ADD, MERGE_OR, MERGE_REPLACE };
struct dispatch_source_type {
	int16_t filter; // EVFILT_*, or 0: of the program's own data
	enum source_merge merge;
	bool level; // it is watched again when the handler has returned
	bool fflags; // what it tells is in fflags
	bool sends;  // the handle is a send right (send_watch.h)
};

const struct dispatch_source_type darwin_dispatch_source_type_data_add = {0, MERGE_ADD, false, false, false},
				  darwin_dispatch_source_type_data_or = {0, MERGE_OR, false, false, false},
				  darwin_dispatch_source_type_data_replace = {0, MERGE_REPLACE, false, false, false},
				  darwin_dispatch_source_type_timer = {EVFILT_TIMER, MERGE_ADD, false, false, false},
				  darwin_dispatch_source_type_read = {EVFILT_READ, MERGE_REPLACE, true, false, false},
				  darwin_dispatch_source_type_write = {EVFILT_WRITE, MERGE_REPLACE, true, false, false},
				  darwin_dispatch_source_type_signal = {EVFILT_SIGNAL, MERGE_ADD, false, false, false},
				  darwin_dispatch_source_type_proc = {EVFILT_PROC, MERGE_OR, false, true, false},
				  darwin_dispatch_source_type_vnode = {EVFILT_VNODE, MERGE_OR, false, true, false},
				  darwin_dispatch_source_type_mach_recv = {EVFILT_MACHPORT, MERGE_REPLACE, true, false, false},
				  darwin_dispatch_source_type_mach_send = {EVFILT_MACHPORT, MERGE_OR, false, false, true},
				  darwin_dispatch_source_type_memorypressure = {EVFILT_MEMORYSTATUS, MERGE_OR, false, true, false};

enum source_state { SOURCE_MADE, SOURCE_ACTIVE, SOURCE_CANCELLED };
enum source_handler { HANDLER_EVENT, HANDLER_CANCEL, HANDLER_REGISTERED, HANDLERS };

struct handler {
	void (*function)(void *); // or NULL
	struct block *block;	  // what it gets instead of the source's context, or NULL
};

struct dispatch_source {
	struct dispatch_queue queue;
	const struct dispatch_source_type *type; // [I]
	uint64_t handle, mask;			 // [I]
	_Atomic uint64_t pending;
	uint64_t data;		      // of the handler that runs [o]
	_Atomic uint32_t added;	      // 1: the handler is in the queue
	_Atomic enum source_state state;
	bool watched;		      // [manager]
	struct handler handlers[HANDLERS]; // [o] once it is active
	struct dispatch_work event;
	struct dispatch_watch watch;
	struct dispatch_timer timer;
	uint64_t interval; // [manager] 0: it fires once
};

static void source_call(struct dispatch_source *source, enum source_handler which)
{
	struct handler *handler = &source->handlers[which];
	if (handler->function)
		handler->function(handler->block ? handler->block : source->queue.head.context);
}

static void handler_drop(struct handler *handler)
{
	if (handler->block)
		block_release(handler->block);
	*handler = (struct handler){0};
}

// ---- events ---------------------------------------------------------------------------------------------------------

static void source_run(void *argument)
{
	struct dispatch_source *source = argument;
	futex_lock(&source->queue.lock);
	bool others = source->queue.first != NULL;
	futex_unlock(&source->queue.lock);
	if (others) { // handlers that were set since: they are for what has happened, too
		dispatch_queue_push(&source->queue, &source->event);
		return;
	}
	source->added = 0;
	uint64_t data = atomic_exchange(&source->pending, 0);
	if (data && source->state == SOURCE_ACTIVE) {
		source->data = source->type->level && data == NO_BYTES ? 0 : data;
		source_call(source, HANDLER_EVENT);
	}
	if (source->type->level && source->state == SOURCE_ACTIVE)
		dispatch_watch_again(&source->watch);
	dispatch_object_unref(&source->queue.head);
}

static void source_merge(struct dispatch_source *source, uint64_t value)
{
	switch (source->type->merge) {
	case MERGE_ADD: source->pending += value; break;
	case MERGE_OR: source->pending |= value; break;
	case MERGE_REPLACE: source->pending = value; break;
	}
	if (value == 0 || atomic_exchange(&source->added, 1))
		return;
	dispatch_object_ref(&source->queue.head);
	dispatch_queue_push(&source->queue, &source->event);
}

static void source_happened(struct dispatch_watch *watch, int64_t data, uint32_t fflags)
{
	struct dispatch_source *source =
		(struct dispatch_source *)((char *)watch - offsetof(struct dispatch_source, watch));
	uint64_t value = source->type->sends	? send_watch_take(watch) & source->mask
			 : source->type->fflags ? fflags & source->mask
						: (uint64_t)data;
	if (value == 0 && source->type->filter == EVFILT_WRITE)
		value = WRITABLE_LEAST;
	source_merge(source, value == 0 && source->type->level ? NO_BYTES : value);
}

static void source_timer(struct dispatch_timer *timer)
{
	struct dispatch_source *source =
		(struct dispatch_source *)((char *)timer - offsetof(struct dispatch_source, timer));
	struct timespec time;
	uint64_t times = 1;
	if (source->interval) {
		clock_gettime(timer->clock == DISPATCH_CLOCK_WALL ? CLOCK_REALTIME : CLOCK_MONOTONIC, &time);
		uint64_t now = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
		times += (now - timer->deadline) / source->interval;
		timer->deadline += times * source->interval;
		dispatch_timer_set_locked(timer);
	}
	source_merge(source, times);
}

// ---- life -----------------------------------------------------------------------------------------------------------

// Nothing happens to it from here on.
static void source_unwatch(struct dispatch_source *source)
{
	if (source->type->filter == EVFILT_TIMER)
		dispatch_timer_clear(&source->timer);
	else if (source->watched) {
		if (source->type->sends)
			send_watch_end(&source->watch, (uint32_t)source->handle);
		else
			dispatch_watch_remove(&source->watch);
	}
	source->watched = false;
}

static void source_registered(void *argument)
{
	struct dispatch_source *source = argument;
	if (source->state == SOURCE_ACTIVE)
		source_call(source, HANDLER_REGISTERED);
	handler_drop(&source->handlers[HANDLER_REGISTERED]);
	dispatch_object_unref(&source->queue.head);
}

static void source_watch(struct dispatch_source *source)
{
	if (source->type->filter == 0)
		return;
	if (source->type->filter == EVFILT_TIMER) {
		dispatch_manager_lock();
		source->watched = true;
		if (source->timer.deadline && source->state == SOURCE_ACTIVE)
			dispatch_timer_set_locked(&source->timer);
		dispatch_manager_unlock();
		return;
	}
	bool dead = false;
	int error = source->type->sends ? send_watch_begin(&source->watch, (uint32_t)source->handle, &dead)
					: dispatch_watch_add(&source->watch);
	if (dead)
		source_merge(source, DISPATCH_MACH_SEND_DEAD & source->mask);
	else if (error)
		report("dispatch: a source of filter %d cannot watch %lld: error %d", source->type->filter,
		       (long long)source->handle, error);
	else
		source->watched = true;
	if (source->state == SOURCE_CANCELLED) // meanwhile
		source_unwatch(source);
}

// The handler of the registration is the first that runs, and nothing is missed when it does.
static void source_activate(struct dispatch_object *object)
{
	struct dispatch_source *source = (struct dispatch_source *)object;
	enum source_state made = SOURCE_MADE;
	if (!atomic_compare_exchange_strong(&source->state, &made, SOURCE_ACTIVE))
		return; // it was cancelled before
	dispatch_queue_suspend(&source->queue);
	dispatch_object_ref(object);
	dispatch_queue_add(&source->queue, source, source_registered);
	source_watch(source);
	dispatch_queue_resume(&source->queue);
}

static void source_cancelled(void *argument)
{
	struct dispatch_source *source = argument;
	source_call(source, HANDLER_CANCEL);
	for (int i = 0; i < HANDLERS; i++)
		handler_drop(&source->handlers[i]);
	dispatch_object_unref(&source->queue.head);
}

void darwin_dispatch_source_cancel(struct dispatch_source *source)
{
	if (atomic_exchange(&source->state, SOURCE_CANCELLED) == SOURCE_CANCELLED)
		return;
	source_unwatch(source);
	dispatch_object_ref(&source->queue.head);
	dispatch_queue_add(&source->queue, source, source_cancelled);
}

long darwin_dispatch_source_testcancel(const struct dispatch_source *source)
{
	return source->state == SOURCE_CANCELLED;
}

static void source_abandon(struct dispatch_object *object)
{
	struct dispatch_source *source = (struct dispatch_source *)object;
	if (atomic_exchange(&source->state, SOURCE_CANCELLED) != SOURCE_CANCELLED)
		source_unwatch(source);
}

static void source_destroy(struct dispatch_object *object)
{
	struct dispatch_source *source = (struct dispatch_source *)object;
	for (int i = 0; i < HANDLERS; i++)
		handler_drop(&source->handlers[i]);
	dispatch_queue_clear(&source->queue);
}

static const struct dispatch_class source_class = {.kind = DISPATCH_SOURCE,
						   .abandon = source_abandon,
						   .activate = source_activate,
						   .destroy = source_destroy};

struct dispatch_source *darwin_dispatch_source_create(const struct dispatch_source_type *type, uint64_t handle,
						      uint64_t mask, struct dispatch_queue *target)
{
	struct dispatch_source *source = type ? dispatch_object_new(sizeof(*source), &source_class) : NULL;
	if (!source)
		return NULL;
	dispatch_queue_init(&source->queue, false);
	source->queue.life = DISPATCH_INACTIVE;
	source->queue.suspended = 1;
	source->type = type;
	source->handle = handle;
	source->mask = mask;
	source->event = (struct dispatch_work){.function = source_run, .context = source, .kept = true};
	source->watch = (struct dispatch_watch){.ident = handle,
						.filter = type->filter,
						.fflags = type->fflags ? (uint32_t)mask : 0,
						.once = type->level,
						.happened = source_happened};
	source->timer.fire = source_timer;
	if (!target)
		target = dispatch_root_default();
	dispatch_object_ref(&target->head);
	source->queue.head.target = target;
	return source;
}

// ---- handlers -------------------------------------------------------------------------------------------------------

struct change { // of a handler of an active source: on its queue, where handlers run
	struct dispatch_source *source;
	enum source_handler which;
	struct handler handler;
};

static void handler_change(void *argument)
{
	struct change *change = argument;
	struct dispatch_source *source = change->source;
	handler_drop(&source->handlers[change->which]);
	source->handlers[change->which] = change->handler;
	dispatch_object_unref(&source->queue.head);
	free(change);
}

static void handler_set(struct dispatch_source *source, enum source_handler which, void (*function)(void *),
			struct block *block)
{
	struct change *change = malloc(sizeof(*change));
	if (!change)
		report_fatal("dispatch: no memory");
	*change = (struct change){source, which, {function, block}};
	dispatch_object_ref(&source->queue.head);
	if (source->state == SOURCE_MADE)
		handler_change(change);
	else
		dispatch_queue_add(&source->queue, change, handler_change);
}

static void handler_set_block(struct dispatch_source *source, enum source_handler which, struct block *block)
{
	handler_set(source, which, block ? block_call : NULL, block_copy(block));
}

void darwin_dispatch_source_set_event_handler(struct dispatch_source *source, struct block *block)
{
	handler_set_block(source, HANDLER_EVENT, block);
}

void darwin_dispatch_source_set_event_handler_f(struct dispatch_source *source, void (*function)(void *))
{
	handler_set(source, HANDLER_EVENT, function, NULL);
}

void darwin_dispatch_source_set_cancel_handler(struct dispatch_source *source, struct block *block)
{
	handler_set_block(source, HANDLER_CANCEL, block);
}

void darwin_dispatch_source_set_cancel_handler_f(struct dispatch_source *source, void (*function)(void *))
{
	handler_set(source, HANDLER_CANCEL, function, NULL);
}

void darwin_dispatch_source_set_registration_handler(struct dispatch_source *source, struct block *block)
{
	handler_set_block(source, HANDLER_REGISTERED, block);
}

void darwin_dispatch_source_set_registration_handler_f(struct dispatch_source *source, void (*function)(void *))
{
	handler_set(source, HANDLER_REGISTERED, function, NULL);
}

// ---- what a program asks and tells ----------------------------------------------------------------------------------

unsigned long darwin_dispatch_source_get_handle(const struct dispatch_source *source)
{
	return source->handle;
}

unsigned long darwin_dispatch_source_get_mask(const struct dispatch_source *source)
{
	return source->mask;
}

unsigned long darwin_dispatch_source_get_data(const struct dispatch_source *source)
{
	return source->data;
}

void darwin_dispatch_source_merge_data(struct dispatch_source *source, unsigned long value)
{
	if (source->type->filter == 0 && source->state != SOURCE_CANCELLED)
		source_merge(source, value);
}

void darwin_dispatch_source_set_timer(struct dispatch_source *source, uint64_t start, uint64_t interval, uint64_t leeway)
{
	if (source->type->filter != EVFILT_TIMER)
		return;
	dispatch_manager_lock();
	dispatch_timer_clear_locked(&source->timer);
	source->pending = 0; // of the timer that it was before
	source->interval = interval == DISPATCH_TIME_FOREVER ? 0 : interval ? interval : 1;
	source->timer.leeway = leeway;
	source->timer.deadline = 0;
	if (start != DISPATCH_TIME_FOREVER) {
		source->timer.deadline = dispatch_time_split(start, &source->timer.clock);
		if (source->watched && source->state == SOURCE_ACTIVE)
			dispatch_timer_set_locked(&source->timer);
	}
	dispatch_manager_unlock();
}
