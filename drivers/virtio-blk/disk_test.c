// SPDX-License-Identifier: MIT
// The driver without a kernel: a block client, sessions, the virtio code and a real qemu-storage-daemon in one test, or a PCI device in
// software. The driver's traps are played here, with memory that the back-end can map.
#include "disk.h"

#include <block/client.h>
#include <driver/driver.h>
#include <poll.h>
#include <serve/serve_fake.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <virtio/qemu_daemon.h>
#include <virtio/virtio_pci_fake.h>

enum { DATA = 4 << 20 };

static struct disk disk;
static struct block_client client;
static uint8_t model[QEMU_IMAGE];
static int interrupt = -1, descriptors[FAKE_PORTS];
static bool on_pci; // the device is virtio_fake
static bool is_bare; // it has nothing that a transport needs
static unsigned interrupts_wanted;

static bool (*const demux[])(struct lpc_request *) = {block_serve, NULL};
static struct serve serve = {.seat = "blk/0", .demux = demux, .gone = block_serve_gone, .work = block_loop_work, .context = &disk};

// ---- lib/driver ------------------------------------------------------------------------------------------------------------

kern_return_t driver_info(struct device_info *info)
{
	*info = (struct device_info){.interrupt_count = on_pci ? 3 : 1, .backend_count = !on_pci && !is_bare, .region_count = pci_fake.count};
	return KERN_SUCCESS;
}

kern_return_t driver_property(const char *name, void *value, size_t room, size_t *size)
{
	return on_pci ? pci_fake_property(name, value, room, size) : KERN_NOT_FOUND;
}

kern_return_t driver_map(uint32_t region, void **address, uint64_t *size) { return pci_fake_map(region, address, size); }

kern_return_t driver_interrupt(uint32_t index, mach_port_t receive)
{
	if (on_pci && virtio_fake.status != 0)
		return KERN_FAILURE; // the device could still write to memory that it had
	interrupts_wanted |= 1u << index;
	return KERN_SUCCESS;
}

kern_return_t driver_interrupt_descriptor(uint32_t index, int *descriptor)
{
	*descriptor = on_pci ? -1 : dup(interrupt);
	return on_pci ? KERN_NOT_SUPPORTED : KERN_SUCCESS;
}

kern_return_t driver_dma(uint64_t size, mach_port_t *memory, void **address, uint64_t *bus_address)
{
	int fd = memfd_create("dma", MFD_CLOEXEC);
	if (fd < 0 || ftruncate(fd, (off_t)size))
		return KERN_RESOURCE_SHORTAGE;
	void *mapped = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	*memory = fake_new((struct fake_port){.memory = mapped, .mapped = true, .size = size});
	descriptors[*memory] = fd;
	*bus_address = (uint64_t)*memory << 32;
	pci_fake_memory_add(*bus_address, mapped, size);
	if (address)
		*address = mapped;
	return KERN_SUCCESS;
}

kern_return_t driver_dma_address(mach_port_t memory, uint64_t *bus_address)
{
	*bus_address = (uint64_t)memory << 32;
	return fake_ports[memory].mapped ? KERN_SUCCESS : KERN_INVALID_CAPABILITY;
}

kern_return_t driver_dma_descriptor(mach_port_t memory, int *descriptor)
{
	*descriptor = on_pci ? -1 : dup(descriptors[memory]);
	return on_pci ? KERN_NOT_SUPPORTED : KERN_SUCCESS;
}

kern_return_t driver_backend(uint32_t index, int *descriptor)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	strcpy(address.sun_path, qemu_socket);
	*descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(*descriptor, (struct sockaddr *)&address, sizeof(address)) == 0)
		return KERN_SUCCESS;
	close(*descriptor);
	return KERN_FAILURE;
}

// ---- The test --------------------------------------------------------------------------------------------------------------

