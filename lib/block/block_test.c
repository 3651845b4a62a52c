// SPDX-License-Identifier: MIT
// Both sides of the block interface in one process: what clients see when all goes well, and when drivers die, requests and
// replies are lost or damaged, and rings make no sense.
#include "block_fake.h"

#include "sum.h"

#include <abi/block.h>

static struct block_client client;
static uint8_t pattern[FAKE_SECTORS * BLOCK_SECTOR];

static void begin(uint64_t seed)
{
	fake_disk_begin(seed);
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)fake_random(256);
}

// Everything is given back in the end.
static bool end(void)
{
	block_close(&client);
	fake_settle();
	block_sessions_poll(&fake_disk.device);
	block_sessions_poll(&fake_disk.device);
	return fake_disk.device.sessions == NULL && fake_rights() == 0;
}

TEST(what_is_written_is_read)
{
	begin(1);
	CHECK_EQ(fake_open(&client), KERN_SUCCESS);
	CHECK_EQ(client.info.sectors, FAKE_SECTORS);
	CHECK(strcmp(client.info.serial, "fake") == 0);
	memcpy(client.data, pattern, 65536);
	CHECK_EQ(block_write(&client, 8, 0, 65536), KERN_SUCCESS);
	CHECK(memcmp(fake_disk.sectors[8], pattern, 65536) == 0);
	CHECK_EQ(block_read(&client, 9, 131072, 512), KERN_SUCCESS);
	CHECK(memcmp(client.data + 131072, pattern + 512, 512) == 0);
	CHECK_EQ(block_flush(&client), KERN_SUCCESS);
	CHECK(client.reattached == 0 && client.resent == 0);
	CHECK(end());
}

TEST(large_requests_are_split)
{
	begin(2);
	CHECK_EQ(fake_open(&client), KERN_SUCCESS);
	memcpy(client.data, pattern, 1 << 20);
	CHECK_EQ(block_write(&client, 0, 0, 1 << 20), KERN_SUCCESS);
	CHECK(memcmp(fake_disk.sectors, pattern, 1 << 20) == 0);
	CHECK_EQ(fake_disk.starts, 16);
	struct block_io zeroes = {.operation = BLOCK_WRITE_ZEROES, .sector = 16, .count = 100};
	block_submit(&client, &zeroes);
	CHECK_EQ(block_wait(&client, &zeroes), KERN_SUCCESS);
	CHECK_EQ(fake_disk.starts, 18);
	CHECK(fake_disk.sectors[16][0] == 0 && fake_disk.sectors[115][511] == 0);
	CHECK(memcmp(fake_disk.sectors[116], pattern + 116 * 512, 512) == 0);
	CHECK(end());
}

TEST(pieces_are_gathered_and_scattered)
{
	static const uint32_t pages[21] = {7, 3, 9, 10, 11, 30, 29, 28, 27, 40, 41, 42, 43, 44, 45, 46, 47, 48, 0, 2, 1};
	begin(3);
	CHECK_EQ(fake_open(&client), KERN_SUCCESS);
	for (unsigned i = 0; i < 21; i++)
		memcpy(client.data + pages[i] * 4096, pattern + i * 4096, 4096);
	struct block_io io = {.operation = BLOCK_WRITE, .count = 165, .pieces = 21, .piece_size = 4096, .pages = pages};
	block_submit(&client, &io);
	CHECK_EQ(block_wait(&client, &io), KERN_SUCCESS);
	CHECK(memcmp(fake_disk.sectors, pattern, 165 * 512) == 0);
	CHECK_EQ(fake_disk.starts, 3); // of eight pieces each
	struct block_io small = {.operation = BLOCK_READ, .sector = 2, .count = 6, .pieces = 3, .piece_size = 1024, .pages = pages};
	block_submit(&client, &small);
	CHECK_EQ(block_wait(&client, &small), KERN_SUCCESS);
	for (unsigned i = 0; i < 3; i++)
		CHECK(memcmp(client.data + pages[i] * 4096, pattern + 1024 + i * 1024, 1024) == 0);
	CHECK(end());
}

TEST(nonsense_is_refused_by_the_client)
{
	static const uint32_t pages[2] = {0, FAKE_DATA_PAGES};
	static const struct {
		struct block_io io;
		kern_return_t error;
	} cases[] = {
		{{.operation = 99, .count = 1}, KERN_INVALID_ARGUMENT},
		{{.operation = BLOCK_READ, .count = 0, .pieces = 1}, KERN_INVALID_ARGUMENT},
		{{.operation = BLOCK_FLUSH, .count = 1}, KERN_INVALID_ARGUMENT},
		{{.operation = BLOCK_READ, .count = 1, .pieces = 1, .place = 100}, KERN_INVALID_ARGUMENT},
		{{.operation = BLOCK_READ, .count = 2, .pieces = 1, .place = FAKE_DATA_PAGES * 4096 - 512}, KERN_INVALID_ARGUMENT},
		{{.operation = BLOCK_READ, .count = 16, .pieces = 2, .piece_size = 4096, .pages = pages}, KERN_INVALID_ARGUMENT},
		{{.operation = BLOCK_READ, .count = 17, .pieces = 2, .piece_size = 4096, .pages = pages}, KERN_INVALID_ARGUMENT},
		{{.operation = BLOCK_READ, .count = 1, .pieces = 1, .sector = FAKE_SECTORS}, BLOCK_OUT_OF_RANGE},
		{{.operation = BLOCK_DISCARD, .count = 2, .sector = FAKE_SECTORS - 1}, BLOCK_OUT_OF_RANGE},
	};
	begin(4);
	CHECK_EQ(fake_open(&client), KERN_SUCCESS);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct block_io io = cases[i].io;
		block_submit(&client, &io);
		CHECK_EQ(block_wait(&client, &io), cases[i].error);
	}
	CHECK_EQ(fake_disk.starts, 0);
	CHECK(end());
}

