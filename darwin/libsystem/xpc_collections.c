// SPDX-License-Identifier: MIT
// XPC's arrays and dictionaries. Facts: <xpc/xpc.h>: a collection retains its values; XPC_ARRAY_APPEND is -1; NULL as a value removes a key;
// what is missing, or of another type, reads as 0 or NULL.
#include "xpc.h"

#include <stdlib.h>
#include <string.h>

#define APPEND SIZE_MAX
#define IS(object, name) ((object) && (object)->type == &darwin_xpc_type_##name)

void xpc_list_free(struct xpc_object *list)
{
	for (size_t i = 0; i < list->list.count; i++) {
		if (list->list.keys)
			free(list->list.keys[i]);
		darwin_xpc_release(list->list.values[i]);
	}
	free(list->list.keys);
	free(list->list.values);
}

static bool list_grow(struct xpc_object *list)
{
	if (list->list.count < list->list.room)
		return true;
	size_t room = list->list.room * 2 + 8;
	struct xpc_object **values = realloc(list->list.values, room * sizeof(*values));
	if (values)
		list->list.values = values;
	char **keys = IS(list, dictionary) ? realloc(list->list.keys, room * sizeof(*keys)) : NULL;
	if (keys)
		list->list.keys = keys;
	bool grown = values && (keys || !IS(list, dictionary));
	if (grown)
		list->list.room = room;
	return grown;
}

// ---- arrays ---------------------------------------------------------------------------------------------------------

size_t darwin_xpc_array_get_count(const struct xpc_object *array) { return IS(array, array) ? array->list.count : 0; }
struct xpc_object *darwin_xpc_array_get_value(const struct xpc_object *array, size_t index) { return IS(array, array) && index < array->list.count ? array->list.values[index] : NULL; }

void darwin_xpc_array_set_value(struct xpc_object *array, size_t index, struct xpc_object *value)
{
	if (!IS(array, array) || !value || (index != APPEND && index >= array->list.count))
		return;
	darwin_xpc_retain(value);
	if (index != APPEND) {
		darwin_xpc_release(array->list.values[index]);
		array->list.values[index] = value;
	} else if (list_grow(array))
		array->list.values[array->list.count++] = value;
}

void darwin_xpc_array_append_value(struct xpc_object *array, struct xpc_object *value) { darwin_xpc_array_set_value(array, APPEND, value); }

struct xpc_object *darwin_xpc_array_create(struct xpc_object *const *values, size_t count)
{
	struct xpc_object *array = xpc_make(&darwin_xpc_type_array);
	for (size_t i = 0; array && i < count; i++)
		darwin_xpc_array_set_value(array, APPEND, values[i]);
	return array;
}

struct xpc_object *darwin_xpc_array_create_empty(void) { return darwin_xpc_array_create(NULL, 0); }

struct array_block {
	void *class;
	int32_t flags, reserved;
	bool (*invoke)(void *block, size_t index, struct xpc_object *value);
};

bool darwin_xpc_array_apply(const struct xpc_object *array, struct array_block *block)
{
	for (size_t i = 0; i < darwin_xpc_array_get_count(array); i++)
		if (!block->invoke(block, i, array->list.values[i]))
			return false;
	return true;
}

// ---- dictionaries ---------------------------------------------------------------------------------------------------

static size_t key_find(const struct xpc_object *dictionary, const char *key)
{
	size_t i = 0;
	while (i < dictionary->list.count && strcmp(dictionary->list.keys[i], key) != 0)
		i++;
	return i;
}

size_t darwin_xpc_dictionary_get_count(const struct xpc_object *dictionary) { return IS(dictionary, dictionary) ? dictionary->list.count : 0; }

struct xpc_object *darwin_xpc_dictionary_get_value(const struct xpc_object *dictionary, const char *key)
{
	size_t at = IS(dictionary, dictionary) ? key_find(dictionary, key) : 0;
	return IS(dictionary, dictionary) && at < dictionary->list.count ? dictionary->list.values[at] : NULL;
}

static void remove_at(struct xpc_object *dictionary, size_t at)
{
	if (at == dictionary->list.count)
		return;
	free(dictionary->list.keys[at]);
	darwin_xpc_release(dictionary->list.values[at]);
	dictionary->list.count--;
	dictionary->list.keys[at] = dictionary->list.keys[dictionary->list.count];
	dictionary->list.values[at] = dictionary->list.values[dictionary->list.count];
}

