// SPDX-License-Identifier: MIT
// An NVMe controller in software; see nvme_fake.h. Written from the NVM Express Base Specification, revision 1.4.
#include "nvme_fake.h"

#include <driver/pci_fake.h>
#include <driver/wait.h>

struct nvme_fake nvme_fake;

static void nvme_fake_require(bool right) { nvme_fake.wrong += !right; }
static unsigned nvme_fake_shift(void) { return nvme_fake.namespace[NVME_NS_LBAF + 2]; }

// ---- Completions -----------------------------------------------------------------------------------------------------------

static void nvme_fake_post(unsigned number, uint16_t id, uint16_t queue, uint16_t status)
{
	struct nvme_fake_queue *q = &nvme_fake.queues[number];
	struct nvme_completion *ring = pci_fake_at(q->completions, q->size * sizeof(*ring));
	nvme_fake_require((q->end + 1) % q->size != q->released);
	if (!ring)
		return;
	struct nvme_completion *entry = &ring[q->end];
	entry->head = (uint16_t)q->head;
	entry->queue = queue;
	entry->id = id;
	__atomic_store_n(&entry->status, (uint16_t)(status << 1 | q->phase), __ATOMIC_RELEASE);
	if (++q->end == q->size) {
		q->end = 0;
		q->phase ^= 1;
	}
	if (q->vector < 4)
		nvme_fake.interrupts[q->vector]++;
}

// All entries that are not the next one, with the phase that a new one has there.
static void nvme_fake_garbage(void)
{
	struct nvme_fake_queue *q = &nvme_fake.queues[1];
	struct nvme_completion *ring = pci_fake_at(q->completions, q->size * sizeof(*ring));
	for (uint32_t i = 0; ring && i < q->size; i++)
		if (i != q->end)
			ring[i] = (struct nvme_completion){.id = (uint16_t)i, .queue = 1, .status = (uint16_t)q->phase};
}

// ---- Data: PRP entries (4.3) -------------------------------------------------------------------------------------------------

static void nvme_fake_copy(uint64_t bus_address, uint64_t place, uint32_t size, bool write)
{
	uint8_t *data = pci_fake_at(bus_address, size);
	if (data && write)
		memcpy(nvme_fake.disk + place, data, size);
	else if (data)
		memcpy(data, nvme_fake.disk + place, size);
}

static void nvme_fake_data(const struct nvme_submission *command, uint64_t place, uint32_t bytes)
{
	bool write = command->opcode == NVME_WRITE;
	uint32_t left = bytes, part = NVME_PAGE - command->prp1 % NVME_PAGE;
	part = part < left ? part : left;
	nvme_fake_require(command->prp1 % 4 == 0);
	nvme_fake_copy(command->prp1, place, part, write);
	place += part;
	left -= part;
	uint32_t entries = (left + NVME_PAGE - 1) / NVME_PAGE;
	const uint64_t *list = &command->prp2;
	if (entries > 1) {
		nvme_fake.lists++;
		nvme_fake_require(command->prp2 % 8 == 0 && command->prp2 % NVME_PAGE + entries * 8 <= NVME_PAGE);
		list = pci_fake_at(command->prp2, entries * 8);
	}
	for (uint32_t i = 0; list && i < entries; i++) {
		part = left < NVME_PAGE ? left : NVME_PAGE;
		nvme_fake_require(list[i] % NVME_PAGE == 0);
		nvme_fake_copy(list[i], place, part, write);
		place += part;
		left -= part;
	}
}

// ---- I/O commands --------------------------------------------------------------------------------------------------------------

static bool nvme_fake_inside(uint64_t first, uint64_t blocks)
{
	uint64_t all = (uint64_t)NVME_FAKE_BYTES >> nvme_fake_shift();
	return first <= all && blocks <= all - first;
}

static uint16_t nvme_fake_dataset(const struct nvme_submission *command)
{
	const struct nvme_range *range = pci_fake_at(command->prp1, sizeof(*range));
	nvme_fake_require(range && command->word10 == 0 && command->word11 == 4);
	if (!range || !nvme_fake_inside(range->first, range->blocks))
		return 0x80; // LBA out of range
	memset(nvme_fake.disk + (range->first << nvme_fake_shift()), 0, (size_t)range->blocks << nvme_fake_shift());
	return 0;
}

