// SPDX-License-Identifier: MIT
// The NVMe driver's controller code against QEMU's nvme.
#include "pciqemu.h"

#include <driver/wait.h>
#include <drivers/nvme/nvme.h>
#include <gila/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { JOBS = 16, JOB = 1 << 20, PART = PCIQEMU_DISK / JOBS };
#define WAIT UINT64_C(10000000000)

static uint8_t model[PCIQEMU_DISK];
static struct driver_pci pci;
static struct nvme nvme;

static struct job {
	bool busy;
	enum nvme_opcode opcode;
	uint64_t first; // byte of the disk
	uint32_t bytes, skip; // skip: where the data begin in its first page
	unsigned commands;
} jobs[JOBS];

// The pages of a job lie in reverse order, so that every page needs an entry of its own.
static uint8_t *page_of(const struct job *job, uint32_t page)
{
	return pciqemu_memory + nvme_bytes() + (uint64_t)(job - jobs) * (JOB + NVME_PAGE) + JOB - page * NVME_PAGE;
}

static void copy(struct job *job, uint8_t *disk, bool to_disk)
{
	uint32_t done = 0, at = job->skip;
	while (done < job->bytes) {
		uint32_t part = NVME_PAGE - at % NVME_PAGE < job->bytes - done ? NVME_PAGE - at % NVME_PAGE : job->bytes - done;
		uint8_t *data = page_of(job, at / NVME_PAGE) + at % NVME_PAGE;
		memcpy(to_disk ? disk + done : data, to_disk ? data : disk + done, part);
		done += part;
		at += part;
	}
}

static bool opened(uint16_t vector)
{
	nvme.memory = pciqemu_memory;
	nvme.bus_address = PCIQEMU_BUS;
	if (driver_pci_open(&pci) == KERN_SUCCESS && nvme_attach(&nvme, &pci) == KERN_SUCCESS) {
		memset(pciqemu_memory, 0, nvme_bytes());
		if (nvme_open(&nvme, vector) == KERN_SUCCESS)
			return true;
	}
	printf("nvme: %s\n", nvme.problem);
	return false;
}

static bool ended(struct job *job, enum nvme_result result)
{
	static uint8_t expected[JOB];
	uint8_t *disk = model + job->first;
	if (--job->commands > 0)
		return result == NVME_OK;
	job->busy = false;
	if (job->opcode == NVME_READ) {
		copy(job, expected, true);
		if (memcmp(disk, expected, job->bytes) != 0)
			return false;
	}
	if (job->opcode == NVME_WRITE)
		copy(job, disk, true);
	if (job->opcode == NVME_WRITE_ZEROES || job->opcode == NVME_DATASET)
		memset(disk, 0, job->bytes);
	return result == NVME_OK;
}

static bool take(bool wait)
{
	struct driver_wait limit = driver_wait_begin(WAIT);
	enum nvme_result result;
	struct job *job;
	nvme_publish(&nvme);
	while (!(job = nvme_take(&nvme, &result)) && wait)
		if (nvme.broken || nvme_check(&nvme, 0) || !driver_wait_more(&limit))
			return false;
	bool good = true;
	for (; job; job = nvme_take(&nvme, &result))
		good = ended(job, result) && good;
	nvme_taken(&nvme);
	return good;
}

// As drivers/nvme/disk.c: as many commands as the rules need.
static void send_data(struct job *job)
{
	struct nvme_run run;
	for (uint32_t sent = 0; sent < job->bytes; sent += run.bytes) {
		nvme_run_begin(&nvme, &run);
		for (uint32_t done = sent; done < job->bytes && !run.closed;) {
			uint32_t at = job->skip + done, part = NVME_PAGE - at % NVME_PAGE;
			part = part < job->bytes - done ? part : job->bytes - done;
			uint8_t *data = page_of(job, at / NVME_PAGE) + at % NVME_PAGE;
			nvme_run_add(&run, PCIQEMU_BUS + (uint64_t)(data - pciqemu_memory), part);
			done += part;
		}
		nvme_submit(&nvme, job->opcode, (job->first + sent) >> nvme.shift, run.bytes >> nvme.shift, &run, job, 0);
		job->commands++;
	}
}

// Bytes of a job: at most 32 commands, and one more if it is cut unluckily.
static uint32_t job_most(void) { return JOB < 32 * nvme.transfer ? JOB : 32 * nvme.transfer; }

