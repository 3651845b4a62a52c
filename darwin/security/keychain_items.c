// SPDX-License-Identifier: MIT
// Items in a keychain; see keychain.h. Primary keys: open source Security's SecItemSchema.c.
#include "keychain.h"

#include <stdlib.h>
#include <string.h>

struct dictionary *darwin_CFDictionaryCreateMutableCopy(const void *allocator, int64_t most,
							const struct dictionary *dictionary);
void darwin_CFArrayRemoveValueAtIndex(struct array *array, int64_t index);
void darwin_CFArraySetValueAtIndex(struct array *array, int64_t index, const void *value);
double darwin_CFAbsoluteTimeGetCurrent(void);
void darwin_arc4random_buf(void *to, size_t size);

static void item_destroy(struct object *object)
{
	struct keychain_item *item = (struct keychain_item *)object;
	darwin_CFRelease(item->keychain);
	darwin_CFRelease(item->record);
}

static const void *item_number(const struct keychain_item *item)
{
	return dictionary_get(item->record, "persistref");
}

static bool item_equal(const struct object *left, const struct object *right)
{
	return darwin_CFEqual(item_number((const struct keychain_item *)left),
			      item_number((const struct keychain_item *)right));
}

static uint64_t item_hash(const struct object *object)
{
	return darwin_CFHash(item_number((const struct keychain_item *)object));
}

const struct object_type keychain_item_type = {
	.name = "SecKeychainItem", .destroy = item_destroy, .equal = item_equal, .hash = item_hash};

struct keychain_item *keychain_item_make(struct keychain *keychain, const struct dictionary *record)
{
	struct keychain_item *item = object_make(&keychain_item_type, sizeof(*item));
	darwin_CFRetain(keychain);
	item->keychain = keychain;
	item->record = darwin_CFDictionaryCreateMutableCopy(NULL, 0, record);
	return item;
}

// ---- the same? ------------------------------------------------------------------------------------------------------

// The bytes of text, malloced; NULL: it is no text.
static char *text_of(const void *value, size_t *size)
{
	if (object_type(value) == &string_type) {
		char *text = string_to_utf8(value);
		*size = strlen(text);
		return text;
	}
	if (object_type(value) != &data_type)
		return NULL;
	*size = (size_t)darwin_CFDataGetLength(value);
	char *text = malloc(*size + 1);
	if (text)
		memcpy(text, darwin_CFDataGetBytePtr(value), *size);
	return text;
}

bool attribute_equal(const void *left, const void *right)
{
	size_t left_size = 0, right_size = 0;
	if (!left || !right || object_type(left) == object_type(right))
		return left && right ? darwin_CFEqual(left, right) : left == right;
	char *one = text_of(left, &left_size), *other = text_of(right, &right_size);
	bool equal = one && other && left_size == right_size && memcmp(one, other, left_size) == 0;
	free(one);
	free(other);
	return equal;
}

bool attribute_is(const struct dictionary *record, const char *key, const char *text)
{
	const void *value = dictionary_get(record, key);
	if (value && object_type(value) == &number_type)
		return number_whole(value) == strtoll(text, NULL, 10);
	return value && object_type(value) == &string_type && string_is(value, text);
}

static const struct {
	const char *class, *keys[10];
} primary[] = {
	{"genp", {"acct", "svce"}},
	{"inet", {"acct", "sdmn", "srvr", "ptcl", "atyp", "port", "path"}},
	{"cert", {"issr", "slnr"}},
	{"keys", {"kcls", "klbl", "atag", "type", "bsiz"}},
};

// Attributes that are not there count as empty ones: an item without a path is the one with path "".
static bool attribute_empty(const void *value)
{
	return !value || (object_type(value) == &string_type && string_length(value) == 0) ||
	       (object_type(value) == &data_type && darwin_CFDataGetLength(value) == 0) ||
	       (object_type(value) == &number_type && number_whole(value) == 0);
}

static bool same_primary(const struct dictionary *left, const struct dictionary *right)
{
	for (size_t kind = 0; kind < sizeof(primary) / sizeof(*primary); kind++) {
		if (!string_is(dictionary_get(left, "class"), primary[kind].class) ||
		    !string_is(dictionary_get(right, "class"), primary[kind].class))
			continue;
		for (size_t i = 0; primary[kind].keys[i]; i++) {
			const void *one = dictionary_get(left, primary[kind].keys[i]),
				   *other = dictionary_get(right, primary[kind].keys[i]);
			if (!(attribute_empty(one) && attribute_empty(other)) && !attribute_equal(one, other))
				return false;
		}
		return true;
	}
	return false;
}