static uint16_t nvme_fake_io(const struct nvme_submission *command)
{
	uint64_t first = command->word10 | (uint64_t)command->word11 << 32, blocks = (command->word12 & 0xffff) + UINT64_C(1);
	uint32_t bytes = (uint32_t)(blocks << nvme_fake_shift()), mdts = nvme_fake.controller[NVME_CTRL_MDTS];
	nvme_fake.commands[command->opcode]++;
	nvme_fake_require(command->namespace == nvme_fake.first_namespace && command->flags == 0);
	if (nvme_fake.fail[command->opcode] && first >= nvme_fake.fail_from)
		return nvme_fake.fail[command->opcode];
	if (command->opcode == NVME_FLUSH)
		return 0;
	if (command->opcode == NVME_DATASET)
		return nvme_fake_dataset(command);
	if (!nvme_fake_inside(first, blocks))
		return 0x80;
	if (command->opcode == NVME_WRITE_ZEROES) {
		memset(nvme_fake.disk + (first << nvme_fake_shift()), 0, bytes);
		return 0;
	}
	nvme_fake_require(command->opcode == NVME_READ || command->opcode == NVME_WRITE);
	nvme_fake_require(mdts == 0 || mdts > 16 || bytes <= NVME_PAGE << mdts);
	nvme_fake.largest = bytes > nvme_fake.largest ? bytes : nvme_fake.largest;
	nvme_fake_data(command, first << nvme_fake_shift(), bytes);
	return 0;
}

void nvme_fake_end(unsigned index)
{
	struct nvme_submission command = nvme_fake.held[index];
	nvme_fake.held[index] = nvme_fake.held[--nvme_fake.held_count];
	if (nvme_fake.manner == NVME_FATAL)
		nvme_fake.csts |= 2;
	if (nvme_fake.manner == NVME_GARBAGE)
		nvme_fake_garbage();
	if (nvme_fake.manner == NVME_FATAL || nvme_fake.manner == NVME_SILENT || nvme_fake.manner == NVME_GARBAGE ||
	    nvme_fake.manner == NVME_GONE)
		return;
	uint16_t status = nvme_fake_io(&command), id = command.id;
	id = nvme_fake.manner == NVME_WRONG_ID ? id + 1u : nvme_fake.manner == NVME_LARGE_ID ? 0xffff : id;
	nvme_fake_post(1, id, nvme_fake.manner == NVME_WRONG_QUEUE ? 2 : 1, status);
	if (nvme_fake.manner == NVME_TWICE)
		nvme_fake_post(1, id, 1, status);
}

// ---- Admin commands (5) --------------------------------------------------------------------------------------------------------

static uint16_t nvme_fake_identify(const struct nvme_submission *command)
{
	uint8_t *to = pci_fake_at(command->prp1, NVME_PAGE);
	uint32_t structure = command->word10 & 0xff;
	nvme_fake_require(to && command->prp1 % NVME_PAGE == 0 && structure <= 2);
	if (!to || (structure == 2 && nvme_fake.manner == NVME_OLD))
		return 2;
	if (structure == 0 && command->namespace != nvme_fake.first_namespace)
		return 0x0b; // invalid namespace
	memset(to, 0, NVME_PAGE);
	if (structure == 2)
		memcpy(to, &nvme_fake.first_namespace, 4);
	else
		memcpy(to, structure ? nvme_fake.controller : nvme_fake.namespace, NVME_PAGE);
	return 0;
}

static uint16_t nvme_fake_create(const struct nvme_submission *command, bool completions)
{
	struct nvme_fake_queue *q = &nvme_fake.queues[1];
	uint32_t id = command->word10 & 0xffff, size = (command->word10 >> 16) + 1;
	nvme_fake_require(id == 1 && size >= 2 && size <= (nvme_fake.cap & 0xffff) + 1 && command->prp1 % NVME_PAGE == 0 &&
			  command->word11 & 1);
	if (completions) {
		*q = (struct nvme_fake_queue){.completions = command->prp1, .size = size, .phase = 1, .vector = command->word11 >> 16};
		nvme_fake_require(command->word11 & 2);
		return q->vector < 4 ? 0 : 0x108; // invalid interrupt vector
	}
	nvme_fake_require(q->completions && q->size == size && command->word11 >> 16 == 1);
	q->submissions = command->prp1;
	q->made = true;
	return 0;
}

