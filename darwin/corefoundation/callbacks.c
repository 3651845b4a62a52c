// SPDX-License-Identifier: MIT
// Callbacks of collections; see callbacks.h.
#include "callbacks.h"

const void *darwin_CFStringCreateCopy(const void *allocator, const void *string);
struct string *darwin_CFCopyDescription(const void *object);

static const void *type_retain(const void *allocator, const void *value)
{
	return darwin_CFRetain(value);
}

static void type_release(const void *allocator, const void *value)
{
	darwin_CFRelease(value);
}

static const void *type_describe(const void *value)
{
	return darwin_CFCopyDescription(value);
}

#define TYPE_CALLBACKS 0, type_retain, type_release, type_describe, darwin_CFEqual
const struct callbacks darwin_kCFTypeSetCallBacks = {TYPE_CALLBACKS, darwin_CFHash};
const struct callbacks darwin_kCFTypeBagCallBacks = {TYPE_CALLBACKS, darwin_CFHash};
const struct callbacks darwin_kCFTypeArrayCallBacks = {TYPE_CALLBACKS, NULL};
const struct callbacks darwin_kCFTypeDictionaryKeyCallBacks = {TYPE_CALLBACKS, darwin_CFHash};
const struct callbacks darwin_kCFTypeDictionaryValueCallBacks = {TYPE_CALLBACKS, NULL};
const struct callbacks darwin_kCFCopyStringDictionaryKeyCallBacks = {
	0, darwin_CFStringCreateCopy, type_release, type_describe, darwin_CFEqual, darwin_CFHash};
const struct callbacks darwin_kCFCopyStringSetCallBacks = {
	0, darwin_CFStringCreateCopy, type_release, type_describe, darwin_CFEqual, darwin_CFHash};

struct callbacks callbacks_copy(const struct callbacks *from, bool hashes)
{
	struct callbacks copy = {0};
	if (from)
		copy = (struct callbacks){from->version,  from->retain, from->release,
					  from->describe, from->equal,	hashes ? from->hash : NULL};
	return copy;
}

const void *callbacks_retain(const struct callbacks *callbacks, const void *value)
{
	return callbacks->retain ? callbacks->retain(NULL, value) : value;
}

void callbacks_release(const struct callbacks *callbacks, const void *value)
{
	if (callbacks->release)
		callbacks->release(NULL, value);
}

bool callbacks_equal(const struct callbacks *callbacks, const void *left, const void *right)
{
	return left == right || (callbacks->equal && callbacks->equal(left, right));
}

uint64_t callbacks_hash(const struct callbacks *callbacks, const void *value)
{
	return callbacks->hash ? callbacks->hash(value) : (uintptr_t)value;
}

void callbacks_describe(const struct callbacks *callbacks, const void *value, struct bytes *to)
{
	if (callbacks->describe == type_describe) {
		object_describe(value, to);
	} else if (callbacks->describe) {
		const void *text = callbacks->describe(value);
		object_describe(text, to);
		darwin_CFRelease(text);
	} else {
		bytes_add_format(to, "0x%lx", (unsigned long)(uintptr_t)value);
	}
}
