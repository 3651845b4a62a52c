// SPDX-License-Identifier: MIT
// Queries of SecItem*; see item.h. Facts: Apple's SecItem.h.
#include "item.h"

#include "trust.h"

#include <stdlib.h>
#include <string.h>

struct policy *darwin_SecPolicyCreateBasicX509(void);
struct string *darwin_SecCertificateCopySubjectSummary(const void *certificate);

// A program's dictionary may compare its keys by address.
static struct dictionary *words_copy(const struct dictionary *from)
{
	struct dictionary *copy = dictionary_make();
	int64_t count = darwin_CFDictionaryGetCount(from);
	const void **keys = calloc((size_t)count * 2 + 1, sizeof(*keys)), **values = keys + count;
	darwin_CFDictionaryGetKeysAndValues(from, keys, values);
	for (int64_t i = 0; i < count; i++)
		darwin_CFDictionarySetValue(copy, keys[i], values[i]);
	free(keys);
	return copy;
}

static bool is_value(const void *object)
{
	const struct object_type *type = object_type(object);
	return type == &string_type || type == &data_type || type == &number_type || type == &boolean_type ||
	       type == &date_type;
}

// Attributes of items have names of four letters ("prf" is of three); what says how they are kept is none of them.
static struct dictionary *attributes_of(const struct dictionary *words)
{
	static const char *const others[] = {"class", "sync", "nleg", "pdmn", "accc", "acls", "agrp", "musr", "tkid"};
	struct dictionary *attributes = dictionary_make();
	int64_t count = darwin_CFDictionaryGetCount(words);
	const void **keys = calloc((size_t)count * 2 + 1, sizeof(*keys)), **values = keys + count;
	darwin_CFDictionaryGetKeysAndValues(words, keys, values);
	for (int64_t i = 0; i < count; i++) {
		bool other = object_type(keys[i]) != &string_type || string_length(keys[i]) > 4 || !is_value(values[i]);
		for (size_t k = 0; k < sizeof(others) / sizeof(*others) && !other; k++)
			other = string_is(keys[i], others[k]);
		if (!other)
			darwin_CFDictionarySetValue(attributes, keys[i], values[i]);
	}
	free(keys);
	return attributes;
}

static bool is_true(const struct dictionary *words, const char *key)
{
	const void *value = dictionary_get(words, key);
	return value && object_type(value) == &boolean_type && darwin_CFBooleanGetValue(value);
}

static int64_t limit_of(const struct dictionary *words)
{
	const void *limit = dictionary_get(words, "m_Limit");
	if (limit && object_type(limit) == &string_type)
		return string_is(limit, "m_LimitAll") ? INT64_MAX : 1;
	return limit && object_type(limit) == &number_type ? number_whole(limit) : 1;
}

int32_t query_decode(struct query *query, const struct dictionary *words)
{
	*query = (struct query){0};
	if (!words || object_type(words) != &dictionary_type)
		return SEC_PARAM;
	query->words = words_copy(words);
	query->attributes = attributes_of(query->words);
	query->reference = dictionary_get(query->words, "v_Ref");
	query->number = dictionary_get(query->words, "v_PersistentRef");
	const void *keychain = dictionary_get(query->words, "u_Keychain");
	query->keychains = keychain_list(keychain ? keychain : dictionary_get(query->words, "m_SearchList"));
	query->returns = (is_true(query->words, "r_Data") ? RETURN_DATA : 0) |
			 (is_true(query->words, "r_Attributes") ? RETURN_ATTRIBUTES : 0) |
			 (is_true(query->words, "r_Ref") ? RETURN_REFERENCE : 0) |
			 (is_true(query->words, "r_PersistentRef") ? RETURN_NUMBER : 0);
	query->limit = limit_of(query->words);
	const void *class = dictionary_get(query->words, "class");
	if (class && object_type(class) == &string_type)
		dictionary_put(query->attributes, "class", darwin_CFRetain(class));
	else if (!query->reference && !query->number && !dictionary_get(query->words, "m_ItemList"))
		return SEC_PARAM;
	return query->limit > 0 ? SEC_SUCCESS : SEC_PARAM;
}

