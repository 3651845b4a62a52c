// SPDX-License-Identifier: MIT
// Queues of libdispatch, for other parts of the system that run a program's functions there.
#ifndef DARWIN_DISPATCH_H
#define DARWIN_DISPATCH_H

struct dispatch_queue;

// Runs the function on the queue, after what was added before.
void dispatch_queue_add(struct dispatch_queue *queue, void *context, void (*function)(void *));

#endif
