// SPDX-License-Identifier: MIT
// A disk and a driver for tests of both sides of the block interface, in one process over lib/serve/serve_fake.h: include it in one
// file of the test program.
//
// fake_disk_begin makes the driver; a block client opens the seat "blk/0". Whenever the client would sleep, fake_step runs the driver
// for a while, or lets time pass. fake_driver_die is a kill -9.
// What the fixture itself checks: no number is carried out twice, nobody reads or writes memory that belongs to the client.
#ifndef BLOCK_FAKE_H
#define BLOCK_FAKE_H

#include "client_internal.h"
#include "session_internal.h"

#include <serve/serve_fake.h>

enum { FAKE_SECTORS = 4096, FAKE_DATA_PAGES = 512, FAKE_AREAS = 6 };

static struct fake_disk {
	struct block_device device;
	uint8_t sectors[FAKE_SECTORS][BLOCK_SECTOR];
	struct block_task *pending[BLOCK_SLOTS * 4];
	unsigned count, starts, steps;
	bool hold;               // nothing is carried out
	bool absent;             // BLOCK_NO_DEVICE
	bool refuse;             // memory of earlier drivers
	bool dead;               // the driver is gone and is launched by the next message
	uint64_t random;
	bool owned[FAKE_DATA_PAGES]; // data pages that the client has given away; checked if watch
	bool watch;
	unsigned memories;       // that the device reaches
	uint64_t reached[64];    // their bus addresses
	unsigned room;           // for so many at most; 0: for all
	unsigned told;           // how often it was told of one, or that one is gone
	unsigned breaches;       // of what the fixture checks
	uint8_t carried[1 << 16]; // numbers that were carried out; a client's numbers never come back
	bool wrong;              // no request has a right sum when the driver looks
	unsigned trouble;        // in 1000: how often something is lost or damaged at a step
	unsigned kills;          // in 1000: how often the driver dies at a step
	unsigned deaths, damages, losses;
} fake_disk;

static uint64_t __attribute__((unused)) fake_random(uint64_t limit)
{
	fake_disk.random = fake_disk.random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (fake_disk.random >> 33) % limit;
}

// ---- The device ----------------------------------------------------------------------------------------------------------

// A device is told of each memory once.
static void fake_reach(uint64_t bus_address)
{
	fake_disk.told++;
	for (unsigned i = 0; i < fake_disk.memories; i++)
		fake_disk.breaches += fake_disk.reached[i] == bus_address;
	fake_disk.reached[fake_disk.memories++] = bus_address;
}

static kern_return_t fake_memory_make(struct block_device *device, uint64_t size, mach_port_t *memory, uint64_t *bus_address)
{
	if (fake_disk.room && fake_disk.memories == fake_disk.room)
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = gila_memory_make(size, memory);
	*bus_address = (uint64_t)*memory << 32;
	if (!error)
		fake_reach(*bus_address);
	return error;
}

static kern_return_t fake_memory_take(struct block_device *device, mach_port_t memory, uint64_t size, uint64_t *bus_address)
{
	*bus_address = (uint64_t)memory << 32;
	if (!fake_ports[memory].memory || fake_disk.refuse)
		return KERN_INVALID_CAPABILITY;
	fake_reach(*bus_address);
	return KERN_SUCCESS;
}

static void fake_memory_gone(struct block_device *device, uint64_t bus_address, uint64_t size)
{
	fake_disk.told++;
	for (unsigned i = 0; i < fake_disk.memories; i++) {
		if (fake_disk.reached[i] == bus_address) {
			fake_disk.reached[i] = fake_disk.reached[--fake_disk.memories];
			return;
		}
	}
	fake_disk.breaches++;
}

static kern_return_t fake_ready(struct block_device *device) { return fake_disk.absent ? BLOCK_NO_DEVICE : KERN_SUCCESS; }

static void fake_start(struct block_device *device, struct block_task *task)
{
	uint8_t *carried = &fake_disk.carried[task->request.sequence % sizeof(fake_disk.carried)];
	fake_disk.breaches += fake_disk.watch && *carried;
	*carried = 1;
	fake_disk.starts++;
	fake_disk.pending[fake_disk.count++] = task;
}

struct fake_transfer {
	struct block_task *task;
	uint64_t at; // bytes of the disk
};

