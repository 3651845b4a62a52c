// SPDX-License-Identifier: MIT
// Reads and syncs that wait for the disk do not keep others waiting (ext2_read.c, ext2_data.c).
#include "ext2_test.h"

#include <gila/file.h>
#include <gila/test.h>

#define EXT4 "-t ext4 -b 1024"

static mach_port_t open_file(const char *path, uint32_t flags)
{
	mach_port_t file = MACH_PORT_NULL;
	return gila_file_open(path, flags, &file, NULL) ? MACH_PORT_NULL : file;
}

#define READ_WRITE (FILE_OPEN_READ | FILE_OPEN_WRITE)

// A file whose contents are in no cache.
static mach_port_t file_on_disk(void)
{
	static uint8_t bytes[65536];
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i / 1024);
	mach_port_t file = open_file("/tmp/far", READ_WRITE | FILE_OPEN_CREATE);
	bool good = gila_file_write(file, 0, bytes, sizeof(bytes)) == KERN_SUCCESS && gila_file_sync(file) == KERN_SUCCESS;
	return good && ext2_lose_power() ? file : MACH_PORT_NULL;
}

TEST(reads_wait_for_the_disk_beside_each_other)
{
	CHECK(ext2_begin(EXT4));
	mach_port_t file = file_on_disk();
	struct file_info info;
	uint8_t bytes[2048];
	size_t got;
	CHECK(file);
	ext2_hold(true); // so that answers that come later are not waited for
	CHECK_EQ(gila_file_read(file, 40 << 10, bytes, 1024, &got), MACH_RCV_TIMED_OUT);
	CHECK_EQ(gila_file_read(file, 20 << 10, bytes, 1024, &got), MACH_RCV_TIMED_OUT);
	CHECK_EQ(gila_file_read(file, 60 << 10, bytes, 2048, &got), MACH_RCV_TIMED_OUT);
	CHECK_EQ(ext2_server()->aside_count, 3);
	CHECK_EQ(gila_path_info("/tmp/far", &info), KERN_SUCCESS); // nobody else waits
	unsigned before = ext2_answers();
	while (ext2_turn())
		;
	CHECK_EQ(ext2_answers(), before + 3);
	ext2_hold(false);
	for (unsigned i = 0; i < 64; i++) {
		CHECK_EQ(gila_file_read(file, i << 10, bytes, 1024, &got), KERN_SUCCESS);
		CHECK(got == 1024 && bytes[0] == i && bytes[1023] == i);
	}
	gila_file_close(file);
	CHECK(ext2_end());
}

TEST(a_read_that_waited_is_checked_again)
{
	CHECK(ext2_begin(EXT4));
	mach_port_t file = file_on_disk();
	uint8_t bytes[1024];
	size_t got;
	CHECK(file);
	ext2_hold(true);
	CHECK_EQ(gila_file_read(file, 40 << 10, bytes, 1024, &got), MACH_RCV_TIMED_OUT);
	CHECK_EQ(gila_path_remove("/tmp/far"), KERN_SUCCESS);
	gila_file_close(file);
	ext2_settle();
	while (orphan_waits(ext2_rig()->fs))
		CHECK_EQ(orphan_work(ext2_rig()->fs), KERN_SUCCESS);
	while (ext2_turn())
		;
	CHECK_EQ(ext2_answer(), FILE_STALE);
	CHECK(ext2_end());
}

TEST(more_reads_than_can_wait_are_served_all_the_same)
{
	CHECK(ext2_begin(EXT4));
	mach_port_t file = file_on_disk();
	uint8_t bytes[1024];
	size_t got;
	CHECK(file);
	ext2_hold(true);
	// One in two, backwards: nothing is read ahead.
	unsigned waiting = 0;
	for (unsigned i = 0; i < 64; i++) {
		kern_return_t error = gila_file_read(file, (i * 37 % 64) << 10, bytes, 1024, &got);
		CHECK(error == MACH_RCV_TIMED_OUT || (error == KERN_SUCCESS && got == 1024 && bytes[0] == i * 37 % 64));
		waiting += error == MACH_RCV_TIMED_OUT;
	}
	CHECK_EQ(waiting, ext2_server()->aside_count);
	CHECK_EQ(waiting, EXT2_ASIDES);
	unsigned before = ext2_answers();
	while (ext2_turn())
		;
	CHECK_EQ(ext2_answers(), before + waiting);
	ext2_hold(false);
	gila_file_close(file);
	CHECK(ext2_end());
}

