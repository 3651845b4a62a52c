// SPDX-License-Identifier: MIT
// Both sides of the block interface in one process: what clients see when all goes well, and when drivers die, requests and
// replies are lost or damaged, and rings make no sense.
#include "block_fake.h"

#include "block_test.h"

#include <abi/block.h>

struct block_client client;
static uint8_t pattern[FAKE_SECTORS * BLOCK_SECTOR];

struct block_device *disk_device(void) { return &fake_disk.device; }
unsigned disk_starts(void) { return fake_disk.starts; }
void disk_hold(void) { fake_disk.hold = true; }
void disk_finish(void) { fake_finish(0, BLOCK_OK); }
void disk_wrong(bool wrong) { fake_disk.wrong = wrong; }
void disk_later(uint64_t time) { fake_now += time; }
kern_return_t open_client(void) { return fake_open(&client); }
void disk_die(void) { fake_driver_die(); }
void disk_go_on(void) { fake_disk.hold = false; }
void disk_without_areas(void) { fake_disk.device.areas = 0; }
void disk_trouble(unsigned kills) { fake_disk.kills = kills; }
unsigned disk_breaches(void) { return fake_disk.breaches; }
unsigned disk_memories(void) { return fake_disk.memories; }
unsigned disk_told(void) { return fake_disk.told; }
void disk_room(unsigned room) { fake_disk.room = room; }
void disk_settle(void) { fake_settle(); }
unsigned disk_steps(void) { return fake_disk.steps; }
void disk_absent(bool absent) { fake_disk.absent = absent; }
void disk_deliver(void) { fake_deliver(&client); }
bool disk_put(mach_msg_id_t id, uint64_t badge) { return fake_put(client.notify, id, badge); }
uint8_t *disk_bytes(uint64_t sector) { return fake_disk.sectors[sector]; }
uint8_t *memory_bytes(mach_port_t memory) { return fake_ports[memory].memory; }

kern_return_t open_client_without_sums(void)
{
	struct block_open how = {.seat = "blk/0", .writable = true, .data_size = FAKE_DATA_PAGES * BLOCK_PAGE};
	return block_open(&client, &how);
}

void begin(uint64_t seed)
{
	fake_disk_begin(seed);
	for (size_t i = 0; i < sizeof(pattern); i++)
		pattern[i] = (uint8_t)fake_random(256);
}

