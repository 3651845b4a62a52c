// SPDX-License-Identifier: MIT
// Run loops: a thread that runs one calls what others add to it, its sources, timers and observers. Facts: CFRunLoop.h.
//
// runloop.c is the loop, runloop_items.c what is in it. A loop's items are under one lock for all loops; it is not held during a callback.
#ifndef DARWIN_RUNLOOP_H
#define DARWIN_RUNLOOP_H

#include "object.h"

struct runloop;

// Runs the function in the loop's thread when it next looks.
void runloop_add(struct runloop *loop, void *context, void (*function)(void *));
// Whether something may still be added: a loop without any source ends by itself.
void runloop_attach(struct runloop *loop);
void runloop_detach(struct runloop *loop);
void darwin_CFRunLoopWakeUp(struct runloop *loop);

// ---- between the two files ------------------------------------------------------------------------------------------
enum loop_activity { // CFRunLoopActivity
	LOOP_ENTRY = 1,
	LOOP_BEFORE_TIMERS = 2,
	LOOP_BEFORE_SOURCES = 4,
	LOOP_BEFORE_WAITING = 32,
	LOOP_AFTER_WAITING = 64,
	LOOP_EXIT = 128
};
extern const struct object_type source_type, timer_type, observer_type;
bool item_is_valid(const void *item);
int64_t item_order(const void *item);
// Runs the source's function if it was signalled; says whether it did.
bool source_perform(void *source);
// Seconds since 2001 when it fires next.
double timer_next(const void *timer);
bool timer_fire(void *timer, double now);
void observer_notify(void *observer, enum loop_activity activity);
// What the loop tells an item that comes or goes.
void item_scheduled(void *item, struct runloop *loop, const void *mode);
void item_cancelled(void *item, struct runloop *loop, const void *mode);
// Takes an item out of every loop.
void runloop_forget(const void *item);
// Loops that have it look again.
void runloop_wake_item(const void *item);

#endif
