// SPDX-License-Identifier: MIT
// Requests between sessions and a device; see loop.h.
#include "loop.h"

#define LOOK_NS UINT64_C(300000) // of work, after which messages are looked for

static struct block_loop *loop_of(struct block_device *device) { return (struct block_loop *)(void *)device; }

void block_loop_start(struct block_device *device, struct block_task *task)
{
	struct block_loop *loop = loop_of(device);
	task->user = 0;
	if (!loop->waiting && loop->operations->submit(loop, task))
		return;
	task->device_link = NULL;
	if (loop->waiting)
		*loop->waiting_end = task;
	else
		loop->waiting = task;
	loop->waiting_end = &task->device_link;
}

void block_loop_started(struct block_device *device)
{
	struct block_loop *loop = loop_of(device);
	loop->operations->publish(loop);
}

// A request whose submission ends it at once may be another one's by the time it returns.
static void submit_waiting(struct block_loop *loop)
{
	while (loop->waiting) {
		struct block_task *task = loop->waiting, *next = task->device_link;
		if (!loop->operations->submit(loop, task))
			return;
		loop->waiting = next;
	}
}

static bool turn(struct block_loop *loop)
{
	bool did = loop->working && loop->operations->take(loop);
	if (did && loop->waiting) {
		submit_waiting(loop);
		loop->operations->publish(loop);
	}
	return block_sessions_poll(&loop->device) || did;
}

static void check(struct block_loop *loop, uint64_t now)
{
	if (!loop->working || now - loop->checked < BLOCK_LOOP_CHECK)
		return;
	loop->checked = now;
	if (loop->operations->in_flight(loop))
		loop->operations->check(loop, now);
}

// Until when nothing need be done without a message; 0: there is something to do.
static uint64_t sleep_until(struct block_loop *loop, uint64_t now)
{
	if (block_sessions_sleep(&loop->device))
		return 0;
	uint64_t due = block_sessions_due(&loop->device);
	if (!loop->working)
		return due;
	if (loop->operations->sleep(loop))
		return 0;
	if (loop->operations->in_flight(loop) == 0)
		return due;
	uint64_t check = loop->checked + BLOCK_LOOP_CHECK > now ? loop->checked + BLOCK_LOOP_CHECK : now + 1;
	return check < due ? check : due;
}

uint64_t block_loop_work(struct serve *serve)
{
	struct block_loop *loop = loop_of(serve->context);
	uint64_t begun = gila_time(), now = begun;
	if (loop->working)
		loop->operations->wake(loop);
	check(loop, now);
	for (; now - begun < LOOK_NS; now = gila_time()) {
		if (turn(loop)) {
			loop->progress = now;
			block_spin_found(&loop->spin);
		} else if (!block_spin_more(&loop->spin)) {
			uint64_t until = sleep_until(loop, now);
			if (until)
				return until;
		}
	}
	return 0;
}
