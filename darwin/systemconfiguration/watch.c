// SPDX-License-Identifier: MIT
// Being told when the network or a device changes; see watch.h.
#include "watch.h"

#include "../dispatch/manager.h"
#include "../libsystem/futex.h"
#include "../libsystem/kqueue.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <unistd.h>

struct channel {
	struct dispatch_watch watch; // first: it is what `happened` gets
	enum changes_kind kind;
	int process; // 0: not open; in a child of fork it is the parent's
};

static _Atomic uint32_t lock;
static struct changes_watcher *watchers;			     // [lock]
static struct channel network, names, devices; // [lock] links, addresses, routes; resolv.conf; uevents

static void happened(struct dispatch_watch *watch, int64_t data, uint32_t fflags)
{
	struct channel *channel = (struct channel *)watch;
	char bytes[8192];
	while (read((int)watch->ident, bytes, sizeof(bytes)) > 0)
		;
	futex_lock(&lock);
	for (struct changes_watcher *at = watchers; at; at = at->next)
		if (at->kind == channel->kind)
			at->changed(at);
	futex_unlock(&lock);
}

static int netlink_open(int protocol, uint32_t groups)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
	int file = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
	if (file >= 0 && bind(file, (struct sockaddr *)&address, sizeof(address)) == 0)
		return file;
	if (file >= 0)
		close(file);
	return -1;
}

// The folder, since resolv.conf is replaced as a whole.
static int names_open(void)
{
	int file = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (file >= 0 && inotify_add_watch(file, "/etc", IN_CLOSE_WRITE | IN_MOVED_TO | IN_DELETE) >= 0)
		return file;
	if (file >= 0)
		close(file);
	return -1;
}

// The manager's lock is taken with the lock of the watchers free: `happened` takes them the other way round.
static bool channel_open(struct channel *channel, enum changes_kind kind, int file)
{
	channel->kind = kind;
	channel->watch = (struct dispatch_watch){.ident = (uint64_t)file, .filter = EVFILT_READ, .happened = happened};
	if (file >= 0 && dispatch_watch_add(&channel->watch) == 0)
		return true;
	if (file >= 0)
		close(file);
	channel->process = 0;
	return false;
}

// Whether this thread is to open it.
static bool channel_claim(struct channel *channel)
{
	futex_lock(&lock);
	bool claimed = channel->process != getpid();
	channel->process = getpid();
	futex_unlock(&lock);
	return claimed;
}

static bool open_for(enum changes_kind kind)
{
	if (kind == CHANGES_DEVICES)
		return !channel_claim(&devices) ||
		       channel_open(&devices, kind, netlink_open(NETLINK_KOBJECT_UEVENT, 1));
	if (channel_claim(&names))
		channel_open(&names, kind, names_open()); // without it, only that is missed
	return !channel_claim(&network) ||
	       channel_open(&network, kind,
			    netlink_open(NETLINK_ROUTE, RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR |
								RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE));
}

bool changes_watch(struct changes_watcher *watcher)
{
	if (!open_for(watcher->kind))
		return false;
	futex_lock(&lock);
	watcher->next = watchers;
	watchers = watcher;
	futex_unlock(&lock);
	return true;
}

void changes_forget(struct changes_watcher *watcher)
{
	futex_lock(&lock);
	for (struct changes_watcher **at = &watchers; *at; at = &(*at)->next)
		if (*at == watcher) {
			*at = watcher->next;
			break;
		}
	futex_unlock(&lock);
}
