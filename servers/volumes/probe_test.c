// SPDX-License-Identifier: MIT
// File systems by their superblocks, written by hand; tests/partitions.sh compares with real ones and blkid.
#include "disk_test.h"

#include <gila/test.h>

static struct memory_disk disk;
static struct disk_filesystem found;
static uint8_t *bytes;

static void begin(uint64_t sectors)
{
	memory_disk_free(&disk);
	memory_disk_make(&disk, sectors, 512);
	bytes = disk.bytes;
}

static bool is(const char *type, const char *uuid, const char *label)
{
	return disk_probe(&disk.disk, 0, disk.disk.sectors, &found) && strcmp(found.type, type) == 0 &&
	       strcmp(found.uuid, uuid) == 0 && strcmp(found.label, label) == 0;
}

#define UUID "00010203-0405-0607-0809-0a0b0c0d0e0f"
static void put_uuid(unsigned at)
{
	for (unsigned i = 0; i < 16; i++)
		bytes[at + i] = (uint8_t)i;
}

TEST(ext_file_systems_are_told_apart_by_features)
{
	begin(200);
	put32(bytes + 1024 + 56, 0xef53);
	put_uuid(1024 + 104);
	memcpy(bytes + 1024 + 120, "sixteen letters!x", 17);
	CHECK(is("ext2", UUID, "sixteen letters!"));
	put32(bytes + 1024 + 96, 0x40); // means nothing in a file system of the first revision
	CHECK(is("ext2", UUID, "sixteen letters!"));
	put32(bytes + 1024 + 76, 1);
	CHECK(is("ext4", UUID, "sixteen letters!"));
	put32(bytes + 1024 + 96, 0x02);
	CHECK(is("ext2", UUID, "sixteen letters!"));
	put32(bytes + 1024 + 92, 4);
	CHECK(is("ext3", UUID, "sixteen letters!"));
	put32(bytes + 1024 + 100, 0x08); // huge files
	CHECK(is("ext4", UUID, "sixteen letters!"));
}

TEST(others_are_named)
{
	begin(200);
	memcpy(bytes + 4086, "SWAPSPACE2", 10);
	put_uuid(1036);
	memcpy(bytes + 1052, "swapping", 8);
	CHECK(is("swap", UUID, "swapping"));
	begin(200);
	memcpy(bytes + 82, "FAT32   ", 8);
	put32(bytes + 67, 0x1234abcd);
	memcpy(bytes + 71, "FATTY      ", 11);
	CHECK(is("", "", ""));
	bytes[510] = 0x55;
	bytes[511] = 0xaa;
	CHECK(is("vfat", "1234-ABCD", "FATTY"));
	begin(200);
	memcpy(bytes + 3, "NTFS    ", 8);
	put64(bytes + 72, 0x123456789abcdef0);
	CHECK(is("ntfs", "123456789ABCDEF0", ""));
	memcpy(bytes + 3, "EXFAT   ", 8);
	put32(bytes + 100, 0x1234abcd);
	CHECK(is("exfat", "1234-ABCD", ""));
	begin(200);
	memcpy(bytes, "XFSB", 4);
	put_uuid(32);
	memcpy(bytes + 108, "exes", 4);
	CHECK(is("xfs", UUID, "exes"));
	begin(200);
	memcpy(bytes + 0x10040, "_BHRfS_M", 8);
	put_uuid(0x10020);
	memset(bytes + 0x1012b, 'l', 256);
	CHECK(is("btrfs", UUID, "lllllllllllllllllllllllllllllllllllllllllllllll")); // cut to what a record takes
	begin(200);
	memcpy(bytes + 32769, "CD001", 5);
	memcpy(bytes + 32808, "DISC    ", 8);
	CHECK(is("iso9660", "", "DISC"));
}

TEST(small_and_unreadable_volumes_are_no_trap)
{
	for (uint64_t sectors = 0; sectors < 10; sectors++) {
		begin(sectors);
		memset(bytes, 0xff, sectors * 512);
		CHECK(is("", "", ""));
	}
	begin(200);
	disk.bad = 3;
	CHECK(!disk_probe(&disk.disk, 0, 200, &found));
	CHECK(disk_probe(&disk.disk, 10, 50, &found));
}
