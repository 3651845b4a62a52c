// SPDX-License-Identifier: MIT
// The timer queue: one pairing heap (Fredman, Sedgewick, Sleator, Tarjan 1986) for the whole kernel; see timer.h.
#include "timer.h"

#include "lock.h"
#include <machine/kern.h>

static struct lock timers_lock;
static struct timer *root;
static uint64_t armed_for = UINT64_MAX;

void timer_module_init(void) { lock_init(&timers_lock, RANK_TIMER); }

static struct timer *heap_meld(struct timer *a, struct timer *b)
{
	if (!a)
		return b;
	if (!b)
		return a;
	if (b->deadline < a->deadline) {
		struct timer *swap = a;
		a = b;
		b = swap;
	}
	b->previous = a;
	b->sibling = a->child;
	if (a->child)
		a->child->previous = b;
	a->child = b;
	return a;
}

// Melds a list of siblings in pairs, then the pairs from the back.
static struct timer *heap_meld_children(struct timer *first)
{
	struct timer *pairs = NULL;
	while (first) {
		struct timer *a = first, *b = a->sibling;
		first = b ? b->sibling : NULL;
		a->sibling = a->previous = NULL;
		if (b)
			b->sibling = b->previous = NULL;
		struct timer *pair = heap_meld(a, b);
		pair->sibling = pairs;
		pairs = pair;
	}
	struct timer *result = NULL;
	while (pairs) {
		struct timer *next = pairs->sibling;
		pairs->sibling = NULL;
		result = heap_meld(result, pairs);
		pairs = next;
	}
	return result;
}

static void heap_remove(struct timer *timer)
{
	struct timer *rest = heap_meld_children(timer->child);
	if (timer == root) {
		root = rest;
	} else {
		if (timer->previous->child == timer)
			timer->previous->child = timer->sibling;
		else
			timer->previous->sibling = timer->sibling;
		if (timer->sibling)
			timer->sibling->previous = timer->previous;
		root = heap_meld(root, rest);
	}
	if (root)
		root->previous = root->sibling = NULL;
	timer->child = timer->sibling = timer->previous = NULL;
}

// Tells the machine only when the nearest deadline came closer, or when a due one was served: a cancelled timer's
// deadline costs at most one early call.
static void rearm(void)
{
	uint64_t nearest = root ? root->deadline : UINT64_MAX;
	if (nearest < armed_for) {
		armed_for = nearest;
		md_timer_arm(nearest);
	}
}

void timer_set(struct timer *timer, uint64_t deadline)
{
	lock_acquire(&timers_lock);
	if (timer->armed)
		heap_remove(timer);
	timer->deadline = deadline;
	timer->armed = true;
	root = heap_meld(root, timer);
	rearm();
	lock_release(&timers_lock);
}

bool timer_cancel(struct timer *timer)
{
	lock_acquire(&timers_lock);
	bool was = timer->armed;
	if (was) {
		heap_remove(timer);
		timer->armed = false;
		if (!root && armed_for != UINT64_MAX) {
			armed_for = UINT64_MAX;
			md_timer_arm(UINT64_MAX);
		}
	}
	lock_release(&timers_lock);
	return was;
}

void timer_run(void)
{
	lock_acquire(&timers_lock);
	armed_for = UINT64_MAX;
	uint64_t now = md_clock_now();
	while (root && root->deadline <= now) {
		struct timer *timer = root;
		heap_remove(timer);
		timer->armed = false;
		timer->fire(timer);
	}
	rearm();
	lock_release(&timers_lock);
}

void kern_timer_due(void) { timer_run(); }
