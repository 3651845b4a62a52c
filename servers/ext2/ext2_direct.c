// SPDX-License-Identifier: MIT
// Large reads and writes of ext2 between the disk and memory of the client, without a copy (data_direct.c).
//
// The memory is an area of the block client: made by the disk's driver for who asks for a buffer, and taken anew from whoever uses one that
// is not known (any more), so nothing about clients need survive this server. One that was not used for a while is given up: it is its
// client's alone then, and is gone with it.
// 1. A request is answered when the disk has ended it, so the memory is the client's again when it has the answer.
// 2. What fails here is done once more through the cache.
#include "ext2.h"

#include <abi/file_server.h>
#include <serve/serve_buffer.h>

// ---- Areas ----------------------------------------------------------------------------------------------------------

static void area_drop(struct ext2 *ext2, uint32_t area)
{
	block_area_drop(ext2->fs->client, area);
	ext2->areas[area - 1] = (struct ext2_area){0};
}

// The one that was not used longest and may be given up; 0: none.
static uint32_t area_oldest(const struct ext2 *ext2)
{
	uint32_t oldest = 0;
	for (uint32_t area = 1; area <= BLOCK_AREAS; area++) {
		const struct ext2_area *known = &ext2->areas[area - 1];
		bool mine = ext2->fs->client->areas[area - 1].state != BLOCK_AREA_FREE && known->running == 0;
		if (mine && (!oldest || known->used < ext2->areas[oldest - 1].used))
			oldest = area;
	}
	return oldest;
}

static bool is_full(const struct ext2 *ext2)
{
	for (uint32_t i = 0; i < BLOCK_AREAS; i++)
		if (ext2->fs->client->areas[i].state == BLOCK_AREA_FREE)
			return false;
	return true;
}

// There is room for one more area. False: all are in use.
static bool area_room(struct ext2 *ext2)
{
	uint32_t oldest = is_full(ext2) ? area_oldest(ext2) : 0;
	if (oldest)
		area_drop(ext2, oldest);
	return !is_full(ext2);
}

static uint32_t area_find(const struct ext2 *ext2, mach_port_t memory)
{
	for (uint32_t i = 0; i < BLOCK_AREAS; i++) {
		const struct block_area *area = &ext2->fs->client->areas[i];
		if (area->state == BLOCK_AREA_SHARED && area->memory == memory)
			return i + 1;
	}
	return 0;
}

static void refused_drop(struct ext2_refused *refused)
{
	gila_port_drop(refused->memory);
	*refused = (struct ext2_refused){.memory = MACH_PORT_NULL};
}

static bool is_refused(const struct ext2 *ext2, mach_port_t memory)
{
	for (uint32_t i = 0; i < EXT2_REFUSED; i++)
		if (ext2->refused[i].memory == memory)
			return true;
	return false;
}

// It is not tried again for a while. The right keeps its name from being another memory's.
static void refuse(struct ext2 *ext2, mach_port_t memory)
{
	struct ext2_refused *refused = &ext2->refused[ext2->refused_next++ % EXT2_REFUSED];
	refused_drop(refused);
	if (gila_port_copy(memory) == KERN_SUCCESS)
		*refused = (struct ext2_refused){memory, gila_time() + EXT2_AREA_TIME};
}

static uint32_t area_take(struct ext2 *ext2, mach_port_t memory)
{
	uint32_t area = 0;
	uint64_t size;
	if (is_refused(ext2, memory) || !area_room(ext2))
		return 0;
	kern_return_t error = gila_memory_bytes(memory, &size);
	if (!error && (size > BLOCK_AREA_MAX || size % BLOCK_PAGE))
		error = KERN_INVALID_ARGUMENT;
	if (!error)
		error = block_area_take(ext2->fs->client, memory, size, &area);
	if (!error)
		return area;
	if (error != KERN_ABORTED) // there is a driver
		refuse(ext2, memory);
	return 0;
}

// The area that the memory is; 0: none.
static uint32_t area_of(struct ext2 *ext2, mach_port_t memory)
{
	uint32_t area = area_find(ext2, memory);
	if (!area)
		area = area_take(ext2, memory);
	if (area)
		ext2->areas[area - 1].used = gila_time();
	return area;
}

uint64_t ext2_areas_expire(struct ext2 *ext2)
{
	uint64_t now = gila_time(), due = UINT64_MAX;
	for (uint32_t area = 1; area <= BLOCK_AREAS; area++) {
		uint64_t until = ext2->areas[area - 1].used + EXT2_AREA_TIME;
		if (ext2->fs->client->areas[area - 1].state == BLOCK_AREA_FREE || ext2->areas[area - 1].running)
			continue;
		if (until <= now)
			area_drop(ext2, area);
		else if (until < due)
			due = until;
	}
	for (uint32_t i = 0; i < EXT2_REFUSED; i++) {
		if (ext2->refused[i].memory == MACH_PORT_NULL)
			continue;
		if (ext2->refused[i].until <= now)
			refused_drop(&ext2->refused[i]);
		else if (ext2->refused[i].until < due)
			due = ext2->refused[i].until;
	}
	return due;
}

