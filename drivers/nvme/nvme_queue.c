// SPDX-License-Identifier: MIT
// A pair of queues; see nvme_queue.h. Sections are those of the NVM Express Base Specification, revision 1.4.
#include "nvme_queue.h"

#include <driver/mmio.h>
#include <stdatomic.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "entries are written as they are");

void nvme_queue_init(struct nvme_queue *queue, uint16_t id, uint16_t size, uint8_t *doorbells, uint32_t stride)
{
	queue->id = id;
	queue->size = size;
	queue->tail_doorbell = doorbells + 2u * id * stride;
	queue->head_doorbell = doorbells + (2u * id + 1) * stride;
	queue->tail = queue->published = queue->head = queue->released = 0;
	queue->phase = 1; // 4.6: entries are 0 at first
}

static uint16_t after(const struct nvme_queue *queue, uint16_t entry) { return entry + 1u == queue->size ? 0 : (uint16_t)(entry + 1); }

void nvme_queue_add(struct nvme_queue *queue, const struct nvme_submission *command)
{
	queue->submissions[queue->tail] = *command;
	queue->tail = after(queue, queue->tail);
}

void nvme_queue_publish(struct nvme_queue *queue)
{
	if (queue->published == queue->tail)
		return;
	queue->published = queue->tail;
	mmio_write32(queue->tail_doorbell, queue->tail); // entries are seen before it
}

// The last word has the phase, and is written last (4.6).
static uint32_t last_word(const struct nvme_queue *queue)
{
	const uint16_t *at = &queue->completions[queue->head].id;
	return __atomic_load_n((const uint32_t *)(const void *)at, __ATOMIC_ACQUIRE);
}

static bool is_new(const struct nvme_queue *queue, uint32_t word) { return (word >> 16 & 1) == queue->phase; }

bool nvme_queue_has_ended(const struct nvme_queue *queue) { return is_new(queue, last_word(queue)); }

bool nvme_queue_take(struct nvme_queue *queue, struct nvme_completion *completion)
{
	uint32_t word = last_word(queue);
	if (!is_new(queue, word))
		return false;
	const volatile struct nvme_completion *entry = &queue->completions[queue->head];
	*completion = (struct nvme_completion){
		.result = entry->result,
		.head = entry->head,
		.queue = entry->queue,
		.id = (uint16_t)word,
		.status = (uint16_t)(word >> 16),
	};
	queue->head = after(queue, queue->head);
	if (queue->head == 0)
		queue->phase ^= 1;
	return true;
}

void nvme_queue_release(struct nvme_queue *queue)
{
	if (queue->released == queue->head)
		return;
	queue->released = queue->head;
	mmio_write32(queue->head_doorbell, queue->head);
}
