// SPDX-License-Identifier: MIT
// The NVMe driver without a kernel: a block client, sessions, and a controller in software (nvme_fake.h). The driver's traps are played
// here.
#include "disk.h"
#include "nvme_fake.h"

#include <block/client.h>
#include <driver/driver.h>
#include <serve/serve_fake.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DATA = 4 << 20 };

static struct disk disk;
static struct block_client client;
static uint8_t model[NVME_FAKE_BYTES];
static unsigned interrupts_wanted;

static bool (*const demux[])(struct lpc_request *) = {block_serve, NULL};
static struct serve serve = {.seat = "blk/0", .demux = demux, .gone = block_serve_gone, .work = block_loop_work, .context = &disk};

// ---- lib/driver ------------------------------------------------------------------------------------------------------------

kern_return_t driver_info(struct device_info *info)
{
	*info = (struct device_info){.interrupt_count = 3, .region_count = 1};
	return KERN_SUCCESS;
}

kern_return_t driver_interrupt(uint32_t index, mach_port_t receive)
{
	if (nvme_fake.csts & 1)
		return KERN_FAILURE; // the controller could still write to memory that it had
	interrupts_wanted |= 1u << index;
	return KERN_SUCCESS;
}

kern_return_t driver_dma(uint64_t size, mach_port_t *memory, void **address, uint64_t *bus_address)
{
	void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	*memory = fake_new((struct fake_port){.memory = mapped, .mapped = true, .size = size});
	*bus_address = (uint64_t)*memory << 32;
	nvme_fake_memory(*bus_address, mapped, size);
	if (address)
		*address = mapped;
	return KERN_SUCCESS;
}

kern_return_t driver_dma_address(mach_port_t memory, uint64_t *bus_address)
{
	*bus_address = (uint64_t)memory << 32;
	return fake_ports[memory].mapped ? KERN_SUCCESS : KERN_INVALID_CAPABILITY;
}

// ---- Sessions --------------------------------------------------------------------------------------------------------------

static unsigned ends; // commands that end between two turns of the driver, if they are held

// The client sleeps: the driver runs, and the controller ends something if it was held.
static bool idle(void)
{
	fake_now += 1000000;
	fake_settle();
	block_loop_work(&serve);
	for (unsigned i = 0; i < ends && nvme_fake.held_count; i++)
		nvme_fake_end((unsigned)random() % nvme_fake.held_count);
	fake_settle();
	return true;
}

static void driver_begin(unsigned shift, unsigned mdts)
{
	nvme_fake_begin(shift, mdts);
	disk = (struct disk){
		.loop = {
			.device = {
				.memory_make = disk_memory_make,
				.memory_take = disk_memory_take,
				.start = block_loop_start,
				.started = block_loop_started,
				.ready = disk_ready,
				.in_doubt = disk_in_doubt,
				.areas = BLOCK_AREAS_ROOM,
			},
			.operations = &disk_operations,
		},
	};
	fake_begin(&serve);
	fake_now = UINT64_C(1000000000000);
	fake_idle = idle;
	interrupts_wanted = 0;
	ends = 1;
	for (size_t i = 0; i < NVME_FAKE_BYTES; i++)
		model[i] = nvme_fake.disk[i] = (uint8_t)(i * 2654435761u >> 13);
}

static bool session_opened(void)
{
	struct block_open how = {.seat = "blk/0", .writable = true, .data_size = DATA};
	return disk_begin(&disk, &serve) == KERN_SUCCESS && block_open(&client, &how) == KERN_SUCCESS;
}

static void driver_end(void)
{
	block_close(&client);
	fake_settle();
	block_loop_work(&serve);
	if (disk.loop.device.sessions)
		abort();
}

static bool right(void) { return nvme_fake_mistakes() == 0 && memcmp(model, nvme_fake.disk, NVME_FAKE_BYTES) == 0; }

static bool io_is(struct block_io *io, kern_return_t expected)
{
	block_submit(&client, io);
	return block_wait(&client, io) == expected;
}

