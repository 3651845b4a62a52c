// SPDX-License-Identifier: MIT
// Objects; see object.h.
#include "cfstring.h"

#include "../libsystem/report.h"

#include <stdio.h>
#include <stdlib.h>

uint64_t darwin_CFConstantStringClassReference[16];
const void *darwin_kCFAllocatorDefault, *darwin_kCFAllocatorNull, *darwin_kCFAllocatorSystemDefault,
	*darwin_kCFAllocatorMalloc;

void *object_make(const struct object_type *type, size_t size)
{
	struct object *object = calloc(1, size);
	if (!object)
		report_fatal("CoreFoundation: no memory for %s", type->name);
	object->type = type;
	object->count = 1;
	return object;
}

static bool is_constant(const void *object)
{
	return *(const void *const *)object == darwin_CFConstantStringClassReference;
}

const struct object_type *object_type(const void *object)
{
	return is_constant(object) ? &string_type : ((const struct object *)object)->type;
}

const void *darwin_CFRetain(const void *object)
{
	if (object && !is_constant(object))
		((struct object *)(uintptr_t)object)->count++;
	return object;
}

void darwin_CFRelease(const void *object)
{
	struct object *mine = (struct object *)(uintptr_t)object;
	if (!object || is_constant(object) || --mine->count > 0)
		return;
	if (mine->type->destroy)
		mine->type->destroy(mine);
	free(mine);
}

int64_t darwin_CFGetRetainCount(const void *object)
{
	return is_constant(object) ? INT64_MAX : ((const struct object *)object)->count;
}

uint64_t darwin_CFGetTypeID(const void *object)
{
	return (uintptr_t)object_type(object);
}

uint8_t darwin_CFEqual(const void *left, const void *right)
{
	const struct object_type *type = object_type(left);
	return left == right || (type == object_type(right) && type->equal && type->equal(left, right));
}

uint64_t darwin_CFHash(const void *object)
{
	const struct object_type *type = object_type(object);
	return type->hash ? type->hash(object) : (uintptr_t)object >> 4;
}
