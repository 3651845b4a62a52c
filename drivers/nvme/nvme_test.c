// SPDX-License-Identifier: MIT
// The controller and its commands, without sessions, against a controller in software.
#include "nvme_fake.h"

#include <gila/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUS UINT64_C(0x40000000)

static struct driver_pci pci;
static struct nvme nvme;
static uint8_t memory[4 << 20] __attribute__((aligned(4096)));

static void begin(unsigned shift, unsigned mdts)
{
	memset(memory, 0, sizeof(memory));
	memset(&nvme, 0, sizeof(nvme));
	nvme_fake_begin(shift, mdts);
	nvme_fake_memory(BUS, memory, sizeof(memory));
	nvme.memory = memory;
	nvme.bus_address = BUS;
}

static bool opened(void)
{
	return driver_pci_open(&pci) == KERN_SUCCESS && nvme_attach(&nvme, &pci) == KERN_SUCCESS && nvme_open(&nvme, 1) == KERN_SUCCESS &&
	       nvme_fake_mistakes() == 0;
}

static bool refused(const char *words)
{
	bool good = !opened() && nvme.problem && strstr(nvme.problem, words) && nvme_fake_mistakes() == 0;
	if (!good)
		printf("%s: %s, %u mistakes\n", words, nvme.problem ? nvme.problem : "-", nvme_fake_mistakes());
	return good;
}

TEST(nvme_a_controller)
{
	begin(9, 0);
	CHECK(opened());
	CHECK_EQ(nvme_fake.resets, 1); // what the driver before left
	CHECK_EQ(nvme.blocks, NVME_FAKE_BYTES / 512);
	CHECK_EQ(nvme.shift, 9);
	CHECK_EQ(nvme.transfer, NVME_TRANSFER_MAX);
	CHECK(nvme.has_cache && nvme.can_discard && nvme.can_zero && !nvme.read_only);
	CHECK(strcmp(nvme.serial, "serial ?") == 0);
	CHECK_EQ(nvme_fake.queues[1].vector, 1);
	CHECK_EQ(nvme_fake.queues[1].size, 256);
	CHECK(nvme_check(&nvme, 0) == NULL);
	begin(12, 3);
	nvme_fake.namespace[NVME_NS_ATTRIBUTES] = 1;
	nvme_fake.controller[NVME_CTRL_VWC] = nvme_fake.controller[NVME_CTRL_ONCS] = 0;
	nvme_fake.first_namespace = 7;
	nvme_fake.cap |= UINT64_C(2) << 32; // doorbells 16 bytes apart
	CHECK(opened());
	CHECK_EQ(nvme.blocks, NVME_FAKE_BYTES / 4096);
	CHECK_EQ(nvme.transfer, 32768);
	CHECK(!nvme.has_cache && !nvme.can_discard && !nvme.can_zero && nvme.read_only);
	begin(9, 0);
	nvme_fake.manner = NVME_OLD;
	CHECK(opened());
	CHECK_EQ(nvme.namespace, 1);
}

TEST(nvme_small_queues)
{
	begin(9, 0);
	nvme_fake.cap = (nvme_fake.cap & ~UINT64_C(0xffff)) | 1; // two entries
	CHECK(opened());
	CHECK_EQ(nvme.room, 1);
	CHECK_EQ(nvme_fake.queues[0].size, 2);
}

TEST(nvme_controllers_that_cannot_be_used)
{
	static const struct {
		int manner;
		const char *words;
	} table[] = {
		{NVME_NEVER_READY, "does not get ready"},
		{NVME_NEVER_RESETS, "cannot be reset"},
		{NVME_FATAL_AT_START, "fatal error while it starts"},
		{NVME_GONE, "not there"},
		{NVME_ADMIN_SILENT, "does not answer"},
		{NVME_ADMIN_OTHER, "answers another"},
		{NVME_ADMIN_FATAL, "fatal error"},
	};
	for (unsigned i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		begin(9, 0);
		nvme_fake.manner = table[i].manner;
		uint64_t before = nvme_fake.waited;
		CHECK(refused(table[i].words));
		CHECK(nvme_fake.waited - before < 13000); // 2 s twice is what CAP.TO says; 10 s for an admin command
	}
	begin(9, 0);
	nvme_fake.manner = NVME_NEVER_READY;
	nvme_fake.ready_after = 1;
	CHECK(refused("does not get ready"));
	CHECK(nvme_fake.waited >= 2000); // not before CAP.TO is over
}

