// SPDX-License-Identifier: MIT
// virtio over PCI against a device in software (virtio_pci_fake.h): one that is right, and many that are not.
#include "virtio_pci_fake.h"

#include <gila/test.h>
#include <stdlib.h>

enum { DATA = 4 << 20 };
#define BUS UINT64_C(0x40000000)
#define BRIEF UINT64_C(2000000) // nanoseconds, to wait for a device that does nothing

static uint8_t memory[DATA + (1 << 20)] __attribute__((aligned(4096)));
static struct virtio_pci virtio;
static struct virtio_blk blk;
static struct virtio_queue queue;

kern_return_t driver_property(const char *name, void *value, size_t room, size_t *size)
{
	return pci_fake_property(name, value, room, size);
}

kern_return_t driver_map(uint32_t region, void **address, uint64_t *size) { return pci_fake_map(region, address, size); }

static uint8_t *data(void) { return memory + virtio_blk_bytes(); }

static void begin(void)
{
	memset(memory, 0, sizeof(memory));
	memset(&virtio, 0, sizeof(virtio));
	virtio_fake_begin();
	pci_fake_memory_add(BUS, memory, sizeof(memory));
}

static void with_capabilities(void)
{
	begin();
	virtio_fake_capabilities(4);
}

static bool opened(void)
{
	queue = (struct virtio_queue){.interrupt = 1, .interrupt_descriptor = -1};
	bool good = virtio_pci_open(&virtio, 0, BRIEF) == KERN_SUCCESS &&
		    virtio_blk_open(&blk, &virtio.transport, memory, BUS, &queue) == KERN_SUCCESS;
	return good && virtio_fake.wrong == 0 && pci_fake.strays == 0;
}

// It is refused, with these words in the reason.
static bool refused(const char *words)
{
	bool good = !opened() && virtio.transport.problem && strstr(virtio.transport.problem, words) && pci_fake.strays == 0;
	if (!good)
		printf("%s: %s, %u strays\n", words, virtio.transport.problem ? virtio.transport.problem : "-", pci_fake.strays);
	return good;
}

static bool submit(enum virtio_blk_type type, uint64_t sector, uint64_t place, uint32_t bytes, void *token)
{
	struct virtqueue_segment segment = {.bus_address = BUS + virtio_blk_bytes() + place, .size = bytes};
	bool has_data = type == VIRTIO_BLK_READ || type == VIRTIO_BLK_WRITE;
	return virtio_blk_submit(&blk, type, sector, bytes / 512, &segment, has_data, token);
}

static bool run(enum virtio_blk_type type, uint64_t sector, uint64_t place, uint32_t bytes, enum virtio_blk_status expected)
{
	enum virtio_blk_status status;
	if (!submit(type, sector, place, bytes, &status))
		return false;
	virtio_blk_publish(&blk);
	return virtio_blk_take(&blk, &status) == &status && status == expected && virtio_fake.wrong == 0 && pci_fake.strays == 0;
}

TEST(pci_a_disk)
{
	with_capabilities();
	CHECK(opened());
	CHECK_EQ(virtio_fake.resets, 1); // what the driver before left
	CHECK_EQ(virtio_fake.config_vector, 0);
	CHECK_EQ(virtio_fake.queue_vector, 1);
	CHECK_EQ(blk.sectors, VIRTIO_FAKE_SECTORS);
	CHECK_EQ(blk.segments, VIRTIO_BLK_QUEUE - 2);
	CHECK(blk.features & VIRTIO_F_INDIRECT_DESC && blk.features & VIRTIO_F_EVENT_IDX && blk.can_flush);
	CHECK(strcmp(blk.serial, "a serial number") == 0);
	for (unsigned i = 0; i < DATA; i++)
		data()[i] = (uint8_t)(i * 7 >> 3);
	CHECK(run(VIRTIO_BLK_WRITE, 100, 0, 1 << 20, VIRTIO_BLK_OK));
	CHECK(memcmp(virtio_fake.sectors[100], data(), 1 << 20) == 0);
	CHECK(run(VIRTIO_BLK_WRITE_ZEROES, 101, 0, 512, VIRTIO_BLK_OK));
	CHECK(run(VIRTIO_BLK_READ, 100, 2 << 20, 8192, VIRTIO_BLK_OK));
	memset(data() + 512, 0, 512);
	CHECK(memcmp(data(), data() + (2 << 20), 8192) == 0);
	CHECK(run(VIRTIO_BLK_FLUSH, 0, 0, 0, VIRTIO_BLK_OK));
	CHECK(run(VIRTIO_BLK_READ, VIRTIO_FAKE_SECTORS, 0, 512, VIRTIO_BLK_IOERR));
	CHECK(virtio.transport.ops->alive(&virtio.transport));
}

