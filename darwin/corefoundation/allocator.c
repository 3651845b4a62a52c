// SPDX-License-Identifier: MIT
// CFAllocator: memory comes from malloc, or from a program's own functions. Objects themselves always come from malloc.
// Facts: CFBase.h (CFAllocatorContext, kCFAllocator*). kCFAllocatorDefault is NULL and means the thread's default.
#include "object.h"

#include <malloc.h>
#include <stdlib.h>

struct allocator_context {
	int64_t version;
	void *info;
	const void *(*retain)(const void *info);
	void (*release)(const void *info);
	const void *(*describe)(const void *info);
	void *(*allocate)(int64_t size, uint64_t hint, void *info);
	void *(*reallocate)(void *memory, int64_t size, uint64_t hint, void *info);
	void (*deallocate)(void *memory, void *info);
	int64_t (*preferred)(int64_t size, uint64_t hint, void *info);
};
struct allocator {
	struct object head;
	struct allocator_context context;
};

static void allocator_destroy(struct object *object)
{
	struct allocator *allocator = (struct allocator *)object;
	if (allocator->context.release)
		allocator->context.release(allocator->context.info);
}

static const struct object_type allocator_type = {.name = "CFAllocator", .destroy = allocator_destroy};

static void *malloc_allocate(int64_t size, uint64_t hint, void *info)
{
	return size > 0 ? malloc((size_t)size) : NULL;
}

static void *malloc_reallocate(void *memory, int64_t size, uint64_t hint, void *info)
{
	return realloc(memory, (size_t)size);
}

static void malloc_deallocate(void *memory, void *info)
{
	free(memory);
}

static struct allocator malloc_allocator = {
	{&allocator_type, OBJECT_FOREVER},
	{.allocate = malloc_allocate, .reallocate = malloc_reallocate, .deallocate = malloc_deallocate}};
static struct allocator system_allocator = {
	{&allocator_type, OBJECT_FOREVER},
	{.allocate = malloc_allocate, .reallocate = malloc_reallocate, .deallocate = malloc_deallocate}};
static struct allocator null_allocator = {.head = {&allocator_type, OBJECT_FOREVER}};
static struct allocator context_allocator = {
	.head = {&allocator_type, OBJECT_FOREVER}}; // only named, to CFAllocatorCreate
const void *const darwin_kCFAllocatorDefault = NULL, *const darwin_kCFAllocatorSystemDefault = &system_allocator,
		  *const darwin_kCFAllocatorMalloc = &malloc_allocator,
		  *const darwin_kCFAllocatorMallocZone = &malloc_allocator,
		  *const darwin_kCFAllocatorNull = &null_allocator,
		  *const darwin_kCFAllocatorUseContext = &context_allocator;

static __thread const struct allocator *default_allocator;

const void *darwin_CFAllocatorGetDefault(void)
{
	return default_allocator ? default_allocator : &system_allocator;
}

void darwin_CFAllocatorSetDefault(const struct allocator *allocator)
{
	if (allocator)
		default_allocator = darwin_CFRetain(allocator);
}

static const struct allocator *allocator_of(const void *allocator)
{
	return allocator ? allocator : darwin_CFAllocatorGetDefault();
}

const void *darwin_CFAllocatorCreate(const void *allocator, const struct allocator_context *context)
{
	struct allocator *made = object_make(&allocator_type, sizeof(*made));
	made->context = *context;
	if (context->retain)
		made->context.info = (void *)(uintptr_t)context->retain(context->info);
	return made;
}

void *darwin_CFAllocatorAllocate(const void *allocator, int64_t size, uint64_t hint)
{
	const struct allocator *mine = allocator_of(allocator);
	return mine->context.allocate ? mine->context.allocate(size, hint, mine->context.info) : NULL;
}

void *darwin_CFAllocatorReallocate(const void *allocator, void *memory, int64_t size, uint64_t hint)
{
	const struct allocator *mine = allocator_of(allocator);
	if (!memory)
		return size > 0 ? darwin_CFAllocatorAllocate(allocator, size, hint) : NULL;
	if (size <= 0) {
		allocator_free(allocator, memory);
		return NULL;
	}
	return mine->context.reallocate ? mine->context.reallocate(memory, size, hint, mine->context.info) : NULL;
}

void allocator_free(const void *allocator, void *memory)
{
	const struct allocator *mine = allocator_of(allocator);
	if (memory && mine->context.deallocate)
		mine->context.deallocate(memory, mine->context.info);
}

void darwin_CFAllocatorDeallocate(const void *allocator, void *memory)
{
	allocator_free(allocator, memory);
}

int64_t darwin_CFAllocatorGetPreferredSizeForSize(const void *allocator, int64_t size, uint64_t hint)
{
	const struct allocator *mine = allocator_of(allocator);
	return mine->context.preferred ? mine->context.preferred(size, hint, mine->context.info) : size;
}

void darwin_CFAllocatorGetContext(const void *allocator, struct allocator_context *context)
{
	*context = allocator_of(allocator)->context;
}

const void *darwin_CFGetAllocator(const void *object)
{
	return &system_allocator;
}

uint64_t darwin_CFAllocatorGetTypeID(void)
{
	return (uintptr_t)&allocator_type;
}
