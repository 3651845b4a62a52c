// SPDX-License-Identifier: MIT
// Large reads and writes in memory of the client's: that they are right, whatever memory, range and moment; and that they go past the
// cache when they should.
#include "ext2_test.h"

#include <abi/file.h>
#include <gila/file.h>
#include <gila/test.h>

#define SIZE (4u << 20) // of the file: more than a quarter of the cache
#define PART (1u << 20)

static struct gila_file_buffer buffer;

static uint8_t byte_at(uint64_t offset, unsigned version) { return (uint8_t)(offset / 4096 * 7 + offset % 251 + version * 13); }

static bool is_right(const uint8_t *bytes, uint64_t offset, size_t size, unsigned version)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i] != byte_at(offset + i, version))
			return false;
	return true;
}

static void fill(uint8_t *bytes, uint64_t offset, size_t size, unsigned version)
{
	for (size_t i = 0; i < size; i++)
		bytes[i] = byte_at(offset + i, version);
}

// A file of SIZE bytes and a little, on the disk and in no cache, and a buffer for it.
static mach_port_t begin_with_file(const char *arguments)
{
	static uint8_t bytes[SIZE + 100];
	mach_port_t file = MACH_PORT_NULL;
	fill(bytes, 0, sizeof(bytes), 0);
	bool good = ext2_begin(arguments) && gila_file_open("/tmp/big", FILE_OPEN_READ | FILE_OPEN_WRITE | FILE_OPEN_CREATE, &file, NULL) == 0 &&
		    gila_file_write(file, 0, bytes, sizeof(bytes)) == 0 && gila_file_sync(file) == 0 && ext2_lose_power() &&
		    gila_file_buffer_make(file, PART, &buffer) == 0;
	return good ? file : MACH_PORT_NULL;
}

static bool end_with_file(mach_port_t file)
{
	gila_file_close(file);
	if (buffer.data)
		gila_file_buffer_drop(&buffer);
	return ext2_end();
}

static uint64_t misses(void)
{
	struct store_statistics statistics;
	store_statistics(ext2_server()->fs->store, &statistics);
	return statistics.misses + statistics.read_ahead;
}

#define EXT4 "-t ext4 -b 4096"

static const char *const kinds[] = {EXT4, "-t ext4 -b 1024", "-t ext2 -b 4096"};

TEST(large_reads_go_past_the_cache)
{
	for (unsigned kind = 0; kind < 3; kind++) {
		mach_port_t file = begin_with_file(kinds[kind]);
		size_t got;
		CHECK(file);
		CHECK_EQ(gila_file_read_in_place(file, 0, &buffer, 0, 4096, &got), KERN_SUCCESS); // indirect blocks are read
		uint64_t before = misses();
		for (uint64_t at = 0; at < SIZE; at += PART) {
			memset(buffer.data, 0xee, PART);
			CHECK_EQ(gila_file_read_in_place(file, at, &buffer, 0, PART, &got), KERN_SUCCESS);
			CHECK(got == PART && is_right(buffer.data, at, PART, 0));
		}
		CHECK(misses() - before < 8);
		// The end of the file, in a part of the buffer.
		memset(buffer.data, 0xee, PART);
		CHECK_EQ(gila_file_read_in_place(file, SIZE - PART / 2, &buffer, 4096, PART - 4096, &got), KERN_SUCCESS);
		CHECK(got == PART / 2 + 100 && is_right(buffer.data + 4096, SIZE - PART / 2, got, 0));
		CHECK(buffer.data[4095] == 0xee && buffer.data[4096 + got] == 0xee);
		CHECK_EQ(gila_file_read_in_place(file, SIZE + 100, &buffer, 0, PART, &got), KERN_SUCCESS);
		CHECK_EQ(got, 0);
		CHECK(end_with_file(file));
	}
}

