// SPDX-License-Identifier: MIT
// What is in run loops: sources of version 0, timers, observers. Facts: CFRunLoop.h.
#include "runloop.h"

#include "../dispatch/object.h"
#include "../libsystem/dispatch.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

struct item { // what all three begin with
	struct object head;
	_Atomic bool invalid;
	int64_t order;
};
struct source {
	struct item item;
	_Atomic bool signalled;
	struct source_context context;
	struct port_watch *ports; // version 1
	struct dispatch_queue *_Atomic queue; // or NULL
};
struct timer {
	struct item item;
	_Atomic double next;
	double interval, tolerance;
	void (*function)(struct timer *timer, void *info);
	struct callback_context context;
};
struct observer {
	struct item item;
	uint64_t activities;
	bool repeats;
	void (*function)(struct observer *observer, uint64_t activity, void *info);
	struct callback_context context;
};

bool item_is_valid(const void *item)
{
	return !((const struct item *)item)->invalid;
}

int64_t item_order(const void *item)
{
	return ((const struct item *)item)->order;
}

static void *item_make(const struct object_type *type, size_t size, int64_t order)
{
	struct item *item = object_make(type, size);
	item->order = order;
	return item;
}

void context_take(struct callback_context *to, const struct callback_context *from)
{
	if (from)
		*to = *from;
	if (to->retain)
		to->info = (void *)(uintptr_t)to->retain(to->info);
}

void context_drop(struct callback_context *context)
{
	void (*release)(const void *) = context->release;
	context->release = NULL;
	if (release)
		release(context->info);
}

// The info is given back when the item becomes invalid, at the latest when it goes.
static void context_release(struct item *item, void (*release)(const void *), const void *info)
{
	if (!atomic_exchange(&item->invalid, true) && release)
		release(info);
}

static void item_invalidate(struct item *item, void (*release)(const void *), const void *info)
{
	if (item->invalid)
		return;
	darwin_CFRetain(item);
	runloop_forget(item);
	context_release(item, release, info);
	darwin_CFRelease(item);
}

// ---- sources --------------------------------------------------------------------------------------------------------

static void source_destroy(struct object *object)
{
	struct source *source = (struct source *)object;
	port_watch_free(source->ports);
	source_on_queue(source, NULL);
	context_release(&source->item, source->context.release, source->context.info);
}

const struct object_type source_type = {.name = "CFRunLoopSource", .destroy = source_destroy};

struct source *darwin_CFRunLoopSourceCreate(const void *allocator, int64_t order, const struct source_context *context)
{
	if (context->version != 0 && context->version != 1)
		return NULL;
	struct source *source = item_make(&source_type, sizeof(*source), order);
	source->context = *context;
	if (context->version == 1)
		source->ports = port_watch_make(source);
	if (context->retain)
		source->context.info = (void *)(uintptr_t)context->retain(context->info);
	return source;
}

void darwin_CFRunLoopSourceSignal(struct source *source)
{
	source->signalled = true;
}

static void perform_release(void *source)
{
	source_perform(source);
	darwin_CFRelease(source);
}

void source_tell(struct source *source)
{
	struct dispatch_queue *queue = source->queue;
	source->signalled = true;
	if (!queue)
		runloop_wake_item(source);
	else if (object_try_retain(source))
		dispatch_queue_add(queue, source, perform_release);
}

void source_on_queue(struct source *source, struct dispatch_queue *queue)
{
	if (queue)
		darwin_dispatch_retain((struct dispatch_object *)queue);
	struct dispatch_queue *old = atomic_exchange(&source->queue, queue);
	if (old)
		darwin_dispatch_release((struct dispatch_object *)old);
	if (queue && source->ports)
		port_watch_begin(source->ports, source->context.port(source->context.info));
	if (queue && source->signalled)
		source_tell(source);
}

static void release_object(const void *object)
{
	darwin_CFRelease(object);
}

struct source *source_of_object(void *object, int64_t order, void (*perform)(void *object))
{
	struct source_context context = {
		.info = object, .retain = darwin_CFRetain, .release = release_object, .perform = perform};
	return darwin_CFRunLoopSourceCreate(NULL, order, &context);
}

bool source_perform(void *object)
{
	struct source *source = object;
	if (source->item.invalid || !atomic_exchange(&source->signalled, false))
		return false;
	if (source->ports)
		return port_receive(source->ports, &source->context);
	if (source->context.perform)
		source->context.perform(source->context.info);
	return true;
}

void item_scheduled(void *item, struct runloop *loop, const void *mode)
{
	struct source *source = item;
	if (object_type(item) == &source_type && source->ports)
		port_watch_begin(source->ports, source->context.port(source->context.info));
	else if (object_type(item) == &source_type && source->context.schedule)
		source->context.schedule(source->context.info, loop, mode);
}

void item_cancelled(void *item, struct runloop *loop, const void *mode)
{
	struct source *source = item;
	if (object_type(item) == &source_type && !source->ports && source->context.cancel)
		source->context.cancel(source->context.info, loop, mode);
}

void darwin_CFRunLoopSourceInvalidate(struct source *source)
{
	darwin_CFRetain(source); // its info may hold its last reference
	item_invalidate(&source->item, source->context.release, source->context.info);
	darwin_CFRelease(source);
}

uint8_t darwin_CFRunLoopSourceIsValid(const struct source *source)
{
	return item_is_valid(source);
}

