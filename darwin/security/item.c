// SPDX-License-Identifier: MIT
// SecItemAdd, CopyMatching, Update, Delete; item_query.c reads what they are asked. Facts: Apple's SecItem.h.
//
// An identity ("idnt") is no item: it is a certificate and a private key whose hashes of the public key (pkhh, klbl) are the same.
#include "item.h"

#include "identity.h"

#include <stdlib.h>

struct dictionary *darwin_CFDictionaryCreateMutableCopy(const void *allocator, int64_t most,
							const struct dictionary *dictionary);
void darwin_CFDictionaryRemoveValue(struct dictionary *dictionary, const void *key);
extern const void *const darwin_kSecValueData, *const darwin_kSecValuePersistentRef;
static const char number_key[] = "persistref";

// ---- what a search gives --------------------------------------------------------------------------------------------

// One thing by itself, several in a dictionary. The caller's reference.
static const void *result_one(const struct query *query, struct keychain *keychain, const struct dictionary *record,
			      const void *reference)
{
	const void *data = dictionary_get(record, "v_Data"), *number = dictionary_get(record, number_key);
	if (query->returns == RETURN_DATA)
		return darwin_CFRetain(data);
	if (query->returns == RETURN_NUMBER)
		return darwin_CFRetain(number);
	if (query->returns == RETURN_REFERENCE)
		return reference ? darwin_CFRetain(reference) : reference_make(keychain, record);
	struct dictionary *result = query->returns & RETURN_ATTRIBUTES
					    ? darwin_CFDictionaryCreateMutableCopy(NULL, 0, record)
					    : dictionary_make();
	struct string *key = string_from_text(number_key);
	darwin_CFDictionaryRemoveValue(result, key);
	darwin_CFRelease(key);
	darwin_CFDictionaryRemoveValue(result, darwin_kSecValueData);
	if (query->returns & RETURN_DATA && data)
		darwin_CFDictionarySetValue(result, darwin_kSecValueData, data);
	if (query->returns & RETURN_NUMBER)
		darwin_CFDictionarySetValue(result, darwin_kSecValuePersistentRef, number);
	if (query->returns & RETURN_REFERENCE) {
		const void *made = reference ? darwin_CFRetain(reference) : reference_make(keychain, record);
		if (made)
			dictionary_put(result, "v_Ref", made);
	}
	return result;
}

static void found_add(struct array *found, const void *result)
{
	if (result)
		array_add(found, result);
}

// Identities: each certificate that fits, with its key.
static void search_identities(const struct query *query, struct keychain *keychain, const struct array *items,
			      struct array *found)
{
	for (int64_t i = 0; i < darwin_CFArrayGetCount(items) && darwin_CFArrayGetCount(found) < query->limit; i++) {
		const struct dictionary *record = darwin_CFArrayGetValueAtIndex(items, i);
		if (!string_is(dictionary_get(record, "class"), "cert") || !query_matches(query, record))
			continue;
		struct identity *identity = identity_find(record, items);
		if (identity)
			found_add(found, result_one(query, keychain, record, identity));
		darwin_CFRelease(identity);
	}
}

static void search_items(const struct query *query, struct keychain *keychain, const struct array *items,
			 struct array *found)
{
	for (int64_t i = 0; i < darwin_CFArrayGetCount(items) && darwin_CFArrayGetCount(found) < query->limit; i++) {
		const struct dictionary *record = darwin_CFArrayGetValueAtIndex(items, i);
		if (!query_matches(query, record))
			continue;
		if (query->returns)
			found_add(found, result_one(query, keychain, record, NULL));
		else
			darwin_CFArrayAppendValue(found, record);
	}
}

static int32_t search(const struct query *query, bool identities, struct array *found)
{
	int32_t status = SEC_SUCCESS;
	for (int64_t i = 0; i < darwin_CFArrayGetCount(query->keychains); i++) {
		struct keychain *keychain =
			(struct keychain *)(uintptr_t)darwin_CFArrayGetValueAtIndex(query->keychains, i);
		struct array *items = NULL;
		int32_t failed = keychain_read(keychain, &items);
		if (!failed && identities)
			search_identities(query, keychain, items, found);
		else if (!failed)
			search_items(query, keychain, items, found);
		status = status ? status : failed;
		darwin_CFRelease(items);
	}
	return darwin_CFArrayGetCount(found) ? SEC_SUCCESS : status ? status : SEC_ITEM_NOT_FOUND;
}

int32_t darwin_SecItemCopyMatching(const struct dictionary *words, const void **result)
{
	struct query query;
	struct array *found = array_make(true);
	if (result)
		*result = NULL;
	int32_t status = query_decode(&query, words);
	if (!status) {
		bool identities = attribute_is(query.words, "class", "idnt");
		if (identities) // the certificate is what is looked for
			dictionary_put(query.attributes, "class", string_from_text("cert"));
		if (identities && !query.returns)
			query.returns = RETURN_REFERENCE;
		status = search(&query, identities, found);
	}
	if (!status && result && query.returns)
		*result = darwin_CFRetain(query.limit == 1 ? darwin_CFArrayGetValueAtIndex(found, 0) : found);
	query_free(&query);
	darwin_CFRelease(found);
	return status;
}

