// SPDX-License-Identifier: MIT
// CFPropertyList, as programs call it; see plist.h. Facts: CFPropertyList.h.
#include "cfstring.h"
#include "plist.h"

#include <stdlib.h>

enum { MUTABLE_LEAVES = 2 };
enum { READ_CORRUPT = 3840, WRITE_FAILED = 3851 }; // kCFPropertyListReadCorruptError, kCFPropertyListWriteStreamError

struct string *darwin_CFStringCreateMutableCopy(const void *allocator, int64_t most, const void *string);
const void *darwin_CFStringCreateCopy(const void *allocator, const void *string);

// Arrays and dictionaries can always be changed; strings only if they were asked for so.
struct data *darwin_CFDataCreateMutableCopy(const void *allocator, int64_t most, const struct data *data);
const void *darwin_CFDataCreateCopy(const void *allocator, const struct data *data);

static const void *copy_deep(const void *object, uint64_t options)
{
	const struct object_type *type = object_type(object);
	if (type == &array_type) {
		struct array *array = array_make(true);
		for (int64_t i = 0; i < darwin_CFArrayGetCount(object); i++)
			array_add(array, copy_deep(darwin_CFArrayGetValueAtIndex(object, i), options));
		return array;
	}
	if (type == &data_type)
		return options == MUTABLE_LEAVES ? (const void *)darwin_CFDataCreateMutableCopy(NULL, 0, object)
						 : darwin_CFDataCreateCopy(NULL, object);
	if (type == &string_type)
		return options == MUTABLE_LEAVES ? darwin_CFStringCreateMutableCopy(NULL, 0, object)
						 : darwin_CFStringCreateCopy(NULL, object);
	if (type != &dictionary_type)
		return darwin_CFRetain(object);
	struct dictionary *dictionary = dictionary_make();
	size_t count = (size_t)darwin_CFDictionaryGetCount(object);
	const void **keys = malloc((count * 2 + 1) * sizeof(*keys)), **values = keys + count;
	if (!keys)
		abort();
	darwin_CFDictionaryGetKeysAndValues(object, keys, values);
	for (size_t i = 0; i < count; i++) {
		const void *value = copy_deep(values[i], options);
		darwin_CFDictionarySetValue(dictionary, keys[i], value);
		darwin_CFRelease(value);
	}
	free(keys);
	return dictionary;
}

static struct string *failure_text(const struct plist_failure *failure)
{
	if (failure->line)
		return string_format("The property list cannot be read: line %zu: %s.", failure->line, failure->reason);
	return string_format("The property list cannot be read: %s.", failure->reason);
}

static const void *read_list(const struct data *data, uint64_t options, int64_t *format, struct plist_failure *failure)
{
	enum plist_format found = PLIST_OLD;
	const void *object =
		plist_read(darwin_CFDataGetBytePtr(data), (size_t)darwin_CFDataGetLength(data), &found, failure);
	if (object && format)
		*format = found;
	if (!object || options != MUTABLE_LEAVES)
		return object;
	const void *copy = copy_deep(object, options);
	darwin_CFRelease(object);
	return copy;
}

const void *darwin_CFPropertyListCreateWithData(const void *allocator, const struct data *data, uint64_t options,
						int64_t *format, struct object **error)
{
	struct plist_failure failure;
	const void *object = read_list(data, options, format, &failure);
	if (object || !error)
		return object;
	struct string *string = failure_text(&failure);
	char *text = string_to_utf8(string);
	*error = error_make("NSCocoaErrorDomain", READ_CORRUPT, text);
	free(text);
	darwin_CFRelease(string);
	return NULL;
}

const void *darwin_CFPropertyListCreateFromXMLData(const void *allocator, const struct data *data, uint64_t options,
						   struct string **reason)
{
	struct plist_failure failure;
	const void *object = read_list(data, options, NULL, &failure);
	if (reason)
		*reason = object ? NULL : failure_text(&failure);
	return object;
}

struct data *darwin_CFPropertyListCreateData(const void *allocator, const void *object, int64_t format,
					     uint64_t options, struct object **error)
{
	struct bytes bytes = {0};
	if (plist_write(object, (enum plist_format)format, &bytes))
		return data_take(&bytes);
	if (error)
		*error = error_make("NSCocoaErrorDomain", WRITE_FAILED,
				    "The object is no property list, or its format cannot be written.");
	return NULL;
}

struct data *darwin_CFPropertyListCreateXMLData(const void *allocator, const void *object)
{
	return darwin_CFPropertyListCreateData(allocator, object, PLIST_XML, 0, NULL);
}

uint8_t darwin_CFPropertyListIsValid(const void *object, int64_t format)
{
	return (format == PLIST_XML || format == PLIST_BINARY) && plist_valid(object, 1);
}

const void *darwin_CFPropertyListCreateDeepCopy(const void *allocator, const void *object, uint64_t options)
{
	return plist_valid(object, 1) ? copy_deep(object, options) : NULL;
}

// ---- what keyed archives have ---------------------------------------------------------------------------------------

struct uid *darwin_CFKeyedArchiverUIDCreate(const void *allocator, uint32_t value)
{
	return uid_make(value);
}

uint32_t darwin_CFKeyedArchiverUIDGetValue(const struct uid *uid)
{
	return (uint32_t)uid_value(uid);
}

uint64_t darwin_CFKeyedArchiverUIDGetTypeID(void)
{
	return (uintptr_t)&uid_type;
}
