// SPDX-License-Identifier: MIT
// SecIdentity; see identity.h. Facts: Apple's SecIdentity.h.
#include "identity.h"

#include "keychain.h"

struct key *darwin_SecCertificateCopyKey(const void *certificate);

static void identity_destroy(struct object *object)
{
	darwin_CFRelease(((struct identity *)object)->certificate);
	darwin_CFRelease(((struct identity *)object)->key);
}

static bool identity_equal(const struct object *left, const struct object *right)
{
	return darwin_CFEqual(((const struct identity *)left)->certificate,
			      ((const struct identity *)right)->certificate);
}

static uint64_t identity_hash(const struct object *object)
{
	return darwin_CFHash(((const struct identity *)object)->certificate);
}

const struct object_type identity_type = {
	.name = "SecIdentity", .destroy = identity_destroy, .equal = identity_equal, .hash = identity_hash};

uint64_t darwin_SecIdentityGetTypeID(void)
{
	return (uintptr_t)&identity_type;
}

struct identity *identity_make(const void *certificate, const struct key *key)
{
	struct identity *identity = object_make(&identity_type, sizeof(*identity));
	identity->certificate = (void *)(uintptr_t)darwin_CFRetain(certificate);
	identity->key = (struct key *)(uintptr_t)darwin_CFRetain(key);
	return identity;
}

struct identity *darwin_SecIdentityCreate(const void *allocator, const void *certificate, const struct key *key)
{
	return certificate && key ? identity_make(certificate, key) : NULL;
}

int32_t darwin_SecIdentityCopyCertificate(const struct identity *identity, const void **certificate)
{
	*certificate = darwin_CFRetain(identity->certificate);
	return SEC_SUCCESS;
}

int32_t darwin_SecIdentityCopyPrivateKey(const struct identity *identity, const void **key)
{
	*key = darwin_CFRetain(identity->key);
	return SEC_SUCCESS;
}

static struct key *key_of_record(const struct dictionary *record)
{
	const struct data *data = dictionary_get(record, "v_Data");
	return data ? key_read(darwin_CFDataGetBytePtr(data), (size_t)darwin_CFDataGetLength(data),
			       attribute_is(record, "type", "42"), KEY_PRIVATE)
		    : NULL;
}

// The private key whose public key has that hash.
static struct key *key_find(const void *hash, const struct array *items)
{
	struct key *key = NULL;
	for (int64_t i = 0; i < darwin_CFArrayGetCount(items) && !key; i++) {
		const struct dictionary *record = darwin_CFArrayGetValueAtIndex(items, i);
		if (string_is(dictionary_get(record, "class"), "keys") && attribute_is(record, "kcls", "1") &&
		    attribute_equal(dictionary_get(record, "klbl"), hash))
			key = key_of_record(record);
	}
	return key;
}

struct identity *identity_find(const struct dictionary *certificate, const struct array *items)
{
	const void *hash = dictionary_get(certificate, "pkhh");
	struct key *key = hash && libcrypto_there() ? key_find(hash, items) : NULL;
	void *object = key ? certificate_make(dictionary_get(certificate, "v_Data")) : NULL;
	struct identity *identity = object ? identity_make(object, key) : NULL;
	darwin_CFRelease(object);
	darwin_CFRelease(key);
	return identity;
}

// The key is looked for in the keychains.
int32_t darwin_SecIdentityCreateWithCertificate(const void *keychains, const void *certificate, struct identity **made)
{
	struct array *list = keychain_list(keychains);
	struct key *public = libcrypto_there() ? darwin_SecCertificateCopyKey(certificate) : NULL, *key = NULL;
	uint8_t hash[KEY_HASH];
	if (public && key_hash(public, hash)) {
		struct data *wanted = darwin_CFDataCreate(NULL, hash, KEY_HASH);
		for (int64_t i = 0; i < darwin_CFArrayGetCount(list) && !key; i++) {
			struct array *items = NULL;
			if (!keychain_read((struct keychain *)(uintptr_t)darwin_CFArrayGetValueAtIndex(list, i),
					   &items))
				key = key_find(wanted, items);
			darwin_CFRelease(items);
		}
		darwin_CFRelease(wanted);
	}
	*made = key ? identity_make(certificate, key) : NULL;
	darwin_CFRelease(key);
	darwin_CFRelease(public);
	darwin_CFRelease(list);
	return *made ? SEC_SUCCESS : SEC_ITEM_NOT_FOUND;
}
