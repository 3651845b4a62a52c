// SPDX-License-Identifier: MIT
// Getting a controller to work; see nvme.h. Sections are those of the NVM Express Base Specification, revision 1.4; the steps are those
// of 7.6.1.
#include "nvme_memory.h"

#include <driver/mmio.h>
#include <driver/wait.h>
#include <stdio.h>
#include <string.h>

#define GONE UINT32_MAX                  // what is read of a function that is not there
#define ADMIN_NS UINT64_C(10000000000)   // for one admin command
#define SHIFT_MIN 9u
#define SHIFT_MAX 12u                    // a block is at most a page of the block interface

#define CALL_OK(expression)                                                                                            \
	do {                                                                                                           \
		kern_return_t error_ = (expression);                                                                   \
		if (error_)                                                                                            \
			return error_;                                                                                 \
	} while (0)

size_t nvme_bytes(void) { return NVME_AT_END; }

static kern_return_t fail(struct nvme *nvme, const char *why)
{
	nvme->problem = why;
	return KERN_FAILURE;
}

// ---- Reset and enable ------------------------------------------------------------------------------------------------------

static uint32_t status_of(const struct nvme *nvme) { return mmio_read32(nvme->registers + NVME_CSTS); }

// 3.1.1: CAP.TO is the longest that CSTS.RDY takes to change.
static kern_return_t await_ready(struct nvme *nvme, uint32_t ready, const char *why)
{
	uint32_t units = NVME_CAP_TO(nvme->cap);
	struct driver_wait wait = driver_wait_begin((units ? units : 1) * NVME_TO_NS);
	for (;;) {
		uint32_t status = status_of(nvme);
		if (status == GONE)
			return fail(nvme, "it is not there");
		if (ready && (status & NVME_CSTS_FATAL))
			return fail(nvme, "it reports a fatal error while it starts");
		if ((status & NVME_CSTS_READY) == ready)
			return KERN_SUCCESS;
		if (!driver_wait_more(&wait))
			return fail(nvme, why);
	}
}

// 3.1.5: EN is cleared when RDY is 1, except that a controller with a fatal error may never get there.
kern_return_t nvme_reset(struct nvme *nvme)
{
	uint32_t configuration = mmio_read32(nvme->registers + NVME_CC);
	if ((configuration & NVME_CC_ENABLE) && configuration != GONE) {
		kern_return_t ignored = await_ready(nvme, NVME_CSTS_READY, "it does not get ready");
		(void)ignored; // it is reset all the same
		mmio_write32(nvme->registers + NVME_CC, configuration & ~NVME_CC_ENABLE);
	}
	return await_ready(nvme, 0, "it cannot be reset");
}

kern_return_t nvme_attach(struct nvme *nvme, struct driver_pci *pci)
{
	nvme->problem = NULL;
	nvme->registers = driver_pci_map(pci, 0, 0, NVME_DOORBELLS);
	if (!nvme->registers)
		return fail(nvme, "its registers are not in its regions");
	nvme->cap = mmio_read64(nvme->registers + NVME_CAP);
	if (nvme->cap == UINT64_MAX)
		return fail(nvme, "it is not there");
	uint32_t stride = 4u << NVME_CAP_DSTRD(nvme->cap);
	uint8_t *doorbells = driver_pci_map(pci, 0, NVME_DOORBELLS, 4 * (uint64_t)stride);
	if (!doorbells)
		return fail(nvme, "its doorbells are not in its regions");
	if (!NVME_CAP_NVM(nvme->cap))
		return fail(nvme, "it has no NVM command set");
	if (NVME_CAP_MPSMIN(nvme->cap) != 0)
		return fail(nvme, "its pages are larger than 4 KiB");
	if (NVME_CAP_MQES(nvme->cap) == 0)
		return fail(nvme, "its queues have one entry");
	uint32_t size = NVME_CAP_MQES(nvme->cap) + 1; // 0's based
	nvme_queue_init(&nvme->admin, 0, (uint16_t)(size < NVME_ADMIN_SIZE ? size : NVME_ADMIN_SIZE), doorbells, stride);
	nvme_queue_init(&nvme->io, 1, (uint16_t)(size < NVME_IO_SIZE ? size : NVME_IO_SIZE), doorbells, stride);
	return nvme_reset(nvme);
}

static void place(struct nvme *nvme, struct nvme_queue *queue, uint64_t submissions, uint64_t completions)
{
	queue->submissions = (struct nvme_submission *)(void *)(nvme->memory + submissions);
	queue->completions = (const struct nvme_completion *)(const void *)(nvme->memory + completions);
	queue->submissions_bus = nvme->bus_address + submissions;
	queue->completions_bus = nvme->bus_address + completions;
}