static void begin_job(struct job *job)
{
	static const enum nvme_opcode opcodes[] = {NVME_READ, NVME_READ, NVME_WRITE, NVME_WRITE, NVME_WRITE_ZEROES, NVME_DATASET,
						   NVME_FLUSH};
	uint32_t blocks = 1 + (uint32_t)random() % (job_most() >> nvme.shift);
	*job = (struct job){.busy = true, .opcode = opcodes[random() % 7], .bytes = blocks << nvme.shift};
	job->first = (uint64_t)(job - jobs) * PART + ((uint64_t)random() % ((PART >> nvme.shift) - blocks + 1) << nvme.shift);
	job->skip = (uint32_t)random() % 8 << 9;
	bool has_data = job->opcode == NVME_READ || job->opcode == NVME_WRITE;
	if (job->opcode == NVME_FLUSH)
		job->first = job->bytes = blocks = 0;
	if (has_data) {
		for (uint32_t i = 0; i <= JOB / NVME_PAGE; i++)
			memset(page_of(job, i), (int)random(), NVME_PAGE);
		send_data(job);
	} else {
		nvme_submit(&nvme, job->opcode, job->first >> nvme.shift, blocks, NULL, job, 0);
		job->commands = 1;
	}
}

static bool run_jobs(unsigned seed, unsigned rounds)
{
	srandom(seed);
	memset(jobs, 0, sizeof(jobs));
	for (unsigned i = 0; i < rounds; i++) {
		struct job *job = &jobs[random() % JOBS];
		while (job->busy || nvme.room - nvme.in_flight < 33)
			if (!take(true))
				return false;
		begin_job(job);
		if (random() % 2 && !take(false))
			return false;
	}
	while (nvme.in_flight)
		if (!take(true))
			return false;
	return true;
}

static bool interrupts(unsigned vector)
{
	struct driver_wait limit = driver_wait_begin(WAIT);
	jobs[0] = (struct job){.busy = true, .opcode = NVME_FLUSH, .commands = 1};
	pciqemu_interrupted(vector);
	nvme_submit(&nvme, NVME_FLUSH, 0, 0, NULL, &jobs[0], 0);
	nvme_publish(&nvme);
	while (!pciqemu_interrupted(vector))
		if (!driver_wait_more(&limit))
			return false;
	return nvme_has_ended(&nvme) && take(true);
}

static bool works(const char *device, unsigned shift, uint32_t transfer)
{
	memset(&nvme, 0, sizeof(nvme));
	bool good = pciqemu_begin(device, model) && pciqemu_class == 0x010802 && opened(1);
	good = good && nvme.shift == shift && nvme.blocks == (uint64_t)PCIQEMU_DISK >> shift && nvme.transfer == transfer;
	good = good && strcmp(nvme.serial, "a-serial") == 0 && nvme.can_discard && nvme.can_zero;
	good = good && interrupts(1) && run_jobs(1, 120) && pciqemu_image_is(model);
	good = good && opened(0) && interrupts(0) && run_jobs(2, 60); // the next driver, with one vector for all
	good = good && nvme_reset(&nvme) == KERN_SUCCESS && pciqemu_image_is(model);
	pciqemu_end();
	return good;
}

TEST(qemu_nvme)
{
	CHECK(works("nvme,serial=a-serial", 9, 512 << 10));
	CHECK(works("nvme,serial=a-serial,logical_block_size=4096,physical_block_size=4096,mdts=1", 12, 8192));
	CHECK(works("nvme,serial=a-serial,mdts=0,max_ioqpairs=1,msix_qsize=2", 9, 1 << 20));
}

TEST(qemu_nvme_errors)
{
	struct nvme_run run;
	enum nvme_result result = NVME_OK;
	struct driver_wait limit = driver_wait_begin(WAIT);
	memset(&nvme, 0, sizeof(nvme));
	CHECK(pciqemu_begin("nvme,serial=a-serial", model));
	CHECK(opened(1));
	nvme_run_begin(&nvme, &run);
	nvme_run_add(&run, PCIQEMU_BUS + nvme_bytes(), 4096);
	nvme_submit(&nvme, NVME_READ, nvme.blocks - 4, 8, &run, &run, 0); // goes beyond the end
	nvme_publish(&nvme);
	while (nvme_take(&nvme, &result) != &run)
		CHECK(driver_wait_more(&limit));
	CHECK_EQ(result, NVME_FAILED);
	CHECK_EQ(nvme.last_error, 0x80);
	pciqemu_end();
}