TEST(pci_interrupts_go_to_the_queue_s_vector)
{
	enum virtio_blk_status status;
	with_capabilities();
	CHECK(opened());
	virtio_fake.hold = true;
	CHECK(submit(VIRTIO_BLK_READ, 0, 0, 512, &status));
	virtio_blk_publish(&blk);
	CHECK(!virtio_blk_sleep(&blk));
	CHECK_EQ(virtio_fake.interrupts[1], 0);
	virtio_fake_use(0);
	CHECK_EQ(virtio_fake.interrupts[1], 1);
	CHECK(virtio_blk_sleep(&blk));
	CHECK(virtio_blk_take(&blk, &status) == &status);
}

// Several in flight that end in any order, all kinds of features and queue sizes.
static bool run_many(unsigned seed)
{
	static uint64_t sectors[16];
	static bool busy[16];
	enum virtio_blk_status status;
	srandom(seed);
	memset(busy, 0, sizeof(busy));
	for (unsigned i = 0; i < 3000; i++) {
		unsigned which = (unsigned)random() % 16;
		sectors[which] = busy[which] ? sectors[which] : (unsigned)random() % VIRTIO_FAKE_SECTORS;
		if (!busy[which] && submit(VIRTIO_BLK_READ, sectors[which], which * 512, 512, &sectors[which]))
			busy[which] = true;
		virtio_blk_publish(&blk);
		if (virtio_fake.held_count && random() % 2)
			virtio_fake_use((unsigned)random() % virtio_fake.held_count);
		for (uint64_t *ended; (ended = virtio_blk_take(&blk, &status));) {
			uint64_t index = (uint64_t)(ended - sectors);
			if (status != VIRTIO_BLK_OK || memcmp(data() + index * 512, virtio_fake.sectors[*ended], 512) != 0)
				return false;
			busy[index] = false;
		}
	}
	return !virtio_blk_problem(&blk) && virtio_fake.wrong == 0 && pci_fake.strays == 0;
}

TEST(pci_several_in_flight)
{
	static const uint64_t without[] = {0, VIRTIO_F_EVENT_IDX, VIRTIO_F_INDIRECT_DESC, VIRTIO_F_EVENT_IDX | VIRTIO_F_INDIRECT_DESC};
	for (unsigned i = 0; i < 4; i++) {
		with_capabilities();
		virtio_fake.offered &= ~without[i];
		virtio_fake.queue_room = (uint16_t)(1024 >> 2 * i); // down to 16
		for (unsigned j = 0; j < VIRTIO_FAKE_SECTORS; j++)
			memset(virtio_fake.sectors[j], (int)j, 512);
		CHECK(opened());
		CHECK_EQ(virtio_fake.queue_size, virtio_fake.queue_room < VIRTIO_BLK_QUEUE ? virtio_fake.queue_room : VIRTIO_BLK_QUEUE);
		virtio_fake.hold = true;
		CHECK(run_many(i));
	}
}

TEST(pci_the_bus_s_addresses_are_accepted)
{
	with_capabilities();
	virtio_fake.offered |= VIRTIO_F_ACCESS_PLATFORM;
	CHECK(opened());
	CHECK(virtio_fake.accepted & VIRTIO_F_ACCESS_PLATFORM);
	CHECK(!(blk.features & VIRTIO_F_ACCESS_PLATFORM));
}

TEST(pci_it_is_opened_again_after_a_reset)
{
	with_capabilities();
	virtio_fake.manner = VIRTIO_REFUSES_FEATURES;
	CHECK(refused("features"));
	virtio.transport.ops->reset(&virtio.transport);
	virtio_fake.manner = VIRTIO_HONEST;
	memset(memory, 0, virtio_blk_bytes());
	CHECK(opened());
	virtio.transport.ops->reset(&virtio.transport);
	CHECK_EQ(virtio_fake.status, 0);
	memset(memory, 0, virtio_blk_bytes());
	CHECK(opened());
	CHECK_EQ(pci_fake.maps, 1); // it stays mapped
}

