// SPDX-License-Identifier: MIT
// SecItemImport, SecItemExport: PEM and DER of certificates and keys, PKCS #8, PKCS #12. Facts: Apple's SecImportExport.h; PEM_read_bio(3).
#include "import.h"

#include "keychain.h"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <stdlib.h>
#include <string.h>

int32_t darwin_SecItemAdd(const struct dictionary *words, const void **result);

struct parameters { // SecItemImportExportKeyParameters
	uint32_t version, flags;
	const void *passphrase, *title, *prompt, *access, *usage, *attributes;
};
enum { FLAG_PEM = 1 };

struct import {
	const char *password; // or NULL
	struct array *items;
	enum import_format format;
	enum import_type type;
};

// An item of that kind; several make an aggregate. False: there is none.
static bool found(struct import *import, void *item, enum import_type type, enum import_format format)
{
	if (!item)
		return false;
	import->type = darwin_CFArrayGetCount(import->items) ? TYPE_AGGREGATE : type;
	import->format = import->format ? import->format : format;
	array_add(import->items, item);
	return true;
}

// ---- reading --------------------------------------------------------------------------------------------------------

static int password_give(char *to, int size, int writes, void *argument)
{
	const char *password = argument;
	int count = password ? (int)strlen(password) : 0;
	if (count > size || !password)
		return -1;
	memcpy(to, password, (size_t)count);
	return count;
}

static bool read_certificate(struct import *import, const unsigned char *bytes, long size)
{
	return found(import, certificate_take(d2i_X509(NULL, &bytes, size)), TYPE_CERTIFICATE, FORMAT_X509);
}

static bool read_private(struct import *import, const unsigned char *bytes, long size)
{
	const unsigned char *at = bytes;
	EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, size);
	if (key)
		return found(import, key_take(key, KEY_PRIVATE), TYPE_PRIVATE_KEY, FORMAT_OPENSSL);
	BIO *bio = import->password ? BIO_new_mem_buf(bytes, (int)size) : NULL;
	key = bio ? d2i_PKCS8PrivateKey_bio(bio, NULL, password_give, (void *)(uintptr_t)import->password) : NULL;
	BIO_free(bio);
	return key && found(import, key_take(key, KEY_PRIVATE), TYPE_PRIVATE_KEY, FORMAT_PKCS8);
}

static bool read_public(struct import *import, const unsigned char *bytes, long size)
{
	const unsigned char *at = bytes;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &at, size);
	at = bytes;
	key = key ? key : d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, size);
	return key && found(import, key_take(key, KEY_PUBLIC), TYPE_PUBLIC_KEY, FORMAT_OPENSSL);
}

static bool read_der(struct import *import, const struct data *data)
{
	const unsigned char *bytes = darwin_CFDataGetBytePtr(data);
	long size = (long)darwin_CFDataGetLength(data);
	struct identity *identity = NULL;
	struct array *chain = NULL;
	if (read_certificate(import, bytes, size) || read_private(import, bytes, size) ||
	    read_public(import, bytes, size))
		return true;
	if (pkcs12_read(data, import->password ? import->password : "", &identity, &chain))
		return false;
	if (identity)
		found(import, identity, TYPE_AGGREGATE, FORMAT_PKCS12);
	for (int64_t i = identity ? 1 : 0; i < darwin_CFArrayGetCount(chain); i++)
		found(import, (void *)(uintptr_t)darwin_CFRetain(darwin_CFArrayGetValueAtIndex(chain, i)),
		      TYPE_CERTIFICATE, FORMAT_PKCS12);
	import->type = TYPE_AGGREGATE;
	darwin_CFRelease(chain);
	return true;
}

