// SPDX-License-Identifier: MIT
// The table of the master boot record: four entries in the first sector, and behind an extended one a chain of sectors with a logical
// partition each. Layout: UEFI 2.10, 5.2.1 (legacy MBR) and 5.2.3 (protective MBR). The chain: the first entry of an extended boot
// record is relative to that record, the second leads to the next record, relative to the whole extended partition.
#include "disk.h"

#include <stdio.h>
#include <string.h>

#define SIGNATURE_AT 440u
#define TABLE_AT 446u
#define ENTRY_SIZE 16u
#define MARK_AT 510u // 0x55 0xaa
#define LOGICAL_FIRST 5u

struct entry {
	uint8_t status, type;
	uint64_t first, sectors; // of the disk's blocks
};

static struct entry entry_get(const uint8_t *sector, unsigned i)
{
	const uint8_t *at = sector + TABLE_AT + i * ENTRY_SIZE;
	return (struct entry){.status = at[0], .type = at[4], .first = le32(at + 8), .sectors = le32(at + 12)};
}

static bool is_extended(uint8_t type) { return type == 0x05 || type == 0x0f || type == 0x85; }
static bool is_marked(const uint8_t *sector) { return sector[MARK_AT] == 0x55 && sector[MARK_AT + 1] == 0xaa; }

// The boot sector of a file system has the same mark, and code where a table would be. A table has nothing but 0 and 0x80 as
// status, and some entry. FAT writes its name at 54 or 82 (Microsoft, "FAT32 File System Specification" 1.03), NTFS and exFAT at 3.
bool mbr_is_table(const uint8_t boot[DISK_SECTOR])
{
	bool any = false;
	if (!is_marked(boot) || memcmp(boot + 54, "FAT", 3) == 0 || memcmp(boot + 82, "FAT32", 5) == 0 ||
	    memcmp(boot + 3, "NTFS ", 5) == 0 || memcmp(boot + 3, "EXFAT", 5) == 0)
		return false;
	for (unsigned i = 0; i < 4; i++) {
		struct entry entry = entry_get(boot, i);
		if (entry.status & 0x7f)
			return false;
		any |= entry.type != 0;
	}
	return any;
}

bool mbr_is_protective(const uint8_t boot[DISK_SECTOR])
{
	for (unsigned i = 0; i < 4; i++)
		if (entry_get(boot, i).type == 0xee)
			return true;
	return false;
}

// Entries count in the disk's blocks: with 32 bits and blocks of 4096 bytes no product passes 2^35.
static void add(struct disk *disk, struct disk_partitions *found, uint32_t signature, uint32_t index, uint8_t type,
		uint64_t first, uint64_t blocks)
{
	uint64_t scale = disk->block_size / DISK_SECTOR;
	struct disk_partition partition = {.index = index, .first = first * scale, .sectors = blocks * scale};
	snprintf(partition.type, sizeof(partition.type), "mbr:%02x", type);
	if (signature) // as Linux names them: block/partitions/msdos.c
		snprintf(partition.uuid, sizeof(partition.uuid), "%08x-%02x", signature, index);
	partitions_add(disk, found, &partition);
}

static bool read_block(struct disk *disk, uint64_t block, uint8_t sector[DISK_SECTOR])
{
	uint64_t at = block * (disk->block_size / DISK_SECTOR);
	return at < disk->sectors && disk->read(disk, at, sector, DISK_SECTOR);
}

// Whether the record was seen before; notes it.
static bool seen(uint64_t *visited, unsigned count, uint64_t record)
{
	for (unsigned i = 0; i < count; i++)
		if (visited[i] == record)
			return true;
	visited[count] = record;
	return false;
}

static void read_chain(struct disk *disk, struct disk_partitions *found, uint32_t signature, const struct entry *extended,
		       uint32_t *index)
{
	uint64_t visited[DISK_PARTITIONS_MAX], record = extended->first;
	for (unsigned count = 0;; count++) {
		uint8_t sector[DISK_SECTOR];
		if (count == DISK_PARTITIONS_MAX || seen(visited, count, record)) {
			partitions_note(found, "%s: the chain of logical partitions %s", disk->name,
					count == DISK_PARTITIONS_MAX ? "is too long" : "leads back to itself");
			return;
		}
		if (record - extended->first >= extended->sectors || !read_block(disk, record, sector) || !is_marked(sector)) {
			partitions_note(found, "%s: the chain of logical partitions breaks off at block %llu", disk->name,
					(unsigned long long)record);
			return;
		}
		struct entry logical = entry_get(sector, 0), next = entry_get(sector, 1);
		if (logical.type && !is_extended(logical.type))
			add(disk, found, signature, (*index)++, logical.type, record + logical.first, logical.sectors);
		if (!next.type || !next.sectors)
			return;
		record = extended->first + next.first;
	}
}

bool mbr_read(struct disk *disk, const uint8_t boot[DISK_SECTOR], struct disk_partitions *found)
{
	uint32_t signature = le32(boot + SIGNATURE_AT), logical = LOGICAL_FIRST;
	for (unsigned i = 0; i < 4; i++) {
		struct entry entry = entry_get(boot, i);
		if (entry.type && !is_extended(entry.type))
			add(disk, found, signature, i + 1, entry.type, entry.first, entry.sectors);
	}
	for (unsigned i = 0; i < 4; i++) {
		struct entry entry = entry_get(boot, i);
		if (is_extended(entry.type))
			read_chain(disk, found, signature, &entry, &logical);
	}
	return true;
}