int64_t darwin_CFRunLoopSourceGetOrder(const struct source *source)
{
	return item_order(source);
}

void darwin_CFRunLoopSourceGetContext(const struct source *source, struct source_context *context)
{
	size_t size = source->ports ? offsetof(struct source_context, receive) + sizeof(void *) : sizeof(*context);
	memcpy(context, &source->context, size); // version 1 is shorter
}

uint64_t darwin_CFRunLoopSourceGetTypeID(void)
{
	return (uintptr_t)&source_type;
}

// ---- timers ---------------------------------------------------------------------------------------------------------

static void timer_destroy(struct object *object)
{
	struct timer *timer = (struct timer *)object;
	context_release(&timer->item, timer->context.release, timer->context.info);
}

const struct object_type timer_type = {.name = "CFRunLoopTimer", .destroy = timer_destroy};

struct timer *darwin_CFRunLoopTimerCreate(const void *allocator, double fire, double interval, uint64_t flags,
					  int64_t order, void (*function)(struct timer *timer, void *info),
					  const struct callback_context *context)
{
	struct timer *timer = item_make(&timer_type, sizeof(*timer), order);
	timer->next = fire;
	timer->interval = interval > 0 ? interval : 0;
	timer->function = function;
	context_take(&timer->context, context);
	return timer;
}

double timer_next(const void *timer)
{
	return ((const struct timer *)timer)->next;
}

void darwin_CFRunLoopTimerInvalidate(struct timer *timer)
{
	item_invalidate(&timer->item, timer->context.release, timer->context.info);
}

// The next time is the first of its row that is still to come, unless the function set another.
bool timer_fire(void *object, double now)
{
	struct timer *timer = object;
	double due = timer->next;
	if (timer->item.invalid || due > now)
		return false;
	double following =
		timer->interval > 0 ? due + (floor((now - due) / timer->interval) + 1) * timer->interval : due;
	timer->next = following;
	timer->function(timer, timer->context.info);
	if (timer->interval == 0)
		darwin_CFRunLoopTimerInvalidate(timer);
	return true;
}

double darwin_CFRunLoopTimerGetNextFireDate(const struct timer *timer)
{
	return timer->item.invalid ? 0 : timer->next;
}

void darwin_CFRunLoopTimerSetNextFireDate(struct timer *timer, double fire)
{
	timer->next = fire;
	runloop_wake_item(timer);
}

double darwin_CFRunLoopTimerGetInterval(const struct timer *timer)
{
	return timer->interval;
}

uint8_t darwin_CFRunLoopTimerDoesRepeat(const struct timer *timer)
{
	return timer->interval > 0;
}

double darwin_CFRunLoopTimerGetTolerance(const struct timer *timer)
{
	return timer->tolerance;
}

// It may fire later by that much: it never does.
void darwin_CFRunLoopTimerSetTolerance(struct timer *timer, double tolerance)
{
	timer->tolerance = tolerance > 0 ? tolerance : 0;
}

uint8_t darwin_CFRunLoopTimerIsValid(const struct timer *timer)
{
	return item_is_valid(timer);
}

int64_t darwin_CFRunLoopTimerGetOrder(const struct timer *timer)
{
	return item_order(timer);
}

void darwin_CFRunLoopTimerGetContext(const struct timer *timer, struct callback_context *context)
{
	*context = timer->context;
}

uint64_t darwin_CFRunLoopTimerGetTypeID(void)
{
	return (uintptr_t)&timer_type;
}

// ---- observers ------------------------------------------------------------------------------------------------------

static void observer_destroy(struct object *object)
{
	struct observer *observer = (struct observer *)object;
	context_release(&observer->item, observer->context.release, observer->context.info);
}

const struct object_type observer_type = {.name = "CFRunLoopObserver", .destroy = observer_destroy};

struct observer *
darwin_CFRunLoopObserverCreate(const void *allocator, uint64_t activities, uint8_t repeats, int64_t order,
			       void (*function)(struct observer *observer, uint64_t activity, void *info),
			       const struct callback_context *context)
{
	struct observer *observer = item_make(&observer_type, sizeof(*observer), order);
	observer->activities = activities;
	observer->repeats = repeats;
	observer->function = function;
	context_take(&observer->context, context);
	return observer;
}

void darwin_CFRunLoopObserverInvalidate(struct observer *observer)
{
	item_invalidate(&observer->item, observer->context.release, observer->context.info);
}

void observer_notify(void *object, enum loop_activity activity)
{
	struct observer *observer = object;
	if (observer->item.invalid || !(observer->activities & activity))
		return;
	observer->function(observer, activity, observer->context.info);
	if (!observer->repeats)
		darwin_CFRunLoopObserverInvalidate(observer);
}

uint8_t darwin_CFRunLoopObserverIsValid(const struct observer *observer)
{
	return item_is_valid(observer);
}

uint64_t darwin_CFRunLoopObserverGetActivities(const struct observer *observer)
{
	return observer->activities;
}

uint8_t darwin_CFRunLoopObserverDoesRepeat(const struct observer *observer)
{
	return observer->repeats;
}

int64_t darwin_CFRunLoopObserverGetOrder(const struct observer *observer)
{
	return item_order(observer);
}

uint64_t darwin_CFRunLoopObserverGetTypeID(void)
{
	return (uintptr_t)&observer_type;
}