// A block of text; what is none of these is passed over.
static bool read_block(struct import *import, char *name, char *header, unsigned char *bytes, long size)
{
	EVP_CIPHER_INFO cipher;
	if (strstr(name, "CERTIFICATE") && !strstr(name, "REQUEST"))
		return read_certificate(import, bytes, size);
	if (strstr(name, "PUBLIC KEY"))
		return read_public(import, bytes, size);
	if (!strstr(name, "PRIVATE KEY"))
		return true;
	if (!PEM_get_EVP_CIPHER_INFO(header, &cipher) ||
	    !PEM_do_header(&cipher, bytes, &size, password_give, (void *)(uintptr_t)import->password))
		return false;
	return read_private(import, bytes, size);
}

static bool read_pem(struct import *import, const struct data *data)
{
	BIO *bio = BIO_new_mem_buf(darwin_CFDataGetBytePtr(data), (int)darwin_CFDataGetLength(data));
	char *name, *header;
	unsigned char *bytes;
	long size;
	bool fine = bio;
	while (fine && PEM_read_bio(bio, &name, &header, &bytes, &size)) {
		fine = read_block(import, name, header, bytes, size);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(bytes);
	}
	if (darwin_CFArrayGetCount(import->items) > 1)
		import->format = FORMAT_PEM;
	BIO_free(bio);
	return fine && darwin_CFArrayGetCount(import->items) > 0;
}

static int32_t keep(const struct array *items, const void *keychain)
{
	int32_t status = SEC_SUCCESS;
	for (int64_t i = 0; i < darwin_CFArrayGetCount(items) && !status; i++) {
		struct dictionary *words = dictionary_make();
		dictionary_put(words, "v_Ref", darwin_CFRetain(darwin_CFArrayGetValueAtIndex(items, i)));
		dictionary_put(words, "u_Keychain", darwin_CFRetain(keychain));
		status = darwin_SecItemAdd(words, NULL);
		darwin_CFRelease(words);
	}
	return status;
}

int32_t darwin_SecItemImport(const struct data *data, const void *name, uint32_t *format, uint32_t *type,
			     uint32_t flags, const struct parameters *parameters, const void *keychain,
			     struct array **items)
{
	char *password = password_text(parameters ? parameters->passphrase : NULL);
	struct import import = {.password = password, .items = array_make(true)};
	bool there = libcrypto_there() && data && darwin_CFDataGetLength(data) > 0 &&
		     darwin_CFDataGetLength(data) < INT32_MAX;
	bool text =
		there && memmem(darwin_CFDataGetBytePtr(data), (size_t)darwin_CFDataGetLength(data), "-----BEGIN ", 11);
	bool fine = there && (text ? read_pem(&import, data) : read_der(&import, data));
	int32_t status = fine ? keychain ? keep(import.items, keychain) : SEC_SUCCESS : SEC_UNKNOWN_FORMAT;
	ERR_clear_error();
	free(password);
	if (!status && format)
		*format = import.format;
	if (!status && type)
		*type = import.type;
	if (items)
		*items = status ? NULL : (struct array *)(uintptr_t)darwin_CFRetain(import.items);
	darwin_CFRelease(import.items);
	return status;
}

// ---- writing --------------------------------------------------------------------------------------------------------

static X509 *parse(const void *certificate)
{
	const struct data *data = certificate_data(certificate);
	const unsigned char *bytes = darwin_CFDataGetBytePtr(data);
	return d2i_X509(NULL, &bytes, (long)darwin_CFDataGetLength(data));
}

static bool write_key(BIO *to, const struct key *key, enum import_format format, bool pem, const char *password)
{
	if (key->class == KEY_PUBLIC)
		return pem ? PEM_write_bio_PUBKEY(to, key->key) : i2d_PUBKEY_bio(to, key->key);
	if (format == FORMAT_PKCS8) {
		int size = password ? (int)strlen(password) : 0;
		char *words = (char *)(uintptr_t)password;
		if (!password)
			return false;
		return pem ? PEM_write_bio_PKCS8PrivateKey(to, key->key, EVP_aes_256_cbc(), words, size, NULL, NULL)
			   : i2d_PKCS8PrivateKey_bio(to, key->key, EVP_aes_256_cbc(), words, size, NULL, NULL);
	}
	return pem ? PEM_write_bio_PrivateKey_traditional(to, key->key, NULL, NULL, 0, NULL, NULL)
		   : i2d_PrivateKey_bio(to, key->key);
}

