// SPDX-License-Identifier: MIT
// Faults on the way between a file system and its driver, which the server `inject` makes (abi/inject.defs, docs/recovery.md).
#ifndef GILA_INJECT_H
#define GILA_INJECT_H

#include <stdint.h>

enum inject_fault {
	INJECT_DROP_REQUEST,
	INJECT_DROP_REPLY,
	INJECT_DAMAGE_REQUEST, // bits of its fields
	INJECT_DAMAGE_PAGES,   // bits of its page list
	INJECT_DAMAGE_WRITE,   // bits of the data that are written
	INJECT_DAMAGE_REPLY,   // bits of its fields
	INJECT_DAMAGE_READ,    // bits of the data that were read
	INJECT_REPEAT_REQUEST, // twice at once
	INJECT_REPEAT_LATE,    // the same request again, long after
	INJECT_REPEAT_REPLY,   // twice at once, or the second long after
	INJECT_DELAY_REQUEST,  // the others pass
	INJECT_DELAY_REPLY,
	INJECT_REORDER,        // a request or reply goes behind some that come after it
	INJECT_LOSE_RING,      // the driver is not woken
	INJECT_LOSE_WAKE,      // the client is not woken
	INJECT_END_SESSION,    // the session ends as if the driver had died
	INJECT_FAULTS,
};

#define INJECT_COUNTS_MAX 32u
#define INJECT_MILLION 1000000u // per_million: always

// As people and `gila inject` write them.
static inline const char *inject_fault_name(unsigned fault)
{
	static const char *const names[INJECT_FAULTS] = {
		"drop-request", "drop-reply", "damage-request", "damage-pages", "damage-write", "damage-reply", "damage-read",
		"repeat-request", "repeat-late", "repeat-reply", "delay-request", "delay-reply", "reorder", "lose-ring", "lose-wake",
		"end-session",
	};
	return fault < INJECT_FAULTS ? names[fault] : "?";
}

#endif