static void clock_set(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	fake_now = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

// The client sleeps: the driver runs, and waits for the device if it has nothing else to do.
static bool idle(void)
{
	struct pollfd wait = {.fd = interrupt, .events = POLLIN};
	uint64_t count;
	clock_set();
	fake_settle();
	uint64_t until = block_loop_work(&serve);
	if (until && virtio_blk_in_flight(&disk.blk) && poll(&wait, 1, 20) > 0 && read(interrupt, &count, sizeof(count)) < 0)
		return false;
	clock_set();
	fake_settle();
	return true;
}

static void driver_begin(void)
{
	disk = (struct disk){
		.loop = {
			.device = {
				.memory_make = disk_memory_make,
				.memory_take = disk_memory_take,
				.memory_gone = disk_memory_gone,
				.start = block_loop_start,
				.started = block_loop_started,
				.ready = disk_ready,
			},
			.operations = &disk_operations,
		},
	};
	fake_begin(&serve);
	pci_fake_begin();
	on_pci = is_bare = false;
	interrupts_wanted = 0;
	clock_set();
	fake_idle = idle;
	interrupt = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

static bool opened(void)
{
	struct block_open how = {.seat = "blk/0", .writable = true, .data_size = DATA};
	return disk_begin(&disk, &serve) == KERN_SUCCESS && block_open(&client, &how) == KERN_SUCCESS;
}

static void driver_end(void)
{
	block_close(&client);
	fake_settle();
	block_loop_work(&serve);
	disk.transport->ops->reset(disk.transport);
	close(interrupt);
}

TEST(sessions_reach_a_real_disk)
{
	driver_begin();
	CHECK(qemu_begin(model, true));
	CHECK(opened());
	CHECK_EQ(client.info.sectors, QEMU_IMAGE / 512);
	CHECK_EQ(client.info.transfer, BLOCK_TRANSFER_MAX);
	CHECK_EQ(client.info.features, BLOCK_CAN_WRITE | BLOCK_CAN_FLUSH | BLOCK_CAN_DISCARD | BLOCK_CAN_WRITE_ZEROES);
	CHECK(client.info.serial[0] != 0);
	CHECK_EQ(block_read(&client, 8, 0, DATA), KERN_SUCCESS);
	CHECK(memcmp(client.data, model + 4096, DATA) == 0);
	for (size_t i = 0; i < DATA; i++)
		client.data[i] = (uint8_t)(i >> 5);
	CHECK_EQ(block_write(&client, 1000, 0, DATA), KERN_SUCCESS);
	memcpy(model + 512000, client.data, DATA);
	CHECK_EQ(block_flush(&client), KERN_SUCCESS);
	struct block_io zeroes = {.operation = BLOCK_WRITE_ZEROES, .sector = 100, .count = 50};
	block_submit(&client, &zeroes);
	CHECK_EQ(block_wait(&client, &zeroes), KERN_SUCCESS);
	memset(model + 51200, 0, 25600);
	struct block_io discard = {.operation = BLOCK_DISCARD, .sector = 8192, .count = 40000};
	block_submit(&client, &discard);
	CHECK_EQ(block_wait(&client, &discard), KERN_SUCCESS);
	memset(model + 8192 * 512, 0, 40000 * 512); // a hole
	CHECK(qemu_image_is(model));
	CHECK_EQ(client.reattached, 0);
	driver_end();
	qemu_end();
}

// As many areas as the back-end has room for, and then again.
static void areas_work(void)
{
	uint32_t areas[BLOCK_AREAS], count = 0;
	while (count < BLOCK_AREAS && block_area_make(&client, 1 << 20, &areas[count]) == KERN_SUCCESS)
		count++;
	CHECK(count >= 4);
	for (uint32_t i = 0; i < count; i++) {
		struct block_io io = {.operation = i % 2 ? BLOCK_READ : BLOCK_WRITE, .sector = i * 2048, .count = 2048, .pieces = 1,
				      .place = block_area_place(areas[i], 0)};
		uint8_t *bytes = fake_ports[client.areas[areas[i] - 1].memory].memory;
		memset(bytes, (int)i + 1, 1 << 20);
		block_submit(&client, &io);
		CHECK_EQ(block_wait(&client, &io), KERN_SUCCESS);
		if (i % 2)
			CHECK(memcmp(bytes, model + i * 2048 * 512, 1 << 20) == 0);
		else
			memset(model + i * 2048 * 512, (int)i + 1, 1 << 20);
	}
	for (uint32_t i = 0; i < count; i++)
		block_area_drop(&client, areas[i]);
}

TEST(areas_reach_a_real_disk)
{
	driver_begin();
	CHECK(qemu_begin(model, true));
	CHECK(opened());
	CHECK_EQ(disk.loop.device.areas, disk.transport->memory_room / 2);
	uint32_t before = disk.vhost.regions;
	for (unsigned i = 0; i < 3; i++)
		areas_work();
	CHECK_EQ(disk.vhost.regions, before);
	CHECK_EQ(block_flush(&client), KERN_SUCCESS);
	CHECK(qemu_image_is(model));
	driver_end();
	qemu_end();
}

// Many requests of many pieces: more than the queue takes at a time.
TEST(many_pieces_at_once)
{
	static struct block_io ios[48];
	static uint32_t pages[48][21];
	driver_begin();
	CHECK(qemu_begin(model, true));
	CHECK(opened());
	for (unsigned i = 0; i < 48; i++) {
		for (unsigned j = 0; j < 21; j++)
			pages[i][j] = i * 21 + (j * 8) % 21; // in some order
		ios[i] = (struct block_io){.operation = i % 2 ? BLOCK_READ : BLOCK_WRITE, .sector = i * 300, .count = 168, .pieces = 21,
					   .piece_size = 4096, .pages = pages[i]};
		for (unsigned j = 0; j < 21; j++)
			memset(client.data + pages[i][j] * 4096, (int)(i + j), 4096);
		block_submit(&client, &ios[i]);
	}
	block_wait_all(&client);
	for (unsigned i = 0; i < 48; i++) {
		CHECK(ios[i].done && ios[i].error == KERN_SUCCESS);
		for (unsigned j = 0; j < 21; j++) {
			uint8_t *at = model + (i * 300 + j * 8) * 512, *data = client.data + pages[i][j] * 4096;
			if (i % 2)
				CHECK(memcmp(at, data, 4096) == 0);
			else
				memcpy(at, data, 4096);
		}
	}
	CHECK(qemu_image_is(model));
	driver_end();
	qemu_end();
}

TEST(a_device_that_is_not_there_is_tried_again)
{
	struct block_open how = {.seat = "blk/0", .data_size = DATA};
	driver_begin();
	CHECK_EQ(disk_begin(&disk, &serve), KERN_SUCCESS);
	strcpy(qemu_socket, "/tmp/gila-vhost-nobody");
	CHECK_EQ(block_open(&client, &how), BLOCK_NO_DEVICE);
	CHECK(qemu_begin(model, false));
	CHECK_EQ(block_open(&client, &how), KERN_SUCCESS);
	CHECK_EQ(client.info.features & BLOCK_CAN_WRITE, 0);
	CHECK_EQ(block_read(&client, 0, 0, 4096), KERN_SUCCESS);
	CHECK(memcmp(client.data, model, 4096) == 0);
	driver_end();
	qemu_end();
}

// A process of its own plays the driver whose device is killed under it.
TEST(a_driver_whose_device_is_gone_ends)
{
	int status = 0;
	CHECK(qemu_begin(model, true));
	pid_t child = fork();
	if (child == 0) {
		driver_begin();
		if (!opened())
			_exit(2);
		qemu_stop(SIGKILL);
		_exit(block_read(&client, 0, 0, 4096) ? 3 : 4); // it ends before
	}
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(WIFEXITED(status));
	CHECK_EQ(WEXITSTATUS(status), 1);
	qemu_end();
}

// ---- On PCI ------------------------------------------------------------------------------------------------------------------

static void pci_begin(void)
{
	driver_begin();
	on_pci = true;
	virtio_fake_begin();
	virtio_fake_capabilities(4);
}

TEST(sessions_reach_a_pci_device)
{
	pci_begin();
	CHECK(opened());
	CHECK_EQ(interrupts_wanted, 3); // two of the three that it has
	CHECK_EQ(virtio_fake.config_vector, 0);
	CHECK_EQ(virtio_fake.queue_vector, 1);
	CHECK_EQ(client.info.sectors, VIRTIO_FAKE_SECTORS);
	for (size_t i = 0; i < DATA; i++)
		client.data[i] = (uint8_t)(i * 11 >> 5);
	CHECK_EQ(block_write(&client, 1000, 0, DATA), KERN_SUCCESS);
	CHECK_EQ(block_flush(&client), KERN_SUCCESS);
	CHECK(memcmp(virtio_fake.sectors[1000], client.data, DATA) == 0);
	memset(client.data, 0, DATA);
	CHECK_EQ(block_read(&client, 1000, 0, DATA), KERN_SUCCESS);
	CHECK(memcmp(virtio_fake.sectors[1000], client.data, DATA) == 0);
	disk_interrupt(&disk, 0); // its configuration has changed, but it goes on
	disk_interrupt(&disk, 1);
	CHECK_EQ(client.reattached, 0);
	CHECK_EQ(virtio_fake.wrong + pci_fake.strays, 0);
	driver_end();
	CHECK_EQ(virtio_fake.status, 0);
}

TEST(a_pci_device_that_cannot_be_used_yet)
{
	struct block_open how = {.seat = "blk/0", .data_size = DATA};
	pci_begin();
	virtio_fake.manner = VIRTIO_DOES_NOT_START;
	CHECK_EQ(disk_begin(&disk, &serve), KERN_SUCCESS);
	CHECK_EQ(block_open(&client, &how), BLOCK_NO_DEVICE);
	CHECK_EQ(virtio_fake.status, 0); // it was reset again
	virtio_fake.manner = VIRTIO_HONEST;
	CHECK_EQ(block_open(&client, &how), KERN_SUCCESS);
	CHECK_EQ(block_read(&client, 0, 0, 4096), KERN_SUCCESS);
	driver_end();
}

// In a process of its own: what the driver ends with after `spoil`.
static int end_of_driver(void (*spoil)(void))
{
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		pci_begin();
		if (!opened())
			_exit(2);
		spoil();
		_exit(block_read(&client, 0, 0, 4096) ? 3 : 4);
	}
	return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void needs_reset(void)
{
	virtio_fake.manner = VIRTIO_SILENT;
	virtio_fake.status |= 64;
}

static void needs_reset_and_says_so(void)
{
	needs_reset();
	disk_interrupt(&disk, 0);
	_exit(5);
}

static void lies(void) { virtio_fake.manner = VIRTIO_WRONG_ID; }
static void nothing(void) {}

static void vanishes(void)
{
	virtio_fake.hold = true;
	virtio_fake.manner = VIRTIO_GONE;
}

TEST(a_driver_whose_pci_device_goes_wrong_ends)
{
	CHECK_EQ(end_of_driver(nothing), 4);
	CHECK_EQ(end_of_driver(needs_reset), 1);
	CHECK_EQ(end_of_driver(needs_reset_and_says_so), 1);
	CHECK_EQ(end_of_driver(lies), 1);
	CHECK_EQ(end_of_driver(vanishes), 1);
}

TEST(a_device_without_a_transport_is_refused)
{
	struct block_open how = {.seat = "blk/0", .data_size = DATA};
	driver_begin();
	is_bare = true;
	CHECK_EQ(disk_begin(&disk, &serve), KERN_NOT_SUPPORTED);
	driver_begin();
	on_pci = true; // a PCI function without registers
	CHECK_EQ(disk_begin(&disk, &serve), KERN_SUCCESS);
	CHECK_EQ(block_open(&client, &how), BLOCK_NO_DEVICE);
}
