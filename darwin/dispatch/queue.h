// SPDX-License-Identifier: MIT
// Queues: what they hold, and how it comes to run.
//
// A queue holds work in the order in which it was added. When the first of it may run, the queue itself is added as a piece of work
// (`drain`) to its target, at most once at a time; at the end of all targets is a global queue, whose work a thread of the pool takes.
// A thread that drains a queue runs what may run; before each piece it adds the queue again if more may run beside it.
// 1. `exclusive`: a function runs alone: each of a serial queue, a barrier of a concurrent one. `running` counts the others.
// 2. What runs on a queue also has all its targets: a serial queue as target makes those that target it one.
// 3. A synchronous function runs in its caller. If the queue is idle it enters at once; else a piece of work in the queue hands its
//    turn over and waits until the caller has done (sync.c). Only the main queue's are run by the thread that drains it.
// Locks: a queue's, then its target's, ..., then the pool's.
#ifndef DARWIN_DISPATCH_QUEUE_H
#define DARWIN_DISPATCH_QUEUE_H

#include "object.h"

#include "../libsystem/dispatch.h"

struct dispatch_group;

struct dispatch_work {
	struct dispatch_work *next; // [the queue's lock]
	void (*function)(void *);   // [I]
	void *context;		    // [I]
	struct dispatch_group *group; // [I] left when the function has returned; or NULL
	bool barrier;		      // [I]
	bool kept;		      // [I] part of something else: not freed
	uint8_t qos;		      // [I] QOS_CLASS_*: in a workloop the highest comes first
};

struct dispatch_specific {
	const void *key;
	void *value;
	void (*destructor)(void *);
	struct dispatch_specific *next;
};

enum dispatch_life { DISPATCH_ACTIVE, DISPATCH_INACTIVE }; // inactive -> active once, by dispatch_activate or the first resume

struct dispatch_queue {
	struct dispatch_object head;
	_Atomic uint32_t lock;
	struct dispatch_work *first, *last; // [l]
	struct dispatch_work drain;	    // [l] in the target's list while `queued`
	uint32_t running;		    // [l]
	uint32_t suspended;		    // [l] an inactive queue counts as suspended once
	bool exclusive, queued;		    // [l]
	enum dispatch_life life;	    // [l]
	bool concurrent;		    // [I]
	bool ordered;			    // [I] a workloop: by class, then as it was added
	bool overcommit;		    // [I] of a global queue: a thread for each piece, however busy the processors are
	uint8_t qos;			    // [I] QOS_CLASS_*, 0: none
	int8_t priority;		    // [I] within its class
	char *label;			    // [I] or NULL
	struct dispatch_specific *specific; // [l]
};

// Which queues the thread runs on, innermost first.
struct dispatch_frame {
	struct dispatch_queue *queue;
	struct dispatch_frame *before;
};
extern __thread struct dispatch_frame *dispatch_frames;

struct dispatch_queue *dispatch_root_default(void);
struct dispatch_queue *dispatch_root_of(unsigned qos, bool overcommit);
// Runs what may run; `queue` is a struct dispatch_queue that was marked `queued`.
void dispatch_queue_drain(void *queue);
void dispatch_queue_init(struct dispatch_queue *queue, bool concurrent); // behind a head that is made
void dispatch_queue_clear(struct dispatch_queue *queue);		 // what it refers to
bool dispatch_queue_is_root(const struct dispatch_queue *queue);
struct dispatch_queue *dispatch_queue_target(const struct dispatch_queue *queue); // NULL: of a global queue

// Returns the old target, whose reference becomes the caller's.
struct dispatch_queue *dispatch_queue_retarget(struct dispatch_queue *queue, struct dispatch_queue *target);

void dispatch_queue_push(struct dispatch_queue *queue, struct dispatch_work *work);
// Adds the function; `group` has been entered.
void dispatch_queue_submit(struct dispatch_queue *queue, void *context, void (*function)(void *), struct dispatch_group *group,
			   bool barrier);
// The class of a function that is added now: its block's, else that of who adds it.
uint8_t dispatch_work_class(void (*function)(void *), const void *context);
// Runs it and frees it.
void dispatch_work_run(struct dispatch_work *work);
// Adds the queue to its target if its first piece may run. [l]
void dispatch_queue_kick_locked(struct dispatch_queue *queue);
// Enters it beside or instead of all others if nothing waits. Leaving lets others in.
bool dispatch_queue_try_enter(struct dispatch_queue *queue, bool barrier);
void dispatch_queue_leave(struct dispatch_queue *queue, bool barrier);
// True while this thread runs on the queue or on one that targets it.
bool dispatch_queue_is_current(const struct dispatch_queue *queue);

void dispatch_queue_suspend(struct dispatch_queue *queue);
// True: that was the activation.
bool dispatch_queue_resume(struct dispatch_queue *queue);
bool dispatch_queue_activate(struct dispatch_queue *queue);

// Waits for a turn in the queue and runs the function there.
void dispatch_queue_sync(struct dispatch_queue *queue, void *context, void (*function)(void *), bool barrier);

// The main queue has something to run (main.c).
void dispatch_main_wake(void);

void dispatch_group_enter(struct dispatch_group *group);
void dispatch_group_leave(struct dispatch_group *group);

#endif