// ---- Capabilities ----------------------------------------------------------------------------------------------------------

static unsigned first_of(uint8_t type)
{
	unsigned place = 0x40;
	while (!(pci_fake.config[place] == 9 && pci_fake.config[place + 3] == type))
		place = pci_fake.config[place + 1];
	return place;
}

TEST(pci_structures_that_are_not_there)
{
	with_capabilities();
	CHECK(opened());
	for (unsigned place = 0x40; place; place = pci_fake.config[place + 1]) {
		unsigned type = pci_fake.config[place + 3];
		with_capabilities();
		if (pci_fake.config[place] != 9 || type == 3 || type == 5)
			continue;
		pci_fake.config[place] = 0x10; // another one
		CHECK(refused("in its regions"));
		with_capabilities();
		pci_fake.config[place + 4] = 6; // no such BAR
		CHECK(refused("in its regions"));
		with_capabilities();
		pci_fake.config[place + 4] = 1; // a BAR of which the driver has nothing
		CHECK(refused("in its regions"));
		with_capabilities();
		pci_fake.config[place + 2] = 15; // too short
		CHECK(refused("in its regions"));
		with_capabilities();
		pci_fake_u32(place + 8, 0x3fff); // at its end, and not aligned
		CHECK(refused("in its regions"));
		with_capabilities();
		pci_fake_u32(place + 8, 0xfffffffc);
		CHECK(refused("in its regions"));
		with_capabilities();
		pci_fake_u32(place + 12, type == 1 ? 55 : 0);
		CHECK(refused("in its regions"));
		with_capabilities();
		pci_fake_u32(place + 12, 0xffffffff);
		CHECK(refused("in its regions"));
	}
	with_capabilities();
	pci_fake.config[6] = 0; // no capabilities
	CHECK(refused("no common configuration"));
}

TEST(pci_the_second_structure_counts_if_the_first_cannot_be_used)
{
	begin();
	virtio_fake_capability(1, 5, 0, 0x1000, 0);
	virtio_fake_capability(1, 4, 0x3ff0, 0x1000, 0);
	virtio_fake_capabilities(4);
	CHECK(opened());
}

TEST(pci_lists_of_capabilities_that_do_not_end)
{
	with_capabilities();
	unsigned common = first_of(1);
	pci_fake.config[common] = 0x11;
	pci_fake.config[common + 1] = 0x40; // a circle
	CHECK(refused("no common configuration"));
	with_capabilities();
	pci_fake.config[common + 1] = (uint8_t)common; // itself
	CHECK(opened());
	with_capabilities();
	pci_fake.config[0x34] = 0x04; // into the header
	CHECK(refused("no common configuration"));
	with_capabilities();
	pci_fake.config[common + 1] = 0xfc; // one at the very end, that would go on behind it
	pci_fake.config[0xfc] = 9;
	pci_fake.config[0xff] = 1;
	CHECK(opened());
}

TEST(pci_a_capability_does_not_go_beyond_the_end)
{
	static struct driver_pci pci;
	begin();
	pci_fake.config[0x34] = 0xfc;
	pci_fake.config[0xfc] = 9;
	CHECK_EQ(driver_pci_open(&pci), KERN_SUCCESS);
	struct driver_pci_cursor four = {0}, five = {0};
	CHECK(driver_pci_capability(&pci, 9, 4, &four));
	CHECK_EQ(four.place, 0xfc);
	CHECK(!driver_pci_capability(&pci, 9, 4, &four));
	CHECK(!driver_pci_capability(&pci, 9, 5, &five));
}

TEST(pci_regions_that_were_cut)
{
	with_capabilities();
	pci_fake.count = 0;
	pci_fake_region(4, 0, 0x1000); // the ISR status is in the hole
	pci_fake_region(4, 0x2000, 0x2000);
	CHECK(opened());
	with_capabilities();
	pci_fake.count = 0;
	pci_fake_region(4, 0, 0x2000);
	pci_fake_region(4, 0x2000, 0x1000);
	CHECK(refused("no notification structure"));
	with_capabilities();
	pci_fake.count = 0;
	CHECK(refused("no common configuration"));
}

