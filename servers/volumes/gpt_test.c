// SPDX-License-Identifier: MIT
// GUID partition tables: both copies, damaged in every field.
#include "disk_test.h"

#include <gila/test.h>
#include <stdio.h>

#define SECTORS 4096u

static struct memory_disk disk;
static struct disk_partitions found;

static uint8_t *block(uint64_t number) { return disk.bytes + number * disk.disk.block_size; }
static uint64_t blocks(void) { return disk.disk.sectors * DISK_SECTOR / disk.disk.block_size; }
static bool noted(const char *part) { return strstr(found.notes, part) != NULL; }

static void put_header(uint64_t at, uint64_t other, uint64_t array)
{
	uint8_t *header = block(at);
	memcpy(header, "EFI PART", 8);
	put32(header + 8, 0x10000);
	put32(header + 12, 92);
	put64(header + 24, at);
	put64(header + 32, other);
	put64(header + 40, 34);
	put64(header + 48, blocks() - 34);
	put64(header + 72, array);
	put32(header + 80, 128);
	put32(header + 84, 128);
}

static void put_entry(unsigned i, uint64_t first, uint64_t last, const char *name)
{
	static const uint8_t linux_data[16] = {0xaf, 0x3d, 0xc6, 0x0f, 0x83, 0x84, 0x72, 0x47,
					       0x8e, 0x79, 0x3d, 0x69, 0xd8, 0x47, 0x7d, 0xe4};
	uint64_t arrays[2] = {2, blocks() - 33};
	for (int copy = 0; copy < 2; copy++) {
		uint8_t *entry = block(arrays[copy]) + 128 * i;
		memcpy(entry, linux_data, 16);
		for (unsigned k = 0; k < 16; k++)
			entry[16 + k] = (uint8_t)(16 * (i + 1) + k);
		put64(entry + 32, first);
		put64(entry + 40, last);
		for (unsigned k = 0; name[k]; k++)
			entry[56 + 2 * k] = (uint8_t)name[k];
	}
}

static void sum(void)
{
	gpt_sum(&disk, block(1));
	gpt_sum(&disk, block(blocks() - 1));
}

static void begin(uint32_t block_size)
{
	memory_disk_free(&disk);
	memory_disk_make(&disk, SECTORS * (block_size / 512), block_size);
	mbr_put(disk.bytes, 0, 0xee, 1, 0xffffffff);
	put_header(1, blocks() - 1, 2);
	put_header(blocks() - 1, 1, blocks() - 33);
	put_entry(0, 34, 1033, "boot");
	put_entry(2, 2000, blocks() - 34, "root of it");
	sum();
}

static bool reads(void) { return disk_read_table(&disk.disk, &found); }

TEST(gpt_gives_its_partitions)
{
	begin(512);
	CHECK(reads());
	CHECK_EQ(found.table, DISK_GPT);
	CHECK_EQ(found.count, 2);
	CHECK_EQ(found.list[0].index, 1);
	CHECK_EQ(found.list[0].first, 34);
	CHECK_EQ(found.list[0].sectors, 1000);
	CHECK_EQ(found.list[1].index, 3);
	CHECK_EQ(found.list[1].first + found.list[1].sectors, SECTORS - 33);
	CHECK(strcmp(found.list[1].label, "root of it") == 0);
	CHECK(strcmp(found.list[0].type, "gpt:linux") == 0);
	CHECK(strcmp(found.list[0].uuid, "13121110-1514-1716-1819-1a1b1c1d1e1f") == 0);
	CHECK(!*found.notes);
}

TEST(gpt_counts_in_the_blocks_of_the_disk)
{
	begin(4096);
	CHECK(reads());
	CHECK_EQ(found.count, 2);
	CHECK_EQ(found.list[0].first, 34 * 8);
	CHECK_EQ(found.list[0].sectors, 8000);
}

TEST(gpt_is_used_only_with_its_protective_mbr)
{
	begin(512);
	memset(disk.bytes, 0, 512);
	CHECK(reads());
	CHECK_EQ(found.table, DISK_NO_TABLE);
	mbr_put(disk.bytes, 0, 0x83, 100, 100); // repartitioned by somebody who did not know
	CHECK(reads());
	CHECK_EQ(found.table, DISK_MBR);
	CHECK_EQ(found.count, 1);
}

