// SPDX-License-Identifier: MIT
// _CFRuntimeRegisterClass and instances of such classes. CFRuntimeBase has 16 bytes, as struct object has.
#include "runtime.h"

#include <stdlib.h>

struct runtime_class { // CFRuntimeClass, version 0
	int64_t version;
	const char *name;
	void (*init)(const void *object);
	const void *(*copy)(const void *allocator, const void *object);
	void (*finalize)(const void *object);
	uint8_t (*equal)(const void *left, const void *right);
	uint64_t (*hash)(const void *object);
	const void *(*copy_formatting)(const void *object, const void *options);
	const void *(*copy_description)(const void *object);
};

uint64_t darwin_CFRuntimeRegisterClass(const struct runtime_class *class)
{
	struct object_type *type = calloc(1, sizeof(*type)); // types last as long as the program
	if (!type)
		return 0; // _kCFRuntimeNotATypeID
	type->name = class->name;
	type->class = class;
	return (uintptr_t)type;
}

const struct runtime_class *darwin_CFRuntimeGetClassWithTypeID(uint64_t id)
{
	return ((const struct object_type *)(uintptr_t)id)->class;
}

const void *darwin_CFRuntimeCreateInstance(const void *allocator, uint64_t id, int64_t extra, uint8_t *category)
{
	const struct object_type *type = (const struct object_type *)(uintptr_t)id;
	if (!id || !type->class || extra < 0)
		return NULL;
	struct object *object = object_make(type, sizeof(*object) + (size_t)extra);
	if (type->class->init)
		type->class->init(object);
	return object;
}

void runtime_destroy(struct object *object)
{
	if (object->type->class->finalize)
		object->type->class->finalize(object);
}

bool runtime_equal(const void *left, const void *right)
{
	const struct runtime_class *class = object_type(left)->class;
	return class->equal && class->equal(left, right);
}

uint64_t runtime_hash(const void *object)
{
	const struct runtime_class *class = object_type(object)->class;
	return class->hash ? class->hash(object) : (uintptr_t)object >> 4;
}

void runtime_describe(const void *object, struct bytes *to)
{
	const struct runtime_class *class = object_type(object)->class;
	const void *text = class->copy_formatting    ? class->copy_formatting(object, NULL)
			   : class->copy_description ? class->copy_description(object)
						     : NULL;
	if (text)
		object_describe(text, to);
	else
		bytes_add_format(to, "<%s %p>", class->name, object);
	darwin_CFRelease(text);
}