TEST(pci_notifications)
{
	begin();
	virtio_fake_capabilities(0); // one place for all queues
	virtio_fake.notify_offset = 7;
	CHECK(opened());
	CHECK(virtio_fake.notifies > 0);
	begin();
	virtio_fake_capabilities(64);
	virtio_fake.notify_offset = 63; // the last place
	CHECK(opened());
	begin();
	virtio_fake_capabilities(64);
	virtio_fake.notify_offset = 64;
	CHECK(refused("outside of its regions"));
	begin();
	virtio_fake_capabilities(0x80000000);
	virtio_fake.notify_offset = 0xffff;
	CHECK(refused("outside of its regions"));
	static const uint32_t odd[] = {1, 3, 6, 0xffffffff};
	for (unsigned i = 0; i < 4; i++) {
		begin();
		virtio_fake_capabilities(odd[i]);
		CHECK(refused("odd places"));
	}
}

// ---- Devices that misbehave --------------------------------------------------------------------------------------------------

TEST(pci_devices_that_cannot_be_used)
{
	static const struct {
		int manner;
		const char *words;
	} table[] = {
		{VIRTIO_NEVER_RESETS, "cannot be reset"},
		{VIRTIO_REFUSES_FEATURES, "does not accept"},
		{VIRTIO_HAS_NO_VECTORS, "no vector"},
		{VIRTIO_CHANGES_FOREVER, "does not stop changing"},
		{VIRTIO_STAYS_ENABLED, "in use after a reset"},
		{VIRTIO_DOES_NOT_START, "does not start"},
		{VIRTIO_GONE, "not there"},
		{VIRTIO_WRONG_ID, "not there"},
		{VIRTIO_LONG, "more than it was given"},
		{VIRTIO_COUNTS_TOO_FAR, "more requests than there are"},
	};
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		with_capabilities();
		virtio_fake.manner = table[i].manner;
		CHECK(refused(table[i].words));
	}
	with_capabilities();
	virtio_fake.offered &= ~VIRTIO_F_VERSION_1;
	CHECK(refused("no virtio 1.0"));
	with_capabilities();
	virtio_fake.queue_room = 2;
	CHECK(refused("too small"));
}

TEST(pci_a_configuration_is_of_one_moment)
{
	with_capabilities();
	virtio_fake.manner = VIRTIO_CHANGES_ONCE;
	CHECK(opened());
	CHECK_EQ(blk.sectors, VIRTIO_FAKE_SECTORS ^ 0x55);
}

TEST(pci_an_old_device_has_fewer_fields)
{
	begin();
	virtio_fake.offered &= ~(uint64_t)(1u << 13 | 1u << 14);
	virtio_fake_capability(2, 4, VIRTIO_FAKE_NOTIFY, 0x1000, 4);
	virtio_fake_capability(4, 4, VIRTIO_FAKE_DEVICE, 24, 0);
	virtio_fake_capability(1, 4, VIRTIO_FAKE_COMMON, 56, 0);
	virtio_fake.config_size = 24;
	CHECK(opened());
	CHECK_EQ(blk.discard_sectors, 0);
}

TEST(pci_devices_that_go_wrong_later)
{
	enum virtio_blk_status status;
	static const int manners[] = {VIRTIO_WRONG_ID, VIRTIO_LONG, VIRTIO_COUNTS_TOO_FAR};
	for (unsigned i = 0; i < 3; i++) {
		with_capabilities();
		CHECK(opened());
		virtio_fake.manner = manners[i];
		CHECK(submit(VIRTIO_BLK_READ, 0, 0, 512, &status));
		virtio_blk_publish(&blk);
		while (virtio_blk_take(&blk, &status))
			;
		CHECK(virtio_blk_problem(&blk));
	}
	with_capabilities();
	CHECK(opened());
	virtio_fake.manner = VIRTIO_SHORT;
	CHECK(run(VIRTIO_BLK_READ, 0, 0, 512, VIRTIO_BLK_IOERR));
	virtio_fake.status |= 64; // DEVICE_NEEDS_RESET
	CHECK(!virtio.transport.ops->alive(&virtio.transport));
	virtio_fake.status = 15;
	CHECK(virtio.transport.ops->alive(&virtio.transport));
	virtio_fake.manner = VIRTIO_GONE;
	CHECK(!virtio.transport.ops->alive(&virtio.transport));
}
