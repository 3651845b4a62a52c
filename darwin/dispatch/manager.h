// SPDX-License-Identifier: MIT
// The manager: one thread, from the first timer or watched thing on, that waits in a kqueue for all of them.
//
// 1. What fires is called in the manager's thread with the manager's lock held; it only adds work to queues.
// 2. After dispatch_timer_clear or dispatch_watch_remove returns it is not called any more.
// Lock: the manager's; before those of queues, never the other way round.
#ifndef DARWIN_DISPATCH_MANAGER_H
#define DARWIN_DISPATCH_MANAGER_H

#include "object.h"

struct dispatch_timer {
	uint64_t deadline;	   // nanoseconds of the clock
	uint64_t leeway;	   // how much later is early enough
	enum dispatch_clock clock;
	size_t place;		   // in the heap, from 1 on; 0: it is not set [manager]
	void (*fire)(struct dispatch_timer *timer);
};

// Sets it, or moves it if it is set. It fires once.
void dispatch_timer_set(struct dispatch_timer *timer);
void dispatch_timer_set_locked(struct dispatch_timer *timer); // from `fire`
void dispatch_timer_clear(struct dispatch_timer *timer);
void dispatch_timer_clear_locked(struct dispatch_timer *timer);

// Something that a kqueue can wait for; several may watch the same.
struct dispatch_watch {
	uint64_t ident;
	int16_t filter;
	uint32_t fflags;
	bool once;  // after it happened it waits for dispatch_watch_again
	bool armed; // [manager]
	// `data` and `fflags` as in a kevent.
	void (*happened)(struct dispatch_watch *watch, int64_t data, uint32_t fflags);
	struct dispatch_watch *next; // [manager]
};

// An errno of Darwin's: it is not watched.
int dispatch_watch_add(struct dispatch_watch *watch);
void dispatch_watch_again(struct dispatch_watch *watch);
void dispatch_watch_remove(struct dispatch_watch *watch);

void dispatch_manager_lock(void);
void dispatch_manager_unlock(void);

#endif