TEST(large_writes_go_past_the_cache)
{
	for (unsigned kind = 0; kind < 3; kind++) {
		mach_port_t file = begin_with_file(kinds[kind]);
		static uint8_t back[SIZE];
		size_t got;
		CHECK(file);
		CHECK_EQ(gila_file_write(file, 2 * PART + 5, "dirty", 5), KERN_SUCCESS); // in the cache
		for (uint64_t at = 0; at < SIZE; at += PART) {
			fill(buffer.data, at, PART, 1);
			CHECK_EQ(gila_file_write_in_place(file, at, &buffer, 0, PART), KERN_SUCCESS);
		}
		CHECK_EQ(gila_file_read(file, 0, back, SIZE, &got), KERN_SUCCESS);
		CHECK(got == SIZE && is_right(back, 0, SIZE, 1));
		CHECK_EQ(gila_file_sync(file), KERN_SUCCESS);
		CHECK(ext2_lose_power());
		memset(back, 0, SIZE);
		CHECK_EQ(gila_file_read(file, 0, back, SIZE, &got), KERN_SUCCESS);
		CHECK(got == SIZE && is_right(back, 0, SIZE, 1));
		// Over the end: the file grows, the usual way.
		fill(buffer.data, SIZE - 4096, PART, 2);
		CHECK_EQ(gila_file_write_in_place(file, SIZE - 4096, &buffer, 0, PART), KERN_SUCCESS);
		CHECK_EQ(gila_file_read_in_place(file, SIZE - 4096, &buffer, 0, PART, &got), KERN_SUCCESS);
		CHECK(got == PART && is_right(buffer.data, SIZE - 4096, PART, 2));
		CHECK(end_with_file(file));
	}
}

// Nothing of it is whole blocks at whole pages; all of it is right.
TEST(any_range_is_right)
{
	mach_port_t file = begin_with_file(EXT4);
	uint64_t random = 5;
	size_t got;
	CHECK(file);
	for (unsigned i = 0; i < 60; i++) {
		uint64_t at = fake_random(&random) % SIZE, start = fake_random(&random) % 70000, size = 200000 + fake_random(&random) % 700000;
		if (i % 3 == 0)
			at &= ~UINT64_C(4095);
		if (i % 2 == 0)
			start &= ~UINT64_C(4095);
		CHECK_EQ(gila_file_read_in_place(file, at, &buffer, start, size, &got), KERN_SUCCESS);
		CHECK_EQ(got, SIZE + 100 - at < size ? SIZE + 100 - at : size);
		CHECK(is_right(buffer.data + start, at, got, 0));
		if (at + size <= SIZE)
			CHECK_EQ(gila_file_write_in_place(file, at, &buffer, start, size), KERN_SUCCESS);
	}
	CHECK(end_with_file(file));
}

TEST(what_is_outside_of_the_buffer_is_refused)
{
	mach_port_t file = begin_with_file(EXT4);
	uint64_t count;
	size_t got;
	CHECK(file);
	CHECK_EQ(gila_file_read_in_place(file, 0, &buffer, 4096, PART, &got), KERN_INVALID_ARGUMENT);
	CHECK_EQ(gila_file_write_in_place(file, 0, &buffer, PART + 1, 0), KERN_INVALID_ARGUMENT);
	// And by the server, for those who ask it.
	CHECK_EQ(file_read_into(file, 0, buffer.memory, 4096, PART, &count), KERN_INVALID_ARGUMENT);
	CHECK_EQ(file_write_memory(file, 0, buffer.memory, 4096, PART), KERN_INVALID_ARGUMENT);
	CHECK_EQ(file_read_into(file, 0, buffer.memory, UINT64_MAX - 4095, PART, &count), KERN_INVALID_ARGUMENT);
	CHECK_EQ(file_read_into(file, 0, buffer.memory, UINT64_C(1) << 32, PART, &count), KERN_INVALID_ARGUMENT);
	mach_port_t memory;
	CHECK_EQ(file_buffer(file, 0, &memory), KERN_INVALID_ARGUMENT);
	CHECK_EQ(file_buffer(file, BLOCK_AREA_MAX + 1, &memory), KERN_INVALID_ARGUMENT);
	CHECK(end_with_file(file));
}

// Memory that the disk does not reach goes the other way; the driver is asked once.
TEST(other_memory_is_as_good)
{
	mach_port_t file = begin_with_file(EXT4), memory;
	uint64_t count;
	CHECK(file);
	CHECK_EQ(gila_memory_make(PART, &memory), KERN_SUCCESS);
	unsigned before = fake_area_takes;
	for (unsigned i = 0; i < 5; i++) {
		CHECK_EQ(file_read_into(file, i * 4096, memory, 0, PART, &count), KERN_SUCCESS);
		CHECK_EQ(count, PART);
	}
	CHECK_EQ(fake_area_takes, before + 1);
	CHECK_EQ(file_write_memory(file, 4 * 4096, memory, 0, PART), KERN_SUCCESS);
	gila_port_drop(memory);
	size_t got;
	CHECK_EQ(gila_file_read_in_place(file, 4 * 4096, &buffer, 0, PART, &got), KERN_SUCCESS);
	CHECK(is_right(buffer.data, 4 * 4096, PART, 0));
	CHECK(end_with_file(file));
}