void query_free(struct query *query)
{
	darwin_CFRelease(query->words);
	darwin_CFRelease(query->attributes);
	darwin_CFRelease(query->keychains);
}

// ---- matching -------------------------------------------------------------------------------------------------------

static bool text_matches(const char *key, const char *text, const char *wanted, bool any_case)
{
	size_t size = strlen(text), part = strlen(wanted);
	int (*compare)(const char *, const char *, size_t) = any_case ? strncasecmp : strncmp;
	if (strcmp(key, "m_SubjectContains") == 0)
		return (any_case ? strcasestr(text, wanted) : strstr(text, wanted)) != NULL;
	if (part > size || (strcmp(key, "m_SubjectWholeString") == 0 && part != size))
		return false;
	return compare(strcmp(key, "m_SubjectEndsWith") == 0 ? text + size - part : text, wanted, part) == 0;
}

static bool subject_matches(const struct query *query, const void *certificate)
{
	static const char *const keys[] = {"m_SubjectContains", "m_SubjectStartsWith", "m_SubjectEndsWith",
					   "m_SubjectWholeString"};
	bool fits = true;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys) && fits; i++) {
		const void *wanted = dictionary_get(query->words, keys[i]);
		struct string *subject = wanted ? darwin_SecCertificateCopySubjectSummary(certificate) : NULL;
		if (wanted) {
			char *text = subject ? string_to_utf8(subject) : strdup(""), *part = string_to_utf8(wanted);
			fits = text_matches(keys[i], text, part, is_true(query->words, "m_CaseInsensitive"));
			free(text);
			free(part);
		}
		darwin_CFRelease(subject);
	}
	return fits;
}

static bool is_trusted(const void *certificate)
{
	struct trust *trust = NULL;
	struct policy *policy = darwin_SecPolicyCreateBasicX509();
	bool good = darwin_SecTrustCreateWithCertificates(certificate, policy, &trust) == SEC_SUCCESS &&
		    darwin_SecTrustEvaluateWithError(trust, NULL);
	darwin_CFRelease(trust);
	darwin_CFRelease(policy);
	return good;
}

static bool certificate_matches(const struct query *query, const struct dictionary *record)
{
	void *certificate = certificate_make(dictionary_get(record, "v_Data"));
	bool fits = certificate && subject_matches(query, certificate) &&
		    (!is_true(query->words, "m_TrustedOnly") || is_trusted(certificate));
	darwin_CFRelease(certificate);
	return fits;
}

static bool list_has(const struct array *list, const struct dictionary *record)
{
	for (int64_t i = 0; i < darwin_CFArrayGetCount(list); i++) {
		const void *each = darwin_CFArrayGetValueAtIndex(list, i);
		if (object_type(each) == &data_type ? darwin_CFEqual(each, dictionary_get(record, "persistref"))
						    : reference_matches(each, record))
			return true;
	}
	return false;
}

bool query_matches(const struct query *query, const struct dictionary *record)
{
	const struct array *list = dictionary_get(query->words, "m_ItemList");
	int64_t count = darwin_CFDictionaryGetCount(query->attributes);
	if (query->number && !darwin_CFEqual(query->number, dictionary_get(record, "persistref")))
		return false;
	if (query->reference && !reference_matches(query->reference, record))
		return false;
	if (list && object_type(list) == &array_type && !list_has(list, record))
		return false;
	const void **keys = calloc((size_t)count * 2 + 1, sizeof(*keys)), **values = keys + count;
	darwin_CFDictionaryGetKeysAndValues(query->attributes, keys, values);
	bool fits = true;
	for (int64_t i = 0; i < count && fits; i++)
		fits = attribute_equal(darwin_CFDictionaryGetValue(record, keys[i]), values[i]);
	free(keys);
	return fits && (!string_is(dictionary_get(record, "class"), "cert") || certificate_matches(query, record));
}