// All operations, for blocks of both sizes and several limits.
static bool all_operations(unsigned shift, unsigned mdts)
{
	driver_begin(shift, mdts);
	if (!session_opened() || client.info.block_size != 1u << shift || client.info.sectors != NVME_FAKE_BYTES / 512)
		return false;
	bool good = interrupts_wanted == 3 && client.info.transfer == BLOCK_TRANSFER_MAX && client.info.pieces == BLOCK_PAGES_MAX;
	good = good && block_read(&client, 8, 0, DATA) == KERN_SUCCESS && memcmp(client.data, model + 4096, DATA) == 0;
	for (size_t i = 0; i < DATA; i++)
		client.data[i] = (uint8_t)(i >> 5);
	good = good && block_write(&client, 1000, 0, DATA) == KERN_SUCCESS && block_flush(&client) == KERN_SUCCESS;
	memcpy(model + 512000, client.data, DATA);
	struct block_io zeroes = {.operation = BLOCK_WRITE_ZEROES, .sector = 104, .count = 48};
	struct block_io discard = {.operation = BLOCK_DISCARD, .sector = 8192, .count = 8000};
	good = good && io_is(&zeroes, KERN_SUCCESS) && io_is(&discard, KERN_SUCCESS);
	memset(model + 104 * 512, 0, 48 * 512);
	memset(model + 8192 * 512, 0, 8000 * 512);
	good = good && right() && client.reattached == 0 && nvme_fake.commands[NVME_FLUSH] > 0;
	good = good && nvme_fake.largest == (mdts && mdts < 8 ? NVME_PAGE << mdts : BLOCK_TRANSFER_MAX);
	driver_end();
	return good;
}

TEST(nvme_sessions)
{
	CHECK(all_operations(9, 0));
	CHECK(all_operations(9, 1));
	CHECK(all_operations(9, 5));
	CHECK(all_operations(12, 2));
	CHECK(all_operations(12, 200));
}

// Pieces of every size, scattered over the data area, many in flight and ended in any order.
static bool scattered(unsigned shift, unsigned mdts, uint32_t piece)
{
	static struct block_io ios[40];
	static uint32_t pages[40][25];
	uint32_t sectors = 24 * piece / 512 + (1u << shift) / 512; // the last piece is one block
	driver_begin(shift, mdts);
	if (!session_opened())
		return false;
	nvme_fake.hold = true;
	for (unsigned i = 0; i < 40; i++) {
		for (unsigned j = 0; j < 25; j++)
			pages[i][j] = i * 25 + j * 7 % 25;
		ios[i] = (struct block_io){.operation = i % 2 ? BLOCK_READ : BLOCK_WRITE, .sector = i * 400, .count = sectors, .pieces = 25,
					   .piece_size = piece, .pages = pages[i]};
		for (unsigned j = 0; j < 25; j++)
			memset(client.data + pages[i][j] * 4096, (int)(i * 3 + j), 4096);
		block_submit(&client, &ios[i]);
	}
	block_wait_all(&client);
	bool good = true;
	for (unsigned i = 0; i < 40; i++) {
		good = good && ios[i].done && ios[i].error == KERN_SUCCESS;
		for (unsigned j = 0; j < 25; j++) {
			uint32_t size = j < 24 ? piece : 1u << shift;
			uint8_t *at = model + i * 400 * 512 + j * piece, *there = client.data + pages[i][j] * 4096;
			if (i % 2 == 0)
				memcpy(at, there, size);
			else
				good = good && memcmp(at, there, size) == 0;
			good = good && (piece == 4096 || there[size] == (uint8_t)(i * 3 + j)); // nothing is written behind it
		}
	}
	good = good && right() && nvme_fake.most_held > 1;
	driver_end();
	return good;
}

TEST(nvme_areas)
{
	uint32_t area;
	driver_begin(12, 5);
	CHECK(session_opened());
	CHECK_EQ(block_area_make(&client, 1 << 20, &area), KERN_SUCCESS);
	uint8_t *bytes = fake_ports[client.areas[area - 1].memory].memory;
	for (size_t i = 0; i < 1 << 20; i++)
		bytes[i] = (uint8_t)(i >> 7);
	struct block_io write = {.operation = BLOCK_WRITE, .sector = 64, .count = 2048, .pieces = 1, .place = block_area_place(area, 0)};
	CHECK(io_is(&write, KERN_SUCCESS));
	memcpy(model + 64 * 512, bytes, 1 << 20);
	CHECK(right());
	struct block_io read = {.operation = BLOCK_READ, .sector = 0, .count = 512, .pieces = 1, .place = block_area_place(area, 8192 + 512)};
	CHECK(io_is(&read, KERN_SUCCESS));
	CHECK(memcmp(bytes + 8192 + 512, model, 512 * 512) == 0);
	CHECK(bytes[8192 + 511] == (uint8_t)((8192 + 511) >> 7));
	block_area_drop(&client, area);
	CHECK(right());
	driver_end();
}

