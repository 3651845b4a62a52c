// SPDX-License-Identifier: MIT
// The page of names that processes of one user share for notify_post(3): /dev/shm/gila-notify-UID.
//
// 1. Any process of the user may write anything there at any time: what is read is a number that is compared, or a name of bounded length.
// 2. A name, once there, stays, so a place is valid for as long as the page is mapped.
#ifndef DARWIN_NOTIFY_PAGE_H
#define DARWIN_NOTIFY_PAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define NOTIFY_NAME_MOST 112u

struct notify_place {
	_Atomic uint32_t state;	     // enum place_state
	_Atomic uint32_t generation; // grows with each post
	_Atomic uint64_t value;	     // of notify_set_state
	char name[NOTIFY_NAME_MOST];
};

// The place of that name; NULL: it has none (and was not to get one), or there is no room.
struct notify_place *notify_place_find(const char *name, bool make);
void notify_place_post(struct notify_place *place);
// Waits until something is posted in any process since the number was read. Names that begin with "self." are known by the process alone.
uint32_t notify_sequence(void);
void notify_wait(uint32_t sequence);

#endif
