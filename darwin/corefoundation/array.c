// SPDX-License-Identifier: MIT
// CFArray. Facts: CFArray.h. Callbacks of NULL: words. An index outside the array does nothing, where macOS ends the program.
#include "callbacks.h"

#include <stdlib.h>
#include <string.h>

struct array {
	struct object head;
	struct callbacks callbacks;
	bool fixed; // it was made as constant
	int64_t count, room;
	const void **values;
};
typedef int64_t comparator(const void *left, const void *right, void *context);

extern const struct callbacks darwin_kCFTypeArrayCallBacks;

static void array_destroy(struct object *object)
{
	struct array *array = (struct array *)object;
	for (int64_t i = 0; i < array->count; i++)
		callbacks_release(&array->callbacks, array->values[i]);
	free(array->values);
}

static bool array_equal(const struct object *left, const struct object *right)
{
	const struct array *a = (const struct array *)left, *b = (const struct array *)right;
	if (a->count != b->count || a->callbacks.equal != b->callbacks.equal)
		return false;
	for (int64_t i = 0; i < a->count; i++)
		if (!callbacks_equal(&a->callbacks, a->values[i], b->values[i]))
			return false;
	return true;
}

static uint64_t array_hash(const struct object *object)
{
	return (uint64_t)((const struct array *)object)->count;
}

static void array_describe(const struct object *object, struct bytes *to)
{
	const struct array *array = (const struct array *)object;
	bytes_add_text(to, "(\n");
	for (int64_t i = 0; i < array->count; i++) {
		bytes_add_text(to, "    ");
		callbacks_describe(&array->callbacks, array->values[i], to);
		bytes_add_text(to, i + 1 < array->count ? ",\n" : "\n");
	}
	bytes_add_text(to, ")");
}

const struct object_type array_type = {"CFArray", array_destroy, array_equal, array_hash, array_describe, NULL};

static struct array *array_make_with(const struct callbacks *callbacks)
{
	struct array *array = object_make(&array_type, sizeof(*array));
	array->callbacks = callbacks_copy(callbacks, false);
	return array;
}

struct array *array_make(bool retains)
{
	return array_make_with(retains ? &darwin_kCFTypeArrayCallBacks : NULL);
}

static bool is_inside(const struct array *array, struct range range)
{
	return range.start >= 0 && range.count >= 0 && range.start <= array->count &&
	       range.count <= array->count - range.start;
}

// All changes come down to this one: `count` values at `start` go, `added` come.
static void array_replace(struct array *array, int64_t start, int64_t count, const void **values, int64_t added)
{
	struct range range = {start, count};
	if (array->fixed)
		object_refuse("CFArray");
	if (!is_inside(array, range) || added < 0)
		return;
	int64_t after = array->count - start - count, total = start + added + after;
	const void **gone = count ? malloc((size_t)count * sizeof(*gone)) : NULL;
	if (total > array->room) {
		array->room = total * 2;
		array->values = realloc(array->values, (size_t)array->room * sizeof(*array->values));
	}
	if ((count && !gone) || (array->room && !array->values))
		abort();
	if (count)
		memcpy(gone, array->values + start, (size_t)count * sizeof(*gone));
	if (after && count != added)
		memmove(array->values + start + added, array->values + start + count,
			(size_t)after * sizeof(*array->values));
	array->count = total;
	for (int64_t i = 0; i < added; i++)
		array->values[start + i] = callbacks_retain(&array->callbacks, values[i]);
	for (int64_t i = 0; i < count; i++)
		callbacks_release(&array->callbacks, gone[i]);
	free(gone);
}

void array_add(struct array *array, const void *value)
{
	array_replace(array, array->count, 0, &value, 1);
	darwin_CFRelease(value);
}

// ---- arrays of ranges -----------------------------------------------------------------------------------------------

static void range_release(const void *allocator, const void *range)
{
	free((void *)(uintptr_t)range);
}

struct array *ranges_make(void)
{
	return array_make_with(&(struct callbacks){.release = range_release});
}

void ranges_add(struct array *ranges, struct range range)
{
	struct range *copy = malloc(sizeof(*copy));
	if (!copy)
		abort();
	*copy = range;
	array_replace(ranges, ranges->count, 0, (const void *[]){copy}, 1);
}

// ---- what programs call ---------------------------------------------------------------------------------------------

uint64_t darwin_CFArrayGetTypeID(void)
{
	return (uintptr_t)&array_type;
}

struct array *darwin_CFArrayCreate(const void *allocator, const void **values, int64_t count,
				   const struct callbacks *callbacks)
{
	struct array *array = array_make_with(callbacks);
	array_replace(array, 0, 0, values, count);
	array->fixed = true;
	return array;
}

struct array *darwin_CFArrayCreateMutable(const void *allocator, int64_t most, const struct callbacks *callbacks)
{
	return array_make_with(callbacks);
}