// An area is not mapped by the session: where its bus address says.
static uint8_t *fake_data(const struct block_task *task)
{
	return task->area ? fake_ports[task->bus_address >> 32].memory : task->data;
}

static void fake_range(void *context, uint64_t place, uint32_t size)
{
	struct fake_transfer *transfer = context;
	struct block_task *task = transfer->task;
	uint8_t *disk = &fake_disk.sectors[0][0] + transfer->at, *memory = fake_data(task) + place;
	for (uint64_t page = place / BLOCK_PAGE; page <= (place + size - 1) / BLOCK_PAGE && task->area == 0; page++)
		if (fake_disk.watch && !fake_disk.owned[page])
			fake_disk.breaches++;
	if (task->request.operation == BLOCK_READ)
		memcpy(memory, disk, size);
	else
		memcpy(disk, memory, size);
	transfer->at += size;
}

static void fake_carry_out(struct block_task *task)
{
	struct fake_transfer transfer = {.task = task, .at = task->request.sector * BLOCK_SECTOR};
	if (task->request.operation == BLOCK_WRITE_ZEROES)
		memset(&fake_disk.sectors[task->request.sector], 0, (size_t)task->request.count * BLOCK_SECTOR);
	else
		block_task_ranges(task, fake_range, &transfer);
}

static void fake_flip(void *what, size_t size)
{
	((uint8_t *)what)[fake_random(size)] ^= (uint8_t)(1 << fake_random(8));
	fake_disk.damages++;
}

static void fake_finish(unsigned index, enum block_status status)
{
	struct block_task *task = fake_disk.pending[index];
	fake_disk.pending[index] = fake_disk.pending[--fake_disk.count];
	if (status == BLOCK_OK)
		fake_carry_out(task);
	block_session_done(task, status);
	if (task->request.operation == BLOCK_READ && task->request.pieces == 1 && fake_random(1000) < fake_disk.trouble)
		fake_flip(fake_data(task) + task->request.place, (size_t)task->request.count * BLOCK_SECTOR);
}

static bool (*const fake_demux[])(struct lpc_request *) = {block_serve, NULL};
static struct serve fake_serve = {
	.seat = "blk/0", .demux = fake_demux, .gone = block_serve_gone, .work = block_serve_work, .context = &fake_disk.device};

static void fake_device_fill(void)
{
	fake_disk.device = (struct block_device){
		.info = {.sectors = FAKE_SECTORS,
			 .block_size = BLOCK_SECTOR,
			 .transfer = 65536,
			 .pieces = 8,
			 .range = 64,
			 .features = BLOCK_CAN_WRITE | BLOCK_CAN_FLUSH | BLOCK_CAN_DISCARD | BLOCK_CAN_WRITE_ZEROES,
			 .serial = "fake"},
		.memory_make = fake_memory_make,
		.memory_take = fake_memory_take,
		.memory_gone = fake_memory_gone,
		.areas = FAKE_AREAS,
		.start = fake_start,
		.ready = fake_ready,
	};
}

// A kill -9: its rights go, what is under way is carried out or not, and has ended when the next driver begins.
static void fake_driver_die(void)
{
	struct block_device *device = &fake_disk.device;
	for (unsigned i = 0; i < fake_disk.count; i++)
		if (!fake_disk.hold && fake_random(2))
			fake_carry_out(fake_disk.pending[i]);
	fake_disk.count = 0;
	while (device->sessions) {
		struct block_session *session = device->sessions;
		device->sessions = session->next;
		if (session->state == SESSION_WAITING && session->reply.port >= FAKE_FIRST)
			fake_put(session->reply.port, MACH_NOTIFY_SEND_ONCE, 0);
		gila_port_drop(session->notify);
		gila_port_drop(session->memory);
		for (unsigned i = 0; i < BLOCK_AREAS; i++)
			gila_port_drop(session->areas[i].memory);
		free(session);
	}
	gila_port_drop(device->spare.memory);
	uint64_t badge = device->last_badge;
	fake_device_fill();
	device->last_badge = badge;
	device->serve = &fake_serve;
	fake_disk.deaths++;
	fake_disk.memories = 0;
	fake_settle();
}

// ---- Trouble -------------------------------------------------------------------------------------------------------------

