// SPDX-License-Identifier: MIT
// volumes: the disks, their partitions, and what is on them; finds them by name (abi/volume.defs).
//
// The book of volumes is filled by reading disks (volumes_scan), at the latest when somebody asks. A partition that is new gets a seat of
// its own, which stays: who has it open goes on, whatever the table says later. It keeps nothing: a server that was restarted reads
// the disks again and gives the same seats the same recipes.
#ifndef VOLUMES_VOLUMES_H
#define VOLUMES_VOLUMES_H

#include "disk.h"

#include <gila/gila.h>

#define VOLUMES_COMPLAINT_MAX 160u
#define VOLUMES_MAX 2048u

struct volume {
	struct volume *next; // by id
	struct volume_record record;
	char label[VOLUME_TEXT_MAX + 1];           // of the file system
	char partition_label[VOLUME_TEXT_MAX + 1];
	bool stale;          // not found again yet
};

struct volumes {
	struct volume *first;
	unsigned count;
	uint32_t last_id;
};

// Reads a disk and brings the book up to date about it. False: it cannot be read, nothing has changed.
bool volumes_scan(struct volumes *volumes, struct disk *disk);
// The one volume that fits what is asked for (abi/volume.defs). KERN_NOT_FOUND; KERN_NAME_EXISTS: several do, the complaint names two.
kern_return_t volumes_find(const struct volumes *volumes, const char *spec, const struct volume **found,
			   char complaint[VOLUMES_COMPLAINT_MAX]) GILA_CHECKED;
// The records with ids above `after`, at most `room`.
unsigned volumes_list(const struct volumes *volumes, uint32_t after, struct volume_record *records, unsigned room);
void volumes_forget(struct volumes *volumes);

// ---- What it stands on: main.c, or a test ------------------------------------------------------------------------------

// Makes the partition's seat, or gives it a new recipe. False: it cannot be had, which has been logged.
bool volumes_add_seat(const struct volume_record *partition);

#endif
