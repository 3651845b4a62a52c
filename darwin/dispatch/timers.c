// SPDX-License-Identifier: MIT
// Timers of each clock in a heap, the earliest first; the kqueue has one timer for each clock.
//
// It is set for the last moment at which every timer can still be in time: the least of deadline + leeway. So those whose spans
// overlap fire together.
#include "timers.h"

#include "../libsystem/futex.h"
#include "../libsystem/report.h"

#include <stdlib.h>
#include <time.h>

static struct heap {
	struct dispatch_timer **timers; // [1..count]
	size_t count, room;
	uint64_t armed; // what the kqueue's timer is set for; 0: it is not
} heaps[DISPATCH_CLOCKS]; // [manager]

static bool earlier(const struct dispatch_timer *left, const struct dispatch_timer *right)
{
	return left->deadline < right->deadline;
}

static void place_at(struct heap *heap, size_t place, struct dispatch_timer *timer)
{
	heap->timers[place] = timer;
	timer->place = place;
}

static void sift_up(struct heap *heap, size_t place)
{
	struct dispatch_timer *timer = heap->timers[place];
	for (; place > 1 && earlier(timer, heap->timers[place / 2]); place /= 2)
		place_at(heap, place, heap->timers[place / 2]);
	place_at(heap, place, timer);
}

static void sift_down(struct heap *heap, size_t place)
{
	struct dispatch_timer *timer = heap->timers[place];
	for (size_t child; (child = place * 2) <= heap->count; place = child) {
		if (child < heap->count && earlier(heap->timers[child + 1], heap->timers[child]))
			child++;
		if (!earlier(heap->timers[child], timer))
			break;
		place_at(heap, place, heap->timers[child]);
	}
	place_at(heap, place, timer);
}

static void heap_add(struct heap *heap, struct dispatch_timer *timer)
{
	if (heap->count + 1 >= heap->room) {
		heap->room = heap->room ? heap->room * 2 : 64;
		heap->timers = realloc(heap->timers, heap->room * sizeof(struct dispatch_timer *));
		if (!heap->timers)
			report_fatal("dispatch: no memory for timers");
	}
	place_at(heap, ++heap->count, timer);
	sift_up(heap, heap->count);
}

static void heap_remove(struct heap *heap, struct dispatch_timer *timer)
{
	size_t place = timer->place;
	struct dispatch_timer *last = heap->timers[heap->count--];
	timer->place = 0;
	if (last == timer)
		return;
	place_at(heap, place, last);
	sift_up(heap, place);
	sift_down(heap, last->place);
}

// Only those are looked at whose deadline comes before what is known already: they fire then, too.
static void find_limit(const struct heap *heap, size_t place, uint64_t *limit)
{
	if (place > heap->count || heap->timers[place]->deadline >= *limit)
		return;
	const struct dispatch_timer *timer = heap->timers[place];
	uint64_t latest;
	if (__builtin_add_overflow(timer->deadline, timer->leeway, &latest))
		latest = UINT64_MAX;
	if (latest < *limit)
		*limit = latest;
	find_limit(heap, place * 2, limit);
	find_limit(heap, place * 2 + 1, limit);
}

static void arm(enum dispatch_clock clock)
{
	uint64_t limit = UINT64_MAX;
	find_limit(&heaps[clock], 1, &limit);
	if (limit == UINT64_MAX || limit == heaps[clock].armed)
		return; // one that is set too early is looked at for nothing
	heaps[clock].armed = limit;
	timers_arm(clock, limit ? limit : 1);
}

void dispatch_timer_set_locked(struct dispatch_timer *timer)
{
	dispatch_timer_clear_locked(timer);
	heap_add(&heaps[timer->clock], timer);
	arm(timer->clock);
}

void dispatch_timer_clear_locked(struct dispatch_timer *timer)
{
	if (timer->place)
		heap_remove(&heaps[timer->clock], timer);
}

void dispatch_timer_set(struct dispatch_timer *timer)
{
	dispatch_manager_lock();
	dispatch_timer_set_locked(timer);
	dispatch_manager_unlock();
}

void dispatch_timer_clear(struct dispatch_timer *timer)
{
	dispatch_manager_lock();
	dispatch_timer_clear_locked(timer);
	dispatch_manager_unlock();
}

void timers_fire(enum dispatch_clock clock)
{
	struct heap *heap = &heaps[clock];
	struct timespec time;
	clock_gettime(clock == DISPATCH_CLOCK_WALL ? CLOCK_REALTIME : CLOCK_MONOTONIC, &time);
	uint64_t now = (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
	heap->armed = 0;
	while (heap->count > 0 && heap->timers[1]->deadline <= now) {
		struct dispatch_timer *timer = heap->timers[1];
		heap_remove(heap, timer);
		timer->fire(timer);
	}
	arm(clock);
}

void timers_forget(void)
{
	for (struct heap *heap = heaps; heap < heaps + DISPATCH_CLOCKS; heap++) {
		for (; heap->count > 0; heap->count--)
			heap->timers[heap->count]->place = 0;
		heap->armed = 0;
	}
}
