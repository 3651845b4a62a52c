// SPDX-License-Identifier: MIT
// A small file system in memory that can lose its power, for tests of the torture itself: metadata that is committed at once, contents
// written in place and ordered before it. It can be told to break its promises in one way.
//
// fake_begin, fake_plan, then use files_fake; when it is gone, fake_crash decides what the disk has. One thread.
#ifndef TORTURE_FAKE_H
#define TORTURE_FAKE_H

#include "files.h"

enum fake_fault {
	FAKE_GOOD,
	FAKE_DEATHS,     // no breach: calls that are not idempotent return MIG_SERVER_DIED, carried out or not
	FAKE_LOST_SYNC,  // a sync that does nothing
	FAKE_STALE,      // a commit leaves out the contents of one block
	FAKE_WRONG_BYTE, // one byte on the disk changes
	FAKE_WRONG_BIT,  // one bit is wrong when it is read
	FAKE_SWAPPED,    // two blocks of contents change places
	FAKE_REUSED,     // blocks are given to others before the commit that frees them
	FAKE_UNORDERED,  // metadata is committed before contents
	FAKE_HALF_RENAME, // a commit may fall between the two halves of a rename
	FAKE_RESURRECTED, // a removed file is there again
	FAKE_TWO_MOMENTS, // each client's directory has a commit of its own
	FAKE_FAULTS,
};

extern const struct files files_fake;

void fake_begin(uint64_t seed);
// The power goes in the middle of the call number `calls` from now; UINT64_MAX: never.
void fake_plan(enum fake_fault fault, uint64_t calls);
void fake_crash(void);
void fake_end(void);

#endif
