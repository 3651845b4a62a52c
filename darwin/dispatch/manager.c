// SPDX-License-Identifier: MIT
// The manager; see manager.h. Facts: kqueue(2).
#include "manager.h"

#include "../libsystem/errno.h"
#include "../libsystem/futex.h"
#include "../libsystem/kqueue.h"
#include "../libsystem/report.h"
#include "../libsystem/thread.h"

#include "timers.h"

#include <string.h>

enum { NOTE_NSECONDS = 4, NOTE_ABSOLUTE = 8, NOTE_MACHTIME = 0x100, NOTE_EXIT = (int)0x80000000 };
#define BATCH 32

static _Atomic uint32_t manager_lock;
static int manager_queue = -1;	       // [manager_lock]
static struct dispatch_watch *watches; // [manager_lock]

int darwin_kqueue(void);
int darwin_kevent(int file, const struct darwin_kevent *changes, int change_count, struct darwin_kevent *events, int room,
		  const struct timespec *timeout);

void dispatch_manager_lock(void)
{
	futex_lock(&manager_lock);
}

void dispatch_manager_unlock(void)
{
	futex_unlock(&manager_lock);
}

static void handle(const struct darwin_kevent *event)
{
	if (event->filter == EVFILT_TIMER) {
		timers_fire((enum dispatch_clock)event->ident);
		return;
	}
	for (struct dispatch_watch *watch = watches, *next; watch; watch = next) {
		next = watch->next;
		if (watch->ident != event->ident || watch->filter != event->filter || !watch->armed)
			continue;
		watch->armed = !watch->once;
		watch->happened(watch, event->data, event->fflags);
	}
}

static void *manager_thread(void *argument)
{
	int queue = (int)(uintptr_t)argument;
	struct darwin_kevent events[BATCH];
	thread_adopt();
	for (;;) {
		int count = darwin_kevent(queue, NULL, 0, events, BATCH, NULL);
		futex_lock(&manager_lock);
		for (int i = 0; i < count; i++)
			handle(&events[i]);
		futex_unlock(&manager_lock);
		if (count < 0 && thread_self()->error != DARWIN_EINTR)
			return NULL; // the program closed the queue's descriptor
	}
}

static int manager_start_locked(void)
{
	pthread_t thread;
	if (manager_queue >= 0)
		return manager_queue;
	manager_queue = darwin_kqueue();
	if (manager_queue < 0 || thread_start_helper(&thread, manager_thread, (void *)(uintptr_t)manager_queue))
		report_fatal("dispatch: no thread for timers and sources");
	return manager_queue;
}

static int change(uint64_t ident, int16_t filter, uint16_t flags, uint32_t fflags, int64_t data)
{
	struct darwin_kevent event = {.ident = ident, .filter = filter, .flags = flags, .fflags = fflags, .data = data};
	int *error = &thread_self()->error, saved = *error;
	int result = darwin_kevent(manager_start_locked(), &event, 1, NULL, 0, NULL) < 0 ? *error : 0;
	*error = saved;
	return result;
}

void timers_arm(enum dispatch_clock clock, uint64_t deadline)
{
	uint32_t kind = NOTE_NSECONDS | NOTE_ABSOLUTE | (clock == DISPATCH_CLOCK_UPTIME ? NOTE_MACHTIME : 0);
	if (change(clock, EVFILT_TIMER, EV_ADD, kind, deadline > INT64_MAX ? INT64_MAX : (int64_t)deadline))
		report_fatal("dispatch: no timer");
}

// ---- watches --------------------------------------------------------------------------------------------------------

// What all of those that watch the same want; false: nobody watches it.
static bool wanted_of(const struct dispatch_watch *like, uint32_t *fflags, bool *armed)
{
	bool any = false;
	*fflags = 0;
	*armed = false;
	for (const struct dispatch_watch *watch = watches; watch; watch = watch->next)
		if (watch->ident == like->ident && watch->filter == like->filter) {
			any = true;
			*fflags |= watch->fflags;
			*armed |= watch->armed;
		}
	return any;
}

static int watch_tell(const struct dispatch_watch *watch)
{
	uint32_t fflags;
	bool armed;
	if (!wanted_of(watch, &fflags, &armed))
		return change(watch->ident, watch->filter, EV_DELETE, 0, 0);
	uint16_t flags = (uint16_t)(EV_ADD | (watch->once ? EV_DISPATCH : EV_CLEAR) | (armed ? EV_ENABLE : EV_DISABLE));
	return change(watch->ident, watch->filter, flags, fflags, 0);
}

static void watch_unlink(struct dispatch_watch *watch)
{
	for (struct dispatch_watch **at = &watches; *at; at = &(*at)->next)
		if (*at == watch) {
			*at = watch->next;
			return;
		}
}

int dispatch_watch_add(struct dispatch_watch *watch)
{
	futex_lock(&manager_lock);
	watch->armed = true;
	watch->next = watches;
	watches = watch;
	int error = watch_tell(watch);
	if (error == DARWIN_ESRCH && watch->filter == EVFILT_PROC && (watch->fflags & (uint32_t)NOTE_EXIT)) {
		watch->happened(watch, 0, (uint32_t)NOTE_EXIT); // it has ended before
		error = 0;
	}
	if (error)
		watch_unlink(watch);
	futex_unlock(&manager_lock);
	return error;
}

void dispatch_watch_again(struct dispatch_watch *watch)
{
	futex_lock(&manager_lock);
	if (!watch->armed) {
		watch->armed = true;
		watch_tell(watch); // the descriptor may be closed by now: then nothing happens any more
	}
	futex_unlock(&manager_lock);
}

void dispatch_watch_remove(struct dispatch_watch *watch)
{
	futex_lock(&manager_lock);
	watch_unlink(watch);
	watch_tell(watch);
	futex_unlock(&manager_lock);
}

void dispatch_manager_forget(void)
{
	manager_lock = 0;
	manager_queue = -1; // kqueue_forget_all closed it
	watches = NULL;
	timers_forget();
}
