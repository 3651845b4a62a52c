// SPDX-License-Identifier: MIT
// EVFILT_PROC: a process as a source of a kqueue. That it ends tells its pidfd; what it tells itself (process_notes.h) comes by a socket, once
// that is asked for. The source is an epoll set of the two. Facts: xnu's bsd/sys/event.h, bsd/kern/kern_event.c; pidfd_open(2).
#include "kqueue.h"

#include "errno.h"
#include "process_notes.h"
#include "signals.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOTE_TRACK = 1 };
#define NOTE_EXIT 0x80000000u
#define NOTE_EXITSTATUS 0x04000000u
#define NOTES_TOLD (NOTE_FORK | NOTE_EXEC | NOTE_SIGNAL)

struct process_watch {
	int pidfd, notes; // `notes`: a socket, or -1: nobody tells
};

static void watch_free(struct process_watch *watch)
{
	if (watch->pidfd >= 0)
		close(watch->pidfd);
	if (watch->notes >= 0)
		close(watch->notes);
	free(watch);
}

static int set_add(int set, int file)
{
	struct epoll_event event = {.events = EPOLLIN};
	return epoll_ctl(set, EPOLL_CTL_ADD, file, &event) < 0 ? errno_to_darwin(errno) : 0;
}

// NOTE_TRACK is ENOTSUP as on Darwin. Who asks for nothing but what cannot be told is told so.
int process_watch_change(struct source *source, uint32_t notes)
{
	struct process_watch *watch = source->process;
	if (notes & NOTE_TRACK)
		return DARWIN_ENOTSUP;
	if (!(notes & NOTES_TOLD) || watch->notes >= 0)
		return 0;
	watch->notes = process_notes_open((int)source->ident);
	if (watch->notes >= 0)
		return set_add(source->file, watch->notes);
	return notes & (NOTE_EXIT | NOTE_EXITSTATUS) ? 0 : DARWIN_ENOTSUP;
}

int process_watch_open(struct source *source, uint32_t notes)
{
	struct process_watch *watch = calloc(1, sizeof(*watch));
	if (!watch)
		return DARWIN_ENOMEM;
	*watch = (struct process_watch){(int)syscall(SYS_pidfd_open, (int)source->ident, 0), -1};
	source->file = watch->pidfd < 0 ? -1 : epoll_create1(EPOLL_CLOEXEC);
	source->process = watch;
	int error = source->file < 0 ? errno_to_darwin(errno) : set_add(source->file, watch->pidfd);
	if (!error)
		error = process_watch_change(source, notes);
	if (error)
		process_watch_close(source);
	source->own = !error;
	return error;
}

void process_watch_close(struct source *source)
{
	if (source->file >= 0)
		close(source->file);
	watch_free(source->process);
}

static void take_exit(const struct source *source, struct kqueue_event *event)
{
	siginfo_t info = {0};
	event->fflags |= source->note[0].fflags & (NOTE_EXIT | NOTE_EXITSTATUS);
	event->flags |= EV_EOF | EV_ONESHOT;
	if ((event->fflags & NOTE_EXITSTATUS) &&
	    waitid(P_PID, (id_t)source->ident, &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid)
		event->data = info.si_code == CLD_EXITED
				      ? info.si_status << 8
				      : signals_to_darwin(info.si_status) | (info.si_code == CLD_DUMPED ? 0x80 : 0);
}

bool process_watch_take(struct source *source, struct kqueue_event *event)
{
	const struct process_watch *watch = source->process;
	struct pollfd ended = {watch->pidfd, POLLIN, 0};
	int signal = 0;
	event->fflags = 0;
	if (watch->notes >= 0)
		event->fflags = process_notes_take(watch->notes, &signal) & source->note[0].fflags;
	if (event->fflags & NOTE_SIGNAL)
		event->data = signal;
	bool over = poll(&ended, 1, 0) > 0;
	if (over)
		take_exit(source, event);
	return over || event->fflags != 0;
}