static void prepare(struct nvme *nvme)
{
	place(nvme, &nvme->admin, NVME_AT_ADMIN_SQ, NVME_AT_ADMIN_CQ);
	place(nvme, &nvme->io, NVME_AT_IO_SQ, NVME_AT_IO_CQ);
	nvme->in_flight = nvme->free = 0;
	nvme->room = nvme->io.size - 1u < NVME_COMMANDS ? nvme->io.size - 1u : NVME_COMMANDS;
	for (uint16_t i = 0; i < NVME_COMMANDS; i++)
		nvme->slots[i] = (struct nvme_slot){.next = (uint16_t)(i + 1)};
	nvme->broken = nvme->problem = NULL;
}

static kern_return_t enable(struct nvme *nvme)
{
	uint32_t last = nvme->admin.size - 1u;
	mmio_write32(nvme->registers + NVME_AQA, last | last << 16);
	mmio_write64(nvme->registers + NVME_ASQ, nvme->admin.submissions_bus);
	mmio_write64(nvme->registers + NVME_ACQ, nvme->admin.completions_bus);
	mmio_write32(nvme->registers + NVME_CC, NVME_CC_SIZES);
	mmio_write32(nvme->registers + NVME_CC, NVME_CC_SIZES | NVME_CC_ENABLE);
	return await_ready(nvme, NVME_CSTS_READY, "it does not get ready");
}

const char *nvme_check(const struct nvme *nvme, uint64_t now)
{
	uint32_t status = status_of(nvme);
	if (status == GONE)
		return "it is not there any more";
	if (status & NVME_CSTS_FATAL)
		return "it reports a fatal error";
	if (!(status & NVME_CSTS_READY))
		return "it was reset";
	for (unsigned i = 0; i < NVME_COMMANDS; i++)
		if (nvme->slots[i].token && now - nvme->slots[i].begun >= NVME_COMMAND_NS && now > nvme->slots[i].begun)
			return "a command does not end";
	return NULL;
}

// ---- Admin commands --------------------------------------------------------------------------------------------------------

static kern_return_t fail_admin(struct nvme *nvme, const char *what, const char *why, unsigned status)
{
	snprintf(nvme->text, sizeof(nvme->text), status ? "%s: %s %03xh" : "%s: %s", what, why, status);
	return fail(nvme, nvme->text);
}

// One at a time. *status: of the completion.
static kern_return_t run_admin(struct nvme *nvme, struct nvme_submission *command, const char *what, unsigned *status)
{
	struct driver_wait wait = driver_wait_begin(ADMIN_NS);
	struct nvme_completion completion;
	command->id = ++nvme->admin_id;
	nvme_queue_add(&nvme->admin, command);
	nvme_queue_publish(&nvme->admin);
	while (!nvme_queue_take(&nvme->admin, &completion)) {
		uint32_t now = status_of(nvme);
		if (now == GONE || (now & NVME_CSTS_FATAL))
			return fail_admin(nvme, what, "it reports a fatal error", 0);
		if (!driver_wait_more(&wait))
			return fail_admin(nvme, what, "it does not answer", 0);
	}
	nvme_queue_release(&nvme->admin);
	if (completion.id != command->id || completion.queue != 0)
		return fail_admin(nvme, what, "it answers another command", 0);
	*status = NVME_STATUS(completion.status);
	return KERN_SUCCESS;
}

static kern_return_t admin(struct nvme *nvme, struct nvme_submission *command, const char *what)
{
	unsigned status;
	CALL_OK(run_admin(nvme, command, what, &status));
	return status == NVME_STATUS_OK ? KERN_SUCCESS : fail_admin(nvme, what, "status", status);
}

// 5.15: a page, copied before it is looked at. KERN_NOT_SUPPORTED: the controller knows no such structure.
static kern_return_t identify(struct nvme *nvme, uint32_t structure, uint32_t namespace, uint8_t page[NVME_PAGE])
{
	struct nvme_submission command = {
		.opcode = NVME_ADMIN_IDENTIFY,
		.namespace = namespace,
		.prp1 = nvme->bus_address + NVME_AT_IDENTIFY,
		.word10 = structure,
	};
	unsigned status;
	CALL_OK(run_admin(nvme, &command, "identify", &status));
	if (status == NVME_STATUS_FIELD)
		return KERN_NOT_SUPPORTED;
	if (status != NVME_STATUS_OK)
		return fail_admin(nvme, "identify", "status", status);
	memcpy(page, nvme->memory + NVME_AT_IDENTIFY, NVME_PAGE);
	return KERN_SUCCESS;
}

// ---- What it is ------------------------------------------------------------------------------------------------------------

static uint64_t number(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;
	for (unsigned i = bytes; i > 0; i--)
		value = value << 8 | at[i - 1];
	return value;
}

// 5.15.2.2: ASCII, filled up with spaces.
static void take_serial(struct nvme *nvme, const uint8_t *from)
{
	size_t length = NVME_SERIAL_BYTES;
	while (length > 0 && (from[length - 1] == ' ' || from[length - 1] == 0))
		length--;
	for (size_t i = 0; i < length; i++)
		nvme->serial[i] = from[i] >= ' ' && from[i] <= '~' ? (char)from[i] : '?';
	nvme->serial[length] = 0;
}

