// SPDX-License-Identifier: MIT
// The virtio code against a real back-end: qemu-storage-daemon serves a temporary image, which is read back byte by byte.
#include "vhost_direct.h"

#include "qemu_daemon.h"

#include <gila/test.h>

enum { DATA = 16 << 20, JOBS = 32, JOB = QEMU_IMAGE / JOBS };

static struct vhost_direct direct;
static uint8_t model[QEMU_IMAGE];

static bool opened(void)
{
	if (vhost_direct_open(&direct, qemu_socket, DATA) == KERN_SUCCESS)
		return true;
	printf("%s: %s\n", qemu_socket, direct.vhost.transport.problem);
	return false;
}

static struct job {
	bool busy;
	enum virtio_blk_type type;
	enum virtio_blk_status status;
	uint64_t sector, place;
	uint32_t bytes;
} jobs[JOBS];
static unsigned failures, wrong;

static void job_done(void *token, enum virtio_blk_status status)
{
	struct job *job = token;
	uint8_t *disk = model + job->sector * 512, *data = direct.data + job->place;
	job->busy = false;
	failures += status != VIRTIO_BLK_OK;
	if (job->type == VIRTIO_BLK_READ)
		wrong += memcmp(disk, data, job->bytes) != 0;
	else if (job->type == VIRTIO_BLK_WRITE)
		memcpy(disk, data, job->bytes);
	else if (job->type == VIRTIO_BLK_WRITE_ZEROES)
		memset(disk, 0, job->bytes);
}

// Each job has a part of the disk and of the data area for itself.
static bool job_begin(struct job *job)
{
	static const enum virtio_blk_type types[] = {VIRTIO_BLK_READ, VIRTIO_BLK_READ, VIRTIO_BLK_WRITE, VIRTIO_BLK_WRITE,
						     VIRTIO_BLK_WRITE_ZEROES, VIRTIO_BLK_FLUSH};
	uint32_t sectors = 1 + (uint32_t)random() % (DATA / JOBS / 512);
	uint64_t index = (uint64_t)(job - jobs);
	*job = (struct job){.busy = true, .type = types[random() % 6], .bytes = sectors * 512, .place = index * (DATA / JOBS)};
	job->sector = index * (JOB / 512) + (uint64_t)random() % (JOB / 512 - sectors);
	if (job->type == VIRTIO_BLK_WRITE)
		for (uint32_t i = 0; i < job->bytes; i++)
			direct.data[job->place + i] = (uint8_t)random();
	if (job->type == VIRTIO_BLK_FLUSH)
		job->sector = job->bytes = 0;
	return vhost_direct_submit(&direct, job->type, job->sector, job->place, job->bytes, job);
}

static unsigned busy_jobs(void)
{
	unsigned count = 0;
	for (unsigned i = 0; i < JOBS; i++)
		count += jobs[i].busy;
	return count;
}

static bool run_jobs(unsigned seed, unsigned rounds)
{
	srandom(seed);
	failures = wrong = 0;
	direct.done = job_done;
	for (unsigned i = 0; i < rounds; i++) {
		struct job *job = &jobs[random() % JOBS];
		while (job->busy)
			if (vhost_direct_poll(&direct, 10000) == 0)
				return false;
		if (!job_begin(job))
			return false;
	}
	while (busy_jobs())
		if (vhost_direct_poll(&direct, 10000) == 0)
			return false;
	return failures == 0 && wrong == 0;
}

TEST(a_real_disk)
{
	CHECK(qemu_begin(model, true));
	CHECK(opened());
	CHECK_EQ(direct.blk.sectors, QEMU_IMAGE / 512);
	CHECK(direct.blk.can_flush && direct.blk.zeroes_sectors && direct.blk.discard_sectors && !direct.blk.read_only);
	CHECK(direct.blk.features & VIRTIO_F_EVENT_IDX && direct.blk.features & VIRTIO_F_INDIRECT_DESC);
	CHECK(run_jobs(1, 600));
	vhost_direct_close(&direct);
	CHECK(qemu_image_is(model));
	CHECK(opened()); // the next connection
	CHECK(run_jobs(2, 300));
	CHECK(qemu_image_is(model));
	vhost_direct_close(&direct);
	qemu_end();
}

static enum virtio_blk_status last;
static void note(void *token, enum virtio_blk_status status) { last = status; }

TEST(segments_and_ranges)
{
	CHECK(qemu_begin(model, true));
	CHECK(opened());
	struct virtqueue_segment segments[VIRTIO_BLK_SEGMENTS];
	uint64_t data_bus = direct.blk.requests[0].lines_bus - (uint64_t)((uint8_t *)direct.blk.requests[0].lines - direct.data);
	for (unsigned i = 0; i < direct.blk.segments; i++)
		segments[i] = (struct virtqueue_segment){data_bus + (uint64_t)(direct.blk.segments - 1 - i) * 8192, 4096};
	direct.done = note;
	CHECK(virtio_blk_submit(&direct.blk, VIRTIO_BLK_READ, 16, 0, segments, direct.blk.segments, &last));
	CHECK_EQ(vhost_direct_poll(&direct, 10000), 1);
	CHECK_EQ(last, VIRTIO_BLK_OK);
	for (unsigned i = 0; i < direct.blk.segments; i++)
		CHECK(memcmp(direct.data + (direct.blk.segments - 1 - i) * 8192, model + 8192 + i * 4096, 4096) == 0);
	CHECK(!virtio_blk_submit(&direct.blk, VIRTIO_BLK_READ, 16, 0, segments, direct.blk.segments + 1, &last));
	CHECK(vhost_direct_submit(&direct, VIRTIO_BLK_DISCARD, 64, 0, 65536, &last));
	CHECK_EQ(vhost_direct_poll(&direct, 10000), 1);
	CHECK_EQ(last, VIRTIO_BLK_OK);
	memset(model + 64 * 512, 0, 65536); // a hole in the file
	CHECK(qemu_image_is(model));
	CHECK(vhost_direct_submit(&direct, VIRTIO_BLK_READ, QEMU_IMAGE / 512, 0, 512, &last)); // beyond the end
	CHECK_EQ(vhost_direct_poll(&direct, 10000), 1);
	CHECK_EQ(last, VIRTIO_BLK_IOERR);
	vhost_direct_close(&direct);
	qemu_end();
}

TEST(a_disk_that_cannot_be_written)
{
	CHECK(qemu_begin(model, false));
	CHECK(opened());
	CHECK(direct.blk.read_only);
	direct.done = note;
	CHECK(vhost_direct_submit(&direct, VIRTIO_BLK_WRITE, 0, 0, 512, &last));
	CHECK_EQ(vhost_direct_poll(&direct, 10000), 1);
	CHECK_EQ(last, VIRTIO_BLK_IOERR);
	CHECK(qemu_image_is(model));
	vhost_direct_close(&direct);
	qemu_end();
}

TEST(a_back_end_that_is_killed_is_noticed)
{
	CHECK(qemu_begin(model, true));
	CHECK(opened());
	struct virtio_transport *transport = &direct.vhost.transport;
	CHECK(transport->ops->alive(transport));
	qemu_stop(SIGKILL);
	CHECK(!transport->ops->alive(transport));
	vhost_direct_close(&direct);
	CHECK_EQ(vhost_direct_open(&direct, qemu_socket, DATA), KERN_FAILURE);
	qemu_end();
}
