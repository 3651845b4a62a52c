// SPDX-License-Identifier: MIT
// CFBinaryHeap: the least value is found at once. Facts: CFBinaryHeap.h.
#include "runloop.h"

#include <stdlib.h>

struct heap_callbacks { // CFBinaryHeapCallBacks
	int64_t version;
	const void *(*retain)(const void *allocator, const void *value);
	void (*release)(const void *allocator, const void *value);
	const void *(*describe)(const void *value);
	int64_t (*compare)(const void *left, const void *right, void *info);
};
struct heap {
	struct object head;
	struct heap_callbacks callbacks;
	struct callback_context context;
	const void **values; // each is not above those at twice its place
	int64_t count, room;
};

int64_t darwin_CFStringCompare(const void *left, const void *right, uint64_t options);
void darwin_CFBinaryHeapRemoveAllValues(struct heap *heap);

static const void *string_retain(const void *allocator, const void *value)
{
	return darwin_CFRetain(value);
}

static void string_release(const void *allocator, const void *value)
{
	darwin_CFRelease(value);
}

static int64_t string_compare(const void *left, const void *right, void *info)
{
	return darwin_CFStringCompare(left, right, 0);
}

const struct heap_callbacks darwin_kCFStringBinaryHeapCallBacks = {
	.retain = string_retain, .release = string_release, .compare = string_compare};

static void heap_destroy(struct object *object)
{
	struct heap *heap = (struct heap *)object;
	darwin_CFBinaryHeapRemoveAllValues(heap);
	free(heap->values);
	context_drop(&heap->context);
}

static const struct object_type heap_type = {.name = "CFBinaryHeap", .destroy = heap_destroy};

uint64_t darwin_CFBinaryHeapGetTypeID(void)
{
	return (uintptr_t)&heap_type;
}

// Without a function to compare, addresses are.
static bool is_less(const struct heap *heap, int64_t left, int64_t right)
{
	const void *a = heap->values[left], *b = heap->values[right];
	return heap->callbacks.compare ? heap->callbacks.compare(a, b, heap->context.info) < 0 : a < b;
}

static void swap(struct heap *heap, int64_t left, int64_t right)
{
	const void *value = heap->values[left];
	heap->values[left] = heap->values[right];
	heap->values[right] = value;
}

struct heap *darwin_CFBinaryHeapCreate(const void *allocator, int64_t most, const struct heap_callbacks *callbacks,
				       const struct callback_context *context)
{
	struct heap *heap = object_make(&heap_type, sizeof(*heap));
	if (callbacks)
		heap->callbacks = *callbacks;
	context_take(&heap->context, context);
	return heap;
}

void darwin_CFBinaryHeapAddValue(struct heap *heap, const void *value)
{
	if (heap->count == heap->room) {
		heap->room = heap->room * 2 + 8;
		heap->values = realloc(heap->values, (size_t)heap->room * sizeof(*heap->values));
		if (!heap->values)
			abort();
	}
	heap->values[heap->count] = heap->callbacks.retain ? heap->callbacks.retain(NULL, value) : value;
	for (int64_t at = heap->count++; at > 0 && is_less(heap, at, (at - 1) / 2); at = (at - 1) / 2)
		swap(heap, at, (at - 1) / 2);
}

struct heap *darwin_CFBinaryHeapCreateCopy(const void *allocator, int64_t most, const struct heap *heap)
{
	struct heap *copy = darwin_CFBinaryHeapCreate(NULL, 0, &heap->callbacks, &heap->context);
	for (int64_t i = 0; i < heap->count; i++)
		darwin_CFBinaryHeapAddValue(copy, heap->values[i]);
	return copy;
}

int64_t darwin_CFBinaryHeapGetCount(const struct heap *heap)
{
	return heap->count;
}

static bool same(const struct heap *heap, const void *left, const void *right)
{
	return heap->callbacks.compare ? heap->callbacks.compare(left, right, heap->context.info) == 0 : left == right;
}

int64_t darwin_CFBinaryHeapGetCountOfValue(const struct heap *heap, const void *value)
{
	int64_t found = 0;
	for (int64_t i = 0; i < heap->count; i++)
		found += same(heap, heap->values[i], value);
	return found;
}

uint8_t darwin_CFBinaryHeapContainsValue(const struct heap *heap, const void *value)
{
	return darwin_CFBinaryHeapGetCountOfValue(heap, value) > 0;
}

const void *darwin_CFBinaryHeapGetMinimum(const struct heap *heap)
{
	return heap->count ? heap->values[0] : NULL;
}

uint8_t darwin_CFBinaryHeapGetMinimumIfPresent(const struct heap *heap, const void **value)
{
	if (heap->count && value)
		*value = heap->values[0];
	return heap->count > 0;
}

void darwin_CFBinaryHeapRemoveMinimumValue(struct heap *heap)
{
	if (heap->count == 0)
		return;
	const void *gone = heap->values[0];
	heap->values[0] = heap->values[--heap->count];
	for (int64_t at = 0, child; (child = 2 * at + 1) < heap->count; at = child) {
		child += child + 1 < heap->count && is_less(heap, child + 1, child);
		if (!is_less(heap, child, at))
			break;
		swap(heap, child, at);
	}
	if (heap->callbacks.release)
		heap->callbacks.release(NULL, gone);
}

void darwin_CFBinaryHeapRemoveAllValues(struct heap *heap)
{
	while (heap->count)
		darwin_CFBinaryHeapRemoveMinimumValue(heap);
}

// The least first.
void darwin_CFBinaryHeapApplyFunction(const struct heap *heap, void (*function)(const void *value, void *context),
				      void *context)
{
	struct heap *copy = darwin_CFBinaryHeapCreateCopy(NULL, 0, heap);
	for (; copy->count; darwin_CFBinaryHeapRemoveMinimumValue(copy))
		function(copy->values[0], context);
	darwin_CFRelease(copy);
}

static void value_give(const void *value, void *context)
{
	*(*(const void ***)context)++ = value;
}

void darwin_CFBinaryHeapGetValues(const struct heap *heap, const void **values)
{
	darwin_CFBinaryHeapApplyFunction(heap, value_give, &values);
}
