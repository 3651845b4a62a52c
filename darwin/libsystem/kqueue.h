// SPDX-License-Identifier: MIT
// kqueue: an epoll set whose members are descriptors, timers (timerfd), user events and signals
// (eventfd), processes (pidfd) and files (inotify).
//
// The kqueue's descriptor is that of the epoll set. A *source* is a member; the two filters of a descriptor are notes of one source.
// Lock: one for all kqueues; it is held while changes are made and events are taken apart, never while waiting.
// Facts: xnu's bsd/sys/event.h; kqueue(2) of Darwin; epoll(7), timerfd_create(2), pidfd_open(2), inotify(7).
#ifndef DARWIN_KQUEUE_H
#define DARWIN_KQUEUE_H

#include "abi.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

enum {
	EVFILT_READ = -1,
	EVFILT_WRITE = -2,
	EVFILT_VNODE = -4,
	EVFILT_PROC = -5,
	EVFILT_SIGNAL = -6,
	EVFILT_TIMER = -7,
	EVFILT_MACHPORT = -8,
	EVFILT_USER = -10,
	EVFILT_MEMORYSTATUS = -14
};
enum {
	EV_ADD = 0x1,
	EV_DELETE = 0x2,
	EV_ENABLE = 0x4,
	EV_DISABLE = 0x8,
	EV_ONESHOT = 0x10,
	EV_CLEAR = 0x20,
	EV_RECEIPT = 0x40,
	EV_DISPATCH = 0x80,
	EV_ERROR = 0x4000,
	EV_EOF = 0x8000
};

// ---- for the rest of libSystem --------------------------------------------------------------------------------------
extern _Atomic bool kqueue_any;
static inline bool kqueue_exists(void)
{
	return kqueue_any;
}
// The descriptor is about to be closed, or to become another file.
void kqueue_forget(int file);
// `to` is a copy of it by now.
void kqueue_copied(int from, int to);
// Around fork.
void kqueue_lock_all(void);
void kqueue_unlock_all(void);
// In a child of fork.
void kqueue_forget_all(void);

// ---- between the files of kqueue ------------------------------------------------------------------------------------
// A change or an event, whichever of Darwin's three forms the program uses (kevent.c).
struct kqueue_event {
	uint64_t ident;
	int16_t filter;
	uint16_t flags;
	uint32_t fflags;
	int64_t data;
	void *udata;
	uint64_t ext[2];
};

// How the program's array of one form is read and written.
struct kqueue_form {
	void (*get)(const void *array, int index, struct kqueue_event *event);
	void (*put)(void *array, int index, const struct kqueue_event *event);
};

// kevent(2). only_errors: what went wrong with the changes is told, nothing is waited for.
int kqueue_run(int file, const struct kqueue_form *form, const void *changes, int change_count, void *events, int room,
	       const struct timespec *timeout, bool only_errors);

struct note {
	bool used, enabled;
	uint16_t flags;
	uint32_t fflags;
	int64_t data;
	void *udata;
	uint64_t ext[2];
};

struct source {
	uint64_t ident;
	int16_t filter; // EVFILT_READ for both filters of a descriptor
	int file;	// in the epoll set
	bool own;	// `file` was made for it
	bool in_set;
	uint32_t generation; // of its place in the table
	uint32_t index;
	struct note note[2]; // [1]: EVFILT_WRITE
	struct mach_watch *watch; // EVFILT_MACHPORT
	struct process_watch *process;   // EVFILT_PROC
	struct pressure_watch *pressure; // EVFILT_MEMORYSTATUS
	struct source *next; // of those that are no descriptors
};

// Opens what is waited for; sets source->file and ->own. Returns an errno of Darwin's.
int source_open(struct source *source, const struct kqueue_event *change);
// Closes what was opened for it.
void source_close(struct source *source);
// A change of one that is open.
int source_change(struct source *source, const struct kqueue_event *change);
// Fills in fflags, data and flags (EV_EOF) of what has happened. False: nothing to tell.
bool source_take(struct source *source, uint32_t epoll_events, bool writing, struct kqueue_event *event);

// EVFILT_MACHPORT (kqueue_mach.c), as the three above.
int mach_watch_open(struct source *source);
void mach_watch_close(struct source *source);
bool mach_watch_take(struct source *source, struct kqueue_event *event);
// EVFILT_PROC (kqueue_process.c).
int process_watch_open(struct source *source, uint32_t notes);
int process_watch_change(struct source *source, uint32_t notes);
void process_watch_close(struct source *source);
bool process_watch_take(struct source *source, struct kqueue_event *event);
// EVFILT_MEMORYSTATUS (kqueue_pressure.c).
int pressure_watch_open(struct source *source);
void pressure_watch_close(struct source *source);
bool pressure_watch_take(struct source *source, struct kqueue_event *event);

#endif
