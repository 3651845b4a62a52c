// SPDX-License-Identifier: MIT
// Objects; see object.h.
#include "cfstring.h"
#include "runtime.h"

#include "../libsystem/report.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

uint64_t darwin_CFConstantStringClassReference[16];
// Facts: the version of CoreFoundation that programs made with macOS 14's SDK name in their load commands.
const double darwin_kCFCoreFoundationVersionNumber = 2420;

void *object_make(const struct object_type *type, size_t size)
{
	struct object *object = calloc(1, size);
	if (!object)
		report_fatal("CoreFoundation: no memory for %s", type->name);
	object->type = type;
	object->count = 1;
	return object;
}

const struct object_type *object_type(const void *object)
{
	return string_is_constant(object) ? &string_type : ((const struct object *)object)->type;
}

const void *darwin_CFRetain(const void *object)
{
	if (object && !string_is_constant(object))
		((struct object *)(uintptr_t)object)->count++;
	return object;
}

bool object_try_retain(void *object)
{
	struct object *mine = object;
	int64_t count = mine->count;
	while (count > 0)
		if (atomic_compare_exchange_weak(&mine->count, &count, count + 1))
			return true;
	return false;
}

void darwin_CFRelease(const void *object)
{
	struct object *mine = (struct object *)(uintptr_t)object;
	if (!object || string_is_constant(object) || --mine->count > 0)
		return;
	if (mine->type->class)
		runtime_destroy(mine);
	if (mine->type->destroy)
		mine->type->destroy(mine);
	free(mine);
}

void object_refuse(const char *type)
{
	report("CoreFoundation: the program changes a %s that was made as constant", type);
	abort();
}

int64_t darwin_CFGetRetainCount(const void *object)
{
	return string_is_constant(object) ? INT64_MAX : ((const struct object *)object)->count;
}

uint64_t darwin_CFGetTypeID(const void *object)
{
	return (uintptr_t)object_type(object);
}

uint8_t darwin_CFEqual(const void *left, const void *right)
{
	if (left == right)
		return 1;
	const struct object_type *type = object_type(left);
	if (type != object_type(right))
		return 0;
	return type->class ? runtime_equal(left, right) : type->equal && type->equal(left, right);
}

uint64_t darwin_CFHash(const void *object)
{
	const struct object_type *type = object_type(object);
	if (type->class)
		return runtime_hash(object);
	return type->hash ? type->hash(object) : (uintptr_t)object >> 4;
}

uint64_t object_hash_bytes(const void *bytes, size_t size)
{
	uint64_t hash = 14695981039346656037u;
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ ((const uint8_t *)bytes)[i]) * 1099511628211u;
	return hash;
}

// There are no pools: who expects the reference to go later keeps it.
const void *darwin_CFAutorelease(const void *object)
{
	return object;
}

const void *darwin_CFMakeCollectable(const void *object)
{
	return object;
}

// ---- descriptions ---------------------------------------------------------------------------------------------------

void object_describe(const void *object, struct bytes *to)
{
	if (!object) {
		bytes_add_text(to, "(null)");
		return;
	}
	const struct object_type *type = object_type(object);
	if (type->class)
		runtime_describe(object, to);
	else if (type->describe)
		type->describe(object, to);
	else
		bytes_add_format(to, "<%s %p>", type->name, object);
}

static struct string *description_take(struct bytes *bytes)
{
	bytes_add(bytes, "", 1);
	struct string *string = string_from_text((const char *)bytes->at);
	free(bytes->at);
	return string;
}

// Values are shown with their type and address, all else as %@ shows it.
struct string *darwin_CFCopyDescription(const void *object)
{
	struct bytes bytes = {0};
	const struct object_type *type = object ? object_type(object) : NULL;
	bool wrapped = type == &string_type || type == &number_type || type == &data_type || type == &date_type;
	if (wrapped)
		bytes_add_format(&bytes, "<%s %p>{", type->name, object);
	object_describe(object, &bytes);
	bytes_add_text(&bytes, wrapped ? "}" : "");
	return description_take(&bytes);
}

struct string *darwin_CFCopyTypeIDDescription(uint64_t type)
{
	return string_format("%s", ((const struct object_type *)(uintptr_t)type)->name);
}

void darwin_CFShow(const void *object)
{
	struct bytes bytes = {0};
	object_describe(object, &bytes);
	bytes_add_text(&bytes, "\n");
	if (write(2, bytes.at, bytes.count) < 0)
		report("CFShow: standard error cannot be written");
	free(bytes.at);
}
