// SPDX-License-Identifier: MIT
// Requests between sessions and the device; see disk.h.
//
// While there is work the driver looks at the device and at the rings by itself, and neither interrupts nor is rung at. It
// goes on looking for a short time when the next event has lately come sooner than a sleep and a wake-up would take.
#include "disk.h"

#define CHECK_NS UINT64_C(20000000)  // without progress, after which the device is asked whether it is still there
#define LOOK_NS UINT64_C(300000)     // of work, after which messages are looked for

// ---- To the device -------------------------------------------------------------------------------------------------------

struct segments {
	uint64_t base;
	uint32_t most;   // bytes of one
	unsigned count;
	struct virtqueue_segment at[VIRTIO_BLK_SEGMENTS];
};

// The session has checked that there are at most as many pieces, and bytes, as the device takes.
static void add_range(void *context, uint64_t place, uint32_t size)
{
	struct segments *segments = context;
	while (size) {
		uint32_t part = size < segments->most ? size : segments->most;
		segments->at[segments->count++] = (struct virtqueue_segment){.bus_address = segments->base + place, .size = part};
		place += part;
		size -= part;
	}
}

static enum virtio_blk_type type_of(const struct block_request *request)
{
	static const enum virtio_blk_type types[] = {
		[BLOCK_READ] = VIRTIO_BLK_READ,
		[BLOCK_WRITE] = VIRTIO_BLK_WRITE,
		[BLOCK_FLUSH] = VIRTIO_BLK_FLUSH,
		[BLOCK_DISCARD] = VIRTIO_BLK_DISCARD,
		[BLOCK_WRITE_ZEROES] = VIRTIO_BLK_WRITE_ZEROES,
	};
	return types[request->operation];
}

static bool submit(struct disk *disk, struct block_task *task)
{
	struct segments segments = {.base = task->bus_address, .most = disk->blk.segment_size};
	block_task_ranges(task, add_range, &segments);
	return virtio_blk_submit(&disk->blk, type_of(&task->request), task->request.sector, task->request.count, segments.at,
				 segments.count, task);
}

void disk_start(struct block_device *device, struct block_task *task)
{
	struct disk *disk = (struct disk *)(void *)device;
	if (!disk->waiting && submit(disk, task))
		return;
	task->device_link = NULL;
	*disk->waiting_end = task;
	disk->waiting_end = &task->device_link;
}

static void submit_waiting(struct disk *disk)
{
	while (disk->waiting && submit(disk, disk->waiting)) {
		disk->waiting = disk->waiting->device_link;
		if (!disk->waiting)
			disk->waiting_end = &disk->waiting;
	}
}

void disk_started(struct block_device *device)
{
	struct disk *disk = (struct disk *)(void *)device;
	virtio_blk_publish(&disk->blk);
}

// ---- From the device -----------------------------------------------------------------------------------------------------

static bool take_ended(struct disk *disk)
{
	enum virtio_blk_status status;
	bool did = false;
	for (struct block_task *task; (task = virtio_blk_take(&disk->blk, &status)); did = true)
		block_session_done(task, status == VIRTIO_BLK_OK	    ? BLOCK_OK
					 : status == VIRTIO_BLK_UNSUPPORTED ? BLOCK_UNSUPPORTED
									    : BLOCK_ERROR);
	if (virtio_blk_problem(&disk->blk))
		disk_fail(disk, virtio_blk_problem(&disk->blk));
	if (did && disk->waiting) {
		submit_waiting(disk);
		virtio_blk_publish(&disk->blk);
	}
	return did;
}

static bool turn(struct disk *disk)
{
	bool did = disk->transport && take_ended(disk);
	return block_sessions_poll(&disk->device) || did;
}

// Until when nothing need be done without a message; 0: there is something to do.
static uint64_t sleep_until(struct disk *disk, uint64_t now)
{
	if (block_sessions_sleep(&disk->device))
		return 0;
	if (!disk->transport)
		return UINT64_MAX;
	if (virtio_blk_sleep(&disk->blk))
		return 0;
	if (virtio_blk_in_flight(&disk->blk) == 0)
		return UINT64_MAX;
	if (now - disk->progress >= CHECK_NS) {
		if (!disk->transport->ops->alive(disk->transport))
			disk_fail(disk, "it has hung up");
		disk->progress = now;
	}
	return disk->progress + CHECK_NS;
}

uint64_t disk_work(struct serve *serve)
{
	struct disk *disk = serve->context;
	uint64_t begun = gila_time(), now = begun;
	if (disk->transport)
		virtio_blk_wake(&disk->blk);
	for (; now - begun < LOOK_NS; now = gila_time()) {
		if (turn(disk)) {
			disk->progress = now;
			block_spin_found(&disk->spin);
		} else if (!block_spin_more(&disk->spin)) {
			uint64_t until = sleep_until(disk, now);
			if (until)
				return until;
		}
	}
	return 0;
}
