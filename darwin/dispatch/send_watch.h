// SPDX-License-Identifier: MIT
// DISPATCH_SOURCE_TYPE_MACH_SEND: the kernel tells of a send right by a message to a port that is made for it, which the manager watches.
#ifndef DARWIN_DISPATCH_SEND_WATCH_H
#define DARWIN_DISPATCH_SEND_WATCH_H

#include "manager.h"

#define DISPATCH_MACH_SEND_DEAD 1u

// Makes the port and watches it. An errno of Darwin's: it cannot be asked for. `dead`: it is so already.
int send_watch_begin(struct dispatch_watch *watch, uint32_t name, bool *dead);
// Receives what the port has; returns bits of DISPATCH_MACH_SEND_*.
uint64_t send_watch_take(struct dispatch_watch *watch);
// Nothing happens from here on: the port goes, and what was asked for with it.
void send_watch_end(struct dispatch_watch *watch, uint32_t name);

#endif
