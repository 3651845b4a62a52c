// SPDX-License-Identifier: MIT
// MBR tables: four entries, chains of logical partitions, and what is no table.
#include "disk_test.h"

#include <gila/test.h>
#include <stdio.h>

static struct memory_disk disk;
static struct disk_partitions found;

static void begin(uint64_t sectors, uint32_t block_size)
{
	memory_disk_free(&disk);
	memory_disk_make(&disk, sectors, block_size);
}

static uint8_t *sector(uint64_t number) { return disk.bytes + number * DISK_SECTOR; }
static bool noted(const char *part) { return strstr(found.notes, part) != NULL; }

static bool is(unsigned i, uint32_t index, uint64_t first, uint64_t sectors)
{
	return i < found.count && found.list[i].index == index && found.list[i].first == first && found.list[i].sectors == sectors;
}

TEST(mbr_gives_its_four_partitions)
{
	begin(10000, 512);
	mbr_put(sector(0), 0, 0x83, 2048, 1000);
	mbr_put(sector(0), 1, 0x82, 4000, 500);
	mbr_put(sector(0), 3, 0x0c, 9000, 1000); // to the very end
	put32(sector(0) + 440, 0x12345678);
	CHECK(disk_read_table(&disk.disk, &found));
	CHECK_EQ(found.table, DISK_MBR);
	CHECK_EQ(found.count, 3);
	CHECK(is(0, 1, 2048, 1000) && is(1, 2, 4000, 500) && is(2, 4, 9000, 1000));
	CHECK(strcmp(found.list[0].type, "mbr:83") == 0);
	CHECK(strcmp(found.list[2].uuid, "12345678-04") == 0);
	CHECK(!*found.notes);
}

TEST(mbr_counts_in_the_blocks_of_the_disk)
{
	begin(80000, 4096);
	mbr_put(sector(0), 0, 0x83, 256, 1000);
	CHECK(disk_read_table(&disk.disk, &found));
	CHECK(is(0, 1, 2048, 8000));
}

TEST(mbr_is_told_from_other_boot_sectors)
{
	begin(10000, 512);
	CHECK(disk_read_table(&disk.disk, &found));
	CHECK_EQ(found.table, DISK_NO_TABLE);
	mbr_put(sector(0), 0, 0, 0, 0); // the mark alone
	CHECK(disk_read_table(&disk.disk, &found));
	CHECK_EQ(found.table, DISK_NO_TABLE);
	mbr_put(sector(0), 0, 0x83, 2048, 1000);
	sector(0)[446] = 0x12; // code, not a table
	CHECK(disk_read_table(&disk.disk, &found));
	CHECK_EQ(found.table, DISK_NO_TABLE);
	sector(0)[446] = 0x80;
	memcpy(sector(0) + 82, "FAT32   ", 8);
	CHECK(disk_read_table(&disk.disk, &found));
	CHECK_EQ(found.table, DISK_NO_TABLE);
	memset(sector(0) + 82, 0, 8);
	CHECK(disk_read_table(&disk.disk, &found));
	CHECK_EQ(found.table, DISK_MBR);
	disk.bad = 0;
	CHECK(!disk_read_table(&disk.disk, &found));
	begin(0, 512);
	CHECK(disk_read_table(&disk.disk, &found));
}

TEST(mbr_chain_gives_logical_partitions)
{
	begin(100000, 512);
	mbr_put(sector(0), 0, 0x83, 2048, 1000);
	mbr_put(sector(0), 2, 0x05, 10000, 50000);
	mbr_put(sector(10000), 0, 0x83, 63, 1000);
	mbr_put(sector(10000), 1, 0x05, 20000, 3000); // relative to the whole
	mbr_put(sector(30000), 0, 0x82, 63, 2000);
	mbr_put(sector(30000), 1, 0x05, 10000, 3000); // back, but not again
	mbr_put(sector(20000), 0, 0x83, 63, 3000);
	CHECK(disk_read_table(&disk.disk, &found));
	CHECK_EQ(found.count, 4);
	CHECK(is(0, 1, 2048, 1000) && is(1, 5, 10063, 1000) && is(2, 6, 30063, 2000) && is(3, 7, 20063, 3000));
	CHECK(!*found.notes);
}

TEST(mbr_chain_is_bounded)
{
	begin(100000, 512);
	mbr_put(sector(0), 0, 0x05, 10000, 50000);
	mbr_put(sector(10000), 0, 0x83, 63, 1000);
	mbr_put(sector(10000), 1, 0x05, 20000, 3000);
	mbr_put(sector(30000), 0, 0x83, 63, 1000);
	mbr_put(sector(30000), 1, 0x05, 0, 3000); // the first again
	CHECK(disk_read_table(&disk.disk, &found));
	CHECK_EQ(found.count, 2);
	CHECK(noted("blk/0: the chain of logical partitions leads back to itself\n"));
	mbr_put(sector(30000), 1, 0x05, 50000, 3000); // out of the extended partition
	CHECK(disk_read_table(&disk.disk, &found));
	CHECK_EQ(found.count, 2);
	CHECK(noted("breaks off at block 60000\n"));
	for (uint32_t i = 0; i < 200; i++) { // an endless one
		mbr_put(sector(10000 + 100 * i), 0, 0x83, 1, 10);
		mbr_put(sector(10000 + 100 * i), 1, 0x05, 100 * (i + 1), 100);
	}
	CHECK(disk_read_table(&disk.disk, &found));
	CHECK_EQ(found.count, DISK_PARTITIONS_MAX);
	CHECK(noted("is too long\n"));
	CHECK(disk.reads < 300);
	disk.bad = 10100;
	CHECK(disk_read_table(&disk.disk, &found));
	CHECK_EQ(found.count, 1);
	CHECK(noted("breaks off at block 10100\n"));
}

TEST(partitions_that_cannot_be_right_are_refused_by_name)
{
	begin(10000, 512);
	mbr_put(sector(0), 0, 0x83, 2048, 1000);
	mbr_put(sector(0), 1, 0x83, 9000, 1001);
	mbr_put(sector(0), 2, 0x83, 3047, 10);
	mbr_put(sector(0), 3, 0x83, 4000, 10);
	CHECK(disk_read_table(&disk.disk, &found));
	CHECK_EQ(found.count, 1);
	CHECK(is(0, 4, 4000, 10));
	CHECK(noted("blk/0p2 is refused: sectors 9000 and 1001 from there are not all on the disk, which has 10000\n"));
	CHECK(noted("blk/0p1 and blk/0p3 are refused: they overlap\n"));
	mbr_put(sector(0), 2, 0x83, 3048, 10); // side by side
	mbr_put(sector(0), 1, 0x83, 0xffffffff, 0xffffffff);
	CHECK(disk_read_table(&disk.disk, &found));
	CHECK_EQ(found.count, 3);
}
