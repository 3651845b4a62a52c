// SPDX-License-Identifier: MIT
// partition: a part of a block device as a block device of its own (abi/block.defs).
//
// It only opens sessions: an attach is checked against the part and passed on to the disk with the part's place added. The session, its
// memory and what wakes the client are the disk driver's and go to the client as they are; no data and no request passes through here.
// So it has no state, and its death is nothing that clients with a session notice.
#ifndef PARTITION_PARTITION_H
#define PARTITION_PARTITION_H

#include <gila/block.h>
#include <gila/gila.h>

struct partition {
	const char *disk; // its seat
	uint64_t first, count; // sectors of the disk
};

// Reads disk=SEAT first=N count=N. False: `complaint` says what is wrong.
bool partition_read_words(struct partition *partition, int count, char *const *words, char complaint[128]);
// The sectors of the disk for a session of `*count` sectors from `first` of the partition on; *count 0: to the end, which is filled in.
// KERN_SUCCESS, BLOCK_OUT_OF_RANGE.
kern_return_t partition_place(const struct partition *partition, uint64_t first, uint64_t *count, uint64_t *place) GILA_CHECKED;
// The disk's description as the partition's. BLOCK_OUT_OF_RANGE: the partition is not all on the disk.
kern_return_t partition_info(const struct partition *partition, struct block_info *info) GILA_CHECKED;

#endif
