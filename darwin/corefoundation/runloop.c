// SPDX-License-Identifier: MIT
// Run loops; see runloop.h.
#include "runloop.h"

#include "constant.h"

#include "../libsystem/dispatch.h"
#include "../libsystem/futex.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum loop_state { LOOP_IDLE, LOOP_RUNNING, LOOP_WAITING };
enum loop_result { LOOP_FINISHED = 1, LOOP_STOPPED = 2, LOOP_TIMED_OUT = 3, LOOP_HANDLED_SOURCE = 4 };

struct loop_work {
	void (*function)(void *);
	void *context;
	const void *mode; // or an array of them; NULL: any
	struct loop_work *next;
};

struct member {
	void *item;
	const void *mode;
	struct member *next;
};

struct runloop {
	struct object head;
	_Atomic uint32_t sequence; // grows when there is something to look at
	_Atomic uint32_t stop, sources;
	_Atomic enum loop_state state;
	struct loop_work *first, **last; // [l]
	struct member *members;		 // [l]
	struct array *common;		 // [l] names of modes
	const void *mode;		 // in which it runs
	struct runloop *next;		 // [l] of all
	double lingers; // [o] an empty loop ends then: whom a block told that it runs adds a source next (Parcel's watcher)
};

static const struct object_type runloop_type = {.name = "CFRunLoop"};
CONSTANT_NAMED(kCFRunLoopDefaultMode);
CONSTANT_NAMED(kCFRunLoopCommonModes);
double darwin_CFAbsoluteTimeGetCurrent(void);

static _Atomic uint32_t lock; // of all loops
static struct runloop *all, *_Atomic main_loop;

static struct runloop *runloop_make(void)
{
	struct runloop *loop = object_make(&runloop_type, sizeof(*loop));
	loop->last = &loop->first;
	loop->common = array_make(true);
	darwin_CFArrayAppendValue(loop->common, darwin_kCFRunLoopDefaultMode);
	futex_lock(&lock);
	loop->next = all;
	all = loop;
	futex_unlock(&lock);
	return loop;
}

struct runloop *darwin_CFRunLoopGetMain(void)
{
	struct runloop *none = NULL, *loop = main_loop;
	if (!loop) {
		loop = runloop_make();
		if (!atomic_compare_exchange_strong(&main_loop, &none, loop))
			loop = none;
	}
	return loop;
}

struct runloop *darwin_CFRunLoopGetCurrent(void)
{
	static __thread struct runloop *loop; // others may know it when the thread has ended: it is not freed
	if (!loop)
		loop = gettid() == getpid() ? darwin_CFRunLoopGetMain() : runloop_make();
	return loop;
}

uint64_t darwin_CFRunLoopGetTypeID(void)
{
	return (uintptr_t)&runloop_type;
}

void darwin_CFRunLoopWakeUp(struct runloop *loop)
{
	loop->sequence++;
	futex_wake(&loop->sequence, INT_MAX);
}

void runloop_add(struct runloop *loop, void *context, void (*function)(void *))
{
	runloop_add_in(loop, NULL, context, function);
}

void runloop_add_in(struct runloop *loop, const void *mode, void *context, void (*function)(void *))
{
	struct loop_work *work = malloc(sizeof(*work));
	if (!work)
		abort();
	*work = (struct loop_work){function, context, darwin_CFRetain(mode), NULL};
	futex_lock(&lock);
	*loop->last = work;
	loop->last = &work->next;
	futex_unlock(&lock);
	darwin_CFRunLoopWakeUp(loop);
}

void runloop_attach(struct runloop *loop)
{
	loop->sources++;
}

void runloop_detach(struct runloop *loop)
{
	loop->sources--;
	darwin_CFRunLoopWakeUp(loop);
}

void darwin_CFRunLoopStop(struct runloop *loop)
{
	loop->stop = 1;
	darwin_CFRunLoopWakeUp(loop);
}

uint8_t darwin_CFRunLoopIsWaiting(const struct runloop *loop)
{
	return loop->state == LOOP_WAITING;
}

// ---- modes and members ----------------------------------------------------------------------------------------------