static unsigned told;
static void count_call(struct block_io *io)
{
	told++;
	if (io->context) {
		block_submit(&client, io->context);
		io->context = NULL;
	}
}

TEST(callers_are_told_and_may_submit)
{
	struct block_io second = {.operation = BLOCK_FLUSH, .done_call = count_call};
	struct block_io first = {.operation = BLOCK_FLUSH, .done_call = count_call, .context = &second};
	begin(5);
	told = 0;
	CHECK_EQ(fake_open(&client), KERN_SUCCESS);
	block_submit(&client, &first);
	block_wait_all(&client);
	CHECK(first.done && second.done);
	CHECK_EQ(told, 2);
	CHECK(end());
}

static uint64_t order[8];
static unsigned ordered;
static void note_order(struct block_io *io) { order[ordered++] = io->sector; }

TEST(nothing_passes_a_barrier)
{
	struct block_io ios[8] = {0};
	begin(6);
	CHECK_EQ(fake_open(&client), KERN_SUCCESS);
	ordered = 0;
	for (unsigned i = 0; i < 8; i++) {
		ios[i] = (struct block_io){.operation = BLOCK_WRITE, .sector = i, .count = 1, .pieces = 1, .done_call = note_order};
		ios[i].flags = i == 3 || i == 5 ? BLOCK_BARRIER : 0;
		block_submit(&client, &ios[i]);
	}
	CHECK_EQ(client.under_way, 3);
	block_wait_all(&client);
	CHECK(order[3] == 3 && order[4] == 4 && order[5] == 5);
	CHECK(end());
}

TEST(errors_of_the_device_are_told)
{
	struct block_io io = {.operation = BLOCK_READ, .count = 1, .pieces = 1};
	begin(7);
	CHECK_EQ(fake_open(&client), KERN_SUCCESS);
	fake_disk.hold = true;
	block_submit(&client, &io);
	block_sessions_poll(&fake_disk.device);
	CHECK_EQ(fake_disk.count, 1);
	fake_finish(0, BLOCK_ERROR);
	fake_disk.hold = false;
	CHECK_EQ(block_wait(&client, &io), BLOCK_FAILED);
	CHECK(end());
}

TEST(a_session_reaches_its_range_only)
{
	struct block_open how = {.seat = "blk/0", .first = 100, .count = 50, .data_size = 65536};
	begin(8);
	CHECK_EQ(block_open(&client, &how), KERN_SUCCESS);
	CHECK_EQ(client.info.sectors, 50);
	CHECK_EQ(client.info.features & BLOCK_CAN_WRITE, 0);
	memcpy(fake_disk.sectors, pattern, sizeof(pattern));
	CHECK_EQ(block_read(&client, 49, 0, 512), KERN_SUCCESS);
	CHECK(memcmp(client.data, pattern + 149 * 512, 512) == 0);
	CHECK_EQ(block_write(&client, 0, 0, 512), BLOCK_WRITE_PROTECTED);
	CHECK_EQ(block_read(&client, 50, 0, 512), BLOCK_OUT_OF_RANGE);
	client.info.sectors = 51; // a client that does not keep to it
	CHECK_EQ(block_read(&client, 50, 0, 512), BLOCK_OUT_OF_RANGE);
	client.info.features |= BLOCK_CAN_WRITE;
	CHECK_EQ(block_write(&client, 0, 0, 512), BLOCK_WRITE_PROTECTED);
	CHECK(end());
}

