// SPDX-License-Identifier: MIT
// Areas, from both sides: made, taken, given up, shared with the next driver or refused by it; requests that leave them.
#include "block_test.h"

#include <abi/block.h>
#include <string.h>

#define AREA (256u << 10)

static void open_plain(void) { CHECK_EQ(open_client_without_sums(), KERN_SUCCESS); }

static kern_return_t transfer(uint16_t operation, uint32_t area, uint64_t offset, uint64_t sector, uint32_t count)
{
	struct block_io io = {.operation = operation, .sector = sector, .count = count, .pieces = 1, .place = block_area_place(area, offset)};
	block_submit(&client, &io);
	return block_wait(&client, &io);
}

static uint8_t *bytes_of(uint32_t area) { return memory_bytes(client.areas[area - 1].memory); }

static void fill(uint8_t *to, size_t size, unsigned seed)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (uint8_t)(i * 31 + (i >> 9) + seed);
}

TEST(area_data_go_to_the_disk_and_back)
{
	uint32_t one, two;
	begin(41);
	open_plain();
	CHECK_EQ(block_area_make(&client, AREA, &one), KERN_SUCCESS);
	CHECK_EQ(block_area_make(&client, AREA, &two), KERN_SUCCESS);
	CHECK(one != two);
	fill(bytes_of(one), AREA, 3);
	CHECK_EQ(transfer(BLOCK_WRITE, one, 0, 8, AREA / 512), KERN_SUCCESS);
	CHECK_EQ(transfer(BLOCK_READ, two, 0, 8, AREA / 512), KERN_SUCCESS);
	CHECK(memcmp(bytes_of(one), bytes_of(two), AREA) == 0);
	CHECK_EQ(transfer(BLOCK_READ, two, 1024, 8, 2), KERN_SUCCESS); // somewhere inside
	CHECK(memcmp(bytes_of(one), bytes_of(two) + 1024, 1024) == 0);
	CHECK_EQ(block_read(&client, 8, 4096, 512), KERN_SUCCESS); // the data area is what it was
	CHECK(memcmp(bytes_of(one), client.data + 4096, 512) == 0);
	block_area_drop(&client, one);
	CHECK_EQ(transfer(BLOCK_READ, one, 0, 8, 1), KERN_INVALID_ARGUMENT);
	CHECK_EQ(transfer(BLOCK_READ, two, 0, 8, 1), KERN_SUCCESS);
	CHECK(end());
}

TEST(areas_end_where_they_end)
{
	uint32_t area;
	begin(42);
	open_plain();
	CHECK_EQ(block_area_make(&client, AREA, &area), KERN_SUCCESS);
	CHECK_EQ(transfer(BLOCK_READ, area, AREA - 512, 0, 1), KERN_SUCCESS);
	CHECK_EQ(transfer(BLOCK_READ, area, AREA - 512, 0, 2), KERN_INVALID_ARGUMENT);
	CHECK_EQ(transfer(BLOCK_READ, area, AREA, 0, 1), KERN_INVALID_ARGUMENT);
	CHECK_EQ(transfer(BLOCK_READ, area, 100, 0, 1), KERN_INVALID_ARGUMENT);
	CHECK_EQ(transfer(BLOCK_READ, area + 1, 0, 0, 1), KERN_INVALID_ARGUMENT);
	CHECK_EQ(transfer(BLOCK_READ, BLOCK_AREAS + 1, 0, 0, 1), KERN_INVALID_ARGUMENT);
	CHECK_EQ(transfer(BLOCK_READ, UINT32_MAX, 0, 0, 1), KERN_INVALID_ARGUMENT);
	// A client that believes in more than there is finds a driver that does not.
	client.areas[area - 1].size = AREA * 2;
	client.areas[5] = (struct block_area){BLOCK_AREA_SHARED, MACH_PORT_NULL, AREA};
	unsigned starts = disk_starts();
	CHECK_EQ(transfer(BLOCK_READ, area, AREA, 0, 1), BLOCK_OUT_OF_RANGE);
	CHECK_EQ(transfer(BLOCK_WRITE, 6, 0, 0, 1), BLOCK_OUT_OF_RANGE);
	CHECK_EQ(disk_starts(), starts);
	client.areas[5] = (struct block_area){.state = BLOCK_AREA_FREE};
	CHECK(end());
}