static void nvme_fake_admin(const struct nvme_submission *command)
{
	uint16_t status = 1;
	if (nvme_fake.manner == NVME_ADMIN_FATAL)
		nvme_fake.csts |= 2;
	if (nvme_fake.manner == NVME_ADMIN_FATAL || nvme_fake.manner == NVME_ADMIN_SILENT)
		return;
	if (command->opcode == NVME_ADMIN_IDENTIFY)
		status = nvme_fake_identify(command);
	else if (command->opcode == NVME_ADMIN_SET_FEATURES)
		status = (uint16_t)nvme_fake.refused_feature;
	else if (command->opcode == NVME_ADMIN_CREATE_CQ || command->opcode == NVME_ADMIN_CREATE_SQ)
		status = nvme_fake_create(command, command->opcode == NVME_ADMIN_CREATE_CQ);
	nvme_fake_post(0, nvme_fake.manner == NVME_ADMIN_OTHER ? command->id + 1u : command->id, 0, status);
}

// ---- Registers -------------------------------------------------------------------------------------------------------------------

static void nvme_fake_fetch(unsigned number, uint32_t tail)
{
	struct nvme_fake_queue *q = &nvme_fake.queues[number];
	struct nvme_submission *ring = q->made ? pci_fake_at(q->submissions, q->size * sizeof(*ring)) : NULL;
	nvme_fake_require((nvme_fake.csts & 1) && ring && tail < q->size);
	for (q->tail = tail; ring && tail < q->size && q->head != tail; q->head = (q->head + 1) % q->size) {
		if (number == 0)
			nvme_fake_admin(&ring[q->head]);
		else if (nvme_fake.held_count < NVME_FAKE_HELD)
			nvme_fake.held[nvme_fake.held_count++] = ring[q->head];
	}
	if (nvme_fake.held_count > nvme_fake.most_held)
		nvme_fake.most_held = nvme_fake.held_count;
	while (!nvme_fake.hold && nvme_fake.held_count)
		nvme_fake_end(0);
}

static void nvme_fake_doorbell(uint64_t offset, uint32_t value)
{
	uint32_t stride = 4u << (nvme_fake.cap >> 32 & 15), index = (uint32_t)(offset / stride);
	nvme_fake_require(offset % stride == 0 && index < 4);
	if (index >= 4)
		return;
	if (index % 2 == 0) {
		nvme_fake_fetch(index / 2, value);
		return;
	}
	nvme_fake_require(value < nvme_fake.queues[index / 2].size);
	nvme_fake.queues[index / 2].released = value;
}

static void nvme_fake_enable(uint32_t value)
{
	uint32_t changed = value ^ nvme_fake.cc;
	nvme_fake_require(!(value & 1) || (value & ~UINT32_C(1)) == (6u << 16 | 4u << 20));
	nvme_fake_require(!(nvme_fake.cc & 1) || !(value & 1));
	nvme_fake.cc = value;
	if (!(changed & 1))
		return;
	nvme_fake.delay = nvme_fake.ready_after;
	if (value & 1) {
		nvme_fake.queues[0] = (struct nvme_fake_queue){.made = true, .submissions = nvme_fake.asq, .completions = nvme_fake.acq,
							       .size = (nvme_fake.aqa & 0xfff) + 1, .phase = 1};
		nvme_fake_require(nvme_fake.asq % NVME_PAGE == 0 && nvme_fake.acq % NVME_PAGE == 0 &&
				  (nvme_fake.aqa & 0xfff) == nvme_fake.aqa >> 16);
	} else {
		nvme_fake.resets++;
		memset(nvme_fake.queues, 0, sizeof(nvme_fake.queues));
		nvme_fake.held_count = 0;
	}
}

// A millisecond has passed.
static void nvme_fake_step(void)
{
	bool enabled = nvme_fake.cc & 1;
	nvme_fake.waited++;
	if (nvme_fake.delay > 0 && --nvme_fake.delay > 0)
		return;
	if (enabled && nvme_fake.manner == NVME_FATAL_AT_START)
		nvme_fake.csts |= 3;
	else if (enabled && nvme_fake.manner != NVME_NEVER_READY)
		nvme_fake.csts |= 1;
	else if (!enabled && nvme_fake.manner != NVME_NEVER_RESETS)
		nvme_fake.csts = 0;
}

