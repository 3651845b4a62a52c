// SPDX-License-Identifier: MIT
// A virtio block device; see virtio_blk.h. Sections are those of Virtual I/O Device (VIRTIO) Version 1.2.
#include "virtio_blk.h"

#include <driver/wait.h>
#include <string.h>

// 5.2.3
enum {
	F_SIZE_MAX = 1 << 1,
	F_SEG_MAX = 1 << 2,
	F_RO = 1 << 5,
	F_BLK_SIZE = 1 << 6,
	F_FLUSH = 1 << 9,
	F_DISCARD = 1 << 13,
	F_WRITE_ZEROES = 1 << 14,
};
#define OPTIONAL (F_SIZE_MAX | F_SEG_MAX | F_RO | F_BLK_SIZE | F_FLUSH | F_DISCARD | F_WRITE_ZEROES | VIRTIO_F_INDIRECT_DESC | \
		  VIRTIO_F_EVENT_IDX)

#define TABLE (VIRTIO_BLK_SEGMENTS + 2) // descriptors of a request: header, data, status
#define SECTOR 512u
#define PAGE 4096u
#define ANSWER_NS UINT64_C(2000000000)  // for the serial number

// 5.2.4
struct config {
	uint64_t capacity;
	uint32_t size_max, seg_max;
	uint16_t cylinders;
	uint8_t heads, track;
	uint32_t block_size;
	uint8_t topology[8];
	uint8_t writeback, unused;
	uint16_t queues;
	uint32_t max_discard_sectors, max_discard_segments, discard_alignment;
	uint32_t max_zeroes_sectors, max_zeroes_segments;
	uint8_t zeroes_may_unmap, unused2[3];
};
_Static_assert(sizeof(struct config) == 64, "with the padding at its end");
#define CONFIG_BYTES 60u
static const uint8_t config_widths[] = {4, 4, 4, 4, 2, 1, 1, 4, 1, 1, 2, 4, 1, 1, 2, 4, 4, 4, 4, 4, 1, 1, 1, 1};

// 5.2.6: a request's header, the range of discard and write zeroes, and the status. Each request has a line of its own.
struct virtio_blk_lines {
	uint32_t type, reserved;
	uint64_t sector;
	uint64_t range_sector;
	uint32_t range_sectors, range_flags;
	volatile uint8_t status;
	uint8_t unused[31];
};
_Static_assert(sizeof(struct virtio_blk_lines) == 64, "a cache line");

static size_t lines_at(void) { return virtqueue_bytes(VIRTIO_BLK_QUEUE, TABLE); }
static size_t id_at(void) { return lines_at() + VIRTIO_BLK_QUEUE * sizeof(struct virtio_blk_lines); }

size_t virtio_blk_bytes(void) { return (id_at() + VIRTIO_BLK_ID_BYTES + PAGE - 1) / PAGE * PAGE; }

static kern_return_t fail(struct virtio_blk *blk, const char *why)
{
	blk->transport->problem = why;
	return KERN_FAILURE;
}

// ---- The device's limits -------------------------------------------------------------------------------------------------

static uint32_t at_most(uint32_t value, uint32_t limit) { return value < limit ? value : limit; }

static kern_return_t take_config(struct virtio_blk *blk, const struct config *config, uint16_t size)
{
	uint64_t has = blk->features;
	blk->sectors = config->capacity;
	blk->read_only = has & F_RO;
	blk->can_flush = has & F_FLUSH;
	blk->block_size = has & F_BLK_SIZE ? config->block_size : SECTOR;
	blk->segments = has & F_SEG_MAX ? at_most(config->seg_max, VIRTIO_BLK_SEGMENTS) : 1;
	blk->segments = at_most(blk->segments, size - 2u); // 2.7.5.3.1: no chain is longer than the queue
	// qemu-storage-daemon 7.2 offers F_SIZE_MAX and says 0: no limit.
	blk->segment_size = (has & F_SIZE_MAX && config->size_max ? config->size_max : UINT32_MAX) / PAGE * PAGE;
	blk->discard_sectors = has & F_DISCARD && config->max_discard_segments ? config->max_discard_sectors : 0;
	blk->zeroes_sectors = has & F_WRITE_ZEROES && config->max_zeroes_segments ? config->max_zeroes_sectors : 0;
	bool power = blk->block_size && !(blk->block_size & (blk->block_size - 1));
	if (!power || blk->block_size < SECTOR || blk->block_size > PAGE)
		return fail(blk, "its blocks have no size that is supported");
	if (blk->segments == 0 || blk->segment_size == 0)
		return fail(blk, "it takes no pages");
	if (blk->sectors == 0 || blk->sectors > UINT64_MAX / SECTOR)
		return fail(blk, "its size makes no sense");
	return KERN_SUCCESS;
}