TEST(nvme_pieces)
{
	CHECK(scattered(9, 0, 4096));
	CHECK(scattered(9, 0, 512));
	CHECK(scattered(9, 1, 4096));
	CHECK(scattered(9, 2, 1536));
	CHECK(scattered(12, 0, 4096));
	CHECK(scattered(12, 1, 4096));
	CHECK_EQ(nvme_fake.commands[NVME_READ], 20 * 13); // two pages each
}

TEST(nvme_errors_are_told)
{
	driver_begin(9, 1);
	CHECK(session_opened());
	nvme_fake.fail[NVME_READ] = 0x281;
	nvme_fake.fail_from = 64; // the fifth of its commands, and all behind
	CHECK_EQ(block_read(&client, 0, 0, 1 << 20), BLOCK_FAILED);
	CHECK_EQ(block_read(&client, 0, 0, 32768), KERN_SUCCESS);
	nvme_fake.fail[NVME_DATASET] = 1;
	nvme_fake.fail_from = 0;
	struct block_io discard = {.operation = BLOCK_DISCARD, .sector = 0, .count = 8};
	CHECK_EQ(io_is(&discard, KERN_NOT_SUPPORTED), true);
	CHECK_EQ(nvme_fake_mistakes(), 0);
	CHECK_EQ(disk.nvme.in_flight, 0);
	driver_end();
}

// A request that needs more commands than there is room for fails in its middle: `at_once` of its commands in flight end together.
static bool fails_in_the_middle(unsigned at_once)
{
	driver_begin(9, 1);
	ends = at_once;
	nvme_fake.cap = (nvme_fake.cap & ~UINT64_C(0xffff)) | 4;
	if (!session_opened())
		return false;
	nvme_fake.hold = true;
	nvme_fake.fail[NVME_READ] = 0x281;
	nvme_fake.fail_from = 16;
	static struct block_io ios[3];
	for (unsigned i = 0; i < 3; i++) {
		ios[i] = (struct block_io){.operation = i == 2 ? BLOCK_WRITE : BLOCK_READ, .sector = 0, .count = 2048, .pieces = 1,
					   .place = i << 20};
		block_submit(&client, &ios[i]);
	}
	memcpy(client.data + (2 << 20), model, 1 << 20);
	block_wait_all(&client);
	bool good = ios[0].error == BLOCK_FAILED && ios[1].error == BLOCK_FAILED && ios[2].error == KERN_SUCCESS;
	good = good && nvme_fake.commands[NVME_READ] < 100; // not all 256 were sent
	good = good && nvme_fake.most_held == 4 && disk.nvme.in_flight == 0 && !disk.loop.waiting && right();
	good = good && client.reattached == 0;
	driver_end();
	return good;
}

TEST(nvme_a_request_fails_while_it_waits_for_room)
{
	CHECK(fails_in_the_middle(1));
	CHECK(fails_in_the_middle(2));
	CHECK(fails_in_the_middle(4));
}

TEST(nvme_a_controller_that_is_not_ready_is_tried_again)
{
	struct block_open how = {.seat = "blk/0", .data_size = DATA};
	driver_begin(9, 0);
	CHECK_EQ(disk_begin(&disk, &serve), KERN_SUCCESS);
	nvme_fake.manner = NVME_ADMIN_SILENT;
	CHECK_EQ(block_open(&client, &how), BLOCK_NO_DEVICE);
	CHECK_EQ(nvme_fake.csts, 0); // it was reset again
	nvme_fake.manner = NVME_HONEST;
	CHECK_EQ(block_open(&client, &how), KERN_SUCCESS);
	CHECK_EQ(block_read(&client, 0, 0, 4096), KERN_SUCCESS);
	CHECK(memcmp(client.data, model, 4096) == 0);
	CHECK_EQ(nvme_fake_maps(), 1);
	CHECK(right());
	driver_end();
}

// In a process of its own: what the driver ends with when the controller misbehaves.
static int end_of_driver(int manner)
{
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		driver_begin(9, 0);
		if (!session_opened())
			_exit(2);
		nvme_fake.manner = manner;
		_exit(block_read(&client, 0, 0, 4096) ? 3 : 4);
	}
	return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(nvme_a_driver_whose_controller_goes_wrong_ends)
{
	static const int manners[] = {NVME_FATAL, NVME_WRONG_ID, NVME_WRONG_QUEUE, NVME_TWICE, NVME_SILENT, NVME_GARBAGE, NVME_GONE};
	CHECK_EQ(end_of_driver(NVME_HONEST), 4);
	for (unsigned i = 0; i < sizeof(manners) / sizeof(manners[0]); i++)
		CHECK_EQ(end_of_driver(manners[i]), 1);
}
