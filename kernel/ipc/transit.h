// SPDX-License-Identifier: MIT
// Receive rights on their way: which queue each is in, so that no port ends up, directly or through others, in its own
// queue, where nobody could ever reach it. One global lock; only messages with receive rights come here.
#ifndef KERNEL_IPC_TRANSIT_H
#define KERNEL_IPC_TRANSIT_H

#include "port.h"

// Longer chains of ports in ports' queues are refused like circles, which bounds the walk.
#define TRANSIT_DEPTH_LIMIT 256u

void transit_module_init(void);
// The receive right of `port` (the caller's) is to travel to the queue of `destination`. False: that would be a circle;
// nothing is recorded.
bool must_check transit_enter(struct port *port, struct port *destination);
// It has arrived, or will not travel. Does nothing when nothing is recorded.
void transit_leave(struct port *port);

#endif
