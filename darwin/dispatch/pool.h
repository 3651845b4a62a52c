// SPDX-License-Identifier: MIT
// The threads that run what is in the global queues.
//
// Facts: a thread for each processor, more when some of them block, none when there is nothing to do (dispatch(3), libpthread's work queues).
// A thread that waits in libdispatch says so; one that blocks elsewhere is seen by a monitor, which looks at the threads' states while
// work waits and no thread is free.
#ifndef DARWIN_DISPATCH_POOL_H
#define DARWIN_DISPATCH_POOL_H

#include "queue.h"

// Adds work to a global queue.
void dispatch_pool_push(struct dispatch_queue *root, struct dispatch_work *work);
// Around a wait in libdispatch. Cheap for threads that are not the pool's.
void dispatch_pool_block(void);
void dispatch_pool_unblock(void);
// How many functions may run at once.
unsigned dispatch_pool_width(void);

#endif
