// SPDX-License-Identifier: MIT
// The floor: qemu-storage-daemon without Gila between; see lane.h.
#include "lane.h"
#include "stats.h"

#include <string.h>
#include <virtio/vhost_direct.h>

#define FLUSH ((void *)UINTPTR_MAX) // its token; those of others are slots

static struct vhost_direct direct;
static struct lane_places places;
static uint64_t count, dice;
static unsigned running;

static void submit(uintptr_t slot)
{
	enum virtio_blk_type type = places.job->write ? VIRTIO_BLK_WRITE : VIRTIO_BLK_READ;
	bool room = vhost_direct_submit(&direct, type, lane_place(&places, &dice) / 512, (slot - 1) * LANE_SIZE, places.job->size, (void *)slot);
	lane_must("direct", "no room for a request", room);
}

static void done(void *token, enum virtio_blk_status status)
{
	lane_must("direct", "a request failed", status == VIRTIO_BLK_OK);
	if (token == FLUSH) {
		running--;
		return;
	}
	count++;
	if (lane_is_over(&places))
		running--;
	else
		submit((uintptr_t)token);
}

void lane_direct_open(const char *socket)
{
	kern_return_t error = vhost_direct_open(&direct, socket, (uint64_t)LANE_DEPTH * LANE_SIZE);
	lane_must(socket, error ? direct.vhost.transport.problem : "", error == KERN_SUCCESS);
	memset(direct.data, 0x5a, direct.data_size);
	direct.done = done;
}

void lane_direct_run(const struct lane_job *job, struct lane_result *result)
{
	uint64_t start = clock_now();
	lane_places_begin(&places, job);
	dice = job->seed;
	count = 0;
	running = job->depth;
	for (uintptr_t slot = 1; slot <= job->depth; slot++)
		submit(slot);
	while (running)
		vhost_direct_poll(&direct, 1000);
	running = job->write && vhost_direct_submit(&direct, VIRTIO_BLK_FLUSH, 0, 0, 0, FLUSH);
	while (running)
		vhost_direct_poll(&direct, 1000);
	result->rate = (double)count * job->size / 1048576 / ((double)(clock_now() - start) / 1e9);
}

void lane_direct_close(void) { vhost_direct_close(&direct); }