// Damages what is on its way: a request that was not read, a reply that was not read, data that were read for the client.
static void fake_damage(struct block_session *session)
{
	struct block_ring *ring = session->ring;
	uint32_t requests = ring->submit_tail - session->taken, replies = session->replied - ring->reply_head;
	if (requests && fake_random(2)) {
		struct block_request *request = &ring->requests[(session->taken + fake_random(requests)) % BLOCK_SLOTS];
		if (fake_random(2)) {
			fake_flip(request, sizeof(*request));
		} else {
			request->sequence = 0; // it is lost
			request->sum = 0;
			fake_disk.losses++;
		}
	} else if (replies) {
		struct block_reply *reply = &ring->replies[(ring->reply_head + fake_random(replies)) % BLOCK_SLOTS];
		fake_flip(reply, sizeof(*reply));
	}
}

static bool fake_ring_is_lost(void)
{
	bool lost = fake_random(1000) < fake_disk.trouble;
	fake_disk.losses += lost;
	return lost;
}

// ---- Time and turns ------------------------------------------------------------------------------------------------------

// The driver has a turn: it looks at its rings and ends some requests.
static bool fake_turn(void)
{
	for (struct block_session *s = fake_disk.device.sessions; s && fake_disk.wrong; s = s->next)
		for (uint32_t i = s->taken; s->state == SESSION_OPEN && i != s->ring->submit_tail; i++)
			s->ring->requests[i % BLOCK_SLOTS].sum ^= 1;
	bool did = block_sessions_poll(&fake_disk.device);
	if (fake_disk.count && !fake_disk.hold && fake_random(4)) {
		fake_finish((unsigned)fake_random(fake_disk.count), BLOCK_OK);
		did = true;
	}
	for (struct block_session *s = fake_disk.device.sessions; s; s = s->next)
		if (s->state == SESSION_OPEN && fake_random(1000) < fake_disk.trouble)
			fake_damage(s);
	did |= block_sessions_sleep(&fake_disk.device);
	return did || (fake_disk.count && !fake_disk.hold);
}

// Somebody waits. Returns true always: if nothing can happen, time does.
static bool fake_step(void)
{
	fake_disk.steps++;
	fake_now += 1000;
	fake_settle();
	if (fake_random(1000) < fake_disk.kills)
		fake_driver_die();
	else if (!fake_turn())
		fake_now += 3000000;
	fake_settle();
	return true;
}

static void __attribute__((unused)) fake_disk_begin(uint64_t seed)
{
	while (fake_disk.device.sessions) {
		struct block_session *session = fake_disk.device.sessions;
		fake_disk.device.sessions = session->next;
		free(session);
	}
	fake_begin(&fake_serve);
	memset(&fake_disk, 0, sizeof(fake_disk));
	fake_disk.random = seed;
	fake_device_fill();
	fake_disk.device.serve = &fake_serve;
	fake_idle = fake_step;
	fake_lose = fake_ring_is_lost;
	fake_now = UINT64_C(1000000000);
}

// The client gets what was sent to it.
static void __attribute__((unused)) fake_deliver(struct block_client *client)
{
	struct {
		mach_msg_header_t head;
		uint8_t rest[512];
	} __attribute__((aligned(8))) message;
	while (fake_ports[client->notify].queued && fake_receive(&message.head, client->notify) == MACH_MSG_SUCCESS) {
		block_message(client, &message.head);
		mach_msg_destroy(&message.head);
	}
}

// The clients are gone. True: nothing is left of their sessions.
static bool __attribute__((unused)) fake_disk_end(void)
{
	fake_settle();
	while (fake_disk.count)
		fake_finish(0, BLOCK_OK);
	for (unsigned i = 0; i < 3; i++)
		block_sessions_poll(&fake_disk.device);
	fake_now += SESSION_SPARE_TIME;
	block_sessions_poll(&fake_disk.device);
	return !fake_disk.device.sessions && fake_rights() == 0;
}

static kern_return_t __attribute__((unused)) fake_open(struct block_client *client)
{
	struct block_open how = {.seat = "blk/0", .writable = true, .sums = true, .data_size = FAKE_DATA_PAGES * BLOCK_PAGE};
	return block_open(client, &how);
}

#endif
