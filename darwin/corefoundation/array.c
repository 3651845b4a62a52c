// SPDX-License-Identifier: MIT
// CFArray. Its callbacks are those of objects (kCFTypeArrayCallBacks), or none: then it holds words.
#include "object.h"

#include <stdlib.h>
#include <string.h>

struct array {
	struct object head;
	bool retains;
	int64_t count, room;
	const void **values;
};

static void array_destroy(struct object *object)
{
	struct array *array = (struct array *)object;
	for (int64_t i = 0; i < array->count && array->retains; i++)
		darwin_CFRelease(array->values[i]);
	free(array->values);
}

static bool array_equal(const struct object *left, const struct object *right)
{
	const struct array *a = (const struct array *)left, *b = (const struct array *)right;
	if (a->count != b->count)
		return false;
	for (int64_t i = 0; i < a->count; i++)
		if (a->values[i] != b->values[i] &&
		    !(a->retains && b->retains && darwin_CFEqual(a->values[i], b->values[i])))
			return false;
	return true;
}

const struct object_type array_type = {"CFArray", array_destroy, array_equal, NULL};

// version, retain, release, description, equal: programs take its address, and may copy it.
const void *const darwin_kCFTypeArrayCallBacks[5] = {NULL, darwin_CFRetain, darwin_CFRelease, NULL, darwin_CFEqual};

static bool callbacks_retain(const void *const *callbacks)
{
	return callbacks && callbacks[1];
}

struct array *array_make(bool retains)
{
	struct array *array = object_make(&array_type, sizeof(*array));
	array->retains = retains;
	return array;
}

static void array_insert(struct array *array, int64_t index, const void *value)
{
	if (array->count == array->room) {
		array->room = array->room * 2 + 4;
		array->values = realloc(array->values, (size_t)array->room * sizeof(*array->values));
		if (!array->values)
			abort();
	}
	memmove(array->values + index + 1, array->values + index,
		(size_t)(array->count - index) * sizeof(*array->values));
	array->values[index] = array->retains ? darwin_CFRetain(value) : value;
	array->count++;
}

struct array *darwin_CFArrayCreate(const void *allocator, const void **values, int64_t count,
				   const void *const *callbacks)
{
	(void)allocator;
	struct array *array = array_make(callbacks_retain(callbacks));
	for (int64_t i = 0; i < count; i++)
		array_insert(array, i, values[i]);
	return array;
}

struct array *darwin_CFArrayCreateMutable(const void *allocator, int64_t most, const void *const *callbacks)
{
	(void)allocator, (void)most;
	return array_make(callbacks_retain(callbacks));
}

int64_t darwin_CFArrayGetCount(const struct array *array)
{
	return array->count;
}

const void *darwin_CFArrayGetValueAtIndex(const struct array *array, int64_t index)
{
	return index >= 0 && index < array->count ? array->values[index] : NULL;
}

void darwin_CFArrayAppendValue(struct array *array, const void *value)
{
	array_insert(array, array->count, value);
}

void darwin_CFArrayInsertValueAtIndex(struct array *array, int64_t index, const void *value)
{
	if (index >= 0 && index <= array->count)
		array_insert(array, index, value);
}

void darwin_CFArrayRemoveValueAtIndex(struct array *array, int64_t index)
{
	if (index < 0 || index >= array->count)
		return;
	const void *value = array->values[index];
	array->count--;
	memmove(array->values + index, array->values + index + 1,
		(size_t)(array->count - index) * sizeof(*array->values));
	if (array->retains)
		darwin_CFRelease(value);
}

void darwin_CFArrayRemoveAllValues(struct array *array)
{
	while (array->count > 0)
		darwin_CFArrayRemoveValueAtIndex(array, array->count - 1);
}