static int64_t index_of(const struct array *items, const void *number)
{
	for (int64_t i = 0; i < darwin_CFArrayGetCount(items); i++)
		if (darwin_CFEqual(dictionary_get(darwin_CFArrayGetValueAtIndex(items, i), "persistref"), number))
			return i;
	return -1;
}

// ---- changes --------------------------------------------------------------------------------------------------------

static int32_t change_add(struct array *items, void *context)
{
	for (int64_t i = 0; i < darwin_CFArrayGetCount(items); i++)
		if (same_primary(darwin_CFArrayGetValueAtIndex(items, i), context))
			return SEC_DUPLICATE_ITEM;
	darwin_CFArrayAppendValue(items, context);
	return SEC_SUCCESS;
}

int32_t keychain_add(struct keychain *keychain, struct dictionary *record)
{
	uint8_t number[KEYCHAIN_NUMBER];
	double now = (double)(int64_t)darwin_CFAbsoluteTimeGetCurrent();
	const void *class = dictionary_get(record, "class");
	const void *name = dictionary_get(record, string_is(class, "inet") ? "srvr" : "svce");
	darwin_arc4random_buf(number, sizeof(number));
	dictionary_put(record, "persistref", darwin_CFDataCreate(NULL, number, sizeof(number)));
	if (!dictionary_get(record, "cdat"))
		dictionary_put(record, "cdat", darwin_CFDateCreate(NULL, now));
	dictionary_put(record, "mdat", darwin_CFDateCreate(NULL, now));
	if (!dictionary_get(record, "labl") && name && object_type(name) == &string_type)
		dictionary_put(record, "labl", darwin_CFRetain(name));
	return keychain_change(keychain, change_add, record);
}

struct change {
	const void *number;
	const struct dictionary *changes; // NULL: it goes
};

static int32_t change_one(struct array *items, void *context)
{
	const struct change *change = context;
	int64_t index = index_of(items, change->number);
	if (index < 0)
		return SEC_ITEM_NOT_FOUND;
	if (!change->changes) {
		darwin_CFArrayRemoveValueAtIndex(items, index);
		return SEC_SUCCESS;
	}
	struct dictionary *record =
		darwin_CFDictionaryCreateMutableCopy(NULL, 0, darwin_CFArrayGetValueAtIndex(items, index));
	int64_t count = darwin_CFDictionaryGetCount(change->changes);
	const void **keys = calloc((size_t)count * 2 + 1, sizeof(*keys)), **values = keys + count;
	darwin_CFDictionaryGetKeysAndValues(change->changes, keys, values);
	for (int64_t i = 0; i < count; i++)
		darwin_CFDictionarySetValue(record, keys[i], values[i]);
	free(keys);
	dictionary_put(record, "mdat", darwin_CFDateCreate(NULL, (double)(int64_t)darwin_CFAbsoluteTimeGetCurrent()));
	int32_t status = SEC_SUCCESS;
	for (int64_t i = 0; i < darwin_CFArrayGetCount(items); i++)
		if (i != index && same_primary(darwin_CFArrayGetValueAtIndex(items, i), record))
			status = SEC_DUPLICATE_ITEM;
	if (!status)
		darwin_CFArraySetValueAtIndex(items, index, record);
	darwin_CFRelease(record);
	return status;
}

int32_t keychain_update(struct keychain *keychain, const void *number, const struct dictionary *changes)
{
	return keychain_change(keychain, change_one, &(struct change){number, changes});
}

int32_t keychain_remove(struct keychain *keychain, const void *number)
{
	return keychain_change(keychain, change_one, &(struct change){number, NULL});
}

struct dictionary *keychain_find(struct keychain *keychain, const void *number)
{
	struct array *items = NULL;
	struct dictionary *found = NULL;
	if (keychain_read(keychain, &items))
		return NULL;
	int64_t index = index_of(items, number);
	if (index >= 0)
		found = darwin_CFDictionaryCreateMutableCopy(NULL, 0, darwin_CFArrayGetValueAtIndex(items, index));
	darwin_CFRelease(items);
	return found;
}
