// SPDX-License-Identifier: MIT
// The split virtqueue, with the device's side written here from the specification (VIRTIO 1.2, section 2.7).
#include "virtqueue.h"

#include <gila/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY = 1 << 20, SIZE = 16, TABLE = 8 };
#define BUS UINT64_C(0x7000000000)

static uint8_t memory[MEMORY] __attribute__((aligned(4096)));
static struct virtqueue queue;
static char tokens[256];

static struct device {
	uint16_t seen, used; // available entries read, used entries written
	uint16_t heads[VIRTQUEUE_SIZE_MAX];
	unsigned held;
	unsigned interrupts;
} device;

static void begin(uint16_t table, bool event_index)
{
	memset(memory, 0, sizeof(memory));
	memset(&device, 0, sizeof(device));
	virtqueue_init(&queue, SIZE, table, event_index, memory, BUS);
}

static void *at(uint64_t bus) { return memory + (bus - BUS); }

// Reads the chain of a head: the segments, and how many of them the device writes.
static unsigned device_chain(uint16_t head, struct virtqueue_segment *segments, unsigned *writes)
{
	struct virtqueue_descriptor *table = at(queue.descriptors_bus), *d = &table[head];
	unsigned count = 0;
	*writes = 0;
	if (d->flags & 4) {
		table = at(d->address);
		d = &table[0];
	}
	for (;; d = &table[d->next]) {
		segments[count++] = (struct virtqueue_segment){d->address, d->size};
		*writes += (d->flags & 2) != 0;
		if (!(d->flags & 1))
			return count;
	}
}

static unsigned device_look(void)
{
	uint16_t *available = at(queue.available_bus);
	unsigned count = 0;
	for (; device.seen != available[1]; device.seen++, count++)
		device.heads[device.held++] = available[2 + device.seen % SIZE];
	((uint16_t *)at(queue.used_bus))[2 + 4 * SIZE] = device.seen; // available_event: tell me of the next
	return count;
}

static void device_use(unsigned index, uint32_t written)
{
	uint16_t *used = at(queue.used_bus), *available = at(queue.available_bus);
	struct virtqueue_used *entries = (struct virtqueue_used *)(void *)&used[2];
	entries[device.used % SIZE] = (struct virtqueue_used){device.heads[index], written};
	device.heads[index] = device.heads[--device.held];
	uint16_t before = device.used++;
	used[1] = device.used;
	if (queue.event_index)
		device.interrupts += (uint16_t)(device.used - available[2 + SIZE] - 1) < (uint16_t)(device.used - before);
	else
		device.interrupts += !(available[0] & 1);
}

static bool add(unsigned reads, unsigned writes, void *token)
{
	struct virtqueue_segment segments[32];
	for (unsigned i = 0; i < reads + writes; i++)
		segments[i] = (struct virtqueue_segment){0x1000 * (i + 1), 100 + i};
	return virtqueue_add(&queue, segments, reads, writes, token);
}

static bool chain_is_right(uint16_t head, unsigned reads, unsigned writes)
{
	struct virtqueue_segment segments[32];
	unsigned seen_writes, count = device_chain(head, segments, &seen_writes);
	bool right = count == reads + writes && seen_writes == writes;
	for (unsigned i = 0; right && i < count; i++)
		right = segments[i].bus_address == 0x1000 * (i + 1) && segments[i].size == 100 + i;
	return right;
}

TEST(chains_reach_the_device)
{
	uint32_t written;
	begin(0, true);
	CHECK(add(2, 3, &tokens[0]));
	CHECK(add(1, 0, &tokens[1]));
	CHECK_EQ(queue.free_count, SIZE - 6);
	CHECK(virtqueue_publish(&queue));
	CHECK_EQ(device_look(), 2);
	CHECK(chain_is_right(device.heads[0], 2, 3));
	CHECK(chain_is_right(device.heads[1], 1, 0));
	CHECK(virtqueue_take(&queue, &written) == NULL);
	device_use(0, 300);
	CHECK(virtqueue_take(&queue, &written) == &tokens[0]);
	CHECK_EQ(written, 300);
	device_use(0, 0);
	CHECK(virtqueue_take(&queue, &written) == &tokens[1]);
	CHECK_EQ(queue.free_count, SIZE);
	CHECK(!queue.broken);
}

TEST(indirect_chains_take_one_place)
{
	begin(TABLE, true);
	for (unsigned i = 0; i < SIZE; i++)
		CHECK(add(2, 4, &tokens[i]));
	CHECK(!add(1, 1, &tokens[16])); // full
	CHECK(virtqueue_publish(&queue));
	CHECK_EQ(device_look(), SIZE);
	for (unsigned i = 0; i < SIZE; i++)
		CHECK(chain_is_right(device.heads[i], 2, 4));
	begin(TABLE, true);
	CHECK(!add(5, 4, &tokens[0])); // more than the table has
	begin(0, true);
	CHECK(!add(9, 8, &tokens[0])); // longer than the queue
}

