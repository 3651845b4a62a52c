// SPDX-License-Identifier: MIT
// The split virtqueue; see virtqueue.h. Sections are those of Virtual I/O Device (VIRTIO) Version 1.2.
#include "virtqueue.h"

#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "fields are written as they are");
_Static_assert(sizeof(struct virtqueue_descriptor) == 16, "2.7.5");
_Static_assert(sizeof(struct virtqueue_used) == 8, "2.7.8");

enum { DESC_NEXT = 1, DESC_WRITE = 2, DESC_INDIRECT = 4 };    // 2.7.5
enum { AVAILABLE_NO_INTERRUPT = 1, USED_NO_NOTIFY = 1 };      // 2.7.6, 2.7.8
enum { RING_FLAGS = 0, RING_INDEX = 1, RING_BEGIN = 2 };      // in 16-bit words

static size_t align(size_t bytes, size_t to) { return (bytes + to - 1) / to * to; }
static size_t available_at(uint16_t size) { return (size_t)size * 16; }
static size_t used_at(uint16_t size) { return align(available_at(size) + 6 + 2u * size, 64); } // 2.7: aligned to 4
static size_t tables_at(uint16_t size) { return align(used_at(size) + 6 + 8u * size, 64); }

size_t virtqueue_bytes(uint16_t size, uint16_t table) { return align(tables_at(size) + (size_t)size * table * 16, 4096); }

void virtqueue_init(struct virtqueue *queue, uint16_t size, uint16_t table, bool event_index, void *memory, uint64_t bus_address)
{
	uint8_t *base = memory;
	memset(queue, 0, sizeof(*queue));
	queue->size = size;
	queue->table = table;
	queue->event_index = event_index;
	queue->descriptors = memory;
	queue->available = (_Atomic uint16_t *)(void *)(base + available_at(size));
	queue->used = (_Atomic uint16_t *)(void *)(base + used_at(size));
	queue->tables = (struct virtqueue_descriptor *)(void *)(base + tables_at(size));
	queue->descriptors_bus = bus_address;
	queue->available_bus = bus_address + available_at(size);
	queue->used_bus = bus_address + used_at(size);
	queue->tables_bus = bus_address + tables_at(size);
	queue->free_count = size;
	for (uint16_t i = 0; i < size; i++)
		queue->places[i].next = (uint16_t)(i + 1);
	virtqueue_wake(queue);
}

// ---- To the device -----------------------------------------------------------------------------------------------------

static uint16_t place_take(struct virtqueue *queue)
{
	uint16_t place = queue->free_head;
	queue->free_head = queue->places[place].next;
	queue->free_count--;
	return place;
}

static struct virtqueue_descriptor describe(const struct virtqueue_segment *segment, bool write, bool more, uint16_t next)
{
	return (struct virtqueue_descriptor){
		.address = segment->bus_address,
		.size = segment->size,
		.flags = (uint16_t)((write ? DESC_WRITE : 0) | (more ? DESC_NEXT : 0)),
		.next = more ? next : 0,
	};
}

// 2.7.5.3: one descriptor that refers to a table of the others.
static uint16_t add_indirect(struct virtqueue *queue, const struct virtqueue_segment *segments, unsigned reads, unsigned all)
{
	uint16_t head = place_take(queue);
	struct virtqueue_descriptor *table = &queue->tables[(size_t)head * queue->table];
	for (unsigned i = 0; i < all; i++)
		table[i] = describe(&segments[i], i >= reads, i + 1 < all, (uint16_t)(i + 1));
	queue->descriptors[head] = (struct virtqueue_descriptor){
		.address = queue->tables_bus + (uint64_t)head * queue->table * sizeof(*table),
		.size = all * (uint32_t)sizeof(*table),
		.flags = DESC_INDIRECT,
	};
	queue->places[head].length = 1;
	return head;
}

static uint16_t add_chain(struct virtqueue *queue, const struct virtqueue_segment *segments, unsigned reads, unsigned all)
{
	uint16_t head = queue->free_head, place = head;
	for (unsigned i = 0; i < all; i++) {
		place = place_take(queue);
		queue->descriptors[place] = describe(&segments[i], i >= reads, i + 1 < all, queue->free_head);
	}
	queue->places[head].length = (uint16_t)all;
	return head;
}