static uint64_t commits(void)
{
	struct store_statistics statistics;
	store_statistics(ext2_rig()->fs->store, &statistics);
	return statistics.commits;
}

static bool holds(mach_port_t file, const char *text)
{
	char found[16] = "";
	size_t got;
	return gila_file_read(file, 0, found, sizeof(found), &got) == KERN_SUCCESS && got == strlen(text) && strcmp(found, text) == 0;
}

TEST(syncs_wait_beside_each_other_and_others_go_on)
{
	CHECK(ext2_begin(EXT4));
	mach_port_t file = open_file("/tmp/a", READ_WRITE | FILE_OPEN_CREATE);
	CHECK_EQ(gila_file_write(file, 0, "one", 3), KERN_SUCCESS);
	ext2_hold(true);
	uint64_t before = commits();
	CHECK_EQ(gila_file_sync(file), MACH_RCV_TIMED_OUT);
	CHECK_EQ(gila_file_sync(file), MACH_RCV_TIMED_OUT); // has the same commit
	CHECK(holds(file, "one"));
	CHECK_EQ(gila_file_write(file, 0, "two", 3), KERN_SUCCESS); // no operation is needed
	CHECK_EQ(gila_file_sync(file), MACH_RCV_TIMED_OUT); // this one has not
	CHECK_EQ(ext2_server()->aside_count, 3);
	CHECK_EQ(commits(), before);
	unsigned answers = ext2_answers();
	while (ext2_turn())
		;
	CHECK_EQ(ext2_answers(), answers + 3);
	CHECK_EQ(ext2_answer(), KERN_SUCCESS);
	CHECK_EQ(commits(), before + 1); // the other was one of contents alone
	ext2_hold(false);
	CHECK(ext2_lose_power());
	CHECK(holds(file, "two"));
	gila_file_close(file);
	CHECK(ext2_end());
}

TEST(who_changes_metadata_waits_for_the_commit)
{
	CHECK(ext2_begin(EXT4));
	mach_port_t file = open_file("/tmp/a", READ_WRITE | FILE_OPEN_CREATE);
	CHECK_EQ(gila_file_write(file, 0, "one", 3), KERN_SUCCESS);
	ext2_hold(true);
	uint64_t before = commits();
	CHECK_EQ(gila_file_sync(file), MACH_RCV_TIMED_OUT);
	CHECK_EQ(commits(), before);
	CHECK_EQ(gila_path_make_directory("/tmp/d"), KERN_SUCCESS);
	CHECK_EQ(commits(), before + 1);
	while (ext2_turn())
		;
	CHECK_EQ(ext2_answer(), KERN_SUCCESS);
	ext2_hold(false);
	CHECK(ext2_lose_power()); // what came later is lost
	CHECK(holds(file, "one"));
	struct file_info info;
	CHECK_EQ(gila_path_info("/tmp/d", &info), FILE_NOT_FOUND);
	gila_file_close(file);
	CHECK(ext2_end());
}

TEST(syncs_on_a_disk_that_fails_are_told)
{
	CHECK(ext2_begin(EXT4));
	mach_port_t file = open_file("/tmp/a", READ_WRITE | FILE_OPEN_CREATE);
	CHECK_EQ(gila_file_write(file, 0, "one", 3), KERN_SUCCESS);
	ext2_hold(true);
	ext2_rig()->disk.fail_writes = UINT64_MAX;
	CHECK_EQ(gila_file_sync(file), MACH_RCV_TIMED_OUT);
	while (ext2_turn())
		;
	CHECK_EQ(ext2_answer(), FILE_IO);
	ext2_rig()->disk.fail_writes = 0;
	ext2_hold(false);
	CHECK_EQ(gila_file_sync(file), FILE_READ_ONLY);
	gila_file_close(file);
}
