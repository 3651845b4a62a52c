// SPDX-License-Identifier: MIT
// Run loops: a thread that runs one calls what others add to it. Facts: CFRunLoop.h.
#ifndef DARWIN_RUNLOOP_H
#define DARWIN_RUNLOOP_H

struct runloop;

// Runs the function in the loop's thread when it next looks.
void runloop_add(struct runloop *loop, void *context, void (*function)(void *));
// Whether something may still be added: a loop without any source ends by itself.
void runloop_attach(struct runloop *loop);
void runloop_detach(struct runloop *loop);

#endif
