// SPDX-License-Identifier: MIT
// What a kqueue can wait for, by filter; see kqueue.h.
#include "kqueue.h"

#include "errno.h"
#include "signals.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static int opened(struct source *source, int file)
{
	source->file = file;
	source->own = true;
	return file < 0 ? errno_to_darwin(errno) : 0;
}

// ---- descriptors ----------------------------------------------------------------------------------------------------

// epoll takes no regular files, which are always ready: an event stands in for them. Devices without events are refused.
static int open_descriptor(struct source *source)
{
	struct stat status;
	int probe, error;
	source->file = (int)source->ident;
	if (fstat(source->file, &status) < 0)
		return errno_to_darwin(errno);
	if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode))
		return opened(source, eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK));
	if (!S_ISCHR(status.st_mode))
		return 0;
	struct epoll_event event = {.events = EPOLLIN};
	probe = epoll_create1(EPOLL_CLOEXEC);
	error = epoll_ctl(probe, EPOLL_CTL_ADD, source->file, &event) < 0 && errno == EPERM ? DARWIN_EINVAL : 0;
	close(probe);
	return error;
}

static bool take_descriptor(const struct source *source, uint32_t happened, bool writing, struct kqueue_event *event)
{
	int bytes = 0, file = (int)source->ident;
	struct stat status;
	if (source->own) { // a regular file: readable while it is not at its end
		event->data = fstat(file, &status) == 0 ? status.st_size - lseek(file, 0, SEEK_CUR) : 0;
		return writing || event->data != 0;
	}
	if (happened & (writing ? EPOLLERR | EPOLLHUP : EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		event->flags |= EV_EOF;
	// The error itself (fflags on macOS) stays for whoever reads or asks for SO_ERROR: Linux tells it once.
	if (!writing && ioctl(file, FIONREAD, &bytes) < 0)
		bytes = 1; // a socket that listens
	event->data = bytes;
	return true;
}

// ---- timers ---------------------------------------------------------------------------------------------------------

enum { NOTE_SECONDS = 1, NOTE_USECONDS = 2, NOTE_NSECONDS = 4, NOTE_ABSOLUTE = 8, NOTE_MACHTIME = 0x100 };

static int timer_set(struct source *source, const struct kqueue_event *change)
{
	int64_t unit = change->fflags & NOTE_SECONDS			  ? 1000000000
		       : change->fflags & NOTE_USECONDS			  ? 1000
		       : change->fflags & (NOTE_NSECONDS | NOTE_MACHTIME) ? 1
									  : 1000000;
	int64_t whole = 1000000000 / unit, amount = change->data < 0 ? 0 : change->data;
	struct timespec span = {amount / whole, amount % whole * unit};
	if (span.tv_sec == 0 && span.tv_nsec == 0)
		span.tv_nsec = 1; // 0 would stop it
	struct itimerspec timer = {.it_value = span};
	if (!(change->flags & EV_ONESHOT) && !(change->fflags & NOTE_ABSOLUTE))
		timer.it_interval = span;
	return timerfd_settime(source->file, change->fflags & NOTE_ABSOLUTE ? TFD_TIMER_ABSTIME : 0, &timer, NULL) < 0
		       ? errno_to_darwin(errno)
		       : 0;
}

static int open_timer(struct source *source, const struct kqueue_event *change)
{
	bool calendar = (change->fflags & NOTE_ABSOLUTE) && !(change->fflags & NOTE_MACHTIME);
	int error =
		opened(source, timerfd_create(calendar ? CLOCK_REALTIME : CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
	return error ? error : timer_set(source, change);
}

static bool take_count(const struct source *source, struct kqueue_event *event)
{
	uint64_t count;
	if (read(source->file, &count, sizeof(count)) != sizeof(count))
		return false; // another thread took it
	event->data = (int64_t)count;
	return true;
}

// ---- user events ----------------------------------------------------------------------------------------------------

enum { NOTE_TRIGGER = 0x01000000 };

static int user_change(struct source *source, const struct kqueue_event *change)
{
	uint32_t *fflags = &source->note[0].fflags, new = change->fflags & 0xffffff;
	uint64_t one = 1;
	switch (change->fflags >> 30) {
	case 1: *fflags &= new; break; // NOTE_FFAND
	case 2: *fflags |= new; break; // NOTE_FFOR
	case 3: *fflags = new; break;  // NOTE_FFCOPY
	default: break;
	}
	if ((change->fflags & NOTE_TRIGGER) && write(source->file, &one, sizeof(one)) < 0 && errno != EAGAIN)
		return errno_to_darwin(errno);
	return 0;
}

static int open_user(struct source *source, const struct kqueue_event *change)
{
	int error = opened(source, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	return error ? error : user_change(source, change);
}

static bool take_user(const struct source *source, struct kqueue_event *event)
{
	uint64_t count;
	event->fflags = source->note[0].fflags;
	if (source->note[0].flags & (EV_CLEAR | EV_DISPATCH))
		return read(source->file, &count, sizeof(count)) == sizeof(count);
	return true; // it stays until it is deleted
}

// ---- signals --------------------------------------------------------------------------------------------------------

static int open_signal(struct source *source)
{
	int error = opened(source, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
	if (error)
		return error;
	error = signals_watch((int)source->ident, source->file);
	if (error)
		close(source->file);
	return error;
}

void source_close(struct source *source)
{
	if (source->filter == EVFILT_SIGNAL)
		signals_unwatch((int)source->ident, source->file);
	if (source->filter == EVFILT_MACHPORT)
		mach_watch_close(source);
	else if (source->filter == EVFILT_PROC)
		process_watch_close(source);
	else if (source->filter == EVFILT_MEMORYSTATUS)
		pressure_watch_close(source);
	else if (source->own)
		close(source->file);
}

// ---- files ----------------------------------------------------------------------------------------------------------

enum { NOTE_DELETE = 1, NOTE_WRITE = 2, NOTE_EXTEND = 4, NOTE_ATTRIB = 8, NOTE_LINK = 0x10, NOTE_RENAME = 0x20 };

static int open_vnode(struct source *source)
{
	char path[40];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", (int)source->ident);
	int error = opened(source, inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
	if (error)
		return error;
	uint32_t mask = IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
			IN_MOVED_TO;
	if (inotify_add_watch(source->file, path, mask) >= 0)
		return 0;
	error = errno == ENOENT ? DARWIN_EBADF : errno_to_darwin(errno);
	close(source->file);
	return error;
}

static uint32_t vnode_notes(const struct source *source, uint32_t mask)
{
	struct stat status;
	uint32_t notes = 0;
	if (mask & (IN_MODIFY | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO))
		notes |= NOTE_WRITE | (mask & IN_MODIFY ? NOTE_EXTEND : 0);
	if (mask & IN_MOVE_SELF)
		notes |= NOTE_RENAME;
	if (mask & IN_DELETE_SELF)
		notes |= NOTE_DELETE;
	if ((mask & IN_ATTRIB) && fstat((int)source->ident, &status) == 0)
		notes |= status.st_nlink == 0 ? NOTE_DELETE : NOTE_ATTRIB | NOTE_LINK;
	return notes;
}

static bool take_vnode(const struct source *source, struct kqueue_event *event)
{
	_Alignas(struct inotify_event) char buffer[4096];
	ssize_t size;
	uint32_t notes = 0;
	while ((size = read(source->file, buffer, sizeof(buffer))) > 0)
		for (ssize_t at = 0; at < size;
		     at += (ssize_t)(sizeof(struct inotify_event) + ((struct inotify_event *)(buffer + at))->len))
			notes |= vnode_notes(source, ((struct inotify_event *)(buffer + at))->mask);
	event->fflags = notes & source->note[0].fflags;
	return event->fflags != 0;
}

// ---- by filter ------------------------------------------------------------------------------------------------------

int source_open(struct source *source, const struct kqueue_event *change)
{
	switch (change->filter) {
	case EVFILT_READ:
	case EVFILT_WRITE: return open_descriptor(source);
	case EVFILT_TIMER: return open_timer(source, change);
	case EVFILT_USER: return open_user(source, change);
	case EVFILT_PROC: return process_watch_open(source, change->fflags);
	case EVFILT_VNODE: return open_vnode(source);
	case EVFILT_SIGNAL: return open_signal(source);
	case EVFILT_MACHPORT: return mach_watch_open(source);
	case EVFILT_MEMORYSTATUS: return pressure_watch_open(source);
	default: return DARWIN_EINVAL;
	}
}

int source_change(struct source *source, const struct kqueue_event *change)
{
	if (change->filter == EVFILT_USER)
		return user_change(source, change);
	if (change->filter == EVFILT_PROC && (change->flags & EV_ADD))
		return process_watch_change(source, change->fflags);
	return change->filter == EVFILT_TIMER && (change->flags & EV_ADD) ? timer_set(source, change) : 0;
}

bool source_take(struct source *source, uint32_t happened, bool writing, struct kqueue_event *event)
{
	switch (source->filter) {
	case EVFILT_TIMER: case EVFILT_SIGNAL: return take_count(source, event);
	case EVFILT_USER: return take_user(source, event);
	case EVFILT_PROC: return process_watch_take(source, event);
	case EVFILT_VNODE: return take_vnode(source, event);
	case EVFILT_MACHPORT: return mach_watch_take(source, event);
	case EVFILT_MEMORYSTATUS: return pressure_watch_take(source, event);
	default: return take_descriptor(source, happened, writing, event);
	}
}
