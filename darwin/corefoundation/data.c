// SPDX-License-Identifier: MIT
// CFData. Facts: CFData.h.
#include "object.h"

#include <stdlib.h>
#include <string.h>

struct data {
	struct object head;
	int64_t size, room;
	uint8_t *bytes;
	bool fixed;   // it was made as constant
	bool is_lent; // a program's memory, given back with `lender` at the end
	const void *lender;
};

static void data_destroy(struct object *object)
{
	struct data *data = (struct data *)object;
	if (data->is_lent)
		allocator_free(data->lender, data->bytes);
	else
		free(data->bytes);
	darwin_CFRelease(data->lender);
}

static bool data_equal(const struct object *left, const struct object *right)
{
	const struct data *a = (const struct data *)left, *b = (const struct data *)right;
	return a->size == b->size && (a->size == 0 || memcmp(a->bytes, b->bytes, (size_t)a->size) == 0);
}

static uint64_t data_hash(const struct object *object)
{
	const struct data *data = (const struct data *)object;
	return object_hash_bytes(data->bytes, (size_t)(data->size < 80 ? data->size : 80));
}

static void data_describe(const struct object *object, struct bytes *to)
{
	const struct data *data = (const struct data *)object;
	bytes_add_format(to, "{length = %ld, bytes = 0x", (long)data->size);
	for (int64_t i = 0; i < data->size; i++) {
		if (data->size > 24 && i == 16) {
			bytes_add_text(to, " ... ");
			i = data->size - 8;
		}
		bytes_add_format(to, "%02x", data->bytes[i]);
	}
	bytes_add_text(to, "}");
}

const struct object_type data_type = {"CFData", data_destroy, data_equal, data_hash, data_describe, NULL};

// The bytes from `start` on become others.
static void data_replace(struct data *data, int64_t start, int64_t count, const uint8_t *bytes, int64_t added)
{
	if (data->fixed || data->is_lent)
		object_refuse("CFData");
	if (start < 0 || count < 0 || added < 0 || start > data->size || count > data->size - start)
		return;
	int64_t after = data->size - start - count, total = start + added + after;
	if (total > data->room) {
		data->room = data->room ? total * 2 : total + 1; // most never grow
		data->bytes = realloc(data->bytes, (size_t)data->room);
		if (!data->bytes)
			abort();
	}
	if (after && count != added)
		memmove(data->bytes + start + added, data->bytes + start + count, (size_t)after);
	if (added && bytes)
		memcpy(data->bytes + start, bytes, (size_t)added);
	else if (added)
		memset(data->bytes + start, 0, (size_t)added);
	data->size = total;
}

struct data *darwin_CFDataCreateMutable(const void *allocator, int64_t most)
{
	return object_make(&data_type, sizeof(struct data));
}

static struct data *data_make(const uint8_t *bytes, int64_t size, bool fixed)
{
	struct data *data = darwin_CFDataCreateMutable(NULL, 0);
	data_replace(data, 0, 0, bytes, size);
	data->fixed = fixed;
	return data;
}

struct data *darwin_CFDataCreate(const void *allocator, const uint8_t *bytes, int64_t size)
{
	return data_make(bytes, size, true);
}

struct data *data_take(struct bytes *bytes)
{
	struct data *data = darwin_CFDataCreate(NULL, bytes->at, (int64_t)bytes->count);
	free(bytes->at);
	return data;
}

struct data *darwin_CFDataCreateWithBytesNoCopy(const void *allocator, uint8_t *bytes, int64_t size,
						const void *deallocator)
{
	struct data *data = darwin_CFDataCreateMutable(NULL, 0);
	data->bytes = bytes;
	data->size = size;
	data->is_lent = true;
	data->lender = darwin_CFRetain(deallocator);
	return data;
}

const void *darwin_CFDataCreateCopy(const void *allocator, const struct data *data)
{
	return darwin_CFDataCreate(allocator, data->bytes, data->size);
}

struct data *darwin_CFDataCreateMutableCopy(const void *allocator, int64_t most, const struct data *data)
{
	return data_make(data->bytes, data->size, false);
}

uint64_t darwin_CFDataGetTypeID(void)
{
	return (uintptr_t)&data_type;
}

const uint8_t *darwin_CFDataGetBytePtr(const struct data *data)
{
	static const uint8_t nothing;
	return data->bytes ? data->bytes : &nothing;
}

uint8_t *darwin_CFDataGetMutableBytePtr(struct data *data)
{
	return data->bytes;
}

int64_t darwin_CFDataGetLength(const struct data *data)
{
	return data->size;
}

void darwin_CFDataGetBytes(const struct data *data, struct range range, uint8_t *to)
{
	if (range.count > 0)
		memcpy(to, data->bytes + range.start, (size_t)range.count);
}

void darwin_CFDataSetLength(struct data *data, int64_t size)
{
	if (size > data->size)
		data_replace(data, data->size, 0, NULL, size - data->size);
	else
		data_replace(data, size, data->size - size, NULL, 0);
}

void darwin_CFDataIncreaseLength(struct data *data, int64_t added)
{
	data_replace(data, data->size, 0, NULL, added);
}

void darwin_CFDataAppendBytes(struct data *data, const uint8_t *bytes, int64_t size)
{
	data_replace(data, data->size, 0, bytes, size);
}

void darwin_CFDataReplaceBytes(struct data *data, struct range range, const uint8_t *bytes, int64_t size)
{
	data_replace(data, range.start, range.count, bytes, size);
}

void darwin_CFDataDeleteBytes(struct data *data, struct range range)
{
	data_replace(data, range.start, range.count, NULL, 0);
}

// Options: 1 from the end, 2 only at the one end. kCFNotFound if it is not there.
struct range darwin_CFDataFind(const struct data *data, const struct data *part, struct range range, uint64_t options)
{
	int64_t places = part->size > 0 ? range.count - part->size + 1 : 0;
	for (int64_t i = 0; i < places; i++) {
		int64_t at = range.start + (options & 1 ? places - 1 - i : i);
		if (memcmp(data->bytes + at, part->bytes, (size_t)part->size) == 0)
			return (struct range){at, part->size};
		if (options & 2)
			break;
	}
	return (struct range){-1, 0};
}