struct array *darwin_CFArrayCreateMutableCopy(const void *allocator, int64_t most, const struct array *array)
{
	struct array *copy = array_make_with(NULL);
	copy->callbacks = array->callbacks;
	array_replace(copy, 0, 0, array->values, array->count);
	return copy;
}

struct array *darwin_CFArrayCreateCopy(const void *allocator, const struct array *array)
{
	struct array *copy = darwin_CFArrayCreateMutableCopy(allocator, 0, array);
	copy->fixed = true;
	return copy;
}

int64_t darwin_CFArrayGetCount(const struct array *array)
{
	return array->count;
}

const void *darwin_CFArrayGetValueAtIndex(const struct array *array, int64_t index)
{
	return index >= 0 && index < array->count ? array->values[index] : NULL;
}

void darwin_CFArrayGetValues(const struct array *array, struct range range, const void **values)
{
	if (is_inside(array, range) && range.count)
		memcpy(values, array->values + range.start, (size_t)range.count * sizeof(*values));
}

void darwin_CFArrayApplyFunction(const struct array *array, struct range range,
				 void (*function)(const void *value, void *context), void *context)
{
	for (int64_t i = range.start; is_inside(array, range) && i < range.start + range.count; i++)
		function(array->values[i], context);
}

int64_t darwin_CFArrayGetFirstIndexOfValue(const struct array *array, struct range range, const void *value)
{
	for (int64_t i = range.start; is_inside(array, range) && i < range.start + range.count; i++)
		if (callbacks_equal(&array->callbacks, array->values[i], value))
			return i;
	return -1;
}

int64_t darwin_CFArrayGetLastIndexOfValue(const struct array *array, struct range range, const void *value)
{
	for (int64_t i = range.start + range.count; is_inside(array, range) && i-- > range.start;)
		if (callbacks_equal(&array->callbacks, array->values[i], value))
			return i;
	return -1;
}

uint8_t darwin_CFArrayContainsValue(const struct array *array, struct range range, const void *value)
{
	return darwin_CFArrayGetFirstIndexOfValue(array, range, value) >= 0;
}

int64_t darwin_CFArrayGetCountOfValue(const struct array *array, struct range range, const void *value)
{
	int64_t found = 0;
	for (int64_t i = range.start; is_inside(array, range) && i < range.start + range.count; i++)
		found += callbacks_equal(&array->callbacks, array->values[i], value);
	return found;
}

// Where it is, or would be put.
int64_t darwin_CFArrayBSearchValues(const struct array *array, struct range range, const void *value,
				    comparator *compare, void *context)
{
	int64_t low = range.start, high = is_inside(array, range) ? range.start + range.count : low;
	while (low < high) {
		int64_t middle = low + (high - low) / 2, order = compare(array->values[middle], value, context);
		if (order == 0)
			return middle;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

void darwin_CFArrayAppendValue(struct array *array, const void *value)
{
	array_replace(array, array->count, 0, &value, 1);
}

void darwin_CFArrayAppendArray(struct array *array, const struct array *other, struct range range)
{
	if (is_inside(other, range))
		array_replace(array, array->count, 0, other->values + range.start, range.count);
}

void darwin_CFArrayInsertValueAtIndex(struct array *array, int64_t index, const void *value)
{
	array_replace(array, index, 0, &value, 1);
}

void darwin_CFArraySetValueAtIndex(struct array *array, int64_t index, const void *value)
{
	array_replace(array, index, index == array->count ? 0 : 1, &value, 1);
}

void darwin_CFArrayReplaceValues(struct array *array, struct range range, const void **values, int64_t count)
{
	array_replace(array, range.start, range.count, values, count);
}

void darwin_CFArrayRemoveValueAtIndex(struct array *array, int64_t index)
{
	array_replace(array, index, 1, NULL, 0);
}

void darwin_CFArrayRemoveAllValues(struct array *array)
{
	array_replace(array, 0, array->count, NULL, 0);
}

void darwin_CFArrayExchangeValuesAtIndices(struct array *array, int64_t left, int64_t right)
{
	if (array->fixed)
		object_refuse("CFArray");
	if (left < 0 || right < 0 || left >= array->count || right >= array->count)
		return;
	const void *value = array->values[left];
	array->values[left] = array->values[right];
	array->values[right] = value;
}

struct sort {
	comparator *compare;
	void *context;
};

static int sort_compare(const void *left, const void *right, void *context)
{
	const struct sort *sort = context;
	int64_t order = sort->compare(*(const void *const *)left, *(const void *const *)right, sort->context);
	return order < 0 ? -1 : order > 0;
}

void darwin_CFArraySortValues(struct array *array, struct range range, comparator *compare, void *context)
{
	struct sort sort = {compare, context};
	if (array->fixed)
		object_refuse("CFArray");
	if (is_inside(array, range) && range.count > 1)
		qsort_r(array->values + range.start, (size_t)range.count, sizeof(*array->values), sort_compare, &sort);
}
