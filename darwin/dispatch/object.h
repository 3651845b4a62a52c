// SPDX-License-Identifier: MIT
// Objects of libdispatch: references, context, finalizer, target queue.
//
// 1. The program's references (users) count as one of the references; when the last goes the class's `abandon` is called, and the
//    object stays while libdispatch itself still refers to it.
// 2. A finalizer runs once, on the target queue, when nothing refers to the object any more (dispatch_set_finalizer_f(3)).
// 3. What the system has (the main queue, global queues, empty data) is never destroyed: DISPATCH_FOREVER_USERS.
#ifndef DARWIN_DISPATCH_OBJECT_H
#define DARWIN_DISPATCH_OBJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISPATCH_TIME_NOW 0ull
#define DISPATCH_TIME_FOREVER UINT64_MAX
#define DISPATCH_FOREVER_USERS (INT32_MAX / 2)

struct dispatch_queue;
struct dispatch_object;

enum dispatch_kind {
	DISPATCH_QUEUE,
	DISPATCH_ROOT, // a global queue
	DISPATCH_MAIN,
	DISPATCH_SOURCE,
	DISPATCH_GROUP,
	DISPATCH_SEMAPHORE,
	DISPATCH_DATA,
	DISPATCH_IO,
	DISPATCH_LOG, // of os_log
	DISPATCH_ACTIVITY,
	DISPATCH_WORKGROUP,
};

struct dispatch_class {
	enum dispatch_kind kind;
	void (*abandon)(struct dispatch_object *object);  // or NULL
	void (*activate)(struct dispatch_object *object); // or NULL: of those that are made inactive
	void (*destroy)(struct dispatch_object *object);  // frees what it refers to, not itself; or NULL
};

struct dispatch_object {
	const struct dispatch_class *class;   // [I]
	_Atomic int32_t references, users;    // [a]
	void *_Atomic context;		      // [a]
	void (*_Atomic finalizer)(void *);    // [a]
	struct dispatch_queue *_Atomic target; // [a] or NULL: the global queue of default priority
};

// NULL: no memory. One user.
void *dispatch_object_new(size_t size, const struct dispatch_class *class);
void dispatch_object_ref(struct dispatch_object *object);
void dispatch_object_unref(struct dispatch_object *object);
bool dispatch_object_is_queue(const struct dispatch_object *object); // or a source, which has one

void darwin_dispatch_retain(struct dispatch_object *object);
void darwin_dispatch_release(struct dispatch_object *object);

// ---- time (time.c) --------------------------------------------------------------------------------------------------
enum dispatch_clock { DISPATCH_CLOCK_UPTIME, DISPATCH_CLOCK_WALL, DISPATCH_CLOCKS };
// Which clock a time is of, and its nanoseconds there. Not for DISPATCH_TIME_FOREVER.
uint64_t dispatch_time_split(uint64_t when, enum dispatch_clock *clock);
// Waits until the word has another value. False: the time came (DISPATCH_TIME_NOW: at once).
bool dispatch_wait(_Atomic uint32_t *word, uint32_t value, uint64_t when);

#endif
