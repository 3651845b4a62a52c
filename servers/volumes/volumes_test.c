// SPDX-License-Identifier: MIT
// The book of volumes: what is found on disks in memory, again and again, and by which names.
#include "disk_test.h"
#include "volumes.h"

#include <gila/test.h>
#include <stdarg.h>
#include <stdio.h>

static char log_text[4096], seats[4096];
static bool refuse_seats;

void gila_logf(const char *format, ...)
{
	size_t used = strlen(log_text);
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(log_text + used, sizeof(log_text) - used, format, arguments);
	va_end(arguments);
	strncat(log_text, "\n", sizeof(log_text) - strlen(log_text) - 1);
}

bool volumes_add_seat(const struct volume_record *partition)
{
	size_t used = strlen(seats);
	snprintf(seats + used, sizeof(seats) - used, "%s=%s:%llu+%llu;", partition->seat, partition->disk,
		 (unsigned long long)partition->first, (unsigned long long)partition->sectors);
	return !refuse_seats;
}

static struct volumes volumes;
static struct memory_disk one, other;
static char complaint[VOLUMES_COMPLAINT_MAX];

static void put_ext(uint8_t *bytes, const char *label, uint8_t uuid)
{
	memset(bytes, 0, 2048);
	put32(bytes + 1024 + 56, 0xef53);
	memset(bytes + 1024 + 104, uuid, 16);
	strncpy((char *)bytes + 1024 + 120, label, 16);
}

static void begin(void)
{
	volumes_forget(&volumes);
	memory_disk_free(&one);
	memory_disk_free(&other);
	memory_disk_make(&one, 10000, 512);
	memory_disk_make(&other, 10000, 512);
	other.disk.name = "blk/1";
	mbr_put(one.bytes, 0, 0x83, 1000, 1000);
	mbr_put(one.bytes, 1, 0x83, 3000, 1000);
	put32(one.bytes + 440, 0xabcdef01);
	put_ext(one.bytes + 1000 * 512, "first", 0xaa);
	put_ext(one.bytes + 3000 * 512, "second", 0xbb);
	put_ext(other.bytes, "whole", 0xcc);
	log_text[0] = seats[0] = 0;
	refuse_seats = false;
}

static bool finds(const char *spec, const char *seat)
{
	const struct volume *found;
	kern_return_t error = volumes_find(&volumes, spec, &found, complaint);
	return seat ? !error && strcmp(found->record.seat, seat) == 0 && !*complaint : error == KERN_NOT_FOUND && !found;
}

TEST(volumes_are_found_by_all_their_names)
{
	begin();
	CHECK(volumes_scan(&volumes, &one.disk) && volumes_scan(&volumes, &other.disk));
	CHECK_EQ(volumes.count, 4);
	CHECK(strcmp(seats, "blk/0p1=blk/0:1000+1000;blk/0p2=blk/0:3000+1000;") == 0);
	CHECK(finds("LABEL=first", "blk/0p1") && finds("LABEL=whole", "blk/1"));
	CHECK(finds("UUID=bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb", "blk/0p2"));
	CHECK(finds("UUID=BBBBBBBB-bbbb-bbbb-bbbb-bbbbbbbbbbbb", "blk/0p2"));
	CHECK(finds("PARTUUID=abcdef01-02", "blk/0p2"));
	CHECK(finds("blk/0", "blk/0") && finds("blk/0p2", "blk/0p2"));
	CHECK(finds("LABEL=", NULL) && finds("", NULL) && finds("LABEL=FIRST", NULL) && finds("PARTLABEL=first", NULL));
	CHECK(finds("LABEL=none", NULL));
	CHECK(strcmp(complaint, "no block device is LABEL=none") == 0);
	CHECK(!*log_text);
}

TEST(volumes_that_have_one_name_are_both_told)
{
	const struct volume *found;
	begin();
	put_ext(other.bytes, "second", 0xbb);
	CHECK(volumes_scan(&volumes, &one.disk) && volumes_scan(&volumes, &other.disk));
	CHECK_EQ(volumes_find(&volumes, "LABEL=second", &found, complaint), KERN_NAME_EXISTS);
	CHECK(strcmp(complaint, "LABEL=second is ambiguous: blk/0p2 and blk/1 both fit") == 0);
	CHECK_EQ(volumes_find(&volumes, "UUID=bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb", &found, complaint), KERN_NAME_EXISTS);
}

TEST(volumes_follow_the_table)
{
	begin();
	CHECK(volumes_scan(&volumes, &one.disk));
	seats[0] = 0;
	CHECK(volumes_scan(&volumes, &one.disk)); // nothing new: nobody is disturbed
	CHECK(!*seats && !*log_text);
	put_ext(one.bytes + 1000 * 512, "renamed", 0xaa);
	mbr_put(one.bytes, 1, 0x83, 3000, 2000);
	mbr_put(one.bytes, 2, 0x82, 6000, 100);
	CHECK(volumes_scan(&volumes, &one.disk));
	CHECK(strcmp(seats, "blk/0p2=blk/0:3000+2000;blk/0p3=blk/0:6000+100;") == 0);
	CHECK(strstr(log_text, "blk/0p2 has moved"));
	CHECK(finds("LABEL=renamed", "blk/0p1") && finds("LABEL=first", NULL));
	mbr_put(one.bytes, 0, 0, 0, 0);
	log_text[0] = 0;
	CHECK(volumes_scan(&volumes, &one.disk));
	CHECK(strcmp(log_text, "blk/0p1 is in the table of blk/0 no more\n") == 0);
	CHECK(finds("LABEL=renamed", NULL) && finds("LABEL=second", "blk/0p2"));
	one.bad = 0; // cannot be read now: what was known stays
	CHECK(!volumes_scan(&volumes, &one.disk));
	CHECK(finds("LABEL=second", "blk/0p2"));
}

TEST(volumes_say_what_is_wrong_with_a_table_once)
{
	begin();
	mbr_put(one.bytes, 2, 0x83, 1500, 100);
	CHECK(volumes_scan(&volumes, &one.disk) && volumes_scan(&volumes, &one.disk));
	CHECK(strcmp(log_text, "blk/0p1 and blk/0p3 are refused: they overlap\n") == 0);
	CHECK(finds("LABEL=second", "blk/0p2") && finds("LABEL=first", NULL));
	begin();
	refuse_seats = true; // a partition without a seat is of no use
	CHECK(volumes_scan(&volumes, &one.disk));
	CHECK_EQ(volumes.count, 1);
	refuse_seats = false;
	CHECK(volumes_scan(&volumes, &one.disk));
	CHECK(finds("LABEL=second", "blk/0p2"));
}

TEST(volumes_are_listed_page_by_page)
{
	struct volume_record records[2];
	uint32_t after = 0, all = 0;
	begin();
	CHECK(volumes_scan(&volumes, &one.disk) && volumes_scan(&volumes, &other.disk));
	for (unsigned count; (count = volumes_list(&volumes, after, records, 2)) > 0; all += count)
		for (unsigned i = 0; i < count; i++) {
			CHECK(records[i].id > after);
			after = records[i].id;
		}
	CHECK_EQ(all, 4);
	CHECK(volumes_list(&volumes, 0, records, 2) == 2 && strcmp(records[0].type, "mbr") == 0 && records[0].index == 0);
	CHECK(strcmp(records[1].type, "ext2") == 0 && strcmp(records[1].label, "first") == 0 && records[1].index == 1);
	CHECK(strcmp(records[1].disk, "blk/0") == 0 && strcmp(records[1].partition_uuid, "abcdef01-01") == 0);
	volumes_forget(&volumes);
}
