// SPDX-License-Identifier: MIT
// Run loops: a thread that runs one calls what others add to it, its sources, timers and observers. Facts: CFRunLoop.h.
//
// runloop.c is the loop, runloop_items.c what is in it, runloop_ports.c sources that are ports of Mach, runloop_blocks.c blocks.
// A loop's items are under one lock for all loops; it is not held during a callback.
#ifndef DARWIN_RUNLOOP_H
#define DARWIN_RUNLOOP_H

#include "object.h"

struct runloop;

// Runs the function in the loop's thread when it next looks.
void runloop_add(struct runloop *loop, void *context, void (*function)(void *));
// The same when it runs in that mode, or one of an array of modes.
void runloop_add_in(struct runloop *loop, const void *mode, void *context, void (*function)(void *));
// Whether something may still be added: a loop without any source ends by itself.
void runloop_attach(struct runloop *loop);
void runloop_detach(struct runloop *loop);
void darwin_CFRunLoopWakeUp(struct runloop *loop);

// ---- for what has a source of its own -------------------------------------------------------------------------------
struct source;
struct source_context { // CFRunLoopSourceContext
	int64_t version;
	void *info;
	const void *(*retain)(const void *info);
	void (*release)(const void *info);
	const void *(*describe)(const void *info);
	uint8_t (*equal)(const void *left, const void *right);
	uint64_t (*hash)(const void *info);
	union {
		struct {
			void (*schedule)(void *info, struct runloop *loop, const void *mode);
			void (*cancel)(void *info, struct runloop *loop, const void *mode);
			void (*perform)(void *info);
		};
		struct { // CFRunLoopSourceContext1, version 1: what comes to a port
			uint32_t (*port)(void *info);
			void *(*receive)(void *message, int64_t size, const void *allocator, void *info);
		};
	};
};
struct callback_context { // CFRunLoopTimerContext, CFSocketContext, CFMachPortContext, ...
	int64_t version;
	void *info;
	const void *(*retain)(const void *info);
	void (*release)(const void *info);
	const void *(*describe)(const void *info);
};
struct source *darwin_CFRunLoopSourceCreate(const void *allocator, int64_t order, const struct source_context *context);
void darwin_CFRunLoopSourceInvalidate(struct source *source);
// A source that calls the function with the object, which it keeps as long as it is valid.
struct source *source_of_object(void *object, int64_t order, void (*perform)(void *object));
// Signals it, and has its loops look at it. Any thread, any lock but the loops' own.
void source_tell(struct source *source);
// Performs it on a queue of libdispatch from now on, in place of run loops; NULL: no more.
struct dispatch_queue;
void source_on_queue(struct source *source, struct dispatch_queue *queue);
// Takes a copy of a program's context (or none): its info is retained.
void context_take(struct callback_context *to, const struct callback_context *from);
void context_drop(struct callback_context *context); // once

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
// runloop_ports.c: a source of version 1 is signalled when something comes to its port, and then receives it.
struct port_watch;
struct port_watch *port_watch_make(struct source *source);
void port_watch_begin(struct port_watch *watch, uint32_t port); // the second time it does nothing
void port_watch_free(struct port_watch *watch);
bool port_receive(struct port_watch *watch, const struct source_context *context);
// Loops that have it look again.
void runloop_wake_item(const void *item);

#endif
