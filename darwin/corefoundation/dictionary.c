// SPDX-License-Identifier: MIT
// CFDictionary. Facts: CFDictionary.h. Callbacks of NULL: words, compared as such.
#include "constant.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

struct dictionary {
	struct object head;
	struct table table;
};

extern const struct callbacks darwin_kCFTypeDictionaryKeyCallBacks, darwin_kCFTypeDictionaryValueCallBacks;

static void dictionary_destroy(struct object *object)
{
	table_clear(&((struct dictionary *)object)->table);
}

static bool dictionary_equal(const struct object *left, const struct object *right)
{
	return table_equal(&((const struct dictionary *)left)->table, &((const struct dictionary *)right)->table);
}

static uint64_t dictionary_hash(const struct object *object)
{
	return (uint64_t)((const struct dictionary *)object)->table.count;
}

static void dictionary_describe(const struct object *object, struct bytes *to)
{
	const struct table *table = &((const struct dictionary *)object)->table;
	bytes_add_text(to, "{\n");
	for (int64_t i = 0; i < table->count; i++) {
		bytes_add_text(to, "    ");
		callbacks_describe(&table->keys, table->entries[i].key, to);
		bytes_add_text(to, " = ");
		callbacks_describe(&table->values, table->entries[i].value, to);
		bytes_add_text(to, ";\n");
	}
	bytes_add_text(to, "}");
}

const struct object_type dictionary_type = {"CFDictionary",  dictionary_destroy,  dictionary_equal,
					    dictionary_hash, dictionary_describe, NULL};

// ---- for the rest of the system -------------------------------------------------------------------------------------

struct dictionary *darwin_CFDictionaryCreateMutable(const void *allocator, int64_t most, const struct callbacks *keys,
						    const struct callbacks *values)
{
	struct dictionary *dictionary = object_make(&dictionary_type, sizeof(*dictionary));
	dictionary->table.keys = callbacks_copy(keys, true);
	dictionary->table.values = callbacks_copy(values, false);
	return dictionary;
}

struct dictionary *dictionary_make(void)
{
	return darwin_CFDictionaryCreateMutable(NULL, 0, &darwin_kCFTypeDictionaryKeyCallBacks,
						&darwin_kCFTypeDictionaryValueCallBacks);
}

void dictionary_put(struct dictionary *to, const char *key, const void *value)
{
	struct string *name = string_from_text(key);
	table_put(&to->table, name, value, TABLE_SET);
	darwin_CFRelease(name);
	darwin_CFRelease(value);
}

const void *dictionary_get(const struct dictionary *from, const char *key)
{
	struct constant_string name = {&darwin_CFConstantStringClassReference, CONSTANT_BYTES, 0, key,
				       (int64_t)strlen(key)};
	const struct entry *entry = table_find(&from->table, &name);
	return entry ? entry->value : NULL;
}

// ---- what programs call ---------------------------------------------------------------------------------------------

uint64_t darwin_CFDictionaryGetTypeID(void)
{
	return (uintptr_t)&dictionary_type;
}

struct dictionary *darwin_CFDictionaryCreate(const void *allocator, const void **keys, const void **values,
					     int64_t count, const struct callbacks *key_callbacks,
					     const struct callbacks *value_callbacks)
{
	struct dictionary *made = darwin_CFDictionaryCreateMutable(NULL, 0, key_callbacks, value_callbacks);
	for (int64_t i = 0; i < count; i++)
		table_put(&made->table, keys[i], values[i], TABLE_SET);
	made->table.fixed = true;
	return made;
}

struct dictionary *darwin_CFDictionaryCreateMutableCopy(const void *allocator, int64_t most,
							const struct dictionary *dictionary)
{
	struct dictionary *copy = object_make(&dictionary_type, sizeof(*copy));
	table_copy(&copy->table, &dictionary->table);
	return copy;
}

struct dictionary *darwin_CFDictionaryCreateCopy(const void *allocator, const struct dictionary *dictionary)
{
	struct dictionary *copy = darwin_CFDictionaryCreateMutableCopy(allocator, 0, dictionary);
	copy->table.fixed = true;
	return copy;
}

int64_t darwin_CFDictionaryGetCount(const struct dictionary *dictionary)
{
	return dictionary->table.count;
}

const void *darwin_CFDictionaryGetValue(const struct dictionary *dictionary, const void *key)
{
	const struct entry *entry = table_find(&dictionary->table, key);
	return entry ? entry->value : NULL;
}

uint8_t darwin_CFDictionaryGetValueIfPresent(const struct dictionary *dictionary, const void *key, const void **value)
{
	const struct entry *entry = table_find(&dictionary->table, key);
	if (entry && value)
		*value = entry->value;
	return entry != NULL;
}

uint8_t darwin_CFDictionaryGetKeyIfPresent(const struct dictionary *dictionary, const void *key, const void **actual)
{
	const struct entry *entry = table_find(&dictionary->table, key);
	if (entry && actual)
		*actual = entry->key;
	return entry != NULL;
}

uint8_t darwin_CFDictionaryContainsKey(const struct dictionary *dictionary, const void *key)
{
	return table_find(&dictionary->table, key) != NULL;
}

int64_t darwin_CFDictionaryGetCountOfKey(const struct dictionary *dictionary, const void *key)
{
	return table_find(&dictionary->table, key) != NULL;
}

uint8_t darwin_CFDictionaryContainsValue(const struct dictionary *dictionary, const void *value)
{
	return table_count_value(&dictionary->table, value) > 0;
}

int64_t darwin_CFDictionaryGetCountOfValue(const struct dictionary *dictionary, const void *value)
{
	return table_count_value(&dictionary->table, value);
}

void darwin_CFDictionaryGetKeysAndValues(const struct dictionary *dictionary, const void **keys, const void **values)
{
	for (int64_t i = 0; i < dictionary->table.count; i++) {
		if (keys)
			keys[i] = dictionary->table.entries[i].key;
		if (values)
			values[i] = dictionary->table.entries[i].value;
	}
}

void darwin_CFDictionaryApplyFunction(const struct dictionary *dictionary,
				      void (*function)(const void *key, const void *value, void *context),
				      void *context)
{
	for (int64_t i = 0; i < dictionary->table.count; i++)
		function(dictionary->table.entries[i].key, dictionary->table.entries[i].value, context);
}

static void check_changeable(const struct dictionary *dictionary)
{
	if (dictionary->table.fixed)
		object_refuse("CFDictionary");
}

void darwin_CFDictionaryAddValue(struct dictionary *dictionary, const void *key, const void *value)
{
	check_changeable(dictionary);
	table_put(&dictionary->table, key, value, TABLE_ADD);
}

void darwin_CFDictionarySetValue(struct dictionary *dictionary, const void *key, const void *value)
{
	check_changeable(dictionary);
	table_put(&dictionary->table, key, value, TABLE_SET);
}

void darwin_CFDictionaryReplaceValue(struct dictionary *dictionary, const void *key, const void *value)
{
	check_changeable(dictionary);
	table_put(&dictionary->table, key, value, TABLE_REPLACE);
}

void darwin_CFDictionaryRemoveValue(struct dictionary *dictionary, const void *key)
{
	check_changeable(dictionary);
	table_remove(&dictionary->table, key);
}

void darwin_CFDictionaryRemoveAllValues(struct dictionary *dictionary)
{
	check_changeable(dictionary);
	table_clear(&dictionary->table);
}
