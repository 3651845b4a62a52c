// SPDX-License-Identifier: MIT
// The memory of a session that ended stays with the device for a while: for the client that comes back with it, for nobody else, and not
// for ever.
#include "block_test.h"

#include <string.h>

static struct block_client other;

// A kill -9 of the client: its seat has kept the memory.
static mach_port_t client_die(struct block_client *dead)
{
	mach_port_t memory = dead->memory;
	gila_port_drop(dead->session);
	gila_port_drop_receive(dead->notify);
	disk_settle();
	block_sessions_poll(disk_device());
	return memory;
}

static kern_return_t come_back(struct block_client *next, mach_port_t memory)
{
	struct block_open how = {.seat = "blk/0", .writable = true, .data_size = client.data_size, .memory = memory};
	return block_open(next, &how);
}

TEST(a_client_that_comes_back_finds_its_memory_with_the_device)
{
	begin(61);
	CHECK_EQ(open_client_without_sums(), KERN_SUCCESS);
	CHECK_EQ(block_write(&client, 40, 0, 4096), KERN_SUCCESS);
	unsigned told = disk_told();
	struct block_client *now = &client, *next = &other; // each knows where it is: they cannot be copied
	for (unsigned i = 0; i < 4; i++) {
		mach_port_t memory = client_die(now);
		CHECK_EQ(disk_memories(), 1);
		CHECK_EQ(disk_device()->spare.memory, memory);
		CHECK_EQ(come_back(next, memory), KERN_SUCCESS);
		memset(next->data, (int)('a' + i), 4096);
		CHECK_EQ(block_write(next, 48, 0, 4096), KERN_SUCCESS);
		CHECK_EQ(block_read(next, 48, 8192, 512), KERN_SUCCESS);
		CHECK_EQ(next->data[8192], 'a' + i);
		struct block_client *before = now;
		now = next;
		next = before;
	}
	CHECK_EQ(disk_told(), told);
	CHECK_EQ(disk_breaches(), 0);
	CHECK(end());
}

TEST(memory_that_nobody_comes_for_is_let_go)
{
	begin(62);
	CHECK_EQ(open_client(), KERN_SUCCESS);
	CHECK_EQ(block_sessions_due(disk_device()), UINT64_MAX);
	mach_port_t memory = client_die(&client);
	CHECK(!disk_device()->sessions);
	uint64_t due = block_sessions_due(disk_device());
	CHECK(due > gila_time() && due <= gila_time() + SESSION_SPARE_TIME);
	disk_later(due - gila_time() - 1);
	block_sessions_poll(disk_device());
	CHECK_EQ(disk_memories(), 1);
	disk_later(1);
	CHECK(block_sessions_poll(disk_device()));
	CHECK_EQ(disk_memories(), 0);
	CHECK_EQ(block_sessions_due(disk_device()), UINT64_MAX);
	CHECK_EQ(come_back(&other, memory), KERN_SUCCESS); // late, as before
	CHECK_EQ(disk_memories(), 1);
	client = other;
	CHECK(end());
}

TEST(memory_of_one_session_is_kept_and_others_use_their_own)
{
	struct block_open small = {.seat = "blk/0", .writable = true, .data_size = 16 * BLOCK_PAGE}; // no larger than an area may be
	begin(63);
	CHECK_EQ(block_open(&client, &small), KERN_SUCCESS);
	mach_port_t memory = client_die(&client);
	CHECK_EQ(open_client_without_sums(), KERN_SUCCESS); // another client, with memory of its own
	CHECK(client.memory != memory);
	CHECK_EQ(disk_memories(), 2);
	uint32_t area;
	CHECK_EQ(block_area_take(&client, memory, BLOCK_DATA_OFFSET + small.data_size, &area), KERN_INVALID_CAPABILITY); // it had a ring
	mach_port_t second = client_die(&client);
	CHECK_EQ(disk_memories(), 1); // the last one counts
	CHECK_EQ(disk_device()->spare.memory, second);
	gila_port_drop(memory);
	CHECK_EQ(come_back(&other, second), KERN_SUCCESS);
	client = other;
	CHECK_EQ(disk_breaches(), 0);
	CHECK(end());
}

TEST(what_is_kept_gives_way_when_the_device_takes_no_more)
{
	begin(64);
	CHECK_EQ(open_client_without_sums(), KERN_SUCCESS);
	mach_port_t memory = client_die(&client);
	disk_room(1);
	CHECK_EQ(open_client_without_sums(), KERN_SUCCESS);
	CHECK_EQ(disk_memories(), 1);
	CHECK_EQ(disk_device()->spare.memory, MACH_PORT_NULL);
	gila_port_drop(memory);
	CHECK_EQ(come_back(&other, MACH_PORT_NULL), KERN_RESOURCE_SHORTAGE);
	CHECK(end());
}

// The next driver knows nothing of it.
TEST(a_driver_that_dies_forgets_what_it_kept)
{
	begin(65);
	CHECK_EQ(open_client_without_sums(), KERN_SUCCESS);
	mach_port_t memory = client_die(&client);
	disk_die();
	CHECK_EQ(disk_memories(), 0);
	CHECK_EQ(come_back(&other, memory), KERN_SUCCESS);
	CHECK_EQ(disk_memories(), 1);
	client = other;
	CHECK_EQ(disk_breaches(), 0);
	CHECK(end());
}
