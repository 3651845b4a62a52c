// SPDX-License-Identifier: MIT
// Through the driver, without a file system; see lane.h.
#include "lane.h"
#include "stats.h"

#include <block/client.h>
#include <string.h>

static struct block_client client;
static struct block_io ios[LANE_DEPTH];
static struct lane_places places;
static uint64_t count, dice;

static void submit(struct block_io *io)
{
	io->sector = lane_place(&places, &dice) / BLOCK_SECTOR;
	block_submit(&client, io);
}

static void done(struct block_io *io)
{
	lane_must("driver", gila_error_text(io->error), io->error == KERN_SUCCESS);
	count++;
	if (!lane_is_over(&places))
		submit(io);
}

void lane_driver_open(const char *seat)
{
	struct block_open how = {.seat = seat, .writable = true, .data_size = (uint64_t)LANE_DEPTH * LANE_SIZE};
	kern_return_t error = block_open(&client, &how);
	lane_must(seat, gila_error_text(error), error == KERN_SUCCESS);
	memset(client.data, 0x5a, client.data_size);
}

void lane_driver_run(const struct lane_job *job, struct lane_result *result)
{
	uint64_t start = clock_now(), messages = client.rings + client.wakes;
	lane_places_begin(&places, job);
	dice = job->seed;
	count = 0;
	for (unsigned i = 0; i < job->depth; i++) {
		ios[i] = (struct block_io){.operation = job->write ? BLOCK_WRITE : BLOCK_READ, .count = job->size / BLOCK_SECTOR, .pieces = 1,
					   .place = (uint64_t)i * LANE_SIZE, .done_call = done};
		submit(&ios[i]);
	}
	block_wait_all(&client);
	result->messages = (double)(client.rings + client.wakes - messages) / (double)count;
	kern_return_t error = job->write ? block_flush(&client) : KERN_SUCCESS;
	lane_must("driver", gila_error_text(error), error == KERN_SUCCESS);
	result->rate = (double)count * job->size / 1048576 / ((double)(clock_now() - start) / 1e9);
}

void lane_driver_close(void) { block_close(&client); }
