// SPDX-License-Identifier: MIT
// The inside of SCNetworkReachability: reachability.c says what is, reachability_notify.c tells when it changes.
#ifndef DARWIN_REACHABILITY_H
#define DARWIN_REACHABILITY_H

#include "watch.h"

#include "../corefoundation/runloop.h"

#include <netinet/in.h>

struct reachability;
typedef void reachability_callback(struct reachability *target, uint32_t flags, void *info);

struct reachability {
	struct object head;
	char *name; // or
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;
	socklen_t size;
	struct changes_watcher watcher;
	bool watches; // the watcher was added
	reachability_callback *called;
	struct callback_context context;
	_Atomic uint32_t lock;
	struct source *source;	      // [lock] as long as it is in a run loop; it keeps the target
	int64_t loops;		      // in how many it is
	struct dispatch_queue *queue; // [lock]
	_Atomic uint32_t flags, told; // as they were last looked at, and told
	_Atomic bool looking;	      // somebody is about to look
};

uint8_t darwin_SCNetworkReachabilityGetFlags(const struct reachability *target, uint32_t *flags);
void reachability_forget(struct reachability *target);

#endif
