// SPDX-License-Identifier: MIT
// SecKeychainItem: an item's attributes as lists of tags, its secret. Facts: Apple's SecKeychainItem.h, SecBase.h (SecKeychainAttributeList).
//
// A tag is the name of four letters that SecItem.h's attribute has, as a number. Ports, types and creators are numbers of 32 bits, dates are
// YYYYMMDDhhmmssZ with a NUL, all else is bytes without one.
#include "keychain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct dictionary *darwin_CFDictionaryCreateMutableCopy(const void *allocator, int64_t most,
							const struct dictionary *dictionary);
int32_t darwin_SecItemDelete(const struct dictionary *words);

enum { CLASS_CERTIFICATE = 0x80001000u, CLASS_PUBLIC = 15, CLASS_PRIVATE = 16, CLASS_SYMMETRIC = 17 };
enum { DATE = 16, EPOCH = 978307200 };

struct attribute { // SecKeychainAttribute
	uint32_t tag, size;
	void *data;
};
struct attribute_list {
	uint32_t count;
	struct attribute *at;
};
struct attribute_info { // SecKeychainAttributeInfo
	uint32_t count;
	const uint32_t *tags, *formats;
};

uint64_t darwin_SecKeychainItemGetTypeID(void)
{
	return (uintptr_t)&keychain_item_type;
}

// ---- numbers of four letters ----------------------------------------------------------------------------------------

static void letters_of(uint32_t number, char to[5])
{
	for (int i = 0; i < 4; i++)
		to[i] = (char)(number >> 8 * (3 - i));
	to[4] = '\0';
}

static uint32_t number_of(const char *letters)
{
	uint32_t number = 0;
	for (int i = 0; i < 4 && letters[i]; i++)
		number = number << 8 | (uint8_t)letters[i];
	return number;
}

// The same attribute has two names in three cases.
static void key_of(uint32_t tag, char to[5])
{
	static const char *const pairs[][2] = {{"vlme", "volm"}, {"ssig", "afps"}, {"crtp", "crlt"}};
	letters_of(tag, to);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if (strcmp(to, pairs[i][0]) == 0)
			strcpy(to, pairs[i][1]);
}

static bool is_any(const char *key, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(key, names[i]) == 0)
			return true;
	return false;
}

static bool is_number(const char *key)
{
	static const char *const names[] = {"port", "crtr", "type", "scrp", "invi", "nega", "cusi", "ctyp", "cenc"};
	return is_any(key, names, sizeof(names) / sizeof(*names));
}

static bool is_bytes(const char *key)
{
	static const char *const names[] = {"gena", "atag", "klbl", "issr", "slnr", "subj", "pkhh", "skid", "afps"};
	return is_any(key, names, sizeof(names) / sizeof(*names));
}

// ---- values as bytes and back ---------------------------------------------------------------------------------------

// The value of an attribute as the list has it: malloced, or NULL.
static void *bytes_of(const char *key, const void *value, uint32_t *size)
{
	const struct object_type *type = object_type(value);
	if (type == &date_type) {
		time_t time = (time_t)(darwin_CFDateGetAbsoluteTime(value) + EPOCH);
		struct tm parts;
		char *text = calloc(1, DATE + 16);
		if (text && gmtime_r(&time, &parts))
			strftime(text, DATE + 16, "%Y%m%d%H%M%SZ", &parts);
		*size = DATE;
		return text;
	}
	if (type == &number_type || type == &boolean_type || (type == &string_type && strcmp(key, "ptcl") == 0)) {
		uint32_t *number = malloc(sizeof(*number));
		char *letters = type == &string_type ? string_to_utf8(value) : NULL;
		if (number)
			*number = letters		  ? number_of(letters)
				  : type == &boolean_type ? darwin_CFBooleanGetValue(value)
							  : (uint32_t)number_whole(value);
		free(letters);
		*size = sizeof(*number);
		return number;
	}
	if (type == &string_type) {
		char *text = string_to_utf8(value);
		*size = (uint32_t)strlen(text);
		return text;
	}
	void *bytes = type == &data_type ? malloc((size_t)darwin_CFDataGetLength(value) + 1) : NULL;
	*size = bytes ? (uint32_t)darwin_CFDataGetLength(value) : 0;
	if (bytes)
		memcpy(bytes, darwin_CFDataGetBytePtr(value), *size);
	return bytes;
}