void darwin_xpc_dictionary_set_value(struct xpc_object *dictionary, const char *key, struct xpc_object *value)
{
	if (!IS(dictionary, dictionary))
		return;
	size_t at = key_find(dictionary, key);
	if (!value) {
		remove_at(dictionary, at);
		return;
	}
	darwin_xpc_retain(value);
	if (at < dictionary->list.count) {
		darwin_xpc_release(dictionary->list.values[at]);
		dictionary->list.values[at] = value;
	} else if (list_grow(dictionary) && (dictionary->list.keys[at] = strdup(key)))
		dictionary->list.values[dictionary->list.count++] = value;
	else
		darwin_xpc_release(value);
}

struct xpc_object *darwin_xpc_dictionary_create(const char *const *keys, struct xpc_object *const *values, size_t count)
{
	struct xpc_object *dictionary = xpc_make(&darwin_xpc_type_dictionary);
	for (size_t i = 0; dictionary && i < count; i++)
		darwin_xpc_dictionary_set_value(dictionary, keys[i], values[i]);
	return dictionary;
}

struct xpc_object *darwin_xpc_dictionary_create_empty(void) { return darwin_xpc_dictionary_create(NULL, NULL, 0); }

struct dictionary_block {
	void *class;
	int32_t flags, reserved;
	bool (*invoke)(void *block, const char *key, struct xpc_object *value);
};

bool darwin_xpc_dictionary_apply(const struct xpc_object *dictionary, struct dictionary_block *block)
{
	for (size_t i = 0; i < darwin_xpc_dictionary_get_count(dictionary); i++)
		if (!block->invoke(block, dictionary->list.keys[i], dictionary->list.values[i]))
			return false;
	return true;
}

// No message comes from another process here: none has a connection, none can be replied to.
struct xpc_object *darwin_xpc_dictionary_create_reply(const struct xpc_object *message) { return (void)message, NULL; }
struct xpc_object *darwin_xpc_dictionary_get_remote_connection(const struct xpc_object *message) { return (void)message, NULL; }

// ---- a copy: values that are collections themselves are copied, others shared ---------------------------------------

struct xpc_object *darwin_xpc_copy(struct xpc_object *object)
{
	if (!IS(object, array) && !IS(object, dictionary))
		return darwin_xpc_retain(object);
	struct xpc_object *copy = xpc_make(object->type);
	for (size_t i = 0; copy && i < object->list.count; i++) {
		struct xpc_object *value = darwin_xpc_copy(object->list.values[i]);
		if (object->list.keys)
			darwin_xpc_dictionary_set_value(copy, object->list.keys[i], value);
		else
			darwin_xpc_array_set_value(copy, APPEND, value);
		darwin_xpc_release(value);
	}
	return copy;
}

// ---- with the values themselves -------------------------------------------------------------------------------------

#define VALUES(name, kind)                                                                                             \
	struct xpc_object *darwin_xpc_##name##_create(kind value);                                                     \
	kind darwin_xpc_##name##_get_value(const struct xpc_object *object);                                           \
	void darwin_xpc_dictionary_set_##name(struct xpc_object *dictionary, const char *key, kind value)              \
	{                                                                                                              \
		struct xpc_object *object = darwin_xpc_##name##_create(value);                                         \
		darwin_xpc_dictionary_set_value(dictionary, key, object);                                              \
		darwin_xpc_release(object);                                                                            \
	}                                                                                                              \
	kind darwin_xpc_dictionary_get_##name(const struct xpc_object *dictionary, const char *key)                    \
	{                                                                                                              \
		const struct xpc_object *object = darwin_xpc_dictionary_get_value(dictionary, key);                    \
		return object ? darwin_xpc_##name##_get_value(object) : 0;                                             \
	}                                                                                                              \
	void darwin_xpc_array_set_##name(struct xpc_object *array, size_t index, kind value)                           \
	{                                                                                                              \
		struct xpc_object *object = darwin_xpc_##name##_create(value);                                         \
		darwin_xpc_array_set_value(array, index, object);                                                      \
		darwin_xpc_release(object);                                                                            \
	}                                                                                                              \
	kind darwin_xpc_array_get_##name(const struct xpc_object *array, size_t index)                                 \
	{                                                                                                              \
		const struct xpc_object *object = darwin_xpc_array_get_value(array, index);                            \
		return object ? darwin_xpc_##name##_get_value(object) : 0;                                             \
	}