TEST(attaches_are_checked)
{
	static const struct {
		uint64_t first, count, data_size, memory;
		kern_return_t error;
	} cases[] = {
		{FAKE_SECTORS, 0, 4096, 0, BLOCK_OUT_OF_RANGE},	   {1, FAKE_SECTORS, 4096, 0, BLOCK_OUT_OF_RANGE},
		{1, UINT64_MAX, 4096, 0, BLOCK_OUT_OF_RANGE},	   {0, 0, 0, 0, KERN_INVALID_ARGUMENT},
		{0, 0, 4097, 0, KERN_INVALID_ARGUMENT},		   {0, 0, BLOCK_DATA_MAX + 4096, 0, KERN_INVALID_ARGUMENT},
		{0, 0, 4096, 1, KERN_INVALID_CAPABILITY},
	};
	mach_port_t memory, session, shared, notify;
	struct block_info info;
	begin(9);
	CHECK_EQ(gila_memory_make(8192, &memory), KERN_SUCCESS);
	CHECK_EQ(gila_port_make(&notify), KERN_SUCCESS);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		CHECK_EQ(block_attach(FAKE_SEAT, cases[i].first, cases[i].count, false, cases[i].memory ? memory : MACH_PORT_NULL,
				      cases[i].data_size, 1, notify, &session, &shared, &info, 0), cases[i].error);
	fake_disk.absent = true;
	CHECK_EQ(fake_open(&client), BLOCK_NO_DEVICE);
	CHECK_EQ(block_info(FAKE_SEAT, &info), BLOCK_NO_DEVICE);
}

// ---- Death ---------------------------------------------------------------------------------------------------------------

// The driver dies after `steps` steps while a write and a read are under way.
static bool survives_death_at(unsigned steps)
{
	struct block_io write = {.operation = BLOCK_WRITE, .sector = 10, .count = 256, .pieces = 1};
	struct block_io read = {.operation = BLOCK_READ, .sector = 1000, .count = 256, .pieces = 1, .place = 1 << 19};
	begin(100 + steps);
	if (fake_open(&client))
		return false;
	memcpy(client.data, pattern, 131072);
	memcpy(fake_disk.sectors[1000], pattern + 131072, 131072);
	block_submit(&client, &write);
	block_submit(&client, &read);
	for (unsigned i = 0; i < steps; i++)
		fake_step();
	fake_driver_die();
	return block_wait(&client, &write) == KERN_SUCCESS && block_wait(&client, &read) == KERN_SUCCESS &&
	       memcmp(fake_disk.sectors[10], pattern, 131072) == 0 &&
	       memcmp(client.data + (1 << 19), pattern + 131072, 131072) == 0 && end();
}

TEST(a_driver_may_die_at_any_step)
{
	for (unsigned steps = 0; steps < 40; steps++)
		CHECK(survives_death_at(steps));
}

TEST(the_end_of_an_earlier_driver_is_not_that_of_the_present_one)
{
	begin(11);
	CHECK_EQ(fake_open(&client), KERN_SUCCESS);
	uint64_t old = client.badge;
	fake_driver_die();
	CHECK_EQ(block_read(&client, 0, 0, 512), KERN_SUCCESS);
	CHECK_EQ(client.reattached, 1);
	CHECK(fake_put(client.notify, MACH_NOTIFY_NO_SENDERS, old)); // it comes late
	CHECK_EQ(block_read(&client, 0, 0, 512), KERN_SUCCESS);
	CHECK_EQ(client.reattached, 1);
	CHECK(end());
}

// The client dies with a write under way; the next one gets its memory only when that has ended.
TEST(a_client_may_die_and_the_next_one_waits_for_what_it_left)
{
	static struct block_client next;
	struct block_io io = {.operation = BLOCK_WRITE, .sector = 0, .count = 8, .pieces = 1};
	begin(12);
	CHECK_EQ(fake_open(&client), KERN_SUCCESS);
	memset(client.data, 'a', 4096);
	fake_disk.hold = true;
	block_submit(&client, &io);
	block_sessions_poll(&fake_disk.device);
	CHECK_EQ(block_sessions_under_way(&fake_disk.device), 1);
	mach_port_t memory = client.memory; // as kept by its seat
	gila_port_drop(client.session);
	gila_port_drop_receive(client.notify);
	fake_settle();
	struct block_open how = {.seat = "blk/0", .writable = true, .data_size = FAKE_DATA_PAGES * BLOCK_PAGE, .memory = memory};
	fake_idle = NULL; // the driver does not finish it: no answer
	CHECK_EQ(block_open(&next, &how), MACH_RCV_TIMED_OUT);
	CHECK_EQ(fake_disk.count, 1);
	fake_idle = fake_step;
	fake_disk.hold = false;
	CHECK_EQ(block_open(&next, &how), KERN_SUCCESS);
	CHECK_EQ(fake_disk.count, 0);
	CHECK_EQ(fake_disk.sectors[7][511], 'a');
	CHECK_EQ(block_read(&next, 7, 8192, 512), KERN_SUCCESS);
	CHECK_EQ(next.data[8192], 'a');
	client = next;
	CHECK(end());
}

TEST(a_client_without_a_driver_fails_in_the_end)
{
	begin(13);
	CHECK_EQ(fake_open(&client), KERN_SUCCESS);
	fake_disk.absent = true;
	fake_driver_die();
	uint64_t before = fake_now;
	CHECK_EQ(block_read(&client, 0, 0, 1 << 20), BLOCK_FAILED);
	CHECK(fake_now - before >= BLOCK_PATIENCE && fake_now - before < 2 * BLOCK_PATIENCE);
	fake_disk.absent = false; // there is one again
	CHECK_EQ(block_read(&client, 0, 0, 1 << 20), KERN_SUCCESS);
	CHECK(end());
}
