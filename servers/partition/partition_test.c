// SPDX-License-Identifier: MIT
// What a partition lets through, and what not.
#include "partition.h"

#include <gila/test.h>
#include <string.h>

static struct partition partition;
static char complaint[128];

static bool reads(const char *a, const char *b, const char *c)
{
	char *words[] = {(char *)(uintptr_t)"partition", (char *)(uintptr_t)a, (char *)(uintptr_t)b, (char *)(uintptr_t)c};
	return partition_read_words(&partition, c ? 4 : b ? 3 : a ? 2 : 1, words, complaint);
}

TEST(partition_is_made_of_three_words)
{
	CHECK(reads("count=100", "disk=blk/0", "first=2048"));
	CHECK(strcmp(partition.disk, "blk/0") == 0 && partition.first == 2048 && partition.count == 100);
	CHECK(!reads("disk=blk/0", "first=2048", NULL) && strstr(complaint, "are needed"));
	CHECK(!reads("disk=blk/0", "first=2048", "count=0") && strstr(complaint, "are needed"));
	CHECK(!reads("disk=blk/0", "first=18446744073709551615", "count=1"));
	CHECK(!reads("disk=blk/0", "first=18446744073709551616", "count=1") && strstr(complaint, "first=18446744073709551616: expected"));
	CHECK(!reads("disk=", "first=1", "count=1") && !reads("disk=x", "first=-1", "count=1") && !reads("disk=x", "first=1", "size=1"));
	CHECK(!reads(NULL, NULL, NULL));
}

TEST(partition_gives_nothing_outside_of_itself)
{
	uint64_t place = 0, count = 0;
	CHECK(reads("disk=blk/0", "first=2048", "count=100"));
	CHECK_EQ(partition_place(&partition, 0, &count, &place), KERN_SUCCESS);
	CHECK(place == 2048 && count == 100); // never 0, which would mean the end of the disk
	count = 0;
	CHECK_EQ(partition_place(&partition, 99, &count, &place), KERN_SUCCESS);
	CHECK(place == 2147 && count == 1);
	count = 50;
	CHECK_EQ(partition_place(&partition, 50, &count, &place), KERN_SUCCESS);
	CHECK(place == 2098 && count == 50);
	count = 51;
	CHECK_EQ(partition_place(&partition, 50, &count, &place), BLOCK_OUT_OF_RANGE);
	count = 0;
	CHECK_EQ(partition_place(&partition, 100, &count, &place), BLOCK_OUT_OF_RANGE);
	count = 1;
	CHECK_EQ(partition_place(&partition, UINT64_MAX, &count, &place), BLOCK_OUT_OF_RANGE);
	count = UINT64_MAX;
	CHECK_EQ(partition_place(&partition, 1, &count, &place), BLOCK_OUT_OF_RANGE);
}

TEST(partition_must_be_on_its_disk)
{
	struct block_info info = {.sectors = 2148, .block_size = 512};
	CHECK(reads("disk=blk/0", "first=2048", "count=100"));
	CHECK_EQ(partition_info(&partition, &info), KERN_SUCCESS);
	CHECK(info.sectors == 100 && info.block_size == 512);
	info.sectors = 2147;
	CHECK_EQ(partition_info(&partition, &info), BLOCK_OUT_OF_RANGE);
	info.sectors = 10;
	CHECK_EQ(partition_info(&partition, &info), BLOCK_OUT_OF_RANGE);
}
