// SPDX-License-Identifier: MIT
// The book of volumes; see volumes.h.
#include "volumes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static struct volume *find_seat(const struct volumes *volumes, const char *seat)
{
	struct volume *volume = volumes->first;
	while (volume && strcmp(volume->record.seat, seat) != 0)
		volume = volume->next;
	return volume;
}

// The volume of that seat, new at the end of the list if need be. NULL: no memory, or too many.
static struct volume *get_seat(struct volumes *volumes, const char *seat, bool *is_new)
{
	struct volume *volume = find_seat(volumes, seat), **end = &volumes->first;
	*is_new = !volume;
	if (volume)
		return volume;
	if (volumes->count == VOLUMES_MAX || !(volume = calloc(1, sizeof(*volume)))) {
		gila_logf("%s is left out: too many volumes, or no memory", seat);
		return NULL;
	}
	while (*end)
		end = &(*end)->next;
	*end = volume;
	volumes->count++;
	volume->record.id = ++volumes->last_id;
	snprintf(volume->record.seat, sizeof(volume->record.seat), "%s", seat);
	return volume;
}

static void drop_stale(struct volumes *volumes, bool say)
{
	for (struct volume **at = &volumes->first; *at;) {
		struct volume *volume = *at;
		if (!volume->stale) {
			at = &volume->next;
			continue;
		}
		if (say && volume->record.sectors > 0)
			gila_logf("%s is in the table of %s no more", volume->record.seat, volume->record.disk);
		*at = volume->next;
		volumes->count--;
		free(volume);
	}
}

// What the file system says; the rest of the record stays.
static void describe(struct disk *disk, struct volume *volume)
{
	struct disk_filesystem filesystem;
	struct volume_record *record = &volume->record;
	if (!disk_probe(disk, record->first, record->sectors, &filesystem))
		memset(&filesystem, 0, sizeof(filesystem));
	snprintf(volume->label, sizeof(volume->label), "%s", filesystem.label);
	snprintf(record->label, sizeof(record->label), "%s", *filesystem.label ? filesystem.label : volume->partition_label);
	snprintf(record->uuid, sizeof(record->uuid), "%s", filesystem.uuid);
	if (*filesystem.type)
		snprintf(record->type, sizeof(record->type), "%s", filesystem.type);
}

static void add_disk(struct volumes *volumes, struct disk *disk, const struct disk_partitions *found)
{
	bool is_new;
	struct volume *volume = get_seat(volumes, disk->name, &is_new);
	if (!volume)
		return;
	struct volume_record *record = &volume->record;
	volume->stale = false;
	record->sectors = disk->sectors;
	snprintf(record->disk, sizeof(record->disk), "%s", disk->name);
	snprintf(record->type, sizeof(record->type), "%s",
		 found->table == DISK_GPT ? "gpt" : found->table == DISK_MBR ? "mbr" : "");
	record->label[0] = record->uuid[0] = volume->label[0] = 0;
	if (found->table == DISK_NO_TABLE)
		describe(disk, volume);
}

static void add_partition(struct volumes *volumes, struct disk *disk, const struct disk_partition *partition)
{
	char seat[SEAT_NAME_MAX + 1];
	bool is_new;
	int length = snprintf(seat, sizeof(seat), "%sp%u", disk->name, partition->index);
	if (length < 0 || (size_t)length >= sizeof(seat))
		return;
	struct volume *volume = get_seat(volumes, seat, &is_new);
	if (!volume)
		return;
	struct volume_record *record = &volume->record;
	bool moved = is_new || record->first != partition->first || record->sectors != partition->sectors;
	record->index = partition->index;
	record->first = partition->first;
	record->sectors = partition->sectors;
	snprintf(record->disk, sizeof(record->disk), "%s", disk->name);
	snprintf(record->type, sizeof(record->type), "%s", partition->type);
	snprintf(record->partition_uuid, sizeof(record->partition_uuid), "%s", partition->uuid);
	snprintf(volume->partition_label, sizeof(volume->partition_label), "%s", partition->label);
	if (moved && !is_new)
		gila_logf("%s has moved: who has it open goes on with the old place", seat);
	volume->stale = moved && !volumes_add_seat(record);
	if (volume->stale)
		record->sectors = 0; // that was told already
	else
		describe(disk, volume);
}

bool volumes_scan(struct volumes *volumes, struct disk *disk)
{
	static struct disk_partitions found;
	bool known = find_seat(volumes, disk->name) != NULL;
	if (!disk_read_table(disk, &found))
		return false;
	for (char *line = found.notes, *end; !known && *line; line = end + 1) {
		end = strchr(line, '\n');
		gila_logf("%.*s", (int)(end - line), line);
	}
	for (struct volume *volume = volumes->first; volume; volume = volume->next)
		volume->stale = strcmp(volume->record.disk, disk->name) == 0;
	add_disk(volumes, disk, &found);
	for (unsigned i = 0; i < found.count; i++)
		add_partition(volumes, disk, &found.list[i]);
	drop_stale(volumes, known);
	return true;
}

void volumes_forget(struct volumes *volumes)
{
	for (struct volume *volume = volumes->first; volume; volume = volume->next)
		volume->stale = true;
	drop_stale(volumes, false);
}

// ---- Finding -----------------------------------------------------------------------------------------------------------

static const char *by_label(const struct volume *volume) { return volume->label; }
static const char *by_uuid(const struct volume *volume) { return volume->record.uuid; }
static const char *by_partition_label(const struct volume *volume) { return volume->partition_label; }
static const char *by_partition_uuid(const struct volume *volume) { return volume->record.partition_uuid; }
static const char *by_seat(const struct volume *volume) { return volume->record.seat; }

static const struct key {
	const char *name;
	const char *(*get)(const struct volume *volume);
	bool any_case;
} keys[] = {
	{"LABEL=", by_label, false},
	{"UUID=", by_uuid, true},
	{"PARTLABEL=", by_partition_label, false},
	{"PARTUUID=", by_partition_uuid, true},
	{"", by_seat, false},
};

static bool fits(const struct volume *volume, const struct key *key, const char *value)
{
	return *value && (key->any_case ? strcasecmp : strcmp)(key->get(volume), value) == 0;
}

kern_return_t volumes_find(const struct volumes *volumes, const char *spec, const struct volume **found,
			   char complaint[VOLUMES_COMPLAINT_MAX])
{
	const struct key *key = keys;
	*found = NULL;
	while (strncmp(spec, key->name, strlen(key->name)) != 0)
		key++;
	for (const struct volume *volume = volumes->first; volume; volume = volume->next) {
		if (!fits(volume, key, spec + strlen(key->name)))
			continue;
		if (*found) {
			snprintf(complaint, VOLUMES_COMPLAINT_MAX, "%.40s is ambiguous: %.40s and %.40s both fit", spec,
				 (*found)->record.seat, volume->record.seat);
			return KERN_NAME_EXISTS;
		}
		*found = volume;
	}
	if (*found) {
		complaint[0] = 0;
		return KERN_SUCCESS;
	}
	snprintf(complaint, VOLUMES_COMPLAINT_MAX, "no block device is %.100s", spec);
	return KERN_NOT_FOUND;
}

unsigned volumes_list(const struct volumes *volumes, uint32_t after, struct volume_record *records, unsigned room)
{
	unsigned count = 0;
	for (const struct volume *volume = volumes->first; volume && count < room; volume = volume->next)
		if (volume->record.id > after)
			records[count++] = volume->record;
	return count;
}