static bool write_certificate(BIO *to, const void *certificate, bool pem)
{
	X509 *parsed = parse(certificate);
	bool fine = parsed && (pem ? PEM_write_bio_X509(to, parsed) : i2d_X509_bio(to, parsed));
	X509_free(parsed);
	return fine;
}

static bool write_item(BIO *to, const void *item, enum import_format format, bool pem, const char *password)
{
	const struct object_type *type = object_type(item);
	const struct identity *identity = type == &identity_type ? item : NULL;
	if (identity)
		return pem && write_certificate(to, identity->certificate, pem) &&
		       write_key(to, identity->key, format, pem, password);
	return type == &certificate_type ? write_certificate(to, item, pem)
	       : type == &key_type	 ? write_key(to, item, format, pem, password)
					 : false;
}

static bool write_pkcs12(BIO *to, const struct array *items, const char *password)
{
	const struct identity *identity = NULL;
	STACK_OF(X509) *others = sk_X509_new_null();
	for (int64_t i = 0; i < darwin_CFArrayGetCount(items); i++) {
		const void *each = darwin_CFArrayGetValueAtIndex(items, i);
		if (object_type(each) == &identity_type)
			identity = each;
		else if (object_type(each) == &certificate_type)
			sk_X509_push(others, parse(each));
	}
	X509 *own = identity ? parse(identity->certificate) : NULL;
	PKCS12 *file = password ? PKCS12_create(password, NULL, identity ? identity->key->key : NULL, own, others, 0, 0,
						0, 0, 0)
				: NULL;
	bool fine = file && i2d_PKCS12_bio(to, file);
	PKCS12_free(file);
	X509_free(own);
	sk_X509_pop_free(others, X509_free);
	return fine;
}

// By itself what it is; several, or an identity, as text one after the other.
int32_t darwin_SecItemExport(const void *one_or_array, uint32_t format, uint32_t flags,
			     const struct parameters *parameters, struct data **made)
{
	*made = NULL;
	if (!one_or_array || !libcrypto_there())
		return SEC_PARAM;
	struct array *items = array_make(true);
	if (object_type(one_or_array) != &array_type)
		darwin_CFArrayAppendValue(items, one_or_array);
	else
		for (int64_t i = 0; i < darwin_CFArrayGetCount(one_or_array); i++)
			darwin_CFArrayAppendValue(items, darwin_CFArrayGetValueAtIndex(one_or_array, i));
	char *password = password_text(parameters ? parameters->passphrase : NULL), *bytes = NULL;
	bool pem = flags & FLAG_PEM || format == FORMAT_PEM ||
		   (format == FORMAT_UNKNOWN && darwin_CFArrayGetCount(items) > 1);
	BIO *to = BIO_new(BIO_s_mem());
	bool fine = to && (pem || format == FORMAT_PKCS12 || darwin_CFArrayGetCount(items) == 1);
	if (fine && format == FORMAT_PKCS12)
		fine = write_pkcs12(to, items, password);
	else
		for (int64_t i = 0; fine && i < darwin_CFArrayGetCount(items); i++)
			fine = write_item(to, darwin_CFArrayGetValueAtIndex(items, i), (enum import_format)format, pem,
					  password);
	long size = fine ? BIO_get_mem_data(to, &bytes) : 0;
	*made = size > 0 ? darwin_CFDataCreate(NULL, (const uint8_t *)bytes, size) : NULL;
	BIO_free(to);
	free(password);
	darwin_CFRelease(items);
	ERR_clear_error();
	return *made ? SEC_SUCCESS : SEC_PARAM;
}
