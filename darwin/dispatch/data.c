// SPDX-License-Identifier: MIT
// Data; see data.h. Facts: <dispatch/data.h>.
//
// A leaf has bytes; any other has parts of leaves, which it retains. Nothing changes after it was made, so there are no locks.
#include "data.h"

#include "queue.h"

#include "../libsystem/report.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct dispatch_data {
	struct dispatch_object head;
	size_t size;
	const uint8_t *bytes; // of a leaf
	struct block *destructor;
	size_t count; // of parts; 0: a leaf, or empty
	struct data_part parts[];
};

static void data_destroy(struct dispatch_object *object);
static const struct dispatch_class data_class = {.kind = DISPATCH_DATA, .destroy = data_destroy};

struct dispatch_data darwin_dispatch_data_empty = {
	.head = {.class = &data_class, .references = DISPATCH_FOREVER_USERS, .users = DISPATCH_FOREVER_USERS}};

// ---- destructors: those that the system has are blocks whose address says what to do ---------------------------------

static void invoke_nothing(struct block *block)
{
	(void)block;
}

extern void *darwin_NSConcreteGlobalBlock[32];
static const struct block_descriptor plain_descriptor = {0, sizeof(struct block), NULL, NULL};
enum { BLOCK_IS_GLOBAL = 1 << 28 };
#define GLOBAL_BLOCK {darwin_NSConcreteGlobalBlock, BLOCK_IS_GLOBAL, 0, invoke_nothing, &plain_descriptor}
static struct block free_block = GLOBAL_BLOCK, munmap_block = GLOBAL_BLOCK, none_block = GLOBAL_BLOCK;
struct block *darwin_dispatch_data_destructor_free = &free_block, *darwin_dispatch_data_destructor_munmap = &munmap_block,
	     *darwin_dispatch_data_destructor_none = &none_block;

static void destruct(struct block *destructor, const void *bytes, size_t size, struct dispatch_queue *queue)
{
	void *memory = (void *)(uintptr_t)bytes;
	if (destructor == &free_block)
		free(memory);
	else if (destructor == &munmap_block)
		munmap(memory, size);
	else if (destructor && destructor != &none_block)
		dispatch_queue_add(queue ? queue : dispatch_root_default(), destructor, block_call_release);
}

static void data_destroy(struct dispatch_object *object)
{
	struct dispatch_data *data = (struct dispatch_data *)object;
	for (size_t i = 0; i < data->count; i++)
		dispatch_object_unref(&data->parts[i].leaf->head);
	if (data->bytes)
		destruct(data->destructor, data->bytes, data->size, object->target);
}

void data_release(struct dispatch_data *data)
{
	if (data)
		darwin_dispatch_release(&data->head);
}

// ---- making ---------------------------------------------------------------------------------------------------------

static struct dispatch_data *data_new(size_t size, size_t parts)
{
	struct dispatch_data *data = dispatch_object_new(sizeof(*data) + parts * sizeof(data->parts[0]), &data_class);
	if (!data)
		report_fatal("dispatch: no memory for data");
	data->size = size;
	return data;
}

static struct dispatch_data *leaf_new(const void *bytes, size_t size, struct block *destructor, struct dispatch_queue *queue)
{
	struct dispatch_data *data = data_new(size, 0);
	data->bytes = bytes;
	data->destructor = destructor;
	data->head.target = queue;
	if (queue)
		dispatch_object_ref(&queue->head);
	return data;
}

struct dispatch_data *data_of_malloc(void *bytes, size_t size)
{
	if (size == 0) {
		free(bytes);
		return &darwin_dispatch_data_empty;
	}
	return leaf_new(bytes, size, &free_block, NULL);
}

struct dispatch_data *darwin_dispatch_data_create(const void *bytes, size_t size, struct dispatch_queue *queue,
						  struct block *destructor)
{
	bool own = destructor == &free_block || destructor == &munmap_block || destructor == &none_block;
	if (!destructor && size > 0) { // DISPATCH_DATA_DESTRUCTOR_DEFAULT: the bytes are copied
		void *copy = malloc(size);
		if (!copy)
			report_fatal("dispatch: no memory for data");
		return data_of_malloc(memcpy(copy, bytes, size), size);
	}
	if (destructor && !own)
		destructor = block_copy(destructor);
	if (size > 0)
		return leaf_new(bytes, size, destructor, queue);
	destruct(destructor, bytes, size, queue);
	return &darwin_dispatch_data_empty;
}

static size_t part_count(const struct dispatch_data *data)
{
	return data->bytes ? 1 : data->count;
}

