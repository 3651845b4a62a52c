// SPDX-License-Identifier: MIT
// virtio over PCI against QEMU's virtio-blk-pci, modern and transitional.
#include "pciqemu.h"

#include <driver/wait.h>
#include <gila/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <virtio/virtio_blk.h>
#include <virtio/virtio_pci.h>

enum { JOBS = 16, JOB = 1 << 20, PART = PCIQEMU_DISK / JOBS };
#define WAIT UINT64_C(10000000000)

static uint8_t model[PCIQEMU_DISK];
static struct virtio_pci virtio;
static struct virtio_blk blk;

static struct job {
	bool busy;
	enum virtio_blk_type type;
	uint64_t sector;
	uint32_t bytes;
} jobs[JOBS];

static uint64_t data_place(const struct job *job) { return virtio_blk_bytes() + (uint64_t)(job - jobs) * JOB; }

static bool opened(uint16_t vectors)
{
	struct virtio_queue queue = {.interrupt = vectors - 1u, .interrupt_descriptor = -1};
	memset(pciqemu_memory, 0, virtio_blk_bytes());
	if (virtio_pci_open(&virtio, 0, VIRTIO_PCI_TIMEOUT) == KERN_SUCCESS &&
	    virtio_blk_open(&blk, &virtio.transport, pciqemu_memory, PCIQEMU_BUS, &queue) == KERN_SUCCESS)
		return true;
	printf("virtio: %s\n", virtio.transport.problem);
	return false;
}

static bool ended(struct job *job, enum virtio_blk_status status)
{
	uint8_t *disk = model + job->sector * 512, *data = pciqemu_memory + data_place(job);
	job->busy = false;
	if (job->type == VIRTIO_BLK_READ && memcmp(disk, data, job->bytes) != 0)
		return false;
	if (job->type == VIRTIO_BLK_WRITE)
		memcpy(disk, data, job->bytes);
	if (job->type == VIRTIO_BLK_WRITE_ZEROES || job->type == VIRTIO_BLK_DISCARD)
		memset(disk, 0, job->bytes);
	return status == VIRTIO_BLK_OK;
}

// Takes what has ended; waits until something has, if `wait`.
static bool take(bool wait)
{
	struct driver_wait limit = driver_wait_begin(WAIT);
	enum virtio_blk_status status;
	struct job *job;
	virtio_blk_publish(&blk);
	while (!(job = virtio_blk_take(&blk, &status)) && wait)
		if (virtio_blk_problem(&blk) || !driver_wait_more(&limit))
			return false;
	for (; job; job = virtio_blk_take(&blk, &status))
		if (!ended(job, status))
			return false;
	return true;
}

static bool begin_job(struct job *job)
{
	static const enum virtio_blk_type types[] = {VIRTIO_BLK_READ, VIRTIO_BLK_READ, VIRTIO_BLK_WRITE, VIRTIO_BLK_WRITE,
						     VIRTIO_BLK_WRITE_ZEROES, VIRTIO_BLK_DISCARD, VIRTIO_BLK_FLUSH};
	uint32_t sectors = 1 + (uint32_t)random() % (JOB / 512);
	*job = (struct job){.busy = true, .type = types[random() % 7], .bytes = sectors * 512};
	job->sector = (uint64_t)(job - jobs) * (PART / 512) + (uint64_t)random() % (PART / 512 - sectors + 1);
	bool has_data = job->type == VIRTIO_BLK_READ || job->type == VIRTIO_BLK_WRITE;
	if (job->type == VIRTIO_BLK_WRITE)
		memset(pciqemu_memory + data_place(job), (int)random(), job->bytes);
	if (job->type == VIRTIO_BLK_FLUSH)
		job->sector = job->bytes = sectors = 0;
	struct virtqueue_segment segment = {.bus_address = PCIQEMU_BUS + data_place(job), .size = job->bytes};
	return virtio_blk_submit(&blk, job->type, job->sector, sectors, &segment, has_data, job);
}

static bool run_jobs(unsigned seed, unsigned rounds)
{
	srandom(seed);
	memset(jobs, 0, sizeof(jobs));
	for (unsigned i = 0; i < rounds; i++) {
		struct job *job = &jobs[random() % JOBS];
		while (job->busy)
			if (!take(true))
				return false;
		if (!begin_job(job) || (random() % 2 && !take(false)))
			return false;
	}
	while (virtio_blk_in_flight(&blk))
		if (!take(true))
			return false;
	return true;
}

static bool interrupts(unsigned vector)
{
	struct driver_wait limit = driver_wait_begin(WAIT);
	jobs[0] = (struct job){.busy = true, .type = VIRTIO_BLK_FLUSH};
	pciqemu_interrupted(vector);
	if (!virtio_blk_submit(&blk, VIRTIO_BLK_FLUSH, 0, 0, NULL, 0, &jobs[0]) || virtio_blk_sleep(&blk))
		return false;
	virtio_blk_publish(&blk);
	while (!pciqemu_interrupted(vector))
		if (!driver_wait_more(&limit))
			return false;
	return take(true);
}

static bool works(const char *device, uint16_t vendor, uint16_t id)
{
	memset(&virtio, 0, sizeof(virtio));
	bool good = pciqemu_begin(device, model) && pciqemu_vendor == vendor && pciqemu_device == id && opened(2);
	good = good && blk.sectors == PCIQEMU_DISK / 512 && strcmp(blk.serial, "a-serial") == 0 && blk.segments == VIRTIO_BLK_QUEUE - 2;
	good = good && interrupts(1) && run_jobs(1, 120) && pciqemu_image_is(model);
	good = good && opened(1) && interrupts(0) && run_jobs(2, 60); // the next driver, with one vector for all
	if (good)
		virtio.transport.ops->reset(&virtio.transport);
	good = good && pciqemu_image_is(model);
	pciqemu_end();
	return good;
}

TEST(qemu_virtio)
{
	CHECK(works("virtio-blk-pci,serial=a-serial,disable-legacy=on", 0x1af4, 0x1042));
	CHECK(works("virtio-blk-pci,serial=a-serial,disable-legacy=off", 0x1af4, 0x1001));
	CHECK(works("virtio-blk-pci,serial=a-serial,disable-legacy=on,page-per-vq=on,event_idx=off,indirect_desc=off", 0x1af4, 0x1042));
}

TEST(qemu_virtio_small_queue)
{
	static const char device[] = "virtio-blk-pci,disable-legacy=on,queue-size=8,seg-max-adjust=on,logical_block_size=4096,"
				     "physical_block_size=4096";
	memset(&virtio, 0, sizeof(virtio));
	CHECK(pciqemu_begin(device, model));
	CHECK(opened(2));
	CHECK_EQ(blk.queue.size, 8);
	CHECK_EQ(blk.segments, 6);
	CHECK_EQ(blk.block_size, 4096);
	pciqemu_end();
}