void ext2_areas_forget(struct ext2 *ext2)
{
	for (uint32_t area = 1; area <= BLOCK_AREAS; area++)
		if (ext2->fs->client->areas[area - 1].state != BLOCK_AREA_FREE)
			area_drop(ext2, area);
	for (uint32_t i = 0; i < EXT2_REFUSED; i++)
		refused_drop(&ext2->refused[i]);
}

kern_return_t file_serve_buffer(struct lpc_request *rq, uint64_t size, mach_port_t *memory)
{
	struct ext2 *ext2 = ((struct serve *)rq->context)->context;
	struct ext2_target target;
	uint32_t area;
	kern_return_t error = ext2_target(rq, &target);
	if (!error && (size == 0 || size > BLOCK_AREA_MAX))
		error = KERN_INVALID_ARGUMENT;
	if (!error && !area_room(ext2))
		error = KERN_RESOURCE_SHORTAGE;
	if (!error)
		error = block_area_make(ext2->fs->client, (size + BLOCK_PAGE - 1) / BLOCK_PAGE * BLOCK_PAGE, &area);
	if (error == KERN_ABORTED)
		error = KERN_RESOURCE_SHORTAGE;
	if (error)
		return error;
	ext2->areas[area - 1].used = gila_time();
	*memory = ext2->fs->client->areas[area - 1].memory;
	return gila_port_copy(*memory);
}

// ---- Requests -------------------------------------------------------------------------------------------------------

static kern_return_t begin(const struct ext2_target *target, struct aside *aside, enum data_direct how, const struct data_area *area,
			   uint32_t *number)
{
	return how == DATA_DIRECT_READ ? data_read_direct(target->fs, target->node, aside->offset, aside->size, area, &aside->got, number)
				       : data_write_direct(target->fs, target->node, aside->offset, aside->size, how, area, number);
}

// A client that makes writes while others are under way keeps the disk busy without the cache's help.
static enum data_direct how_of(const struct ext2 *ext2, const struct aside *aside)
{
	if (aside->kind == ASIDE_DIRECT_READ)
		return DATA_DIRECT_READ;
	return ext2->aside_count > 0 || (aside->way == ASIDE_BY_LANE && aside->lane.beside) ? DATA_DIRECT_DEEP : DATA_DIRECT_WRITE;
}

// Some of it was in the cache, or all.
static kern_return_t put_aside(struct ext2 *ext2, struct lpc_request *rq, struct aside *aside, uint32_t number)
{
	if (number == STORE_DIRECT_OVER)
		return KERN_SUCCESS;
	aside->ticket = number;
	ext2->areas[aside->area - 1].running++;
	return ext2_aside(ext2, rq, aside);
}

bool ext2_direct_begin(struct lpc_request *rq, const struct ext2_target *target, struct aside *aside, uint8_t *bytes,
		       kern_return_t *error)
{
	struct ext2 *ext2 = ((struct serve *)rq->context)->context;
	uint32_t number = STORE_DIRECT_OVER;
	enum data_direct how = how_of(ext2, aside);
	if (!ext2_aside_room(ext2) || !data_is_direct(target->fs, target->node, aside->offset, aside->size, how))
		return false;
	aside->area = area_of(ext2, aside->memory);
	if (!aside->area)
		return false;
	struct data_area area = {.place = block_area_place(aside->area, aside->start), .bytes = bytes};
	*error = begin(target, aside, how, &area, &number);
	if (*error == KERN_NOT_SUPPORTED || *error == KERN_RESOURCE_SHORTAGE)
		return false;
	if (!*error)
		*error = put_aside(ext2, rq, aside, number);
	return true;
}

// The disk, or the way to it, has failed: once more through the cache, for a file that may be another by now.
static kern_return_t do_again(struct serve *serve, struct aside *aside)
{
	struct lpc_request again = {.badge = aside->badge, .context = serve};
	struct ext2_target target;
	uint8_t *bytes;
	bool read = aside->kind == ASIDE_DIRECT_READ;
	kern_return_t error = ext2_target_file(&again, read ? FILE_OPEN_READ : FILE_OPEN_WRITE, &target);
	if (!error)
		error = serve_buffer_map(aside->memory, aside->start, aside->size, read, &bytes);
	if (!error && read)
		error = data_read(target.fs, target.node, aside->offset, bytes, aside->size, &aside->got);
	else if (!error)
		error = data_write(target.fs, target.ino, aside->offset, bytes, aside->size);
	return error;
}

bool ext2_direct_go_on(struct serve *serve, struct aside *aside)
{
	struct ext2 *ext2 = serve->context;
	struct ext2_area *area = &ext2->areas[aside->area - 1];
	kern_return_t error;
	if (!store_direct_is_over(ext2->fs->store, (uint32_t)aside->ticket, &error))
		return false;
	area->running--;
	area->used = gila_time();
	if (error && area->running == 0)
		area_drop(ext2, aside->area);
	if (error)
		error = do_again(serve, aside);
	ext2_answer_memory(aside, error);
	return true;
}
