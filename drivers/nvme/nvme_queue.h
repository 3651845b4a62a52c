// SPDX-License-Identifier: MIT
// A pair of a submission and a completion queue (NVM Express Base Specification 1.4, sections 4.1 and 4.6). Whoever uses it keeps fewer
// commands in flight than it has entries, so neither queue runs over.
#ifndef NVME_QUEUE_H
#define NVME_QUEUE_H

#include "nvme_spec.h"

#include <stdbool.h>

struct nvme_queue {
	uint16_t id, size;        // [I]
	struct nvme_submission *submissions; // [I]
	const struct nvme_completion *completions; // [I] written by the controller
	uint64_t submissions_bus, completions_bus; // [I]
	uint8_t *tail_doorbell, *head_doorbell; // [I]
	uint16_t tail, published; // next entry to fill; what the controller knows of it
	uint16_t head, released;  // next entry to look at; what the controller knows of it
	uint16_t phase;           // that a new entry has there
};

// The memory is zeroed. `doorbells`: the registers of queue 0; `stride`: bytes from one to the next.
void nvme_queue_init(struct nvme_queue *queue, uint16_t id, uint16_t size, uint8_t *doorbells, uint32_t stride);
void nvme_queue_add(struct nvme_queue *queue, const struct nvme_submission *command);
void nvme_queue_publish(struct nvme_queue *queue);
// Copies the next completion. False: there is none.
bool nvme_queue_take(struct nvme_queue *queue, struct nvme_completion *completion);
bool nvme_queue_has_ended(const struct nvme_queue *queue);
void nvme_queue_release(struct nvme_queue *queue);

#endif