// ---- adding ---------------------------------------------------------------------------------------------------------

static struct keychain *target_of(const struct query *query)
{
	const void *keychain = dictionary_get(query->words, "u_Keychain");
	return keychain && object_type(keychain) == &keychain_type ? (struct keychain *)(uintptr_t)keychain
								   : keychain_default();
}

static int32_t add_one(const struct query *query, const void *reference, const void **result)
{
	struct keychain *keychain = target_of(query);
	struct dictionary *record = darwin_CFDictionaryCreateMutableCopy(NULL, 0, query->attributes);
	const void *data = dictionary_get(query->words, "v_Data");
	int32_t status = reference ? reference_describe(reference, record) : SEC_SUCCESS;
	if (!reference && data && object_type(data) == &data_type)
		dictionary_put(record, "v_Data", darwin_CFRetain(data));
	const void *class = dictionary_get(record, "class");
	if (!status && (!class || (data && object_type(data) != &data_type)))
		status = SEC_PARAM;
	void *known = NULL;
	if (!status && !reference && (string_is(class, "cert") || string_is(class, "keys"))) {
		known = reference_make(keychain, record); // what it is follows from its data
		status = known ? reference_describe(known, record) : SEC_PARAM;
	}
	if (!status)
		status = keychain_add(keychain, record);
	if (!status && result && query->returns)
		*result = result_one(query, keychain, record, NULL);
	darwin_CFRelease(known);
	darwin_CFRelease(record);
	return status;
}

int32_t darwin_SecItemAdd(const struct dictionary *words, const void **result)
{
	struct query query;
	if (result)
		*result = NULL;
	int32_t status = query_decode(&query, words);
	const struct identity *identity =
		query.reference && object_type(query.reference) == &identity_type ? query.reference : NULL;
	if (!status && identity) {
		status = add_one(&query, identity->key, NULL);
		status = status == SEC_DUPLICATE_ITEM ? SEC_SUCCESS : status;
	}
	if (!status)
		status = add_one(&query, identity ? (const void *)identity->certificate : query.reference, result);
	query_free(&query);
	return status;
}

// ---- changes: of all that fit ---------------------------------------------------------------------------------------

typedef int32_t change_function(struct keychain *keychain, const void *number, const void *context);

static int32_t change_all(struct query *query, change_function *change, const void *context)
{
	int32_t status = SEC_SUCCESS;
	int64_t changed = 0;
	query->returns = 0;
	query->limit = dictionary_get(query->words, "m_Limit") ? query->limit : INT64_MAX;
	for (int64_t i = 0; i < darwin_CFArrayGetCount(query->keychains) && !status; i++) {
		struct keychain *keychain =
			(struct keychain *)(uintptr_t)darwin_CFArrayGetValueAtIndex(query->keychains, i);
		struct array *items = NULL, *found = array_make(true);
		status = keychain_read(keychain, &items);
		if (!status)
			search_items(query, keychain, items, found);
		for (int64_t k = 0; k < darwin_CFArrayGetCount(found) && !status; k++, changed++)
			status = change(keychain, dictionary_get(darwin_CFArrayGetValueAtIndex(found, k), number_key),
					context);
		darwin_CFRelease(items);
		darwin_CFRelease(found);
	}
	return status ? status : changed ? SEC_SUCCESS : SEC_ITEM_NOT_FOUND;
}

static int32_t change_update(struct keychain *keychain, const void *number, const void *changes)
{
	return keychain_update(keychain, number, changes);
}

static int32_t change_remove(struct keychain *keychain, const void *number, const void *context)
{
	return keychain_remove(keychain, number);
}

int32_t darwin_SecItemUpdate(const struct dictionary *words, const struct dictionary *changes)
{
	struct query query, change = {0};
	struct dictionary *all = changes ? darwin_CFDictionaryCreateMutableCopy(NULL, 0, changes) : NULL;
	int32_t status = query_decode(&query, words);
	if (!status && all) { // a class is needed to be decoded, and may not be changed
		dictionary_put(all, "class", string_from_text("genp"));
		status = query_decode(&change, all);
	} else if (!status) {
		status = SEC_PARAM;
	}
	if (!status) {
		struct string *class = string_from_text("class");
		const void *data = dictionary_get(change.words, "v_Data");
		darwin_CFDictionaryRemoveValue(change.attributes, class);
		darwin_CFRelease(class);
		if (data && object_type(data) == &data_type)
			dictionary_put(change.attributes, "v_Data", darwin_CFRetain(data));
		status = change_all(&query, change_update, change.attributes);
	}
	query_free(&query);
	query_free(&change);
	darwin_CFRelease(all);
	return status;
}

int32_t darwin_SecItemDelete(const struct dictionary *words)
{
	struct query query;
	int32_t status = query_decode(&query, words);
	if (!status)
		status = change_all(&query, change_remove, NULL);
	query_free(&query);
	return status;
}
