// SPDX-License-Identifier: MIT
// Objects of keychain items and what their records say; see item.h. Facts: Apple's SecItem.h (attributes of each class).
#include "item.h"

#include "identity.h"

struct string *darwin_SecCertificateCopySubjectSummary(const void *certificate);
struct data *darwin_SecCertificateCopySerialNumberData(const void *certificate, struct object **error);
struct data *darwin_SecCertificateCopyNormalizedIssuerSequence(const void *certificate);
struct data *darwin_SecCertificateCopyNormalizedSubjectSequence(const void *certificate);
struct key *darwin_SecCertificateCopyKey(const void *certificate);

enum { CERTIFICATE_X509_3 = 3, CERTIFICATE_DER = 3 }; // CSSM_CERT_X_509v3, CSSM_CERT_ENCODING_DER

static struct key *key_of(const struct dictionary *record)
{
	const struct data *data = dictionary_get(record, "v_Data");
	if (!data || !dictionary_get(record, "type") || !libcrypto_there())
		return NULL;
	return key_read(darwin_CFDataGetBytePtr(data), (size_t)darwin_CFDataGetLength(data),
			attribute_is(record, "type", "42"),
			attribute_is(record, "kcls", "1") ? KEY_PRIVATE : KEY_PUBLIC);
}

void *reference_make(struct keychain *keychain, const struct dictionary *record)
{
	const void *class = dictionary_get(record, "class"), *data = dictionary_get(record, "v_Data");
	if (string_is(class, "cert"))
		return data && object_type(data) == &data_type ? certificate_make(data) : NULL;
	return string_is(class, "keys") ? (void *)key_of(record) : keychain_item_make(keychain, record);
}

static void put_new(struct dictionary *to, const char *key, const void *value)
{
	if (value && !dictionary_get(to, key))
		dictionary_put(to, key, value);
	else
		darwin_CFRelease(value);
}

static int32_t describe_certificate(const void *certificate, struct dictionary *to)
{
	struct key *key = darwin_SecCertificateCopyKey(certificate);
	uint8_t hash[KEY_HASH];
	dictionary_put(to, "class", string_from_text("cert"));
	dictionary_put(to, "v_Data", darwin_CFRetain(certificate_data(certificate)));
	put_new(to, "labl", darwin_SecCertificateCopySubjectSummary(certificate));
	put_new(to, "issr", darwin_SecCertificateCopyNormalizedIssuerSequence(certificate));
	put_new(to, "subj", darwin_SecCertificateCopyNormalizedSubjectSequence(certificate));
	put_new(to, "slnr", darwin_SecCertificateCopySerialNumberData(certificate, NULL));
	put_new(to, "ctyp", number_make(CERTIFICATE_X509_3));
	put_new(to, "cenc", number_make(CERTIFICATE_DER));
	if (key && key_hash(key, hash))
		put_new(to, "pkhh", darwin_CFDataCreate(NULL, hash, KEY_HASH));
	darwin_CFRelease(key);
	return SEC_SUCCESS;
}

static int32_t describe_key(const struct key *key, struct dictionary *to)
{
	uint8_t hash[KEY_HASH];
	struct data *data = key_external(key);
	if (!data || !key_hash(key, hash)) {
		darwin_CFRelease(data);
		return SEC_PARAM;
	}
	dictionary_put(to, "class", string_from_text("keys"));
	dictionary_put(to, "v_Data", data);
	dictionary_put(to, "type", string_from_text(key_is_rsa(key) ? "42" : "73"));
	dictionary_put(to, "kcls", string_from_text(key->class == KEY_PRIVATE ? "1" : "0"));
	dictionary_put(to, "bsiz", number_make(key_bits(key)));
	put_new(to, "klbl", darwin_CFDataCreate(NULL, hash, KEY_HASH));
	return SEC_SUCCESS;
}

int32_t reference_describe(const void *reference, struct dictionary *attributes)
{
	const struct object_type *type = object_type(reference);
	if (type == &certificate_type)
		return describe_certificate(reference, attributes);
	return type == &key_type ? describe_key(reference, attributes) : SEC_PARAM;
}

bool reference_matches(const void *reference, const struct dictionary *record)
{
	const struct object_type *type = object_type(reference);
	if (type == &identity_type)
		reference = ((const struct identity *)reference)->certificate;
	if (type == &keychain_item_type)
		return darwin_CFEqual(dictionary_get(((const struct keychain_item *)reference)->record, "persistref"),
				      dictionary_get(record, "persistref"));
	struct dictionary *like = dictionary_make();
	bool same = reference_describe(reference, like) == SEC_SUCCESS &&
		    darwin_CFEqual(dictionary_get(like, "class"), dictionary_get(record, "class")) &&
		    attribute_equal(dictionary_get(like, "v_Data"), dictionary_get(record, "v_Data"));
	darwin_CFRelease(like);
	return same;
}

int32_t darwin_SecItemAdd(const struct dictionary *words, const void **result);

int32_t darwin_SecCertificateAddToKeychain(const void *certificate, const void *keychain)
{
	struct dictionary *words = dictionary_make();
	dictionary_put(words, "v_Ref", darwin_CFRetain(certificate));
	if (keychain)
		dictionary_put(words, "u_Keychain", darwin_CFRetain(keychain));
	int32_t status = darwin_SecItemAdd(words, NULL);
	darwin_CFRelease(words);
	return status;
}
