// SPDX-License-Identifier: MIT
// The GUID partition table: a header in block 1 with the array of entries behind it, and a copy of both at the end of the disk.
// Layout and rules: UEFI 2.10, 5.3.2 (header) and 5.3.3 (entries). Where either copy is damaged, the other is used and a note says so.
#include "disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER_SIZE 92u
#define ENTRY_MIN 128u
#define ENTRY_MAX 4096u
#define ARRAY_MAX (1u << 20) // bytes; a usual one has 16384
#define NAME_UNITS 36u

struct header {
	uint64_t own, other, first, last, array; // blocks
	uint32_t entries, entry_size, array_sum;
};

static const struct {
	const char *guid, *name;
} types[] = {
	{"c12a7328-f81f-11d2-ba4b-00a0c93ec93b", "efi"}, // UEFI 2.10, table 5.7
	{"024dee41-33e7-11d3-9d69-0008c781f39f", "mbr"},
	// "Discoverable Partitions Specification" of the UAPI group, and the tables of sfdisk(8).
	{"0fc63daf-8483-4772-8e79-3d69d8477de4", "linux"},
	{"4f68bce3-e8cd-4db1-96e7-fbcaf984b709", "linux root x86_64"},
	{"b921b045-1df0-41c3-af44-4c6f280d3fae", "linux root aarch64"},
	{"933ac7e1-2eb4-4f13-b844-0e14e2aef915", "linux home"},
	{"0657fd6d-a4ab-43c4-84e5-0933c84b4f4f", "linux swap"},
	{"21686148-6449-6e6f-744e-656564454649", "bios boot"},
	{"ebd0a0a2-b9e5-4433-87c0-68b6b72699c7", "microsoft data"},
};

static bool read_blocks(struct disk *disk, uint64_t block, void *to, uint32_t size)
{
	uint64_t scale = disk->block_size / DISK_SECTOR;
	return disk->read(disk, block * scale, to, size);
}

// Why the header in `block` cannot be used, or NULL.
static const char *header_read(struct disk *disk, uint64_t block, uint64_t blocks, struct header *header)
{
	uint8_t bytes[DISK_BLOCK_MAX];
	if (!read_blocks(disk, block, bytes, disk->block_size))
		return "cannot be read";
	uint32_t size = le32(bytes + 12), sum = le32(bytes + 16);
	if (memcmp(bytes, "EFI PART", 8) != 0)
		return "has no signature";
	if (le32(bytes + 8) >> 16 != 1)
		return "is of an unknown revision";
	if (size < HEADER_SIZE || size > disk->block_size)
		return "has an impossible size";
	memset(bytes + 16, 0, 4);
	if (crc32_of(bytes, size) != sum)
		return "has a wrong sum";
	*header = (struct header){
		.own = le64(bytes + 24),
		.other = le64(bytes + 32),
		.first = le64(bytes + 40),
		.last = le64(bytes + 48),
		.array = le64(bytes + 72),
		.entries = le32(bytes + 80),
		.entry_size = le32(bytes + 84),
		.array_sum = le32(bytes + 88),
	};
	if (header->own != block)
		return "says that it is in another block";
	if (header->first > header->last || header->last >= blocks)
		return "has usable blocks that are not on the disk";
	if (header->entry_size < ENTRY_MIN || header->entry_size > ENTRY_MAX || header->entry_size & (header->entry_size - 1))
		return "has entries of an impossible size";
	if (header->entries == 0 || header->entries > ARRAY_MAX / header->entry_size)
		return "has an impossible number of entries";
	return NULL;
}

// The array of entries, malloc'd, if its sum is right; else NULL and why.
static uint8_t *array_read(struct disk *disk, uint64_t blocks, const struct header *header, const char **why)
{
	uint32_t size = header->entries * header->entry_size, rounded = (size + disk->block_size - 1) / disk->block_size;
	*why = "has its entries outside of the disk, or among the usable blocks";
	if (header->array < 2 || header->array >= blocks || rounded > blocks - header->array ||
	    (header->array <= header->last && header->array + rounded > header->first))
		return NULL;
	*why = "has entries that there is no memory for";
	uint8_t *array = malloc((size_t)rounded * disk->block_size);
	if (!array)
		return NULL;
	*why = "has entries that cannot be read";
	if (read_blocks(disk, header->array, array, rounded * disk->block_size)) {
		if (crc32_of(array, size) == header->array_sum)
			return array;
		*why = "has entries with a wrong sum";
	}
	free(array);
	return NULL;
}

static void set_type(struct disk_partition *partition, const uint8_t *guid)
{
	char text[DISK_UUID_MAX];
	uuid_text(text, guid, true);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i].guid, text) == 0) {
			snprintf(partition->type, sizeof(partition->type), "gpt:%s", types[i].name);
			return;
		}
	snprintf(partition->type, sizeof(partition->type), "gpt:%s", text);
}

static void add(struct disk *disk, struct disk_partitions *found, const struct header *header, uint32_t i, const uint8_t *entry)
{
	static const uint8_t unused[16];
	uint64_t first = le64(entry + 32), last = le64(entry + 40), scale = disk->block_size / DISK_SECTOR;
	if (memcmp(entry, unused, sizeof(unused)) == 0)
		return;
	struct disk_partition partition = {.index = i + 1};
	set_type(&partition, entry);
	uuid_text(partition.uuid, entry + 16, true);
	label_text_utf16(partition.label, sizeof(partition.label), entry + 56, NAME_UNITS);
	if (first < header->first || last > header->last || first > last) {
		partitions_note(found, "%sp%u is refused: blocks %llu to %llu are not among the usable ones, %llu to %llu", disk->name,
				partition.index, (unsigned long long)first, (unsigned long long)last,
				(unsigned long long)header->first, (unsigned long long)header->last);
		return;
	}
	partition.first = first * scale;
	partition.sectors = (last - first + 1) * scale;
	partitions_add(disk, found, &partition);
}

// Reads the table whose header is in that block. False, and why: it cannot be used.
static bool table_read(struct disk *disk, uint64_t block, uint64_t blocks, struct disk_partitions *found, const char **why)
{
	struct header header;
	*why = header_read(disk, block, blocks, &header);
	uint8_t *array = *why ? NULL : array_read(disk, blocks, &header, why);
	if (!array)
		return false;
	for (uint32_t i = 0; i < header.entries; i++)
		add(disk, found, &header, i, array + (size_t)i * header.entry_size);
	free(array);
	return true;
}

bool gpt_read(struct disk *disk, struct disk_partitions *found)
{
	uint64_t blocks = disk->sectors / (disk->block_size / DISK_SECTOR);
	const char *why, *why_backup;
	if (blocks < 4) {
		partitions_note(found, "%s: the disk is too small for the GUID partition table that it is said to have", disk->name);
		return false;
	}
	if (table_read(disk, 1, blocks, found, &why))
		return true;
	// "If the primary GPT is corrupt, software must check the last LBA of the device" (UEFI 2.10, 5.3.2).
	if (table_read(disk, blocks - 1, blocks, found, &why_backup)) {
		partitions_note(found, "%s: its GUID partition table %s: the copy at the end of the disk is used", disk->name, why);
		return true;
	}
	partitions_note(found, "%s: its GUID partition table %s, and the copy at its end %s", disk->name, why, why_backup);
	return false;
}