static struct data_part part_at(const struct dispatch_data *data, size_t index)
{
	if (data->bytes)
		return (struct data_part){(struct dispatch_data *)(uintptr_t)data, 0, data->size};
	return data->parts[index];
}

static void part_add(struct dispatch_data *data, struct data_part part)
{
	dispatch_object_ref(&part.leaf->head);
	data->parts[data->count++] = part;
}

size_t darwin_dispatch_data_get_size(const struct dispatch_data *data)
{
	return data->size;
}

static struct dispatch_data *retained(struct dispatch_data *data)
{
	darwin_dispatch_retain(&data->head);
	return data;
}

struct dispatch_data *darwin_dispatch_data_create_concat(struct dispatch_data *left, struct dispatch_data *right)
{
	if (left->size == 0 || right->size == 0)
		return retained(left->size ? left : right);
	size_t of_left = part_count(left), of_right = part_count(right);
	struct dispatch_data *data = data_new(left->size + right->size, of_left + of_right);
	for (size_t i = 0; i < of_left; i++)
		part_add(data, part_at(left, i));
	for (size_t i = 0; i < of_right; i++)
		part_add(data, part_at(right, i));
	return data;
}

struct dispatch_data *darwin_dispatch_data_create_subrange(struct dispatch_data *data, size_t offset, size_t size)
{
	if (offset >= data->size || size == 0)
		return &darwin_dispatch_data_empty;
	if (size > data->size - offset)
		size = data->size - offset;
	if (size == data->size)
		return retained(data);
	struct dispatch_data *range = data_new(size, part_count(data));
	for (size_t i = 0; size > 0; i++) {
		struct data_part part = part_at(data, i);
		if (offset >= part.size) {
			offset -= part.size;
			continue;
		}
		part.offset += offset;
		part.size -= offset;
		if (part.size > size)
			part.size = size;
		part_add(range, part);
		size -= part.size;
		offset = 0;
	}
	return range;
}

// ---- looking --------------------------------------------------------------------------------------------------------

// The part that the offset lies in; where that part begins.
static bool part_find(const struct dispatch_data *data, size_t offset, struct data_part *part, size_t *begin)
{
	*begin = 0;
	for (size_t i = 0; i < part_count(data); i++) {
		*part = part_at(data, i);
		if (offset - *begin < part->size)
			return true;
		*begin += part->size;
	}
	return false;
}

const uint8_t *data_bytes_at(const struct dispatch_data *data, size_t offset, size_t *size)
{
	struct data_part part;
	size_t begin;
	if (!part_find(data, offset, &part, &begin))
		return NULL;
	*size = part.size - (offset - begin);
	return part.leaf->bytes + part.offset + (offset - begin);
}

struct dispatch_data *darwin_dispatch_data_copy_region(struct dispatch_data *data, size_t location, size_t *offset)
{
	struct data_part part;
	if (!part_find(data, location, &part, offset)) {
		*offset = data->size;
		return &darwin_dispatch_data_empty;
	}
	return darwin_dispatch_data_create_subrange(data, *offset, part.size);
}

struct block_of_region {
	void *class;
	int32_t flags, reserved;
	bool (*invoke)(void *block, struct dispatch_data *region, size_t offset, const void *bytes, size_t size);
};

bool darwin_dispatch_data_apply(struct dispatch_data *data, struct block_of_region *applier)
{
	size_t offset = 0;
	for (size_t i = 0; i < part_count(data); i++) {
		struct data_part part = part_at(data, i);
		struct dispatch_data *region = darwin_dispatch_data_create_subrange(data, offset, part.size);
		bool more = applier->invoke(applier, region, offset, part.leaf->bytes + part.offset, part.size);
		data_release(region);
		if (!more)
			return false;
		offset += part.size;
	}
	return true;
}

// In one piece: the same if it is in one, else a copy.
struct dispatch_data *darwin_dispatch_data_create_map(struct dispatch_data *data, const void **bytes, size_t *size)
{
	size_t length = data->size, offset = 0, piece;
	struct dispatch_data *map;
	uint8_t *copy;
	if (part_count(data) <= 1)
		map = retained(data);
	else {
		if (!(copy = malloc(length)))
			report_fatal("dispatch: no memory for data");
		for (; offset < length; offset += piece) {
			const uint8_t *from = data_bytes_at(data, offset, &piece);
			memcpy(copy + offset, from, piece);
		}
		map = data_of_malloc(copy, length);
	}
	if (bytes)
		*bytes = data_bytes_at(map, 0, &piece);
	if (size)
		*size = length;
	return map;
}
