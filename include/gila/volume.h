// SPDX-License-Identifier: MIT
// Volumes as abi/volume.defs tells of them: disks and partitions.
#ifndef GILA_VOLUME_H
#define GILA_VOLUME_H

#include <gila/seat.h>
#include <stdint.h>

#define VOLUME_SEAT "volumes"
#define VOLUME_TEXT_MAX 47u

struct volume_record {
	uint32_t id;
	uint32_t index;     // of the partition, from 1; 0: a whole disk
	uint64_t first;     // sector of the disk
	uint64_t sectors;
	char seat[SEAT_NAME_MAX + 1];
	char disk[SEAT_NAME_MAX + 1];      // the disk's seat
	char type[VOLUME_TEXT_MAX + 1];    // "mbr", "gpt" for a disk with that table; the partition's type; "ext4" ... or ""
	char label[VOLUME_TEXT_MAX + 1];   // of the file system, else of the partition
	char uuid[VOLUME_TEXT_MAX + 1];    // of the file system
	char partition_uuid[VOLUME_TEXT_MAX - 7]; // of the partition
};

_Static_assert(sizeof(struct volume_record) == 336, "struct volume_record has no padding");

#endif