// The lower half says what is required, the upper what is possible.
static bool allows(uint8_t sizes, unsigned size) { return (sizes & 15u) <= size && sizes >> 4 >= size; }

static kern_return_t take_controller(struct nvme *nvme, const uint8_t page[NVME_PAGE])
{
	uint64_t commands = number(page + NVME_CTRL_ONCS, 2);
	unsigned most = page[NVME_CTRL_MDTS]; // 0: no limit; else log2, in pages of CAP.MPSMIN
	if (!allows(page[NVME_CTRL_SQES], 6) || !allows(page[NVME_CTRL_CQES], 4))
		return fail(nvme, "its queue entries have other sizes");
	nvme->transfer = most == 0 || most >= 8 ? NVME_TRANSFER_MAX : NVME_PAGE << most;
	nvme->has_cache = page[NVME_CTRL_VWC] & 1;
	nvme->can_discard = commands & NVME_ONCS_DATASET;
	nvme->can_zero = commands & NVME_ONCS_WRITE_ZEROES;
	take_serial(nvme, page + NVME_CTRL_SERIAL);
	return KERN_SUCCESS;
}

static kern_return_t take_namespace(struct nvme *nvme, const uint8_t page[NVME_PAGE])
{
	unsigned index = page[NVME_NS_FORMAT] & 15u;
	const uint8_t *format = page + NVME_NS_LBAF + 4 * index;
	nvme->blocks = number(page + NVME_NS_SIZE, 8);
	nvme->shift = format[2];
	nvme->read_only = page[NVME_NS_ATTRIBUTES] & 1;
	if (index > (page[NVME_NS_FORMATS] & 15u))
		return fail(nvme, "its namespace has no format");
	if (number(format, 2) != 0 || (page[NVME_NS_PROTECTION] & 7))
		return fail(nvme, "its blocks have metadata, which is not supported");
	if (nvme->shift < SHIFT_MIN || nvme->shift > SHIFT_MAX)
		return fail(nvme, "its blocks have no size that is supported");
	if (nvme->blocks == 0 || nvme->blocks > UINT64_MAX >> nvme->shift)
		return fail(nvme, "its size makes no sense");
	return KERN_SUCCESS;
}

// The first namespace that is active. NVMe 1.0 has no list; what is there is number 1.
static kern_return_t find_namespace(struct nvme *nvme, uint8_t page[NVME_PAGE])
{
	kern_return_t error = identify(nvme, NVME_CNS_ACTIVE, 0, page);
	if (error && error != KERN_NOT_SUPPORTED)
		return error;
	nvme->namespace = error ? 1 : (uint32_t)number(page, 4);
	return nvme->namespace ? KERN_SUCCESS : fail(nvme, "it has no namespace");
}

static kern_return_t find_out(struct nvme *nvme)
{
	static uint8_t page[NVME_PAGE];
	kern_return_t error = identify(nvme, NVME_CNS_CONTROLLER, 0, page);
	if (!error)
		error = take_controller(nvme, page);
	if (!error)
		error = find_namespace(nvme, page);
	if (!error)
		error = identify(nvme, NVME_CNS_NAMESPACE, nvme->namespace, page);
	if (!error)
		error = take_namespace(nvme, page);
	if (error == KERN_NOT_SUPPORTED)
		error = fail(nvme, "it does not say what it is");
	return error;
}

// ---- Queues ----------------------------------------------------------------------------------------------------------------

static kern_return_t make_queues(struct nvme *nvme, uint16_t vector)
{
	const struct nvme_queue *io = &nvme->io;
	struct nvme_submission wish = {.opcode = NVME_ADMIN_SET_FEATURES, .word10 = NVME_FEATURE_QUEUES}; // one of each, 0's based
	struct nvme_submission completions = {
		.opcode = NVME_ADMIN_CREATE_CQ,
		.prp1 = io->completions_bus,
		.word10 = io->id | (io->size - 1u) << 16,
		.word11 = NVME_QUEUE_CONTIGUOUS | NVME_QUEUE_INTERRUPTS | (uint32_t)vector << 16,
	};
	struct nvme_submission submissions = {
		.opcode = NVME_ADMIN_CREATE_SQ,
		.prp1 = io->submissions_bus,
		.word10 = io->id | (io->size - 1u) << 16,
		.word11 = NVME_QUEUE_CONTIGUOUS | (uint32_t)io->id << 16,
	};
	CALL_OK(admin(nvme, &wish, "number of queues"));
	CALL_OK(admin(nvme, &completions, "completion queue"));
	return admin(nvme, &submissions, "submission queue");
}

kern_return_t nvme_open(struct nvme *nvme, uint16_t vector)
{
	prepare(nvme);
	CALL_OK(enable(nvme));
	CALL_OK(find_out(nvme));
	return make_queues(nvme, vector);
}