VALUES(bool, bool)
VALUES(int64, int64_t)
VALUES(uint64, uint64_t)
VALUES(double, double)
VALUES(date, int64_t)

#define POINTERS(name, kind, get)                                                                                      \
	struct xpc_object *darwin_xpc_##name##_create(kind value);                                                     \
	kind get(const struct xpc_object *object);                                                                     \
	void darwin_xpc_dictionary_set_##name(struct xpc_object *dictionary, const char *key, kind value)              \
	{                                                                                                              \
		struct xpc_object *object = darwin_xpc_##name##_create(value);                                         \
		darwin_xpc_dictionary_set_value(dictionary, key, object);                                              \
		darwin_xpc_release(object);                                                                            \
	}                                                                                                              \
	kind darwin_xpc_dictionary_get_##name(const struct xpc_object *dictionary, const char *key)                    \
	{                                                                                                              \
		const struct xpc_object *object = darwin_xpc_dictionary_get_value(dictionary, key);                    \
		return object ? get(object) : NULL;                                                                    \
	}                                                                                                              \
	void darwin_xpc_array_set_##name(struct xpc_object *array, size_t index, kind value)                           \
	{                                                                                                              \
		struct xpc_object *object = darwin_xpc_##name##_create(value);                                         \
		darwin_xpc_array_set_value(array, index, object);                                                      \
		darwin_xpc_release(object);                                                                            \
	}                                                                                                              \
	kind darwin_xpc_array_get_##name(const struct xpc_object *array, size_t index)                                 \
	{                                                                                                              \
		const struct xpc_object *object = darwin_xpc_array_get_value(array, index);                            \
		return object ? get(object) : NULL;                                                                    \
	}
POINTERS(string, const char *, darwin_xpc_string_get_string_ptr)
POINTERS(uuid, const uint8_t *, darwin_xpc_uuid_get_bytes)

struct xpc_object *darwin_xpc_data_create(const void *from, size_t size);

void darwin_xpc_dictionary_set_data(struct xpc_object *dictionary, const char *key, const void *from, size_t size)
{
	struct xpc_object *object = darwin_xpc_data_create(from, size);
	darwin_xpc_dictionary_set_value(dictionary, key, object);
	darwin_xpc_release(object);
}

static const void *data_of(const struct xpc_object *object, size_t *size)
{
	if (IS(object, data) && size)
		*size = object->bytes.size;
	return IS(object, data) ? object->bytes.at : NULL;
}

const void *darwin_xpc_dictionary_get_data(const struct xpc_object *dictionary, const char *key, size_t *size)
{
	return data_of(darwin_xpc_dictionary_get_value(dictionary, key), size);
}

const void *darwin_xpc_array_get_data(const struct xpc_object *array, size_t index, size_t *size)
{
	return data_of(darwin_xpc_array_get_value(array, index), size);
}

static struct xpc_object *of_type(struct xpc_object *object, const struct xpc_type *type) { return object && object->type == type ? object : NULL; }
struct xpc_object *darwin_xpc_dictionary_get_array(const struct xpc_object *of, const char *key) { return of_type(darwin_xpc_dictionary_get_value(of, key), &darwin_xpc_type_array); }
struct xpc_object *darwin_xpc_dictionary_get_dictionary(const struct xpc_object *of, const char *key) { return of_type(darwin_xpc_dictionary_get_value(of, key), &darwin_xpc_type_dictionary); }
struct xpc_object *darwin_xpc_array_get_array(const struct xpc_object *of, size_t index) { return of_type(darwin_xpc_array_get_value(of, index), &darwin_xpc_type_array); }
struct xpc_object *darwin_xpc_array_get_dictionary(const struct xpc_object *of, size_t index) { return of_type(darwin_xpc_array_get_value(of, index), &darwin_xpc_type_dictionary); }
