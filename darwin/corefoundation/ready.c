// SPDX-License-Identifier: MIT
// What a descriptor is ready for; see ready.h.
#include "ready.h"

#include "../libsystem/kqueue.h"

#include <stdatomic.h>

static void happened(struct ready *ready, uint32_t what)
{
	if (ready->asked & what) {
		ready->happened |= what;
		ready->tell(ready);
	}
}

static void can_read(struct dispatch_watch *watch, int64_t data, uint32_t fflags)
{
	happened((struct ready *)watch, READY_READ); // watches[0] comes first
}

static void can_write(struct dispatch_watch *watch, int64_t data, uint32_t fflags)
{
	happened((struct ready *)(watch - 1), READY_WRITE);
}

void ready_open(struct ready *ready, int file, void (*tell)(struct ready *ready))
{
	*ready = (struct ready){.file = file, .tell = tell};
}

static void ask_one(struct ready *ready, uint32_t what)
{
	struct dispatch_watch *watch = &ready->watches[what == READY_WRITE];
	if (ready->asked & what)
		return; // armed already: it would come twice
	ready->asked |= what;
	if (ready->watched & what) {
		dispatch_watch_again(watch);
		return;
	}
	*watch = (struct dispatch_watch){.ident = (uint64_t)ready->file,
					 .filter = what == READY_WRITE ? EVFILT_WRITE : EVFILT_READ,
					 .once = true,
					 .happened = what == READY_WRITE ? can_write : can_read};
	if (dispatch_watch_add(watch) == 0)
		ready->watched |= what;
	else
		happened(ready, what); // and what it is asked to do says what is wrong
}

void ready_ask(struct ready *ready, uint32_t what)
{
	for (uint32_t bit = READY_READ; bit <= READY_WRITE; bit <<= 1)
		if (what & bit && ready->file >= 0)
			ask_one(ready, bit);
}

void ready_forget(struct ready *ready, uint32_t what)
{
	ready->asked &= ~what;
	ready->happened &= ~what;
}

uint32_t ready_take(struct ready *ready)
{
	uint32_t what = atomic_exchange(&ready->happened, 0) & ready->asked;
	ready->asked &= ~what;
	return what;
}

void ready_close(struct ready *ready)
{
	ready->asked = 0;
	for (uint32_t bit = READY_READ; bit <= READY_WRITE; bit <<= 1)
		if (ready->watched & bit)
			dispatch_watch_remove(&ready->watches[bit == READY_WRITE]);
	ready->watched = 0;
	ready->file = -1;
}
