// SPDX-License-Identifier: MIT
// What the clients of one torture have in common: what to do, what was found.
#ifndef TORTURE_WORK_H
#define TORTURE_WORK_H

#include "files.h"
#include "times.h"

#include <stdatomic.h>

#define WORK_CLIENTS 64u
#define WORK_WRITE_MAX (1u << 20) // bytes of one write

enum work_kind { WORK_READ, WORK_WRITE, WORK_SYNC, WORK_NAMES, WORK_LOOK, WORK_KINDS };

struct work {
	const struct files *files; // [I]
	const char *root;          // [I] the directory that is worked in
	const char *journal;       // [I] prefix of the journals' paths; NULL: none are kept
	uint64_t seed;             // [I]
	uint32_t round;            // [I] how often it was begun with the same journals
	uint32_t block;            // [I] of the file system
	unsigned clients;          // [I]
	uint64_t budget;           // [I] bytes of all files of one client
	uint64_t file_max;         // [I] bytes of one file
	unsigned syncs;            // [I] of 1000 steps
	uint64_t patience;         // [I] ns: a call that takes longer hangs
	uint64_t pause;            // [I] ns between two steps of a client
	bool tolerant;             // [I] calls may fail of shortages: they are repeated
	bool damage;               // [I] wrong bytes and errors may come: they are counted, and the client begins anew
	bool kills;                // [I] servers are killed meanwhile
	bool quiet;                // [I] failures are counted, not printed
	_Atomic bool over;
	_Atomic bool gone;         // the whole system went away
	_Atomic uint64_t failures; // of what must not be
	_Atomic uint64_t wrong;    // bytes
	_Atomic uint64_t damages;  // with `damage`: calls and bytes that were wrong
	_Atomic uint64_t shortages; // calls that were repeated
	_Atomic uint64_t died;     // calls that returned MIG_SERVER_DIED
	_Atomic uint64_t read_bytes, written_bytes;
};

uint64_t work_now(void); // ns, CLOCK_MONOTONIC
// Something that must not be. The first of them are printed.
void work_fail(struct work *work, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
