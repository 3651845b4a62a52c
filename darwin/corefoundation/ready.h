// SPDX-License-Identifier: MIT
// What a descriptor is ready for, told to a source of a run loop: of CFFileDescriptor, CFSocket, CFStream.
// libdispatch's manager waits for the descriptor; each time that it is asked for it tells once.
#ifndef DARWIN_READY_H
#define DARWIN_READY_H

#include "../dispatch/manager.h"

enum { READY_READ = 1, READY_WRITE = 2 };

struct ready {
	struct dispatch_watch watches[2]; // reading, writing
	int file;			  // [I]; -1: nothing is watched
	uint32_t watched;		  // [o] READY_*, whose watches were added
	_Atomic uint32_t asked, happened; // READY_*
	void (*tell)(struct ready *ready); // [I] called in the manager's thread, with its lock
};

void ready_open(struct ready *ready, int file, void (*tell)(struct ready *ready));
// Has it told when it is ready for one of them. Something that cannot be watched is always ready.
void ready_ask(struct ready *ready, uint32_t what);
void ready_forget(struct ready *ready, uint32_t what);
// What has happened of what is still asked for; it is not asked for any more.
uint32_t ready_take(struct ready *ready);
// Nothing is told any more. Before the descriptor is closed.
void ready_close(struct ready *ready);

#endif
