// SPDX-License-Identifier: MIT
// The virtio code against a real back-end: qemu-storage-daemon serves a temporary image, which is read back byte by byte.
#include "vhost_direct.h"

#include <errno.h>
#include <fcntl.h>
#include <gila/test.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { IMAGE = 32 << 20, DATA = 16 << 20, JOBS = 32, JOB = IMAGE / JOBS };

static char folder[64], image[96], path[96];
static pid_t daemon_pid;
static struct vhost_direct direct;
static uint8_t model[IMAGE];

static void start_daemon(bool writable)
{
	char blockdev[256], export[256];
	snprintf(blockdev, sizeof(blockdev), "driver=file,node-name=d,filename=%s,discard=unmap,read-only=%s", image, writable ? "off" : "on");
	snprintf(export, sizeof(export), "type=vhost-user-blk,id=e,node-name=d,addr.type=unix,addr.path=%s,writable=%s", path,
		 writable ? "on" : "off");
	daemon_pid = fork();
	if (daemon_pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); // also when a check fails
		execlp("qemu-storage-daemon", "qemu-storage-daemon", "--blockdev", blockdev, "--export", export, (char *)NULL);
		perror("qemu-storage-daemon");
		_exit(127);
	}
}

// Until it has made its socket; false: it ended.
static bool daemon_is_there(void)
{
	struct timespec pause = {.tv_nsec = 5000000};
	for (unsigned i = 0; i < 4000; i++) {
		struct stat status;
		if (stat(path, &status) == 0)
			return true;
		if (waitpid(daemon_pid, NULL, WNOHANG) == daemon_pid) {
			daemon_pid = 0;
			return false;
		}
		nanosleep(&pause, NULL);
	}
	return false;
}

static void stop_daemon(int signal)
{
	if (daemon_pid > 0) {
		kill(daemon_pid, signal);
		waitpid(daemon_pid, NULL, 0);
	}
	daemon_pid = 0;
	unlink(path);
}

static bool begin(bool writable)
{
	strcpy(folder, "/tmp/gila-vhost-XXXXXX");
	if (!mkdtemp(folder))
		return false;
	snprintf(image, sizeof(image), "%s/image", folder);
	snprintf(path, sizeof(path), "%s/socket", folder);
	int fd = open(image, O_CREAT | O_RDWR, 0600);
	for (size_t i = 0; i < IMAGE; i++)
		model[i] = (uint8_t)(i * 2654435761u >> 13);
	bool written = fd >= 0 && write(fd, model, IMAGE) == IMAGE;
	close(fd);
	start_daemon(writable);
	return written && daemon_is_there();
}

static bool image_is_right(void)
{
	static uint8_t contents[IMAGE];
	int fd = open(image, O_RDONLY);
	bool right = fd >= 0 && read(fd, contents, IMAGE) == IMAGE && memcmp(contents, model, IMAGE) == 0;
	close(fd);
	return right;
}

static void end(void)
{
	stop_daemon(SIGTERM);
	unlink(image);
	rmdir(folder);
}

static bool opened(void)
{
	if (vhost_direct_open(&direct, path, DATA) == KERN_SUCCESS)
		return true;
	printf("%s: %s\n", path, direct.vhost.transport.problem);
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
	CHECK(begin(true));
	CHECK(opened());
	CHECK_EQ(direct.blk.sectors, IMAGE / 512);
	CHECK(direct.blk.can_flush && direct.blk.zeroes_sectors && direct.blk.discard_sectors && !direct.blk.read_only);
	CHECK(direct.blk.features & VIRTIO_F_EVENT_IDX && direct.blk.features & VIRTIO_F_INDIRECT_DESC);
	CHECK(run_jobs(1, 600));
	vhost_direct_close(&direct);
	CHECK(image_is_right());
	CHECK(opened()); // the next connection
	CHECK(run_jobs(2, 300));
	CHECK(image_is_right());
	vhost_direct_close(&direct);
	end();
}

static enum virtio_blk_status last;
static void note(void *token, enum virtio_blk_status status) { last = status; }

TEST(segments_and_ranges)
{
	CHECK(begin(true));
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
	CHECK(image_is_right());
	CHECK(vhost_direct_submit(&direct, VIRTIO_BLK_READ, IMAGE / 512, 0, 512, &last)); // beyond the end
	CHECK_EQ(vhost_direct_poll(&direct, 10000), 1);
	CHECK_EQ(last, VIRTIO_BLK_IOERR);
	vhost_direct_close(&direct);
	end();
}

TEST(a_disk_that_cannot_be_written)
{
	CHECK(begin(false));
	CHECK(opened());
	CHECK(direct.blk.read_only);
	direct.done = note;
	CHECK(vhost_direct_submit(&direct, VIRTIO_BLK_WRITE, 0, 0, 512, &last));
	CHECK_EQ(vhost_direct_poll(&direct, 10000), 1);
	CHECK_EQ(last, VIRTIO_BLK_IOERR);
	CHECK(image_is_right());
	vhost_direct_close(&direct);
	end();
}

TEST(a_back_end_that_is_killed_is_noticed)
{
	CHECK(begin(true));
	CHECK(opened());
	struct virtio_transport *transport = &direct.vhost.transport;
	CHECK(transport->ops->alive(transport));
	stop_daemon(SIGKILL);
	CHECK(!transport->ops->alive(transport));
	vhost_direct_close(&direct);
	CHECK_EQ(vhost_direct_open(&direct, path, DATA), KERN_FAILURE);
	end();
}