TEST(area_requests_are_checked)
{
	mach_port_t shared, memory;
	uint32_t area;
	begin(43);
	open_plain();
	CHECK_EQ(block_area_make(&client, AREA, &area), KERN_SUCCESS);
	CHECK_EQ(block_share(client.session, 0, MACH_PORT_NULL, AREA, &shared, 0), KERN_INVALID_ARGUMENT);
	CHECK_EQ(block_share(client.session, BLOCK_AREAS + 1, MACH_PORT_NULL, AREA, &shared, 0), KERN_INVALID_ARGUMENT);
	CHECK_EQ(block_share(client.session, 2, MACH_PORT_NULL, AREA + 1, &shared, 0), KERN_INVALID_ARGUMENT);
	CHECK_EQ(block_share(client.session, 2, MACH_PORT_NULL, BLOCK_AREA_MAX + BLOCK_PAGE, &shared, 0), KERN_INVALID_ARGUMENT);
	CHECK_EQ(block_share(client.session, 2, client.memory, 0, &shared, 0), KERN_INVALID_ARGUMENT);
	// What has a ring is no area: who has it could send requests.
	uint64_t size;
	CHECK_EQ(gila_memory_bytes(client.memory, &size), KERN_SUCCESS);
	CHECK(size > BLOCK_AREA_MAX || block_share(client.session, 2, client.memory, size, &shared, 0) == KERN_INVALID_CAPABILITY);
	// Nor is an area a session's.
	CHECK_EQ(gila_memory_make(AREA, &memory), KERN_SUCCESS);
	CHECK_EQ(block_share(client.session, 2, memory, AREA * 2, &shared, 0), KERN_INVALID_CAPABILITY); // not its size
	gila_port_drop(memory);
	// Twice the same is once.
	mach_port_t again = client.areas[area - 1].memory;
	CHECK_EQ(block_share(client.session, area, again, AREA, &shared, 0), KERN_SUCCESS);
	CHECK_EQ(shared, again);
	gila_port_drop(shared);
	CHECK_EQ(transfer(BLOCK_READ, area, 0, 0, 8), KERN_SUCCESS);
	CHECK_EQ(disk_breaches(), 0);
	CHECK(end());
}

TEST(one_memory_in_two_areas_is_reached_once)
{
	uint32_t one, two;
	begin(44);
	open_plain();
	unsigned before = disk_memories();
	CHECK_EQ(block_area_make(&client, AREA, &one), KERN_SUCCESS);
	mach_port_t memory = client.areas[one - 1].memory;
	CHECK_EQ(block_area_take(&client, memory, AREA, &two), KERN_SUCCESS);
	CHECK_EQ(disk_memories(), before + 1);
	block_area_drop(&client, one);
	CHECK_EQ(disk_memories(), before + 1);
	CHECK_EQ(transfer(BLOCK_READ, two, 0, 0, 8), KERN_SUCCESS);
	block_area_drop(&client, two);
	CHECK_EQ(disk_memories(), before);
	CHECK_EQ(disk_breaches(), 0);
	CHECK(end());
}

TEST(areas_are_bounded)
{
	uint32_t area;
	begin(45);
	open_plain();
	for (unsigned i = 0; i < disk_device()->areas; i++)
		CHECK_EQ(block_area_make(&client, AREA, &area), KERN_SUCCESS);
	CHECK_EQ(block_area_make(&client, AREA, &area), KERN_RESOURCE_SHORTAGE);
	block_area_drop(&client, 2);
	CHECK_EQ(block_area_make(&client, AREA, &area), KERN_SUCCESS);
	CHECK_EQ(area, 2);
	disk_device()->areas = 0;
	block_area_drop(&client, 2);
	CHECK_EQ(block_area_make(&client, AREA, &area), KERN_NOT_SUPPORTED);
	CHECK(end());
}

TEST(sessions_with_sums_have_no_areas)
{
	uint32_t area;
	begin(46);
	CHECK_EQ(open_client(), KERN_SUCCESS);
	CHECK_EQ(block_area_make(&client, AREA, &area), KERN_NOT_SUPPORTED);
	CHECK(end());
}

