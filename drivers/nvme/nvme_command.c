// SPDX-License-Identifier: MIT
// I/O commands; see nvme.h. Sections are those of the NVM Express Base Specification, revision 1.4.
#include "nvme_memory.h"

#include <string.h>

// ---- Data ----------------------------------------------------------------------------------------------------------------

void nvme_run_begin(const struct nvme *nvme, struct nvme_run *run)
{
	run->count = 0;
	run->bytes = 0;
	run->most = nvme->transfer;
	run->closed = false;
}

// 4.3: only the first entry may begin inside a page, so only the last one may end there.
void nvme_run_add(struct nvme_run *run, uint64_t bus_address, uint32_t size)
{
	if (run->bytes && ((run->end | bus_address) & (NVME_PAGE - 1)))
		run->closed = true;
	if (run->closed)
		return;
	uint32_t part = size < run->most - run->bytes ? size : run->most - run->bytes;
	uint64_t end = bus_address + part;
	for (uint64_t at = bus_address; at < end; at = (at | (NVME_PAGE - 1)) + 1)
		run->pages[run->count++] = at;
	run->bytes += part;
	run->end = end;
	run->closed = part < size || run->bytes == run->most;
}

// 4.3: two entries are in the command, more in a list. A list lies in one page.
static void point(struct nvme *nvme, struct nvme_submission *command, const struct nvme_run *run)
{
	uint64_t place = nvme_list_place(command->id);
	command->prp1 = run->pages[0];
	if (run->count == 2)
		command->prp2 = run->pages[1];
	if (run->count <= 2)
		return;
	memcpy(nvme->memory + place, &run->pages[1], (run->count - 1) * sizeof(run->pages[0]));
	command->prp2 = nvme->bus_address + place;
}

// ---- Commands ------------------------------------------------------------------------------------------------------------

bool nvme_has_room(const struct nvme *nvme) { return nvme->in_flight < nvme->room && !nvme->broken; }

// 6.7: one range, which the controller reads from memory.
static void fill_range(struct nvme *nvme, struct nvme_submission *command, uint64_t block, uint32_t blocks)
{
	uint64_t place = nvme_range_place(command->id);
	struct nvme_range range = {.blocks = blocks, .first = block};
	memcpy(nvme->memory + place, &range, sizeof(range));
	command->prp1 = nvme->bus_address + place;
	command->word10 = 0; // 0's based
	command->word11 = NVME_DATASET_DEALLOCATE;
}

// 6.9, 6.15, 6.16: they have the same fields.
static void fill_blocks(struct nvme_submission *command, uint64_t block, uint32_t blocks)
{
	command->word10 = (uint32_t)block;
	command->word11 = (uint32_t)(block >> 32);
	command->word12 = blocks - 1;
}

void nvme_submit(struct nvme *nvme, enum nvme_opcode opcode, uint64_t block, uint32_t blocks, const struct nvme_run *run, void *token,
		 uint64_t now)
{
	struct nvme_slot *slot = &nvme->slots[nvme->free];
	struct nvme_submission command = {.opcode = (uint8_t)opcode, .id = nvme->free, .namespace = nvme->namespace};
	nvme->free = slot->next;
	nvme->in_flight++;
	slot->token = token;
	slot->begun = now;
	if (opcode == NVME_DATASET)
		fill_range(nvme, &command, block, blocks);
	else if (opcode != NVME_FLUSH)
		fill_blocks(&command, block, blocks);
	if (run)
		point(nvme, &command, run);
	nvme_queue_add(&nvme->io, &command);
}

void nvme_publish(struct nvme *nvme) { nvme_queue_publish(&nvme->io); }

// ---- Completions ---------------------------------------------------------------------------------------------------------

static enum nvme_result result_of(struct nvme *nvme, uint16_t status)
{
	if (NVME_STATUS(status) == NVME_STATUS_OK)
		return NVME_OK;
	nvme->last_error = NVME_STATUS(status);
	return NVME_STATUS(status) == NVME_STATUS_OPCODE ? NVME_UNSUPPORTED : NVME_FAILED;
}

void *nvme_take(struct nvme *nvme, enum nvme_result *result)
{
	struct nvme_completion completion;
	if (nvme->broken || !nvme_queue_take(&nvme->io, &completion))
		return NULL;
	if (completion.queue != nvme->io.id || completion.id >= NVME_COMMANDS || !nvme->slots[completion.id].token) {
		nvme->broken = "it has ended a command that is not there";
		return NULL;
	}
	struct nvme_slot *slot = &nvme->slots[completion.id];
	void *token = slot->token;
	slot->token = NULL;
	slot->next = nvme->free;
	nvme->free = completion.id;
	nvme->in_flight--;
	*result = result_of(nvme, completion.status);
	return token;
}

void nvme_taken(struct nvme *nvme) { nvme_queue_release(&nvme->io); }
bool nvme_has_ended(const struct nvme *nvme) { return nvme->broken || nvme_queue_has_ended(&nvme->io); }