// Everything is given back in the end.
bool end(void)
{
	block_close(&client);
	return fake_disk_end();
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
	CHECK(client.reattached == 0 && client.resent == 0 && client.sums_data);
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
	CHECK_EQ(client.info.features & (BLOCK_CAN_WRITE | BLOCK_SUMS_DATA), 0); // nobody asked for them
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

// Requests that come while the driver has not woken up yet, and replies that it writes before the client has, are no further messages.
TEST(messages_only_wake_who_sleeps)
{
	struct block_io ios[8];
	begin(10);
	CHECK_EQ(fake_open(&client), KERN_SUCCESS);
	block_poll(&client);
	for (unsigned i = 0; i < 8; i++) {
		ios[i] = (struct block_io){.operation = BLOCK_READ, .sector = i, .count = 1, .pieces = 1, .place = i * 512};
		block_submit(&client, &ios[i]);
	}
	CHECK_EQ(client.rings, 1);
	block_sessions_poll(&fake_disk.device);
	for (unsigned i = 0; i < 8; i++)
		fake_finish(0, BLOCK_OK);
	block_sessions_poll(&fake_disk.device);
	CHECK_EQ(fake_disk.device.counts.notifications, 1);
	block_poll(&client);
	for (unsigned i = 0; i < 8; i++)
		CHECK(ios[i].done);
	struct block_io more = ios[0];
	block_submit(&client, &more); // the driver is awake and looks by itself
	CHECK_EQ(client.rings, 1);
	block_wait_all(&client);
	CHECK(end());
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

// The client dies after `steps` steps. Once the next one is open, nothing of the first is carried out any more.
static bool survives_client_death_at(unsigned steps)
{
	struct block_io io = {.operation = BLOCK_WRITE, .sector = 0, .count = 512, .pieces = 1};
	begin(200 + steps);
	if (fake_open(&client))
		return false;
	memset(client.data, 'a', 1 << 18);
	block_submit(&client, &io);
	for (unsigned i = 0; i < steps; i++)
		fake_step();
	mach_port_t memory = client.memory;
	gila_port_drop(client.session);
	gila_port_drop_receive(client.notify);
	if (steps % 2)
		fake_driver_die();
	struct block_open how = {.seat = "blk/0", .writable = true, .data_size = FAKE_DATA_PAGES * BLOCK_PAGE, .memory = memory};
	if (block_open(&client, &how))
		return false;
	memset(client.data, 'b', 1 << 18);
	if (block_write(&client, 0, 0, 1 << 18))
		return false;
	for (unsigned i = 0; i < 100; i++)
		fake_step();
	return memcmp(fake_disk.sectors, client.data, 1 << 18) == 0 && end();
}

TEST(a_client_may_die_at_any_step)
{
	for (unsigned steps = 0; steps < 40; steps++)
		CHECK(survives_client_death_at(steps));
}

// ---- All at once -----------------------------------------------------------------------------------------------------------

enum { JOBS = 32, JOB_SECTORS = FAKE_SECTORS / JOBS, JOB_PAGES = FAKE_DATA_PAGES / JOBS };

// Each job has sectors and data pages of its own.
static struct job {
	struct block_io io;
	bool busy;
} jobs[JOBS];
static uint8_t model[FAKE_SECTORS * BLOCK_SECTOR];
static unsigned wrong, errors;

static void own(const struct job *job, bool driver)
{
	for (unsigned i = 0; i < JOB_PAGES; i++)
		fake_disk.owned[(job - jobs) * JOB_PAGES + i] = driver;
}

static void job_done(struct block_io *io)
{
	struct job *job = io->context;
	uint8_t *expected = model + io->sector * BLOCK_SECTOR, *data = client.data + io->place;
	size_t size = (size_t)io->count * BLOCK_SECTOR;
	errors += io->error != KERN_SUCCESS;
	if (io->operation == BLOCK_READ)
		wrong += memcmp(expected, data, size) != 0;
	else if (io->operation == BLOCK_WRITE)
		memcpy(expected, data, size);
	else if (io->operation == BLOCK_WRITE_ZEROES)
		memset(expected, 0, size);
	job->busy = false;
	own(job, false);
}

static void job_begin(struct job *job)
{
	static const uint16_t operations[] = {BLOCK_READ, BLOCK_READ, BLOCK_WRITE, BLOCK_WRITE, BLOCK_WRITE_ZEROES, BLOCK_FLUSH};
	uint64_t index = (uint64_t)(job - jobs), skip = fake_random(JOB_SECTORS);
	job->io = (struct block_io){.operation = operations[fake_random(6)], .done_call = job_done, .context = job};
	job->io.flags = fake_random(10) == 0 ? BLOCK_BARRIER : 0;
	job->busy = true;
	if (job->io.operation != BLOCK_FLUSH) {
		job->io.sector = index * JOB_SECTORS + skip;
		job->io.count = (uint32_t)(1 + fake_random(JOB_SECTORS - skip));
	}
	if (client_has_data(job->io.operation)) {
		job->io.pieces = 1;
		job->io.place = index * JOB_PAGES * BLOCK_PAGE;
		for (uint32_t i = 0; i < job->io.count * BLOCK_SECTOR; i++)
			client.data[job->io.place + i] = pattern[(i + fake_disk.steps * 31) % sizeof(pattern)];
		own(job, true);
	}
	block_submit(&client, &job->io);
}

static bool run_jobs(uint64_t seed, unsigned trouble, unsigned kills)
{
	begin(seed);
	memset(model, 0, sizeof(model));
	memset(jobs, 0, sizeof(jobs));
	wrong = errors = 0;
	if (fake_open(&client))
		return false;
	fake_disk.watch = true;
	fake_disk.trouble = trouble;
	fake_disk.kills = kills;
	for (unsigned i = 0; i < 2000; i++) {
		struct job *job = &jobs[fake_random(JOBS)];
		if (job->busy)
			block_wait(&client, &job->io);
		job_begin(job);
	}
	block_wait_all(&client);
	fake_disk.trouble = fake_disk.kills = 0;
	bool right = !wrong && !errors && !fake_disk.breaches && memcmp(model, fake_disk.sectors, sizeof(model)) == 0;
	if (!right || (kills && !fake_disk.deaths))
		printf("seed %llu: %u wrong, %u errors, %u breaches, %u deaths, %u damages\n", (unsigned long long)seed, wrong, errors,
		       fake_disk.breaches, fake_disk.deaths, fake_disk.damages);
	return right && end();
}

TEST(many_requests_at_once)
{
	CHECK(run_jobs(1, 0, 0));
	CHECK_EQ(client.resent, 0);
	CHECK(client.rings < 1000); // the others found the driver awake
}

TEST(drivers_die_and_requests_are_lost_and_damaged)
{
	for (uint64_t seed = 1; seed <= 12; seed++) {
		CHECK(run_jobs(seed, 30, 0));
		CHECK(client.damaged > 0 && client.resent > client.damaged);
		CHECK(run_jobs(seed, 0, 10));
		CHECK(client.reattached > 5);
		CHECK(run_jobs(seed, 30, 10));
	}
}
