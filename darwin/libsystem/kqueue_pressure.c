// SPDX-License-Identifier: MIT
// EVFILT_MEMORYSTATUS: how short memory is, as a source of a kqueue.
//
// A thread, from the first such source on, waits for what Linux tells: threads that stall for memory (/proc/pressure/memory: some of them
// for a tenth of the time is a warning, all of them is critical) and the limits of the process' control group (memory.events: above `high` is
// a warning, at `max` critical). Four seconds after the last of these all is normal again. Where Linux tells neither, nothing comes.
// 1. The list, `level` and `process` are guarded by the kqueues' lock. In a child of fork there is no such thread: `process` is the one
//    that has it.
// Facts: xnu's bsd/sys/event_private.h; Linux' Documentation/accounting/psi.rst, admin-guide/cgroup-v2.rst.
#include "kqueue.h"

#include "errno.h"
#include "mach_proc.h"
#include "thread.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { LEVEL_NORMAL = 1, LEVEL_WARN = 2, LEVEL_CRITICAL = 4 }; // NOTE_MEMORYSTATUS_PRESSURE_*
#define CALM 4000 // milliseconds

struct pressure_watch {
	int file; // eventfd
	uint32_t pending;
	struct pressure_watch *next;
};
static struct pressure_watch *watches;
static uint32_t level = LEVEL_NORMAL;
static int process;

// ---- what Linux tells -----------------------------------------------------------------------------------------------

// A trigger: so many microseconds of each two seconds, the shortest time that Linux lets everybody ask for.
static int trigger_open(const char *line)
{
	int file = open("/proc/pressure/memory", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (file >= 0 && write(file, line, strlen(line) + 1) < 0) {
		close(file);
		return -1;
	}
	return file;
}

struct group {
	int notices; // inotify, or -1
	char path[512];
	uint64_t high, most; // how often
};

static void group_read(struct group *group)
{
	char text[512] = "";
	proc_read(group->path, text, sizeof(text));
	group->high = proc_number(text, "high ");
	group->most = proc_number(text, "max ") + proc_number(text, "oom ");
}

static void group_open(struct group *group)
{
	char text[4096] = "\n";
	group->notices = -1;
	if (!proc_read("/proc/self/cgroup", text + 1, sizeof(text) - 1))
		return;
	const char *own = strstr(text, "\n0::/"); // of the second version
	int length = own ? (int)strcspn(own + 5, "\n") : 0;
	if (!own || snprintf(group->path, sizeof(group->path), "/sys/fs/cgroup/%.*s%smemory.events", length, own + 5,
			     length ? "/" : "") >= (int)sizeof(group->path))
		return;
	group->notices = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (group->notices >= 0 && inotify_add_watch(group->notices, group->path, IN_MODIFY) < 0) {
		close(group->notices);
		group->notices = -1;
	}
	group_read(group);
}

static uint32_t group_level(struct group *group)
{
	char notices[4096];
	struct group before = *group;
	while (read(group->notices, notices, sizeof(notices)) > 0) { }
	group_read(group);
	return group->most > before.most ? LEVEL_CRITICAL : group->high > before.high ? LEVEL_WARN : 0;
}

// ---- the thread -----------------------------------------------------------------------------------------------------

static void tell(uint32_t now)
{
	uint64_t one = 1;
	kqueue_lock_all();
	for (struct pressure_watch *watch = watches; now != level && watch; watch = watch->next) {
		watch->pending |= now;
		if (write(watch->file, &one, sizeof(one)) < 0)
			continue; // it is full: it has been told
	}
	level = now;
	kqueue_unlock_all();
}

struct listener {
	struct pollfd files[3]; // warning, critical, the group
	struct group group;
};

static void *listen_main(void *argument)
{
	struct listener *listener = argument;
	thread_adopt();
	for (;;) {
		struct pollfd *files = listener->files;
		int count = poll(files, 3, level == LEVEL_NORMAL ? -1 : CALM);
		if (count < 0 && errno != EINTR)
			return NULL;
		uint32_t now = count == 0 ? LEVEL_NORMAL : 0;
		if (count > 0 && (files[0].revents & POLLPRI))
			now = LEVEL_WARN;
		if (count > 0 && (files[2].revents & POLLIN))
			now |= group_level(&listener->group);
		if ((count > 0 && (files[1].revents & POLLPRI)) || (now & LEVEL_CRITICAL))
			now = LEVEL_CRITICAL;
		for (int i = 0; i < 3; i++)
			if (count > 0 && (files[i].revents & (POLLERR | POLLNVAL)))
				files[i].fd = -1; // the program closed it
		if (now)
			tell(now);
	}
}

// Under the kqueues' lock.
static void listen_begin(void)
{
	struct listener *listener = calloc(1, sizeof(*listener));
	pthread_t thread;
	if (!listener)
		return;
	process = getpid();
	level = LEVEL_NORMAL;
	group_open(&listener->group);
	listener->files[0] = (struct pollfd){trigger_open("some 200000 2000000"), POLLPRI, 0};
	listener->files[1] = (struct pollfd){trigger_open("full 200000 2000000"), POLLPRI, 0};
	listener->files[2] = (struct pollfd){listener->group.notices, POLLIN, 0};
	bool any = listener->files[0].fd >= 0 || listener->files[1].fd >= 0 || listener->files[2].fd >= 0;
	if (!any || thread_start_helper(&thread, listen_main, listener))
		free(listener);
}

// ---- the source -----------------------------------------------------------------------------------------------------

int pressure_watch_open(struct source *source)
{
	struct pressure_watch *watch = calloc(1, sizeof(*watch));
	if (!watch)
		return DARWIN_ENOMEM;
	watch->file = source->file = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (watch->file < 0) {
		free(watch);
		return errno_to_darwin(errno);
	}
	source->own = true;
	source->pressure = watch;
	watch->next = watches;
	watches = watch;
	if (process != getpid())
		listen_begin();
	return 0;
}

void pressure_watch_close(struct source *source)
{
	for (struct pressure_watch **at = &watches; *at; at = &(*at)->next)
		if (*at == source->pressure) {
			*at = source->pressure->next;
			break;
		}
	close(source->file);
	free(source->pressure);
}

bool pressure_watch_take(struct source *source, struct kqueue_event *event)
{
	uint64_t count;
	if (read(source->file, &count, sizeof(count)) != sizeof(count))
		return false;
	event->fflags = source->pressure->pending & source->note[0].fflags;
	event->data = event->fflags;
	source->pressure->pending = 0;
	return event->fflags != 0;
}