TEST(nvme_limits_that_are_not_supported)
{
	static const struct {
		uint64_t clear, set;
		const char *words;
	} caps[] = {
		{UINT64_C(1) << 37, 0, "no NVM command set"},
		{0, UINT64_C(1) << 48, "larger than 4 KiB"},
		{0xffff, 0, "one entry"},
		{0, UINT64_C(15) << 32, "doorbells are not in its regions"},
	};
	for (unsigned i = 0; i < sizeof(caps) / sizeof(caps[0]); i++) {
		begin(9, 0);
		nvme_fake.cap = (nvme_fake.cap & ~caps[i].clear) | caps[i].set;
		CHECK(refused(caps[i].words));
	}
	static const struct {
		bool controller;
		unsigned place;
		uint8_t value;
		const char *words;
	} bytes[] = {
		{true, NVME_CTRL_SQES, 0x77, "other sizes"},
		{true, NVME_CTRL_SQES, 0x55, "other sizes"},
		{true, NVME_CTRL_CQES, 0x55, "other sizes"},
		{false, NVME_NS_LBAF, 8, "metadata"},
		{false, NVME_NS_PROTECTION, 1, "metadata"},
		{false, NVME_NS_LBAF + 2, 8, "no size that is supported"},
		{false, NVME_NS_LBAF + 2, 13, "no size that is supported"},
		{false, NVME_NS_LBAF + 2, 255, "no size that is supported"},
		{false, NVME_NS_FORMAT, 3, "no format"},
		{false, NVME_NS_SIZE + 7, 0x80, "makes no sense"},
	};
	for (unsigned i = 0; i < sizeof(bytes) / sizeof(bytes[0]); i++) {
		begin(9, 0);
		(bytes[i].controller ? nvme_fake.controller : nvme_fake.namespace)[bytes[i].place] = bytes[i].value;
		CHECK(refused(bytes[i].words));
	}
	begin(9, 0);
	memset(nvme_fake.namespace + NVME_NS_SIZE, 0, 8);
	CHECK(refused("makes no sense"));
	begin(9, 0);
	nvme_fake.first_namespace = 0;
	CHECK(refused("no namespace"));
	begin(9, 0);
	nvme_fake.refused_feature = 6;
	CHECK(refused("number of queues: status 006h"));
	begin(9, 0);
	nvme_fake_registers(0x1000);
	CHECK(refused("doorbells are not in its regions"));
	nvme_fake_registers(0);
	CHECK(refused("registers are not in its regions"));
}

// ---- Data of commands ------------------------------------------------------------------------------------------------------

static uint8_t *data(void) { return memory + (2 << 20); }
#define DATA_BUS (BUS + (2 << 20))

static bool run(enum nvme_opcode opcode, uint64_t block, const struct nvme_run *run, uint32_t blocks, enum nvme_result expected)
{
	enum nvme_result result;
	int token;
	nvme_submit(&nvme, opcode, block, blocks, run, &token, 0);
	nvme_publish(&nvme);
	void *ended = nvme_take(&nvme, &result);
	nvme_taken(&nvme);
	return ended == &token && result == expected && nvme_fake_mistakes() == 0;
}

TEST(nvme_runs_keep_the_rules)
{
	struct nvme_run r;
	begin(9, 0);
	CHECK(opened());
	nvme_run_begin(&nvme, &r);
	nvme_run_add(&r, 0x10200, 0xe00); // to the end of its page
	nvme_run_add(&r, 0x5000, 0x1200);
	CHECK(!r.closed);
	CHECK_EQ(r.count, 3);
	CHECK(r.pages[0] == 0x10200 && r.pages[1] == 0x5000 && r.pages[2] == 0x6000);
	nvme_run_add(&r, 0x9000, 0x1000); // the last one ended inside a page
	CHECK(r.closed);
	CHECK_EQ(r.bytes, 0x2000);
	nvme_run_begin(&nvme, &r);
	nvme_run_add(&r, 0x1000, 0x1000);
	nvme_run_add(&r, 0x3200, 0x200); // begins inside a page
	CHECK(r.closed && r.bytes == 0x1000 && r.count == 1);
	nvme_run_begin(&nvme, &r);
	nvme_run_add(&r, 0x10200, 2 << 20); // cut at the limit, in one page more
	CHECK(r.closed && r.bytes == NVME_TRANSFER_MAX && r.count == NVME_PAGES);
	begin(9, 1);
	CHECK(opened());
	nvme_run_begin(&nvme, &r);
	for (unsigned i = 0; i < 3; i++)
		nvme_run_add(&r, 0x100000 - i * 0x1000, 0x1000);
	CHECK(r.closed && r.bytes == 8192 && r.count == 2);
}

