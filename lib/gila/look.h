// SPDX-License-Identifier: MIT
// What a hosted program looks at while one of its threads waits in a trap: memory that it shares with its clients, or with its device.
// On the metal a thread that waits in a trap is not there to look; servers look between their traps (docs/hosted.md).
#ifndef GILA_LOOK_H
#define GILA_LOOK_H

#include <gila/gila.h>
#include <gila/trap_entry.h>

enum look {
	LOOK_OVER,  // nothing for long: the thread may sleep
	LOOK_MORE,  // nothing, but there may soon be
	LOOK_FOUND, // something was there
};

// The next traps of this thread call look(context) while they wait, which may trap itself; until look is NULL. False: not on this
// machine.
bool look_set(enum look (*look)(void *context), void *context);

// Sleeps while *word, in memory that processes share, is `value`, for at most so long (ns); wakes who does so.
void look_sleep(_Atomic uint32_t *word, uint32_t value, uint64_t time);
void look_wake(_Atomic uint32_t *word);

static inline void look_pause(void) { __builtin_ia32_pause(); }

#endif
