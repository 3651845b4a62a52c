// SPDX-License-Identifier: MIT
// Being told when the network or a device changes. Facts: rtnetlink(7), netlink(7) (NETLINK_KOBJECT_UEVENT), inotify(7).
//
// What changed is not said: who is told looks again. Linux' messages are only drained.
// Locks: libdispatch's manager's, then the watchers', then those of run loops.
#ifndef DARWIN_WATCH_CHANGES_H
#define DARWIN_WATCH_CHANGES_H

#include <stdbool.h>

enum changes_kind { CHANGES_NETWORK, CHANGES_DEVICES, CHANGES_KINDS };

struct changes_watcher {
	enum changes_kind kind;
	void (*changed)(struct changes_watcher *watcher); // in the manager's thread, with its lock
	struct changes_watcher *next;			  // [the watchers']
};

// From now on it is told. False: Linux does not tell, and it is not added.
bool changes_watch(struct changes_watcher *watcher);
// It is not told any more.
void changes_forget(struct changes_watcher *watcher);

#endif