TEST(nvme_commands_carry_data)
{
	struct nvme_run r;
	begin(9, 0);
	CHECK(opened());
	for (unsigned i = 0; i < 2 << 20; i++)
		data()[i] = (uint8_t)(i * 13 >> 4);
	static const uint32_t sizes[] = {512, 4096, 4608, 8192, 8704, 65536, 1 << 20};
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (unsigned offset = 0; offset < 4096; offset += 1536) {
			memset(nvme_fake.disk, 0, sizeof(nvme_fake.disk));
			nvme_run_begin(&nvme, &r);
			nvme_run_add(&r, DATA_BUS + offset, sizes[i]);
			CHECK_EQ(r.bytes, sizes[i]);
			CHECK(run(NVME_WRITE, 11, &r, sizes[i] / 512, NVME_OK));
			CHECK(memcmp(nvme_fake.disk + 11 * 512, data() + offset, sizes[i]) == 0);
			CHECK(nvme_fake.disk[11 * 512 + sizes[i]] == 0);
			memset(data() + offset, 0, sizes[i]);
			CHECK(run(NVME_READ, 11, &r, sizes[i] / 512, NVME_OK));
			CHECK(memcmp(nvme_fake.disk + 11 * 512, data() + offset, sizes[i]) == 0);
		}
	}
	CHECK(nvme_fake.lists > 0);
	CHECK(run(NVME_WRITE_ZEROES, 12, NULL, 2, NVME_OK));
	CHECK(nvme_fake.disk[12 * 512] == 0 && nvme_fake.disk[14 * 512 - 1] == 0 && nvme_fake.disk[14 * 512] != 0);
	CHECK(run(NVME_DATASET, 0, NULL, 65536 / 4, NVME_OK));
	CHECK(nvme_fake.disk[14 * 512] == 0);
	CHECK(run(NVME_FLUSH, 0, NULL, 0, NVME_OK));
	CHECK(run(NVME_READ, NVME_FAKE_BYTES / 512, &r, 2048, NVME_FAILED));
	CHECK_EQ(nvme.last_error, 0x80);
	nvme_fake.fail[NVME_DATASET] = 1;
	CHECK(run(NVME_DATASET, 0, NULL, 8, NVME_UNSUPPORTED));
	nvme_fake.fail[NVME_READ] = 0x281; // unrecovered read error
	CHECK(run(NVME_READ, 0, &r, 1, NVME_FAILED));
}

// Any order, until all rings have wrapped many times.
static bool run_many(unsigned seed, unsigned most)
{
	static char tokens[NVME_COMMANDS];
	static bool busy[NVME_COMMANDS];
	unsigned ended = 0;
	enum nvme_result result;
	srandom(seed);
	memset(busy, 0, sizeof(busy));
	nvme_fake.hold = true;
	for (unsigned i = 0; i < 20000; i++) {
		unsigned which = (unsigned)random() % NVME_COMMANDS;
		if (!busy[which] && nvme_has_room(&nvme)) {
			nvme_submit(&nvme, NVME_FLUSH, 0, 0, NULL, &tokens[which], 0);
			busy[which] = true;
		}
		if (random() % 2)
			nvme_publish(&nvme);
		if (nvme_fake.held_count && (i / 1000 % 2 || random() % 8 == 0))
			nvme_fake_end((unsigned)random() % nvme_fake.held_count);
		for (char *token; random() % 2 && (token = nvme_take(&nvme, &result)); ended++) {
			if (!busy[token - tokens] || result != NVME_OK)
				return false;
			busy[token - tokens] = false;
		}
		nvme_taken(&nvme);
	}
	bool full = nvme_fake.most_held <= most && nvme_fake.most_held * 4 >= most * 3;
	return ended > 2000 && full && !nvme.broken && nvme_fake_mistakes() == 0;
}

TEST(nvme_any_order)
{
	begin(9, 0);
	CHECK(opened());
	CHECK(run_many(1, NVME_COMMANDS));
	begin(9, 0);
	nvme_fake.cap = (nvme_fake.cap & ~UINT64_C(0xffff)) | 6;
	CHECK(opened());
	CHECK(run_many(2, 6));
}

TEST(nvme_completions_are_not_believed)
{
	static const int manners[] = {NVME_WRONG_ID, NVME_LARGE_ID, NVME_WRONG_QUEUE, NVME_TWICE};
	enum nvme_result result;
	int token;
	for (unsigned i = 0; i < 4; i++) {
		begin(9, 0);
		CHECK(opened());
		nvme_fake.manner = manners[i];
		nvme_submit(&nvme, NVME_FLUSH, 0, 0, NULL, &token, 0);
		nvme_publish(&nvme);
		while (nvme_take(&nvme, &result))
			;
		CHECK(nvme.broken && !nvme_has_room(&nvme) && nvme_has_ended(&nvme));
		CHECK(nvme_take(&nvme, &result) == NULL);
	}
	begin(9, 0);
	CHECK(opened());
	nvme_fake.manner = NVME_GARBAGE; // behind an entry that is old, nothing is looked at
	nvme_submit(&nvme, NVME_FLUSH, 0, 0, NULL, &token, 1000);
	nvme_publish(&nvme);
	CHECK(nvme_take(&nvme, &result) == NULL && !nvme.broken && !nvme_has_ended(&nvme));
	CHECK(nvme_check(&nvme, 999) == NULL && nvme_check(&nvme, NVME_COMMAND_NS) == NULL);
	CHECK(strstr(nvme_check(&nvme, NVME_COMMAND_NS + 1000), "does not end"));
}

TEST(nvme_a_controller_that_fails_is_noticed)
{
	begin(9, 0);
	CHECK(opened());
	nvme_fake.csts |= 2;
	CHECK(strstr(nvme_check(&nvme, 0), "fatal"));
	nvme_fake.csts = 0;
	CHECK(strstr(nvme_check(&nvme, 0), "reset"));
	nvme_fake.manner = NVME_GONE;
	CHECK(strstr(nvme_check(&nvme, 0), "not there"));
	nvme_fake.manner = NVME_HONEST;
	nvme_fake.csts = 3; // a fatal error, found by the next driver
	CHECK(opened());
}