// The file is removed, and its blocks are given to another, while the disk still reads them.
TEST(a_file_that_goes_while_it_is_read)
{
	mach_port_t file = begin_with_file(EXT4), other;
	static uint8_t secret[SIZE];
	size_t got;
	CHECK(file);
	ext2_hold(true);
	CHECK_EQ(gila_file_read_in_place(file, PART, &buffer, 0, PART, &got), MACH_RCV_TIMED_OUT);
	CHECK_EQ(ext2_server()->aside_count, 1);
	CHECK_EQ(gila_path_remove("/tmp/big"), KERN_SUCCESS);
	gila_file_close(file);
	orphan_release(ext2_server()->fs, 12); // the kernel's word that nobody has it open comes late in this test
	while (orphan_waits(ext2_server()->fs))
		CHECK_EQ(orphan_work(ext2_server()->fs), KERN_SUCCESS);
	CHECK_EQ(fs_commit(ext2_server()->fs), KERN_SUCCESS);
	memset(secret, 0x5e, sizeof(secret));
	CHECK_EQ(gila_file_open("/tmp/secret", FILE_OPEN_WRITE | FILE_OPEN_CREATE, &other, NULL), KERN_SUCCESS);
	for (size_t at = 0; at < SIZE; at += 8192)
		CHECK_EQ(gila_file_write(other, at, secret + at, 8192), KERN_SUCCESS);
	CHECK_EQ(fs_commit(ext2_server()->fs), KERN_SUCCESS);
	while (ext2_turn())
		;
	CHECK_EQ(ext2_answer(), KERN_SUCCESS);
	CHECK(is_right(buffer.data, PART, PART, 0));
	ext2_hold(false);
	CHECK(end_with_file(other));
}

// The file is cut off, or written through the cache, while a write to it is under way; the later one is seen.
TEST(what_comes_later_is_seen_later)
{
	mach_port_t file = begin_with_file(EXT4);
	char text[8] = "";
	size_t got;
	CHECK(file);
	fill(buffer.data, 0, PART, 3);
	ext2_hold(true);
	CHECK_EQ(gila_file_write_in_place(file, 0, &buffer, 0, PART), MACH_RCV_TIMED_OUT);
	CHECK_EQ(gila_file_write(file, 8192, "later", 5), KERN_SUCCESS);
	while (ext2_turn())
		;
	CHECK_EQ(ext2_answer(), KERN_SUCCESS);
	fill(buffer.data, PART, PART, 3);
	CHECK_EQ(gila_file_write_in_place(file, PART, &buffer, 0, PART), MACH_RCV_TIMED_OUT);
	CHECK_EQ(gila_file_resize(file, PART + 4096), KERN_SUCCESS);
	while (ext2_turn())
		;
	CHECK_EQ(ext2_answer(), KERN_SUCCESS);
	ext2_hold(false);
	CHECK_EQ(gila_file_read(file, 8192, text, 5, &got), KERN_SUCCESS);
	CHECK(strcmp(text, "later") == 0);
	CHECK_EQ(gila_file_read_in_place(file, 4096 * 4, &buffer, 0, PART, &got), KERN_SUCCESS);
	CHECK(got == PART - 3 * 4096 && is_right(buffer.data, 4096 * 4, got, 3));
	CHECK(end_with_file(file));
}

