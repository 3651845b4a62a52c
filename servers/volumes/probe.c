// SPDX-License-Identifier: MIT
// Which file system begins at a place: known ones by their superblocks. ext2, ext3 and ext4 are told apart by the features that
// ext3 does not know (Linux, Documentation/filesystems/ext4/super.rst); the others are only named, so that people see what a volume is.
#include "disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROBE_SIZE 69632u // to the end of btrfs' superblock

// Offsets into the superblock at 1024: <ext2fs/ext2_fs.h>, struct ext2_super_block.
#define EXT_AT 1024u
#define EXT3_INCOMPATIBLE 0x0016u // file types, recovery, meta block groups
#define EXT3_READ_ONLY 0x0007u    // sparse superblocks, large files, b-trees

static bool is_ext(const uint8_t *data, struct disk_filesystem *found)
{
	const uint8_t *super = data + EXT_AT;
	if (le16(super + 56) != 0xef53)
		return false;
	bool journal = le32(super + 92) & 4, dynamic = le32(super + 76) > 0; // s_rev_level: before it there were no features
	bool newer = dynamic && ((le32(super + 96) & ~EXT3_INCOMPATIBLE) || (le32(super + 100) & ~EXT3_READ_ONLY));
	strcpy(found->type, newer ? "ext4" : dynamic && journal ? "ext3" : "ext2");
	uuid_text(found->uuid, super + 104, false);
	label_text(found->label, sizeof(found->label), super + 120, 16);
	return true;
}

// Linux, include/linux/swap.h, union swap_header.
static bool is_swap(const uint8_t *data, struct disk_filesystem *found)
{
	if (memcmp(data + 4096 - 10, "SWAPSPACE2", 10) != 0)
		return false;
	strcpy(found->type, "swap");
	uuid_text(found->uuid, data + 1036, false);
	label_text(found->label, sizeof(found->label), data + 1052, 16);
	return true;
}

// Microsoft, "FAT32 File System Specification" 1.03: the extended boot record has the serial number and the label.
static bool is_fat(const uint8_t *data, struct disk_filesystem *found)
{
	bool fat32 = memcmp(data + 82, "FAT32   ", 8) == 0;
	unsigned at = fat32 ? 67 : 39;
	if (data[510] != 0x55 || data[511] != 0xaa || !(fat32 || memcmp(data + 54, "FAT", 3) == 0))
		return false;
	strcpy(found->type, "vfat");
	snprintf(found->uuid, sizeof(found->uuid), "%04X-%04X", le16(data + at + 2), le16(data + at));
	label_text(found->label, sizeof(found->label), data + at + 4, 11);
	return true;
}

static bool is_ntfs_or_exfat(const uint8_t *data, struct disk_filesystem *found)
{
	if (memcmp(data + 3, "NTFS    ", 8) == 0) {
		strcpy(found->type, "ntfs");
		snprintf(found->uuid, sizeof(found->uuid), "%016llX", (unsigned long long)le64(data + 72));
		return true;
	}
	if (memcmp(data + 3, "EXFAT   ", 8) != 0)
		return false;
	strcpy(found->type, "exfat");
	snprintf(found->uuid, sizeof(found->uuid), "%04X-%04X", le16(data + 102), le16(data + 100));
	return true;
}

static bool is_xfs(const uint8_t *data, struct disk_filesystem *found)
{
	if (memcmp(data, "XFSB", 4) != 0)
		return false;
	strcpy(found->type, "xfs");
	uuid_text(found->uuid, data + 32, false);
	label_text(found->label, sizeof(found->label), data + 108, 12);
	return true;
}

static bool is_btrfs(const uint8_t *data, struct disk_filesystem *found)
{
	if (memcmp(data + 0x10040, "_BHRfS_M", 8) != 0)
		return false;
	strcpy(found->type, "btrfs");
	uuid_text(found->uuid, data + 0x10020, false);
	label_text(found->label, sizeof(found->label), data + 0x1012b, 256);
	return true;
}

// ECMA-119, 8.4: the primary volume descriptor is in sector 16 of 2048 bytes.
static bool is_iso9660(const uint8_t *data, struct disk_filesystem *found)
{
	if (memcmp(data + 32769, "CD001", 5) != 0)
		return false;
	strcpy(found->type, "iso9660");
	label_text(found->label, sizeof(found->label), data + 32808, 32);
	return true;
}

bool disk_probe(struct disk *disk, uint64_t first, uint64_t sectors, struct disk_filesystem *found)
{
	static bool (*const known[])(const uint8_t *data, struct disk_filesystem *found) = {
		is_ext, is_swap, is_btrfs, is_xfs, is_ntfs_or_exfat, is_fat, is_iso9660};
	uint64_t size = sectors < PROBE_SIZE / DISK_SECTOR ? sectors * DISK_SECTOR : PROBE_SIZE;
	uint8_t *data = calloc(1, PROBE_SIZE); // a volume that is smaller reads as zeros behind its end
	memset(found, 0, sizeof(*found));
	bool read = data && (size == 0 || disk->read(disk, first, data, (uint32_t)size));
	for (size_t i = 0; read && !found->type[0] && i < sizeof(known) / sizeof(known[0]); i++)
		known[i](data, found);
	free(data);
	return read;
}
