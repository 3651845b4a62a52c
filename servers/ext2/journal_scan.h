// SPDX-License-Identifier: MIT
// What is committed in the log: log_scan_run fills the lists of a struct log_scan, which its owner frees.
#ifndef EXT2_JOURNAL_SCAN_H
#define EXT2_JOURNAL_SCAN_H

#include "journal.h"

// A copy of a block in the log.
struct log_copy {
	uint64_t block;
	uint32_t position;
	uint32_t transaction; // counted from 0 at the log's beginning
	uint32_t order;       // among all copies
	uint32_t flags;       // enum: TAG_*
};

struct log_revoke {
	uint64_t block;
	uint32_t transaction;
};

struct log_scan {
	struct store *store;
	struct log_copy *copies;
	struct log_revoke *revokes;
	size_t copy_count, copy_room, revoke_count, revoke_room;
	uint32_t transactions;
	uint32_t sequence;    // of the first transaction that is not committed
	// Where it is.
	uint32_t position, left; // the next block; how many of the log have not been looked at
	uint32_t window, window_count; // positions that are in the frames
	// Of the running transaction.
	bool broken;          // a sum is wrong, or it makes no sense
	uint32_t sum;         // CRC32 of descriptors and copies, as Linux makes it: JOURNAL_SUMS
	uint32_t sum_all;     // and of revocations, as debugfs makes it
	const char *reason;
	uint8_t block[BLOCK_PAGE]; // the block that is looked at: a copy, since the driver shares the memory
};

// KERN_SUCCESS; FILE_IO; FILE_DAMAGED; KERN_RESOURCE_SHORTAGE. Uses the frames, which must be empty.
kern_return_t log_scan_run(struct log_scan *scan, const char **reason) GILA_CHECKED;

#endif