// Under the lock. An item of the common modes is in each of them.
static bool in_mode(const struct runloop *loop, const void *mine, const void *mode)
{
	if (darwin_CFEqual(mine, mode))
		return true;
	if (!darwin_CFEqual(mine, darwin_kCFRunLoopCommonModes))
		return false;
	for (int64_t i = 0; i < darwin_CFArrayGetCount(loop->common); i++)
		if (darwin_CFEqual(darwin_CFArrayGetValueAtIndex(loop->common, i), mode))
			return true;
	return false;
}

static struct member **member_find(struct runloop *loop, const void *item, const void *mode)
{
	struct member **at = &loop->members;
	while (*at && ((*at)->item != item || (mode && !darwin_CFEqual((*at)->mode, mode))))
		at = &(*at)->next;
	return at;
}

static void member_add(struct runloop *loop, void *item, const void *mode)
{
	struct member *member = malloc(sizeof(*member));
	if (!member)
		abort();
	*member = (struct member){item, mode, NULL};
	futex_lock(&lock);
	struct member **at = member_find(loop, item, mode);
	bool added = !*at && item_is_valid(item);
	if (added) {
		darwin_CFRetain(item);
		darwin_CFRetain(mode);
		*at = member;
	}
	futex_unlock(&lock);
	if (!added) {
		free(member);
		return;
	}
	item_scheduled(item, loop, mode);
	darwin_CFRunLoopWakeUp(loop);
}

// False: it is not there.
static bool member_remove(struct runloop *loop, const void *item, const void *mode)
{
	futex_lock(&lock);
	struct member **at = member_find(loop, item, mode), *member = *at;
	if (member)
		*at = member->next;
	futex_unlock(&lock);
	if (!member)
		return false;
	item_cancelled(member->item, loop, member->mode);
	darwin_CFRelease(member->item);
	darwin_CFRelease(member->mode);
	free(member);
	darwin_CFRunLoopWakeUp(loop);
	return true;
}

void runloop_forget(const void *item)
{
	futex_lock(&lock);
	struct runloop *loop = all; // loops are never freed, new ones come before the first
	futex_unlock(&lock);
	for (; loop; loop = loop->next)
		while (member_remove(loop, item, NULL))
			;
}

void runloop_wake_item(const void *item)
{
	futex_lock(&lock);
	for (struct runloop *loop = all; loop; loop = loop->next)
		if (*member_find(loop, item, NULL))
			darwin_CFRunLoopWakeUp(loop);
	futex_unlock(&lock);
}

void darwin_CFRunLoopAddSource(struct runloop *loop, void *source, const void *mode)
{
	member_add(loop, source, mode);
}

void darwin_CFRunLoopAddTimer(struct runloop *loop, void *timer, const void *mode)
{
	member_add(loop, timer, mode);
}

void darwin_CFRunLoopAddObserver(struct runloop *loop, void *observer, const void *mode)
{
	member_add(loop, observer, mode);
}

void darwin_CFRunLoopRemoveSource(struct runloop *loop, const void *source, const void *mode)
{
	member_remove(loop, source, mode);
}

void darwin_CFRunLoopRemoveTimer(struct runloop *loop, const void *timer, const void *mode)
{
	member_remove(loop, timer, mode);
}

void darwin_CFRunLoopRemoveObserver(struct runloop *loop, const void *observer, const void *mode)
{
	member_remove(loop, observer, mode);
}

// Of sources, timers and observers: the table binds all three names to it.
uint8_t darwin_CFRunLoopContainsSource(struct runloop *loop, const void *source, const void *mode)
{
	bool there = false;
	futex_lock(&lock);
	for (struct member *member = loop->members; member && !there; member = member->next)
		there = member->item == source && in_mode(loop, member->mode, mode);
	futex_unlock(&lock);
	return there;
}

void darwin_CFRunLoopAddCommonMode(struct runloop *loop, const void *mode)
{
	futex_lock(&lock);
	if (!in_mode(loop, darwin_kCFRunLoopCommonModes, mode))
		darwin_CFArrayAppendValue(loop->common, mode);
	futex_unlock(&lock);
}

