// SPDX-License-Identifier: MIT
// Queues of libdispatch (darwin/dispatch), for other parts of the system that run a program's functions there.
#ifndef DARWIN_DISPATCH_H
#define DARWIN_DISPATCH_H

struct dispatch_queue;

// Runs the function on the queue, after what was added before.
void dispatch_queue_add(struct dispatch_queue *queue, void *context, void (*function)(void *));

// For a run loop of the first thread. `wake` is called, in any thread and with locks held, when the main queue has something to run:
// it must only make the loop call dispatch_main_drain soon, in the first thread.
void dispatch_main_attach(void (*wake)(void));
void dispatch_main_drain(void);

// In a child of fork: none of the threads is there any more.
void dispatch_forget_all(void);

#endif
