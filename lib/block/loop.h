// SPDX-License-Identifier: MIT
// The loop of a driver that has sessions on one side (session.h) and a device with queues on the other.
//
// To use it: fill a struct block_loop (device.start and device.started are block_loop_start and _started), make it the serve's context,
// set serve->work = block_loop_work, and `working` once there is a device. `operations` are what differs between devices.
// 1. Requests that find no room wait in the order in which they came; the first of them is tried again when something has ended.
// 2. While there is work the driver looks at the device and at the rings by itself, and neither interrupts nor is rung at. It goes on
//    looking for a short time when the next event has lately come sooner than a sleep and a wake-up would take (spin.h).
// One thread.
#ifndef BLOCK_LOOP_H
#define BLOCK_LOOP_H

#include "session.h"
#include "spin.h"

#define BLOCK_LOOP_CHECK UINT64_C(20000000) // nanoseconds between two checks while something is in flight

struct block_loop;

struct block_loop_operations {
	// Gives the request to the device; task->user is 0 the first time. False: no room for (the rest of) it now.
	bool (*submit)(struct block_loop *loop, struct block_task *task);
	// Shows the device what was submitted.
	void (*publish)(struct block_loop *loop);
	// Calls block_session_done for what the device has ended. True: there was something.
	bool (*take)(struct block_loop *loop);
	// Has the device interrupt from now on. True: something has ended in between, look again.
	bool (*sleep)(struct block_loop *loop);
	// No interrupts are needed any more.
	void (*wake)(struct block_loop *loop);
	unsigned (*in_flight)(struct block_loop *loop);
	// Something is in flight: is the device still there? loop->progress says when something last began or ended.
	void (*check)(struct block_loop *loop, uint64_t now);
};

struct block_loop {
	struct block_device device; // the first member
	const struct block_loop_operations *operations;
	bool working;               // there is a device; it stays so
	uint64_t progress;          // when something was last found to do
	// The library's own.
	struct block_task *waiting, **waiting_end;
	uint64_t checked;
	struct block_spin spin;
};

void block_loop_start(struct block_device *device, struct block_task *task);
void block_loop_started(struct block_device *device);
uint64_t block_loop_work(struct serve *serve);

#endif