// A damaged field of the first copy: the other is used and the reason told. In both: refused.
TEST(gpt_damage_is_found_and_the_copy_used)
{
	static const struct {
		unsigned at, size;
		uint64_t value;
		bool sum_again;
		const char *why;
	} cases[] = {
		{0, 4, 0, false, "has no signature"},
		{8, 4, 0x20000, true, "is of an unknown revision"},
		{12, 4, 91, false, "has an impossible size"},
		{12, 4, 513, false, "has an impossible size"},
		{60, 4, 77, false, "has a wrong sum"},
		{24, 8, 2, true, "says that it is in another block"},
		{40, 8, UINT64_MAX, true, "has usable blocks that are not on the disk"},
		{48, 8, SECTORS, true, "has usable blocks that are not on the disk"},
		{84, 4, 127, true, "has entries of an impossible size"},
		{84, 4, 384, true, "has entries of an impossible size"},
		{84, 4, 8192, true, "has entries of an impossible size"},
		{80, 4, 0, true, "has an impossible number of entries"},
		{80, 4, UINT32_MAX, true, "has an impossible number of entries"},
		{72, 8, 1, true, "has its entries outside of the disk, or among the usable blocks"},
		{72, 8, 3, true, "has its entries outside of the disk, or among the usable blocks"},
		{72, 8, UINT64_MAX, true, "has its entries outside of the disk, or among the usable blocks"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (int both = 0; both < 2; both++) {
			begin(512);
			uint64_t places[2] = {1, blocks() - 1};
			for (int copy = 0; copy <= both; copy++) {
				uint8_t *header = block(places[copy]);
				if (cases[i].size == 4)
					put32(header + cases[i].at, (uint32_t)cases[i].value);
				else
					put64(header + cases[i].at, cases[i].value);
				if (cases[i].sum_again)
					gpt_sum(&disk, header);
			}
			CHECK(reads());
			if (!noted(cases[i].why))
				printf("case %zu, %d: %s", i, both, found.notes);
			CHECK(noted(cases[i].why));
			CHECK_EQ(found.count, both ? 0 : 2);
			CHECK_EQ(found.table, both ? DISK_NO_TABLE : DISK_GPT);
			CHECK(noted(both ? ", and the copy at its end " : "the copy at the end of the disk is used\n"));
		}
}

TEST(gpt_entries_are_summed)
{
	begin(512);
	block(2)[60] ^= 1;
	CHECK(reads());
	CHECK_EQ(found.count, 2);
	CHECK(noted("has entries with a wrong sum: the copy at the end of the disk is used\n"));
	begin(512);
	disk.bad = 5;
	CHECK(reads());
	CHECK(noted("has entries that cannot be read: the copy"));
	begin(512);
	disk.bad = 1;
	CHECK(reads());
	CHECK_EQ(found.count, 2);
	CHECK(noted("its GUID partition table cannot be read: the copy"));
}

TEST(gpt_entries_are_checked)
{
	begin(512);
	put_entry(3, 1033, 1040, "over the first");
	put_entry(4, 33, 33, "among the entries");
	put_entry(5, 1900, 1899, "backwards");
	put_entry(6, 1500, UINT64_MAX, "endless");
	sum();
	CHECK(reads());
	CHECK_EQ(found.count, 1);
	CHECK_EQ(found.list[0].index, 3);
	CHECK(noted("blk/0p1 and blk/0p4 are refused: they overlap\n"));
	CHECK(noted("blk/0p5 is refused: blocks 33 to 33 are not among the usable ones, 34 to 4062\n"));
	CHECK(noted("blk/0p6 is refused: blocks 1900 to 1899"));
	CHECK(noted("blk/0p7 is refused: blocks 1500 to 18446744073709551615"));
}

TEST(gpt_of_a_tiny_disk_is_no_trap)
{
	for (uint64_t sectors = 1; sectors < 8; sectors++) {
		memory_disk_free(&disk);
		memory_disk_make(&disk, sectors, sectors % 2 ? 512 : 1024);
		mbr_put(disk.bytes, 0, 0xee, 1, 0xffffffff);
		CHECK(reads());
		CHECK_EQ(found.count, 0);
		CHECK(*found.notes);
	}
}

TEST(names_become_utf8)
{
	char out[16];
	const uint8_t name[] = {'A', 0, 0xe4, 0, 0xac, 0x20, 0x3d, 0xd8, 0x00, 0xde, 0x01, 0, 0x00, 0xd8, ' ', 0};
	label_text_utf16(out, sizeof(out), name, 8);
	CHECK(strcmp(out, "A\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80??") == 0);
	label_text_utf16(out, 4, name, 8); // cut between characters
	CHECK(strcmp(out, "A\xc3\xa4") == 0);
	label_text(out, sizeof(out), (const uint8_t *)"x\xc3\xa4\xff\n  ", 7);
	CHECK(strcmp(out, "x\xc3\xa4??") == 0);
	label_text(out, 4, (const uint8_t *)"abcdef", 6);
	CHECK(strcmp(out, "abc") == 0);
}