// The way to the memory is lost, or the disk fails once: the cache does it.
TEST(what_fails_is_done_through_the_cache)
{
	mach_port_t file = begin_with_file(EXT4);
	size_t got;
	CHECK(file);
	CHECK_EQ(gila_file_write(file, SIZE, "x", 1), KERN_SUCCESS); // the journal runs, whose writes may not fail
	for (unsigned i = 0; i < 2; i++) {
		if (i == 0)
			ext2_rig()->disk.fail_reads = 1;
		else
			fake_areas_refused = true;
		memset(buffer.data, 0xee, PART);
		CHECK_EQ(gila_file_read_in_place(file, 0, &buffer, 0, PART, &got), KERN_SUCCESS);
		CHECK(got == PART && is_right(buffer.data, 0, PART, 0));
		fake_areas_refused = false;
		CHECK_EQ(gila_file_read_in_place(file, PART, &buffer, 0, PART, &got), KERN_SUCCESS);
		fill(buffer.data, PART, PART, i + 1);
		if (i == 0)
			ext2_rig()->disk.fail_writes = 1;
		else
			fake_areas_refused = true;
		CHECK_EQ(gila_file_write_in_place(file, PART, &buffer, 0, PART), KERN_SUCCESS);
		fake_areas_refused = false;
		memset(buffer.data, 0, PART);
		CHECK_EQ(gila_file_read_in_place(file, PART, &buffer, 0, PART, &got), KERN_SUCCESS);
		CHECK(is_right(buffer.data, PART, PART, i + 1));
	}
	CHECK(end_with_file(file));
}

// A disk that fails for good is told of, and a read that is out of order says so.
TEST(a_disk_that_fails_is_told)
{
	mach_port_t file = begin_with_file(EXT4);
	size_t got;
	CHECK(file);
	CHECK_EQ(gila_file_read_in_place(file, 0, &buffer, 0, 4096, &got), KERN_SUCCESS);
	ext2_rig()->disk.fail_reads = UINT64_MAX;
	CHECK_EQ(gila_file_read_in_place(file, 2 * PART, &buffer, 0, PART, &got), FILE_IO);
	ext2_rig()->disk.fail_reads = 0;
	CHECK_EQ(gila_file_read_in_place(file, 2 * PART, &buffer, 0, PART, &got), KERN_SUCCESS);
	CHECK(is_right(buffer.data, 2 * PART, PART, 0));
	CHECK(end_with_file(file));
}

// The server that takes over does not know the memory, and takes it anew; so does one that had let go of it.
TEST(buffers_outlive_the_server_and_its_patience)
{
	mach_port_t file = begin_with_file(EXT4);
	size_t got;
	CHECK(file);
	CHECK_EQ(gila_file_read_in_place(file, 0, &buffer, 0, PART, &got), KERN_SUCCESS);
	unsigned before = fake_area_takes;
	CHECK(ext2_take_over());
	CHECK_EQ(gila_file_read_in_place(file, PART, &buffer, 0, PART, &got), KERN_SUCCESS);
	CHECK(is_right(buffer.data, PART, PART, 0));
	CHECK_EQ(fake_area_takes, before + 1);
	CHECK_EQ(gila_file_read_in_place(file, 2 * PART, &buffer, 0, PART, &got), KERN_SUCCESS);
	CHECK_EQ(fake_area_takes, before + 1);
	CHECK(ext2_areas_expire(ext2_server()) != UINT64_MAX);
	ext2_pass(2 * EXT2_AREA_TIME);
	CHECK_EQ(ext2_areas_expire(ext2_server()), UINT64_MAX);
	CHECK_EQ(gila_file_read_in_place(file, 0, &buffer, 0, PART, &got), KERN_SUCCESS);
	CHECK(is_right(buffer.data, 0, PART, 0));
	CHECK_EQ(fake_area_takes, before + 2);
	CHECK(end_with_file(file));
}

// More buffers than areas: the oldest one gives way, and comes back when it is used.
TEST(more_buffers_than_areas)
{
	struct gila_file_buffer many[BLOCK_AREAS + 4];
	mach_port_t file = begin_with_file(EXT4);
	size_t got;
	CHECK(file);
	for (unsigned i = 0; i < BLOCK_AREAS + 4; i++)
		CHECK_EQ(gila_file_buffer_make(file, PART / 2, &many[i]), KERN_SUCCESS);
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < BLOCK_AREAS + 4; i++) {
			CHECK_EQ(gila_file_read_in_place(file, i * 4096, &many[i], 0, PART / 2, &got), KERN_SUCCESS);
			CHECK(got == PART / 2 && is_right(many[i].data, i * 4096, PART / 2, 0));
		}
	}
	for (unsigned i = 0; i < BLOCK_AREAS + 4; i++)
		gila_file_buffer_drop(&many[i]);
	CHECK(end_with_file(file));
}