static uint64_t nvme_fake_read(uint32_t bar, uint64_t offset, unsigned bytes)
{
	nvme_fake_require(bar == 0 && bytes == 4);
	if (nvme_fake.manner == NVME_GONE)
		return UINT64_MAX;
	switch (offset) {
	case 0x00: return (uint32_t)nvme_fake.cap;
	case 0x04: return nvme_fake.cap >> 32;
	case 0x14: return nvme_fake.cc;
	case 0x1c: return nvme_fake.csts;
	}
	nvme_fake_require(false);
	return 0;
}

static void nvme_fake_half(uint64_t *field, unsigned half, uint64_t value)
{
	nvme_fake_require(!(nvme_fake.cc & 1));
	*field = half ? (*field & UINT32_MAX) | value << 32 : (*field & ~(uint64_t)UINT32_MAX) | value;
}

static void nvme_fake_write(uint32_t bar, uint64_t offset, unsigned bytes, uint64_t value)
{
	nvme_fake_require(bytes == 4);
	if (offset >= 0x1000) {
		nvme_fake_doorbell(offset - 0x1000, (uint32_t)value);
		return;
	}
	switch (offset) {
	case 0x14: nvme_fake_enable((uint32_t)value); return;
	case 0x24:
		nvme_fake_require(!(nvme_fake.cc & 1));
		nvme_fake.aqa = (uint32_t)value;
		return;
	case 0x28: case 0x2c: nvme_fake_half(&nvme_fake.asq, offset == 0x2c, value); return;
	case 0x30: case 0x34: nvme_fake_half(&nvme_fake.acq, offset == 0x34, value); return;
	}
	nvme_fake_require(false);
}

// ---- lib/driver/wait.h -----------------------------------------------------------------------------------------------------------

struct driver_wait driver_wait_begin(uint64_t nanoseconds)
{
	return (struct driver_wait){.begun = nvme_fake.waited, .limit = nanoseconds / 1000000};
}

bool driver_wait_more(struct driver_wait *wait)
{
	if (nvme_fake.waited - wait->begun > wait->limit)
		return false;
	nvme_fake_step();
	return true;
}

// ---- Making it -------------------------------------------------------------------------------------------------------------------

static void nvme_fake_u64(uint8_t *at, uint64_t value) { memcpy(at, &value, 8); }

void nvme_fake_begin(unsigned shift, unsigned mdts)
{
	memset(&nvme_fake, 0, offsetof(struct nvme_fake, disk));
	nvme_fake.cap = NVME_FAKE_MQES | UINT64_C(1) << 16 | UINT64_C(4) << 24 | UINT64_C(1) << 37 | UINT64_C(4) << 52;
	nvme_fake.cc = 6u << 16 | 4u << 20 | 1; // as a driver before left it
	nvme_fake.csts = 1;
	nvme_fake.ready_after = 3;
	nvme_fake.first_namespace = 1;
	memcpy(nvme_fake.controller + NVME_CTRL_SERIAL, "serial \x01            ", 20);
	nvme_fake.controller[NVME_CTRL_MDTS] = (uint8_t)mdts;
	nvme_fake.controller[NVME_CTRL_SQES] = 0x66;
	nvme_fake.controller[NVME_CTRL_CQES] = 0x44;
	nvme_fake.controller[NVME_CTRL_ONCS] = 0x0c;
	nvme_fake.controller[NVME_CTRL_VWC] = 1;
	nvme_fake_u64(nvme_fake.namespace + NVME_NS_SIZE, (uint64_t)NVME_FAKE_BYTES >> shift);
	nvme_fake.namespace[NVME_NS_LBAF + 2] = (uint8_t)shift;
	pci_fake_begin();
	pci_fake_region(0, 0, 0x2000); // the MSI-X table is behind it
	pci_fake.read = nvme_fake_read;
	pci_fake.write = nvme_fake_write;
}

void nvme_fake_registers(uint64_t bytes)
{
	pci_fake.count = bytes > 0;
	pci_fake.regions[0].size = bytes;
}

void nvme_fake_memory(uint64_t bus_address, void *address, uint64_t size) { pci_fake_memory_add(bus_address, address, size); }
unsigned nvme_fake_mistakes(void) { return nvme_fake.wrong + pci_fake.strays; }
unsigned nvme_fake_maps(void) { return pci_fake.maps; }

kern_return_t driver_property(const char *name, void *value, size_t room, size_t *size)
{
	return pci_fake_property(name, value, room, size);
}

kern_return_t driver_map(uint32_t region, void **address, uint64_t *size) { return pci_fake_map(region, address, size); }