static void mode_list(struct array *list, const void *mode)
{
	for (int64_t i = 0; i < darwin_CFArrayGetCount(list); i++)
		if (darwin_CFEqual(darwin_CFArrayGetValueAtIndex(list, i), mode))
			return;
	darwin_CFArrayAppendValue(list, mode);
}

struct array *darwin_CFRunLoopCopyAllModes(struct runloop *loop)
{
	struct array *list = array_make(true);
	futex_lock(&lock);
	for (int64_t i = 0; i < darwin_CFArrayGetCount(loop->common); i++)
		mode_list(list, darwin_CFArrayGetValueAtIndex(loop->common, i));
	for (struct member *member = loop->members; member; member = member->next)
		if (!darwin_CFEqual(member->mode, darwin_kCFRunLoopCommonModes))
			mode_list(list, member->mode);
	futex_unlock(&lock);
	return list;
}

const void *darwin_CFRunLoopCopyCurrentMode(const struct runloop *loop)
{
	return loop->mode ? darwin_CFRetain(loop->mode) : NULL;
}

// ---- running --------------------------------------------------------------------------------------------------------

static int order_of(const void *left, const void *right)
{
	int64_t a = item_order(*(void *const *)left), b = item_order(*(void *const *)right);
	return a < b ? -1 : a > b;
}

// The mode's items of a type, each with a reference, by their order; who is done frees them with items_free.
static void **items_of(struct runloop *loop, const struct object_type *type, size_t *count)
{
	void **items = NULL;
	*count = 0;
	futex_lock(&lock);
	for (struct member *member = loop->members; member; member = member->next) {
		if (object_type(member->item) != type || !in_mode(loop, member->mode, loop->mode))
			continue;
		items = realloc(items, (*count + 1) * sizeof(*items));
		if (!items)
			abort();
		items[(*count)++] = (void *)(uintptr_t)darwin_CFRetain(member->item);
	}
	futex_unlock(&lock);
	if (*count > 1)
		qsort(items, *count, sizeof(*items), order_of);
	return items;
}

static void items_free(void **items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		darwin_CFRelease(items[i]);
	free(items);
}

static void notify(struct runloop *loop, enum loop_activity activity)
{
	size_t count;
	void **items = items_of(loop, &observer_type, &count);
	for (size_t i = 0; i < count; i++)
		observer_notify(items[i], activity);
	items_free(items, count);
}

// Under the lock. Whether it is for the mode in which the loop runs.
static bool work_is_now(const struct runloop *loop, const struct loop_work *work)
{
	if (!work->mode || object_type(work->mode) != &array_type)
		return !work->mode || in_mode(loop, work->mode, loop->mode);
	for (int64_t i = 0; i < darwin_CFArrayGetCount(work->mode); i++)
		if (in_mode(loop, darwin_CFArrayGetValueAtIndex(work->mode, i), loop->mode))
			return true;
	return false;
}

static struct loop_work *work_take(struct runloop *loop)
{
	futex_lock(&lock);
	struct loop_work **at = &loop->first, *work;
	while (*at && !work_is_now(loop, *at))
		at = &(*at)->next;
	if ((work = *at) && !(*at = work->next))
		loop->last = at;
	futex_unlock(&lock);
	return work;
}

static bool run_works(struct runloop *loop)
{
	bool any = false;
	for (struct loop_work *work; (work = work_take(loop)); any = true) {
		work->function(work->context);
		darwin_CFRelease(work->mode);
		free(work);
	}
	return any;
}

static bool run_sources(struct runloop *loop, size_t *count)
{
	bool any = false;
	void **items = items_of(loop, &source_type, count);
	for (size_t i = 0; i < *count; i++)
		any |= source_perform(items[i]);
	items_free(items, *count);
	return any;
}

// Fires what is due; sets when the next is.
static bool run_timers(struct runloop *loop, size_t *count, double *next)
{
	bool any = false;
	void **items = items_of(loop, &timer_type, count);
	*next = 1e300;
	for (size_t i = 0; i < *count; i++) {
		any |= timer_fire(items[i], darwin_CFAbsoluteTimeGetCurrent());
		double mine = item_is_valid(items[i]) ? timer_next(items[i]) : 1e300;
		*next = mine < *next ? mine : *next;
	}
	items_free(items, *count);
	return any;
}