static void *value_of(const char *key, const void *data, uint32_t size)
{
	uint32_t number = 0;
	char letters[5];
	if (is_number(key) || strcmp(key, "ptcl") == 0) {
		if (size != sizeof(number) && size != sizeof(uint16_t))
			return NULL;
		memcpy(&number, data, size);
		letters_of(number, letters);
		return strcmp(key, "ptcl") == 0 ? (void *)string_from_text(letters) : number_make(number);
	}
	if (is_bytes(key))
		return darwin_CFDataCreate(NULL, data, size);
	void *text = string_from_utf8(data, size);
	return text ? text : darwin_CFDataCreate(NULL, data, size);
}

// False: one of them cannot be.
static bool list_read(const struct attribute_list *list, struct dictionary *to)
{
	char key[5];
	for (uint32_t i = 0; list && i < list->count; i++) {
		key_of(list->at[i].tag, key);
		if (strcmp(key, "cdat") == 0 || strcmp(key, "mdat") == 0)
			continue; // the keychain's own
		void *value = value_of(key, list->at[i].data, list->at[i].size);
		if (!value)
			return false;
		dictionary_put(to, key, value);
	}
	return true;
}

static uint32_t class_of(const struct dictionary *record)
{
	char *text = string_to_utf8(dictionary_get(record, "class"));
	uint32_t class = number_of(text);
	if (strcmp(text, "cert") == 0)
		class = CLASS_CERTIFICATE;
	else if (strcmp(text, "keys") == 0)
		class = attribute_is(record, "kcls", "1") ? CLASS_PRIVATE : CLASS_PUBLIC;
	free(text);
	return class;
}

// ---- what programs call ---------------------------------------------------------------------------------------------

int32_t darwin_SecKeychainItemCreateFromContent(uint32_t class, const struct attribute_list *list, uint32_t size,
						const void *data, struct keychain *keychain, const void *access,
						struct keychain_item **made)
{
	char letters[5];
	struct dictionary *record = dictionary_make();
	keychain = keychain ? keychain : keychain_default();
	letters_of(class, letters);
	int32_t status = list_read(list, record) ? SEC_SUCCESS : SEC_PARAM;
	if (strcmp(letters, "genp") != 0 && strcmp(letters, "inet") != 0)
		status = SEC_UNIMPLEMENTED; // keys and certificates are added as what they are
	dictionary_put(record, "class", string_from_text(letters));
	dictionary_put(record, "v_Data", darwin_CFDataCreate(NULL, data, size));
	if (!status)
		status = keychain_add(keychain, record);
	if (made)
		*made = status ? NULL : keychain_item_make(keychain, record);
	darwin_CFRelease(record);
	return status;
}

static const void *number_in(const struct keychain_item *item)
{
	return dictionary_get(item->record, "persistref");
}

// Certificates, keys and identities are given where items are meant, too: they are none of these.
static bool is_item(const void *object)
{
	return object && object_type(object) == &keychain_item_type;
}

int32_t darwin_SecKeychainItemModifyContent(const struct keychain_item *item, const struct attribute_list *list,
					    uint32_t size, const void *data)
{
	if (!is_item(item))
		return SEC_INVALID_ITEM;
	struct dictionary *changes = dictionary_make();
	int32_t status = list_read(list, changes) ? SEC_SUCCESS : SEC_PARAM;
	if (data)
		dictionary_put(changes, "v_Data", darwin_CFDataCreate(NULL, data, size));
	if (!status)
		status = keychain_update(item->keychain, number_in(item), changes);
	darwin_CFRelease(changes);
	return status;
}

int32_t darwin_SecKeychainItemModifyAttributesAndData(const struct keychain_item *item,
						      const struct attribute_list *list, uint32_t size,
						      const void *data)
{
	return darwin_SecKeychainItemModifyContent(item, list, size, data);
}

// As it is now. SEC_ITEM_NOT_FOUND: it is gone.
static int32_t record_of(const struct keychain_item *item, struct dictionary **record)
{
	*record = NULL;
	if (!is_item(item))
		return SEC_INVALID_ITEM;
	*record = keychain_find(item->keychain, number_in(item));
	return *record ? SEC_SUCCESS : SEC_ITEM_NOT_FOUND;
}

static void list_fill(const struct dictionary *record, struct attribute_list *list)
{
	char key[5];
	for (uint32_t i = 0; i < list->count; i++) {
		struct attribute *each = &list->at[i];
		key_of(each->tag, key);
		const void *value = dictionary_get(record, key);
		each->size = 0;
		each->data = value ? bytes_of(key, value, &each->size) : NULL;
	}
}

