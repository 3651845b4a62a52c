// SPDX-License-Identifier: MIT
// SecPKCS12Import. Facts: Apple's SecImportExport.h; RFC 7292; PKCS12_parse(3). Files of old ciphers (RC2) need OpenSSL's legacy provider.
//
// Unlike on macOS nothing is put into the default keychain, only into one that the options name.
#include "import.h"

#include "keychain.h"
#include "trust.h"

#include <openssl/pkcs12.h>
#include <stdlib.h>
#include <string.h>

int32_t darwin_SecItemAdd(const struct dictionary *words, const void **result);
struct policy *darwin_SecPolicyCreateBasicX509(void);
struct string *darwin_SecCertificateCopySubjectSummary(const void *certificate);

char *password_text(const void *password)
{
	if (!password)
		return NULL;
	if (object_type(password) == &string_type)
		return string_to_utf8(password);
	if (object_type(password) != &data_type)
		return NULL;
	return strndup((const char *)darwin_CFDataGetBytePtr(password), (size_t)darwin_CFDataGetLength(password));
}

struct key *key_take(EVP_PKEY *key, enum key_class class)
{
	struct key *there = key_make(key, class);
	struct data *data = there ? key_external(there) : NULL;
	struct key *made = data ? key_read(darwin_CFDataGetBytePtr(data), (size_t)darwin_CFDataGetLength(data),
					   key_is_rsa(there), class)
				: NULL;
	darwin_CFRelease(data);
	darwin_CFRelease(there);
	return made;
}

void *certificate_take(X509 *certificate)
{
	unsigned char *bytes = NULL;
	int size = certificate ? i2d_X509(certificate, &bytes) : 0;
	struct data *data = size > 0 ? darwin_CFDataCreate(NULL, bytes, size) : NULL;
	void *made = data ? certificate_make(data) : NULL;
	darwin_CFRelease(data);
	OPENSSL_free(bytes);
	X509_free(certificate);
	return made;
}

struct parts { // what OpenSSL makes of a file
	EVP_PKEY *key;
	X509 *certificate;
	STACK_OF(X509) * others;
};

static int32_t parts_read(const struct data *data, const char *password, OSSL_LIB_CTX *library, struct parts *parts)
{
	const unsigned char *bytes = darwin_CFDataGetBytePtr(data);
	PKCS12 *file = PKCS12_init_ex(NID_pkcs7_data, library, NULL);
	int32_t status =
		file && d2i_PKCS12(&file, &bytes, (long)darwin_CFDataGetLength(data)) ? SEC_SUCCESS : SEC_DECODE;
	if (!status && PKCS12_mac_present(file) && !PKCS12_verify_mac(file, password, -1) &&
	    (*password || !PKCS12_verify_mac(file, NULL, 0)))
		status = SEC_PKCS12_VERIFY;
	if (!status && !PKCS12_parse(file, password, &parts->key, &parts->certificate, &parts->others))
		status = SEC_DECODE;
	PKCS12_free(file);
	ERR_clear_error();
	return status;
}

int32_t pkcs12_read(const struct data *data, const char *password, struct identity **identity, struct array **chain)
{
	struct parts parts = {0};
	*identity = NULL;
	*chain = NULL;
	if (!libcrypto_there())
		return SEC_NOT_AVAILABLE;
	int32_t status = parts_read(data, password, NULL, &parts);
	if (status && libcrypto_legacy())
		status = parts_read(data, password, libcrypto_legacy(), &parts);
	if (status)
		return status;
	struct key *key = parts.key ? key_take(parts.key, KEY_PRIVATE) : NULL;
	void *own = certificate_take(parts.certificate);
	*chain = array_make(true);
	if (own)
		array_add(*chain, own);
	if (own && key)
		*identity = identity_make(own, key);
	while (parts.others && sk_X509_num(parts.others) > 0)
		array_add(*chain, certificate_take(sk_X509_shift(parts.others)));
	sk_X509_free(parts.others);
	darwin_CFRelease(key);
	return SEC_SUCCESS;
}

static int32_t keychain_take(const void *keychain, const void *identity)
{
	struct dictionary *words = dictionary_make();
	dictionary_put(words, "v_Ref", darwin_CFRetain(identity));
	dictionary_put(words, "u_Keychain", darwin_CFRetain(keychain));
	int32_t status = darwin_SecItemAdd(words, NULL);
	darwin_CFRelease(words);
	return status;
}

static struct dictionary *item_make(const struct identity *identity, const struct array *chain)
{
	struct dictionary *item = dictionary_make();
	struct trust *trust = NULL;
	struct policy *policy = darwin_SecPolicyCreateBasicX509();
	uint8_t hash[KEY_HASH];
	if (identity) {
		struct string *label = darwin_SecCertificateCopySubjectSummary(identity->certificate);
		dictionary_put(item, "identity", darwin_CFRetain(identity));
		if (label)
			dictionary_put(item, "label", label);
		if (key_hash(identity->key, hash))
			dictionary_put(item, "keyid", darwin_CFDataCreate(NULL, hash, KEY_HASH));
	}
	dictionary_put(item, "chain", darwin_CFRetain(chain));
	if (darwin_CFArrayGetCount(chain) > 0 && !darwin_SecTrustCreateWithCertificates(chain, policy, &trust))
		dictionary_put(item, "trust", trust);
	darwin_CFRelease(policy);
	return item;
}

int32_t darwin_SecPKCS12Import(const struct data *data, const struct dictionary *options, struct array **items)
{
	struct identity *identity;
	struct array *chain;
	char *password = password_text(options ? dictionary_get(options, "passphrase") : NULL);
	const void *keychain = options ? dictionary_get(options, "keychain") : NULL;
	*items = NULL;
	int32_t status = data ? pkcs12_read(data, password ? password : "", &identity, &chain) : SEC_PARAM;
	if (password)
		OPENSSL_cleanse(password, strlen(password));
	free(password);
	if (status)
		return status;
	if (identity && keychain && object_type(keychain) == &keychain_type)
		status = keychain_take(keychain, identity);
	if (!status) {
		*items = array_make(true);
		array_add(*items, item_make(identity, chain));
	}
	darwin_CFRelease(identity);
	darwin_CFRelease(chain);
	return status;
}