TEST(an_area_in_use_is_not_given_up)
{
	uint32_t area;
	mach_port_t shared;
	begin(47);
	open_plain();
	CHECK_EQ(block_area_make(&client, AREA, &area), KERN_SUCCESS);
	disk_hold();
	struct block_io io = {.operation = BLOCK_READ, .count = 8, .pieces = 1, .place = block_area_place(area, 0)};
	block_submit(&client, &io);
	block_sessions_poll(disk_device());
	CHECK_EQ(block_share(client.session, area, MACH_PORT_NULL, 0, &shared, 0), KERN_INVALID_ARGUMENT);
	CHECK_EQ(block_share(client.session, area, MACH_PORT_NULL, AREA, &shared, 0), KERN_INVALID_ARGUMENT);
	disk_finish();
	CHECK_EQ(block_wait(&client, &io), KERN_SUCCESS);
	CHECK_EQ(block_share(client.session, area, MACH_PORT_NULL, 0, &shared, 0), KERN_SUCCESS);
	CHECK(end());
}

TEST(areas_outlive_drivers)
{
	uint32_t area;
	begin(48);
	open_plain();
	CHECK_EQ(block_area_make(&client, AREA, &area), KERN_SUCCESS);
	fill(bytes_of(area), AREA, 9);
	disk_hold();
	struct block_io io = {.operation = BLOCK_WRITE, .sector = 16, .count = AREA / 512, .pieces = 1, .place = block_area_place(area, 0)};
	block_submit(&client, &io);
	block_sessions_poll(disk_device());
	disk_die();
	disk_go_on();
	CHECK_EQ(block_wait(&client, &io), KERN_SUCCESS);
	CHECK(client.reattached == 1 && memcmp(disk_bytes(16), bytes_of(area), AREA) == 0);
	CHECK_EQ(disk_breaches(), 0);
	CHECK(end());
}

// The next driver does not take it: what was under way fails, the rest goes on.
TEST(lost_areas_fail_what_is_in_them)
{
	uint32_t area;
	begin(49);
	open_plain();
	CHECK_EQ(block_area_make(&client, AREA, &area), KERN_SUCCESS);
	disk_hold();
	struct block_io ios[3];
	for (unsigned i = 0; i < 3; i++) { // the second is in the data area
		ios[i] = (struct block_io){.operation = BLOCK_READ, .sector = 8 * i, .count = 256, .pieces = 1,
					   .place = i == 1 ? 0 : block_area_place(area, 0)};
		block_submit(&client, &ios[i]);
	}
	block_sessions_poll(disk_device());
	disk_die();
	disk_without_areas();
	disk_go_on();
	CHECK_EQ(block_wait(&client, &ios[1]), KERN_SUCCESS);
	CHECK_EQ(block_wait(&client, &ios[0]), BLOCK_FAILED);
	CHECK_EQ(block_wait(&client, &ios[2]), BLOCK_FAILED);
	CHECK_EQ(transfer(BLOCK_READ, area, 0, 0, 8), KERN_INVALID_ARGUMENT);
	block_wait_all(&client);
	CHECK_EQ(client.under_way, 0);
	block_area_drop(&client, area);
	CHECK(end());
}

// Drivers die and messages are lost while requests go through areas and the data area; all bytes are right.
TEST(areas_under_fire)
{
	for (uint64_t seed = 100; seed < 130; seed++) {
		uint32_t area[2];
		begin(seed);
		open_plain();
		CHECK_EQ(block_area_make(&client, AREA, &area[0]), KERN_SUCCESS);
		CHECK_EQ(block_area_make(&client, AREA, &area[1]), KERN_SUCCESS);
		disk_trouble(20);
		for (unsigned round = 0; round < 20; round++) {
			fill(bytes_of(area[0]), AREA, (unsigned)seed + round);
			CHECK_EQ(transfer(BLOCK_WRITE, area[0], 0, 64, AREA / 512), KERN_SUCCESS);
			CHECK_EQ(transfer(BLOCK_READ, area[1], 0, 64, AREA / 512), KERN_SUCCESS);
			CHECK(memcmp(bytes_of(area[0]), bytes_of(area[1]), AREA) == 0);
		}
		disk_trouble(0);
		CHECK_EQ(disk_breaches(), 0);
		CHECK(end());
	}
}
