// SPDX-License-Identifier: MIT
// Requests between sessions and the device; see disk.h.
#include "disk.h"

static struct disk *disk_of(struct block_loop *loop) { return (struct disk *)(void *)loop; }

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

static bool submit(struct block_loop *loop, struct block_task *task)
{
	struct disk *disk = disk_of(loop);
	struct segments segments = {.base = task->bus_address, .most = disk->blk.segment_size};
	block_task_ranges(task, add_range, &segments);
	return virtio_blk_submit(&disk->blk, type_of(&task->request), task->request.sector, task->request.count, segments.at,
				 segments.count, task);
}

static void publish(struct block_loop *loop) { virtio_blk_publish(&disk_of(loop)->blk); }

static bool take(struct block_loop *loop)
{
	struct disk *disk = disk_of(loop);
	enum virtio_blk_status status;
	bool did = false;
	for (struct block_task *task; (task = virtio_blk_take(&disk->blk, &status)); did = true)
		block_session_done(task, status == VIRTIO_BLK_OK	    ? BLOCK_OK
					 : status == VIRTIO_BLK_UNSUPPORTED ? BLOCK_UNSUPPORTED
									    : BLOCK_ERROR);
	if (virtio_blk_problem(&disk->blk))
		disk_fail(disk, virtio_blk_problem(&disk->blk));
	return did;
}

static bool sleep_now(struct block_loop *loop) { return virtio_blk_sleep(&disk_of(loop)->blk); }
static void wake(struct block_loop *loop) { virtio_blk_wake(&disk_of(loop)->blk); }
static unsigned in_flight(struct block_loop *loop) { return virtio_blk_in_flight(&disk_of(loop)->blk); }

static void check(struct block_loop *loop, uint64_t now)
{
	if (now - loop->progress >= BLOCK_LOOP_CHECK)
		disk_check(disk_of(loop));
}

const struct block_loop_operations disk_operations = {
	.submit = submit,
	.publish = publish,
	.take = take,
	.sleep = sleep_now,
	.wake = wake,
	.in_flight = in_flight,
	.check = check,
};