static void wait_until(struct runloop *loop, uint32_t sequence, double when)
{
	double seconds = when - darwin_CFAbsoluteTimeGetCurrent();
	seconds = seconds < 0 ? 0 : seconds;
	bool ever = seconds > 1e9;
	struct timespec until =
		futex_deadline((int64_t)(ever ? 0 : seconds),
			       (int64_t)(ever ? 0 : (seconds - (double)(int64_t)seconds) * 1e9), CLOCK_MONOTONIC);
	notify(loop, LOOP_BEFORE_WAITING);
	loop->state = LOOP_WAITING;
	futex_wait(&loop->sequence, sequence, ever ? NULL : &until, false);
	loop->state = LOOP_RUNNING;
	notify(loop, LOOP_AFTER_WAITING);
}

static void wake_main(void)
{
	darwin_CFRunLoopWakeUp(main_loop);
}

// The main thread's loop runs dispatch's main queue, so its common modes are never without a source.
static bool serves_main_queue(struct runloop *loop)
{
	futex_lock(&lock);
	bool serves = loop == main_loop && in_mode(loop, darwin_kCFRunLoopCommonModes, loop->mode);
	futex_unlock(&lock);
	return serves;
}

// Once around. 0: go on.
static int32_t look(struct runloop *loop, double until, bool return_after_one)
{
	uint32_t sequence = loop->sequence;
	size_t sources, timers;
	double next;
	notify(loop, LOOP_BEFORE_TIMERS);
	notify(loop, LOOP_BEFORE_SOURCES);
	bool handled = run_works(loop), main_queue = serves_main_queue(loop);
	if (main_queue)
		dispatch_main_drain();
	handled |= run_sources(loop, &sources);
	bool fired = run_timers(loop, &timers, &next), empty = !main_queue && !sources && !timers && !loop->sources;
	if (handled && return_after_one)
		return LOOP_HANDLED_SOURCE;
	if (atomic_exchange(&loop->stop, 0))
		return LOOP_STOPPED;
	if (darwin_CFAbsoluteTimeGetCurrent() >= until)
		return LOOP_TIMED_OUT;
	loop->lingers = handled ? darwin_CFAbsoluteTimeGetCurrent() + 0.1 : loop->lingers;
	if (!handled && !fired && empty && darwin_CFAbsoluteTimeGetCurrent() >= loop->lingers)
		return LOOP_FINISHED;
	next = empty ? loop->lingers : next;
	if (!handled && !fired)
		wait_until(loop, sequence, next < until ? next : until);
	return 0;
}

static int32_t run(const void *mode, double until, bool return_after_one)
{
	struct runloop *loop = darwin_CFRunLoopGetCurrent();
	const void *outer = loop->mode; // a callback may run the loop again
	enum loop_state outer_state = loop->state;
	int32_t result = 0;
	if (loop == main_loop)
		dispatch_main_attach(wake_main);
	loop->mode = mode;
	loop->state = LOOP_RUNNING;
	notify(loop, LOOP_ENTRY);
	while (!result)
		result = look(loop, until, return_after_one);
	notify(loop, LOOP_EXIT);
	loop->mode = outer;
	loop->state = outer_state;
	return result;
}

void darwin_CFRunLoopRun(void)
{
	int32_t result;
	do
		result = run(darwin_kCFRunLoopDefaultMode, 1e300, false);
	while (result != LOOP_STOPPED && result != LOOP_FINISHED);
}

int32_t darwin_CFRunLoopRunInMode(const void *mode, double seconds, uint8_t return_after_one)
{
	return run(mode, darwin_CFAbsoluteTimeGetCurrent() + seconds, return_after_one);
}

double darwin_CFRunLoopGetNextTimerFireDate(struct runloop *loop, const void *mode)
{
	double next = 0;
	futex_lock(&lock);
	for (struct member *member = loop->members; member; member = member->next)
		if (object_type(member->item) == &timer_type && in_mode(loop, member->mode, mode) &&
		    (next == 0 || timer_next(member->item) < next))
			next = timer_next(member->item);
	futex_unlock(&lock);
	return next;
}
