// SPDX-License-Identifier: MIT
// One record of a client's journal: a file of the host to which each step is written before it is done, and what became of it.
//
// A journal is HEAD, then the state that the client began with (DIR, FILE, EXTENT), BEGIN, then steps and OUTCOMEs. It is enough to
// say, after everything was killed, what each file may hold.
#ifndef TORTURE_RECORD_H
#define TORTURE_RECORD_H

#include <stdint.h>

enum record_kind {
	RECORD_HEAD = 1,   // file: client; version: files made so far; offset: seed; size: block size; number: round; dir: enum record_flags
	RECORD_DIR,        // dir
	RECORD_FILE,       // file, version, dir, slot, size
	RECORD_EXTENT,     // file, version, [offset, size)
	RECORD_BEGIN,      // the state is complete
	RECORD_OUTCOME,    // number: of the step; done; end
	// Steps.
	STEP_CREATE = 16,  // file, dir, slot
	STEP_WRITE,        // file, version, [offset, offset + size)
	STEP_APPEND,       // the same at the end
	STEP_RESIZE,       // file, size
	STEP_RENAME,       // file, dir, slot, to_dir, to_slot; other: the file that is replaced, or 0
	STEP_REMOVE,       // file, dir, slot
	STEP_DROP,         // file: the last handle of a file without a name is closed
	STEP_MAKE_DIR,     // dir
	STEP_REMOVE_DIR,   // dir
	STEP_RENAME_DIR,   // dir, to_dir
	STEP_SYNC,         // file
	STEP_SYNC_ALL,
	STEP_END,
};

enum record_flags {
	RECORD_KILLS = 1, // servers were killed meanwhile: any write may have been cut off and repeated
};

struct record {
	uint8_t kind;
	uint8_t dir, slot, to_dir, to_slot;
	uint8_t done;
	uint8_t open;     // REMOVE, RENAME: the file that loses its name stays open
	uint8_t zero;
	uint32_t number;  // steps: from 1
	uint32_t file, other;
	uint32_t version;
	uint32_t padding;
	uint64_t offset, size;
	uint64_t start, end; // ns, CLOCK_MONOTONIC of the host
};

_Static_assert(sizeof(struct record) == 64, "struct record has no padding of its own");

#endif