TEST(notifications_are_sent_when_they_are_wanted)
{
	begin(TABLE, true);
	CHECK(add(1, 1, &tokens[0]));
	CHECK(virtqueue_publish(&queue)); // available_event is 0
	CHECK(add(1, 1, &tokens[1]));
	CHECK(!virtqueue_publish(&queue)); // the device has not looked yet
	CHECK(!virtqueue_publish(&queue)); // nothing was added
	device_look();
	CHECK(add(1, 1, &tokens[2]));
	CHECK(virtqueue_publish(&queue));
	begin(TABLE, false);
	CHECK(add(1, 1, &tokens[0]));
	CHECK(virtqueue_publish(&queue));
	((uint16_t *)at(queue.used_bus))[0] = 1; // VIRTQ_USED_F_NO_NOTIFY
	CHECK(add(1, 1, &tokens[0]));
	CHECK(!virtqueue_publish(&queue));
}

static bool interrupts_as_asked(bool event_index)
{
	uint32_t written;
	begin(TABLE, event_index);
	for (unsigned i = 0; i < 4; i++)
		if (!add(1, 1, &tokens[i]))
			return false;
	virtqueue_publish(&queue);
	device_look();
	device_use(0, 0);
	bool right = device.interrupts == 0; // none was asked for
	right = right && virtqueue_sleep(&queue); // something is there already
	right = right && virtqueue_take(&queue, &written);
	right = right && !virtqueue_sleep(&queue);
	device_use(0, 0);
	right = right && device.interrupts == 1;
	virtqueue_wake(&queue);
	right = right && virtqueue_take(&queue, &written);
	device_use(0, 0);
	return right && device.interrupts == 1;
}

TEST(interrupts_come_when_they_are_asked_for)
{
	CHECK(interrupts_as_asked(true));
	CHECK(interrupts_as_asked(false));
}

// Any order, any lengths, for long enough that all counts wrap.
static bool run(uint64_t seed, uint16_t table)
{
	static bool out[256];
	memset(out, 0, sizeof(out));
	srandom((unsigned)seed);
	begin(table, true);
	for (unsigned i = 0; i < 200000; i++) {
		unsigned which = (unsigned)random() % 256;
		uint32_t written;
		char *token;
		if (random() % 2 && !out[which] && add(1 + (unsigned)random() % 3, 1 + (unsigned)random() % 4, &tokens[which]))
			out[which] = true;
		virtqueue_publish(&queue);
		device_look();
		if (device.held && random() % 2)
			device_use((unsigned)random() % device.held, 7);
		while ((token = virtqueue_take(&queue, &written))) {
			if (!out[token - tokens] || written != 7)
				return false;
			out[token - tokens] = false;
		}
	}
	return !queue.broken && queue.in_flight == device.held;
}

TEST(any_order)
{
	CHECK(run(1, 0));
	CHECK(run(2, TABLE));
}

TEST(a_device_that_makes_no_sense_is_not_believed)
{
	uint32_t written;
	begin(TABLE, true);
	CHECK(add(1, 1, &tokens[0]));
	virtqueue_publish(&queue);
	device_look();
	((uint16_t *)at(queue.used_bus))[1] = 2; // more than are in flight
	CHECK(virtqueue_take(&queue, &written) == NULL && queue.broken);
	CHECK(!add(1, 1, &tokens[1]));
	CHECK(virtqueue_sleep(&queue)); // nobody waits for it

	static const uint32_t ids[] = {5, SIZE, UINT32_MAX};
	for (unsigned i = 0; i < 3; i++) {
		begin(TABLE, true);
		CHECK(add(1, 1, &tokens[0]));
		((uint32_t *)at(queue.used_bus + 4))[0] = ids[i];
		((uint16_t *)at(queue.used_bus))[1] = 1;
		CHECK(virtqueue_take(&queue, &written) == NULL && queue.broken);
	}

	begin(TABLE, true);
	CHECK(add(1, 1, &tokens[0]));
	virtqueue_publish(&queue);
	device_look();
	device_use(0, 102); // it had 101
	CHECK(virtqueue_take(&queue, &written) == NULL && queue.broken);

	begin(TABLE, true); // the same one twice
	CHECK(add(1, 1, &tokens[0]));
	CHECK(add(1, 1, &tokens[1]));
	virtqueue_publish(&queue);
	device_look();
	uint16_t head = device.heads[0];
	device_use(0, 1);
	CHECK(virtqueue_take(&queue, &written) == &tokens[0]);
	device.heads[0] = head;
	device_use(0, 1);
	CHECK(virtqueue_take(&queue, &written) == NULL && queue.broken);
}