// The size of the queue: a power of two (2.7), with room for a request of one segment. 0: there is none.
static uint16_t queue_size(struct virtio_transport *transport)
{
	uint16_t room = transport->ops->queue_room ? transport->ops->queue_room(transport, 0) : VIRTIO_BLK_QUEUE;
	uint16_t size = VIRTIO_BLK_QUEUE;
	while (size > room)
		size /= 2;
	return size < 4 ? 0 : size;
}

static kern_return_t negotiate(struct virtio_blk *blk, uint16_t *size)
{
	const struct virtio_transport_ops *ops = blk->transport->ops;
	struct config config = {0};
	uint64_t offered;
	kern_return_t error = ops->features(blk->transport, &offered);
	if (!error && !(offered & VIRTIO_F_VERSION_1))
		return fail(blk, "it speaks no virtio 1.0");
	blk->features = (offered & OPTIONAL) | VIRTIO_F_VERSION_1;
	if (!error)
		error = ops->accept(blk->transport, blk->features);
	if (!error)
		error = ops->config(blk->transport, 0, &config, CONFIG_BYTES, config_widths);
	if (error)
		return error;
	*size = queue_size(blk->transport);
	return *size ? take_config(blk, &config, *size) : fail(blk, "its queue is too small");
}

static void lay_out(struct virtio_blk *blk, uint16_t size, uint8_t *memory, uint64_t bus_address)
{
	uint16_t table = blk->features & VIRTIO_F_INDIRECT_DESC ? TABLE : 0;
	virtqueue_init(&blk->queue, size, table, blk->features & VIRTIO_F_EVENT_IDX, memory, bus_address);
	blk->free = NULL;
	for (unsigned i = 0; i < VIRTIO_BLK_QUEUE; i++) {
		struct virtio_blk_request *request = &blk->requests[i];
		size_t at = lines_at() + i * sizeof(struct virtio_blk_lines);
		request->lines = (struct virtio_blk_lines *)(void *)(memory + at);
		request->lines_bus = bus_address + at;
		request->next = blk->free;
		blk->free = request;
	}
}