static void content_give(const struct dictionary *record, uint32_t *class, uint32_t *size, void **data)
{
	const struct data *secret = dictionary_get(record, "v_Data");
	uint32_t count = secret ? (uint32_t)darwin_CFDataGetLength(secret) : 0;
	if (class)
		*class = class_of(record);
	if (size)
		*size = count;
	if (data) {
		*data = malloc(count + 1);
		if (*data && count)
			memcpy(*data, darwin_CFDataGetBytePtr(secret), count);
	}
}

int32_t darwin_SecKeychainItemCopyContent(const struct keychain_item *item, uint32_t *class,
					  struct attribute_list *list, uint32_t *size, void **data)
{
	struct dictionary *record = NULL;
	int32_t status = record_of(item, &record);
	if (!status) {
		if (list)
			list_fill(record, list);
		content_give(record, class, size, data);
	}
	darwin_CFRelease(record);
	return status;
}

int32_t darwin_SecKeychainItemCopyAttributesAndData(const struct keychain_item *item, const struct attribute_info *info,
						    uint32_t *class, struct attribute_list **list, uint32_t *size,
						    void **data)
{
	struct dictionary *record = NULL;
	int32_t status = record_of(item, &record);
	if (!status && list) {
		*list = calloc(1, sizeof(**list));
		(*list)->count = info ? info->count : 0;
		(*list)->at = calloc((*list)->count + 1, sizeof(*(*list)->at));
		for (uint32_t i = 0; i < (*list)->count; i++)
			(*list)->at[i].tag = info->tags[i];
		list_fill(record, *list);
	}
	if (!status)
		content_give(record, class, size, data);
	darwin_CFRelease(record);
	return status;
}

int32_t darwin_SecKeychainItemFreeContent(struct attribute_list *list, void *data)
{
	for (uint32_t i = 0; list && i < list->count; i++) {
		free(list->at[i].data);
		list->at[i].data = NULL;
	}
	free(data);
	return SEC_SUCCESS;
}

int32_t darwin_SecKeychainItemFreeAttributesAndData(struct attribute_list *list, void *data)
{
	darwin_SecKeychainItemFreeContent(list, data);
	if (list)
		free(list->at);
	free(list);
	return SEC_SUCCESS;
}

int32_t darwin_SecKeychainItemDelete(const struct keychain_item *item)
{
	if (is_item(item))
		return keychain_remove(item->keychain, number_in(item));
	if (!item)
		return SEC_PARAM;
	struct dictionary *words = dictionary_make();
	dictionary_put(words, "v_Ref", darwin_CFRetain(item));
	int32_t status = darwin_SecItemDelete(words);
	darwin_CFRelease(words);
	return status;
}

int32_t darwin_SecKeychainItemCopyKeychain(const struct keychain_item *item, const void **keychain)
{
	*keychain = is_item(item) ? darwin_CFRetain(item->keychain) : NULL;
	return *keychain ? SEC_SUCCESS : SEC_INVALID_ITEM;
}

int32_t darwin_SecKeychainItemCreateCopy(const struct keychain_item *item, struct keychain *keychain,
					 const void *access, struct keychain_item **copy)
{
	struct dictionary *record = NULL;
	int32_t status = record_of(item, &record);
	keychain = keychain ? keychain : keychain_default();
	if (!status)
		status = keychain_add(keychain, record);
	*copy = status ? NULL : keychain_item_make(keychain, record);
	darwin_CFRelease(record);
	return status;
}

int32_t darwin_SecKeychainItemCreatePersistentReference(const struct keychain_item *item, const void **reference)
{
	*reference = is_item(item) ? darwin_CFRetain(number_in(item)) : NULL;
	return *reference ? SEC_SUCCESS : SEC_INVALID_ITEM;
}

int32_t darwin_SecKeychainItemCopyFromPersistentReference(const void *reference, struct keychain_item **item)
{
	struct array *list = keychain_list(NULL);
	*item = NULL;
	for (int64_t i = 0; i < darwin_CFArrayGetCount(list) && !*item; i++) {
		struct keychain *keychain = (struct keychain *)(uintptr_t)darwin_CFArrayGetValueAtIndex(list, i);
		struct dictionary *record = keychain_find(keychain, reference);
		*item = record ? keychain_item_make(keychain, record) : NULL;
		darwin_CFRelease(record);
	}
	darwin_CFRelease(list);
	return *item ? SEC_SUCCESS : SEC_ITEM_NOT_FOUND;
}
