// SPDX-License-Identifier: MIT
// Requests between sessions and the controller; see disk.h.
//
// A request becomes one command or, when its data does not fit the rules of one (nvme_run_add), several that follow each other on the disk
// and are in flight together. It ends when all have, with the worst of their results; what was not sent by then is not sent any more.
#include "disk.h"

#include <string.h>

static struct disk *disk_of(struct block_loop *loop) { return (struct disk *)(void *)loop; }

// How far a request is: in task->user, which is 0 at first.
struct progress {
	uint32_t sent;      // bytes of its data
	uint16_t in_flight; // commands
	uint8_t result;     // enum nvme_result, the worst so far
	bool all;           // nothing more is to be sent
};
_Static_assert(sizeof(struct progress) == sizeof(uint64_t) && NVME_OK == 0, "it fits, and 0 is the beginning");

static struct progress progress_of(const struct block_task *task)
{
	struct progress progress;
	memcpy(&progress, &task->user, sizeof(progress));
	return progress;
}

static void progress_set(struct block_task *task, struct progress progress) { memcpy(&task->user, &progress, sizeof(progress)); }

static void end(struct disk *disk, struct block_task *task, struct progress progress)
{
	if (progress.result != NVME_OK)
		disk_complain(disk, &task->request);
	block_session_done(task, progress.result == NVME_OK	       ? BLOCK_OK
				 : progress.result == NVME_UNSUPPORTED ? BLOCK_UNSUPPORTED
								       : BLOCK_ERROR);
}

// ---- To the controller ---------------------------------------------------------------------------------------------------

struct filling {
	struct nvme_run run;
	uint64_t base; // bus address of the data area
	uint32_t skip; // bytes that were sent already
};

static void add_range(void *context, uint64_t place, uint32_t size)
{
	struct filling *filling = context;
	uint32_t skip = filling->skip < size ? filling->skip : size;
	filling->skip -= skip;
	if (skip < size)
		nvme_run_add(&filling->run, filling->base + place + skip, size - skip);
}

static void send_data(struct disk *disk, struct block_task *task, struct progress *progress, uint64_t now)
{
	const struct block_request *request = &task->request;
	struct nvme *nvme = &disk->nvme;
	struct filling filling = {.base = task->bus_address, .skip = progress->sent};
	nvme_run_begin(nvme, &filling.run);
	block_task_ranges(task, add_range, &filling);
	uint64_t first = (request->sector * BLOCK_SECTOR + progress->sent) >> nvme->shift;
	nvme_submit(nvme, request->operation == BLOCK_READ ? NVME_READ : NVME_WRITE, first, filling.run.bytes >> nvme->shift, &filling.run,
		    task, now);
	progress->sent += filling.run.bytes;
	progress->all = progress->sent == request->count * BLOCK_SECTOR;
}

static void send_other(struct disk *disk, struct block_task *task, struct progress *progress, uint64_t now)
{
	static const enum nvme_opcode opcodes[] = {
		[BLOCK_FLUSH] = NVME_FLUSH,
		[BLOCK_DISCARD] = NVME_DATASET,
		[BLOCK_WRITE_ZEROES] = NVME_WRITE_ZEROES,
	};
	const struct block_request *request = &task->request;
	unsigned shift = disk->nvme.shift - 9; // from sectors
	nvme_submit(&disk->nvme, opcodes[request->operation], request->sector >> shift, request->count >> shift, NULL, task, now);
	progress->all = true;
}

static bool submit(struct block_loop *loop, struct block_task *task)
{
	struct disk *disk = disk_of(loop);
	struct progress progress = progress_of(task);
	bool has_data = task->request.operation == BLOCK_READ || task->request.operation == BLOCK_WRITE;
	uint64_t now = gila_time();
	progress.all = progress.all || progress.result != NVME_OK;
	while (!progress.all && nvme_has_room(&disk->nvme)) {
		if (has_data)
			send_data(disk, task, &progress, now);
		else
			send_other(disk, task, &progress, now);
		progress.in_flight++;
	}
	progress_set(task, progress);
	if (progress.all && progress.in_flight == 0)
		end(disk, task, progress); // what was sent has ended already, badly
	return progress.all;
}

static void publish(struct block_loop *loop) { nvme_publish(&disk_of(loop)->nvme); }

// ---- From the controller ---------------------------------------------------------------------------------------------------

static void command_ended(struct disk *disk, struct block_task *task, enum nvme_result result)
{
	struct progress progress = progress_of(task);
	progress.in_flight--;
	if (result > progress.result)
		progress.result = (uint8_t)result;
	progress_set(task, progress);
	if (progress.in_flight == 0 && progress.all)
		end(disk, task, progress);
}

static bool take(struct block_loop *loop)
{
	struct disk *disk = disk_of(loop);
	enum nvme_result result;
	bool did = false;
	for (struct block_task *task; (task = nvme_take(&disk->nvme, &result)); did = true)
		command_ended(disk, task, result);
	if (disk->nvme.broken)
		disk_fail(disk, disk->nvme.broken);
	nvme_taken(&disk->nvme);
	return did;
}

// Interrupts cannot be asked for or not: one comes with each completion, and the kernel counts those that find their message unread.
static bool sleep_now(struct block_loop *loop) { return nvme_has_ended(&disk_of(loop)->nvme); }
static void wake(struct block_loop *loop) {}
static unsigned in_flight(struct block_loop *loop) { return disk_of(loop)->nvme.in_flight; }

static void check(struct block_loop *loop, uint64_t now)
{
	struct disk *disk = disk_of(loop);
	const char *why = nvme_check(&disk->nvme, now);
	if (why)
		disk_fail(disk, why);
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