bool virtqueue_add(struct virtqueue *queue, const struct virtqueue_segment *segments, unsigned reads, unsigned writes, void *token)
{
	unsigned all = reads + writes;
	bool indirect = queue->table && all > 1;
	uint64_t room = 0;
	if (queue->broken || all == 0 || all > queue->size || (indirect && all > queue->table))
		return false; // 2.7.5.3.1: no chain is longer than the queue
	if (queue->free_count < (indirect ? 1 : all))
		return false;
	for (unsigned i = reads; i < all; i++)
		room += segments[i].size;
	uint16_t head = indirect ? add_indirect(queue, segments, reads, all) : add_chain(queue, segments, reads, all);
	queue->places[head].token = token;
	queue->places[head].room = room < UINT32_MAX ? (uint32_t)room : UINT32_MAX;
	atomic_store_explicit(&queue->available[RING_BEGIN + (queue->added & (queue->size - 1))], head, memory_order_relaxed);
	queue->added++;
	queue->in_flight++;
	return true;
}

// 2.7.10: whether the device wants to be notified of what lies between the two counts.
static bool wants_notification(struct virtqueue *queue, uint16_t before, uint16_t after)
{
	if (!queue->event_index)
		return !(atomic_load_explicit(&queue->used[RING_FLAGS], memory_order_relaxed) & USED_NO_NOTIFY);
	_Atomic uint16_t *event = &queue->used[RING_BEGIN + 4u * queue->size];
	uint16_t at = atomic_load_explicit(event, memory_order_relaxed);
	return (uint16_t)(after - at - 1) < (uint16_t)(after - before);
}

bool virtqueue_publish(struct virtqueue *queue)
{
	uint16_t before = queue->published;
	if (before == queue->added)
		return false;
	queue->published = queue->added;
	atomic_store_explicit(&queue->available[RING_INDEX], queue->added, memory_order_release); // 2.7.13.3
	atomic_thread_fence(memory_order_seq_cst); // 2.7.13.4: before the device's wish is read
	return wants_notification(queue, before, queue->added);
}

// ---- From the device -----------------------------------------------------------------------------------------------------

static void place_free(struct virtqueue *queue, uint16_t head)
{
	uint16_t last = head;
	for (uint16_t i = 1; i < queue->places[head].length; i++)
		last = queue->places[last].next;
	queue->places[head].token = NULL;
	queue->places[last].next = queue->free_head;
	queue->free_head = head;
	queue->free_count += queue->places[head].length;
	queue->in_flight--;
}

static void *broken(struct virtqueue *queue, const char *why)
{
	queue->broken = why;
	return NULL;
}

void *virtqueue_take(struct virtqueue *queue, uint32_t *written)
{
	uint16_t ahead = (uint16_t)(atomic_load_explicit(&queue->used[RING_INDEX], memory_order_acquire) - queue->taken);
	if (queue->broken || ahead == 0)
		return NULL;
	if (ahead > queue->in_flight)
		return broken(queue, "the device used more requests than there are");
	const volatile struct virtqueue_used *ring = (const volatile struct virtqueue_used *)(const volatile void *)&queue->used[RING_BEGIN];
	uint16_t at = queue->taken & (queue->size - 1);
	uint32_t id = ring[at].id, bytes = ring[at].written;
	if (id >= queue->size || !queue->places[id].token)
		return broken(queue, "the device used a request that is not there");
	if (bytes > queue->places[id].room)
		return broken(queue, "the device wrote more than it was given");
	void *token = queue->places[id].token;
	*written = bytes;
	queue->taken++;
	place_free(queue, (uint16_t)id);
	return token;
}

// 2.7.7: the device interrupts when it uses the request that used_event names.
bool virtqueue_sleep(struct virtqueue *queue)
{
	if (queue->event_index)
		atomic_store_explicit(&queue->available[RING_BEGIN + queue->size], queue->taken, memory_order_relaxed);
	else
		atomic_store_explicit(&queue->available[RING_FLAGS], 0, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst); // the device sees this, or we see what it used
	return queue->broken || atomic_load_explicit(&queue->used[RING_INDEX], memory_order_acquire) != queue->taken;
}

void virtqueue_wake(struct virtqueue *queue)
{
	if (queue->event_index) // an index that was passed long ago
		atomic_store_explicit(&queue->available[RING_BEGIN + queue->size], (uint16_t)(queue->taken - 1), memory_order_relaxed);
	else
		atomic_store_explicit(&queue->available[RING_FLAGS], AVAILABLE_NO_INTERRUPT, memory_order_relaxed);
}