// Section 5.2.6.1: 20 bytes, with a zero at the end if there is room for one. A device without one is as good.
static kern_return_t read_serial(struct virtio_blk *blk, const char *id, uint64_t id_bus)
{
	struct virtqueue_segment segment = {.bus_address = id_bus, .size = VIRTIO_BLK_ID_BYTES};
	struct driver_wait wait = driver_wait_begin(ANSWER_NS);
	enum virtio_blk_status status = VIRTIO_BLK_IOERR;
	if (!virtio_blk_submit(blk, VIRTIO_BLK_GET_ID, 0, 0, &segment, 1, blk))
		return fail(blk, "its queue takes nothing");
	virtio_blk_publish(blk);
	while (!virtio_blk_take(blk, &status)) {
		if (virtio_blk_problem(blk))
			return fail(blk, virtio_blk_problem(blk));
		if (!driver_wait_more(&wait))
			return fail(blk, "it does not answer");
	}
	if (status == VIRTIO_BLK_OK)
		memcpy(blk->serial, id, VIRTIO_BLK_ID_BYTES);
	for (char *c = blk->serial; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	return KERN_SUCCESS;
}

kern_return_t virtio_blk_open(struct virtio_blk *blk, struct virtio_transport *transport, void *memory, uint64_t bus_address,
			      struct virtio_queue *queue)
{
	memset(blk, 0, sizeof(*blk));
	blk->transport = transport;
	uint16_t size;
	kern_return_t error = negotiate(blk, &size);
	if (error)
		return error;
	lay_out(blk, size, memory, bus_address);
	queue->index = 0;
	queue->size = size;
	queue->descriptors = blk->queue.descriptors_bus;
	queue->available = blk->queue.available_bus;
	queue->used = blk->queue.used_bus;
	error = transport->ops->queue_set(transport, queue);
	if (!error)
		error = transport->ops->start(transport);
	return error ? error : read_serial(blk, (const char *)memory + id_at(), bus_address + id_at());
}

// ---- Requests ------------------------------------------------------------------------------------------------------------

static bool has_range(enum virtio_blk_type type) { return type == VIRTIO_BLK_DISCARD || type == VIRTIO_BLK_WRITE_ZEROES; }

// What the device reads first: the header, and the range if there is one (which follows it directly).
static struct virtqueue_segment fill_lines(struct virtio_blk_request *request, enum virtio_blk_type type, uint64_t sector,
					   uint32_t sectors)
{
	bool range = has_range(type);
	*request->lines = (struct virtio_blk_lines){
		.type = type,
		.sector = range ? 0 : sector,
		.range_sector = range ? sector : 0,
		.range_sectors = range ? sectors : 0,
		.status = 0xff,
	};
	return (struct virtqueue_segment){.bus_address = request->lines_bus, .size = range ? 32 : 16};
}

bool virtio_blk_submit(struct virtio_blk *blk, enum virtio_blk_type type, uint64_t sector, uint32_t sectors,
		       const struct virtqueue_segment *data, unsigned count, void *token)
{
	struct virtqueue_segment segments[TABLE];
	struct virtio_blk_request *request = blk->free;
	bool write = type == VIRTIO_BLK_WRITE;
	if (!request || count > blk->segments)
		return false;
	segments[0] = fill_lines(request, type, sector, sectors);
	request->data = 0;
	for (unsigned i = 0; i < count; i++) {
		segments[1 + i] = data[i];
		request->data += write ? 0 : data[i].size;
	}
	segments[1 + count] = (struct virtqueue_segment){
		.bus_address = request->lines_bus + offsetof(struct virtio_blk_lines, status), .size = 1};
	if (!virtqueue_add(&blk->queue, segments, write ? 1 + count : 1, write ? 1 : 1 + count, request))
		return false;
	blk->free = request->next;
	request->token = token;
	return true;
}

void virtio_blk_publish(struct virtio_blk *blk)
{
	if (!virtqueue_publish(&blk->queue))
		return;
	blk->notifications++;
	blk->transport->ops->notify(blk->transport, 0);
}

void *virtio_blk_take(struct virtio_blk *blk, enum virtio_blk_status *status)
{
	uint32_t written;
	struct virtio_blk_request *request = virtqueue_take(&blk->queue, &written);
	if (!request)
		return NULL;
	uint8_t said = request->lines->status;
	*status = said == VIRTIO_BLK_OK && written >= request->data + 1 ? VIRTIO_BLK_OK
		  : said == VIRTIO_BLK_UNSUPPORTED			? VIRTIO_BLK_UNSUPPORTED
									: VIRTIO_BLK_IOERR;
	request->next = blk->free;
	blk->free = request;
	return request->token;
}

bool virtio_blk_sleep(struct virtio_blk *blk) { return virtqueue_sleep(&blk->queue); }
void virtio_blk_wake(struct virtio_blk *blk) { virtqueue_wake(&blk->queue); }
unsigned virtio_blk_in_flight(const struct virtio_blk *blk) { return blk->queue.in_flight; }
const char *virtio_blk_problem(const struct virtio_blk *blk) { return blk->queue.broken; }
