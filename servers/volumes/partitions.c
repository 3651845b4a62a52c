// SPDX-License-Identifier: MIT
// The list of a disk's partitions, and the reading of its table; see disk.h.
#include "disk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void partitions_note(struct disk_partitions *found, const char *format, ...)
{
	size_t used = strlen(found->notes);
	va_list arguments;
	va_start(arguments, format);
	int length = vsnprintf(found->notes + used, DISK_NOTES_MAX - used, format, arguments);
	va_end(arguments);
	if (length < 0 || used + (size_t)length + 2 > DISK_NOTES_MAX)
		found->notes[used] = 0; // whole lines only
	else
		strcat(found->notes, "\n");
}

void partitions_add(struct disk *disk, struct disk_partitions *found, const struct disk_partition *partition)
{
	unsigned at = found->count;
	if (partition->first == 0 || partition->sectors == 0 || partition->first >= disk->sectors ||
	    partition->sectors > disk->sectors - partition->first) {
		partitions_note(found, "%sp%u is refused: sectors %llu and %llu from there are not all on the disk, which has %llu",
				disk->name, partition->index, (unsigned long long)partition->first,
				(unsigned long long)partition->sectors, (unsigned long long)disk->sectors);
		return;
	}
	if (found->count == DISK_PARTITIONS_MAX) {
		partitions_note(found, "%sp%u is refused: there are more than %u partitions", disk->name, partition->index,
				DISK_PARTITIONS_MAX);
		return;
	}
	for (; at > 0 && found->list[at - 1].index > partition->index; at--)
		found->list[at] = found->list[at - 1];
	found->list[at] = *partition;
	found->count++;
}

static bool overlap(const struct disk_partition *a, const struct disk_partition *b)
{
	return a->first < b->first + b->sectors && b->first < a->first + a->sectors;
}

void partitions_refuse_overlaps(struct disk *disk, struct disk_partitions *found)
{
	bool bad[DISK_PARTITIONS_MAX] = {false};
	unsigned kept = 0;
	for (unsigned i = 0; i < found->count; i++)
		for (unsigned j = i + 1; j < found->count; j++)
			if (overlap(&found->list[i], &found->list[j])) {
				partitions_note(found, "%sp%u and %sp%u are refused: they overlap", disk->name,
						found->list[i].index, disk->name, found->list[j].index);
				bad[i] = bad[j] = true;
			}
	for (unsigned i = 0; i < found->count; i++)
		if (!bad[i])
			found->list[kept++] = found->list[i];
	found->count = kept;
}

bool disk_read_table(struct disk *disk, struct disk_partitions *found)
{
	uint8_t boot[DISK_SECTOR];
	memset(found, 0, sizeof(*found));
	if (disk->sectors == 0)
		return true;
	if (!disk->read(disk, 0, boot, sizeof(boot)))
		return false;
	if (!mbr_is_table(boot))
		return true;
	if (mbr_is_protective(boot)) {
		if (gpt_read(disk, found))
			found->table = DISK_GPT;
	} else if (mbr_read(disk, boot, found)) {
		found->table = DISK_MBR;
	}
	partitions_refuse_overlaps(disk, found);
	return true;
}
