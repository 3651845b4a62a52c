// SPDX-License-Identifier: MIT
// Encryption of SecKey: RSA by itself, RSA that wraps a key of AES-GCM, and ECIES.
//
// Facts: Apple's SecKey.h; how the parts are put together: open source Security's SecKeyAdaptors.m. AES-GCM has an initial value of 16 bytes
// and a tag of 16 at the end. RSA: the wrapped key, then what it sealed, with the public key as additional data; the key has 128 bits, from
// RSA of 4096 bits on 256. ECIES: the public key of the moment, then what is sealed; key (128 bits, for curves over 256 bits 256) and, where
// the name says so, the initial value are derived from the shared secret and that public key.
#include "key.h"

#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

enum { IV = 16, TAG = 16, SIZE_MOST = 1 << 30, BLOCK_MOST = 1024 };

struct input { // bytes that are lent
	const uint8_t *at;
	size_t size;
};

static struct input input_of(const struct data *data)
{
	return (struct input){darwin_CFDataGetBytePtr(data), (size_t)darwin_CFDataGetLength(data)};
}

// ---- AES-GCM --------------------------------------------------------------------------------------------------------

struct seal {
	uint8_t key[32], iv[IV];
	size_t key_size;
	struct input more;
};

static bool seal_begin(EVP_CIPHER_CTX *context, const struct seal *seal, bool encrypts)
{
	int given;
	return EVP_CipherInit_ex(context, seal->key_size == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(), NULL, NULL,
				 NULL, encrypts) &&
	       EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, IV, NULL) > 0 &&
	       EVP_CipherInit_ex(context, NULL, NULL, seal->key, seal->iv, encrypts) &&
	       (seal->more.size == 0 || EVP_CipherUpdate(context, NULL, &given, seal->more.at, (int)seal->more.size));
}

// Adds what is sealed, and the tag.
static bool seal_close(const struct seal *seal, struct input plain, struct bytes *to)
{
	uint8_t *sealed = malloc(plain.size + TAG);
	int given = 0, last = 0;
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	bool fine = sealed && context && seal_begin(context, seal, true) &&
		    (plain.size == 0 || EVP_CipherUpdate(context, sealed, &given, plain.at, (int)plain.size)) &&
		    EVP_CipherFinal_ex(context, sealed + given, &last) &&
		    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG, sealed + plain.size) > 0;
	if (fine)
		bytes_add(to, sealed, plain.size + TAG);
	EVP_CIPHER_CTX_free(context);
	free(sealed);
	return fine;
}

static bool seal_open(const struct seal *seal, struct input sealed, struct bytes *to)
{
	if (sealed.size < TAG)
		return false;
	size_t size = sealed.size - TAG;
	uint8_t *plain = malloc(size + 1), tag[TAG];
	int given = 0, last = 0;
	memcpy(tag, sealed.at + size, TAG);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	bool fine = plain && context && seal_begin(context, seal, false) &&
		    (size == 0 || EVP_CipherUpdate(context, plain, &given, sealed.at, (int)size)) &&
		    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG, tag) > 0 &&
		    EVP_CipherFinal_ex(context, plain + given, &last);
	if (fine)
		bytes_add(to, plain, size);
	EVP_CIPHER_CTX_free(context);
	free(plain);
	return fine;
}

// ---- RSA ------------------------------------------------------------------------------------------------------------

static bool rsa_set(EVP_PKEY_CTX *context, const struct key_algorithm *algorithm)
{
	int padding = algorithm->scheme == SCHEME_RAW	 ? RSA_NO_PADDING
		      : algorithm->scheme == SCHEME_OAEP ? RSA_PKCS1_OAEP_PADDING
							 : RSA_PKCS1_PADDING;
	const EVP_MD *digest = key_digest(algorithm);
	return EVP_PKEY_CTX_set_rsa_padding(context, padding) > 0 &&
	       (!digest || (EVP_PKEY_CTX_set_rsa_oaep_md(context, digest) > 0 &&
			    EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) > 0));
}

// Raw data is filled up with zeros in front.
static bool rsa_run(const struct key *key, const struct key_algorithm *algorithm, bool encrypts, struct input from,
		    struct bytes *to)
{
	uint8_t result[BLOCK_MOST], filled[BLOCK_MOST] = {0};
	size_t size = sizeof(result), block = (size_t)(key_bits(key) + 7) / 8;
	if (from.size > block || block > BLOCK_MOST)
		return false;
	if (algorithm->scheme == SCHEME_RAW) {
		memcpy(filled + block - from.size, from.at, from.size);
		from = (struct input){filled, block};
	}
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->key, NULL);
	bool fine = context && (encrypts ? EVP_PKEY_encrypt_init(context) : EVP_PKEY_decrypt_init(context)) > 0 &&
		    rsa_set(context, algorithm) &&
		    (encrypts ? EVP_PKEY_encrypt(context, result, &size, from.at, from.size)
			      : EVP_PKEY_decrypt(context, result, &size, from.at, from.size)) > 0;
	if (fine)
		bytes_add(to, result, size);
	EVP_PKEY_CTX_free(context);
	OPENSSL_cleanse(result, sizeof(result));
	return fine;
}

static bool rsa_seal(const struct key *key, const struct key_algorithm *algorithm, const struct data *public,
		     struct input plain, struct bytes *to)
{
	struct seal seal = {.key_size = key_bits(key) >= 4096 ? 32 : 16, .more = input_of(public)};
	return RAND_bytes(seal.key, (int)seal.key_size) > 0 &&
	       rsa_run(key, algorithm, true, (struct input){seal.key, seal.key_size}, to) &&
	       seal_close(&seal, plain, to);
}

static bool rsa_unseal(const struct key *key, const struct key_algorithm *algorithm, const struct data *public,
		       struct input sealed, struct bytes *to)
{
	struct seal seal = {.key_size = key_bits(key) >= 4096 ? 32 : 16, .more = input_of(public)};
	size_t block = (size_t)(key_bits(key) + 7) / 8;
	struct bytes unwrapped = {0};
	bool fine = sealed.size >= block &&
		    rsa_run(key, algorithm, false, (struct input){sealed.at, block}, &unwrapped) &&
		    unwrapped.count == seal.key_size;
	if (fine)
		memcpy(seal.key, unwrapped.at, seal.key_size);
	fine = fine && seal_open(&seal, (struct input){sealed.at + block, sealed.size - block}, to);
	free(unwrapped.at);
	return fine;
}

static bool rsa_wrap(const struct key *key, const struct key_algorithm *algorithm, bool encrypts, struct input from,
		     struct bytes *to)
{
	struct key like = *key;
	like.class = KEY_PUBLIC;
	struct data *public = key_external(&like);
	bool fine = public && (encrypts ? rsa_seal : rsa_unseal)(key, algorithm, public, from, to);
	darwin_CFRelease(public);
	return fine;
}

// ---- ECIES ----------------------------------------------------------------------------------------------------------

static bool ecies_seal_make(const struct key *key, const struct key *other, const struct key_algorithm *algorithm,
			    struct input moment, struct seal *seal)
{
	struct bytes secret = {0};
	uint8_t derived[32 + IV] = {0};
	*seal = (struct seal){.key_size = key_bits(key) > 256 ? 32 : 16};
	size_t size = seal->key_size + (algorithm->derived_iv ? IV : 0);
	bool fine = key_agree(key, other, &secret) &&
		    key_derive(key_digest(algorithm), &secret, moment.at, moment.size, derived, size);
	memcpy(seal->key, derived, seal->key_size);
	memcpy(seal->iv, derived + seal->key_size, IV); // zeros, if it was not derived
	free(secret.at);
	return fine;
}

static bool ecies_seal(const struct key *key, const struct key_algorithm *algorithm, struct input plain,
		       struct bytes *to)
{
	char group[32];
	if (!EVP_PKEY_get_group_name(key->key, group, sizeof(group), NULL))
		return false;
	struct key *moment = key_make(EVP_PKEY_Q_keygen(NULL, NULL, "EC", group), KEY_PRIVATE);
	struct key *public = moment ? key_public(moment) : NULL;
	struct data *bytes = public ? key_external(public) : NULL;
	struct seal seal;
	bool fine = bytes && ecies_seal_make(moment, key, algorithm, input_of(bytes), &seal);
	if (fine)
		bytes_add(to, input_of(bytes).at, input_of(bytes).size);
	fine = fine && seal_close(&seal, plain, to);
	darwin_CFRelease(moment);
	darwin_CFRelease(public);
	darwin_CFRelease(bytes);
	return fine;
}

static bool ecies_open(const struct key *key, const struct key_algorithm *algorithm, struct input sealed,
		       struct bytes *to)
{
	size_t point = 1 + 2 * ((size_t)(key_bits(key) + 7) / 8);
	struct seal seal;
	struct key *moment = sealed.size >= point ? key_read(sealed.at, point, false, KEY_PUBLIC) : NULL;
	bool fine = moment && ecies_seal_make(key, moment, algorithm, (struct input){sealed.at, point}, &seal) &&
		    seal_open(&seal, (struct input){sealed.at + point, sealed.size - point}, to);
	darwin_CFRelease(moment);
	return fine;
}

// ---- what programs call ---------------------------------------------------------------------------------------------

static struct data *run(const struct key *key, bool encrypts, const void *name, const struct data *data,
			struct object **error)
{
	struct key_algorithm algorithm;
	struct bytes result = {0};
	if (!key_algorithm_for(key, encrypts ? OPERATION_ENCRYPT : OPERATION_DECRYPT, name, &algorithm, error))
		return NULL;
	bool fine = data && darwin_CFDataGetLength(data) < SIZE_MOST;
	if (fine && algorithm.scheme == SCHEME_ECIES)
		fine = (encrypts ? ecies_seal : ecies_open)(key, &algorithm, input_of(data), &result);
	else if (fine && algorithm.sealed)
		fine = rsa_wrap(key, &algorithm, encrypts, input_of(data), &result);
	else if (fine)
		fine = rsa_run(key, &algorithm, encrypts, input_of(data), &result);
	if (fine)
		return data_take(&result);
	free(result.at);
	return key_fail(error, SEC_PARAM, encrypts ? "The data cannot be encrypted." : "The data cannot be decrypted.");
}

struct data *darwin_SecKeyCreateEncryptedData(const struct key *key, const void *name, const struct data *data,
					      struct object **error)
{
	return run(key, true, name, data, error);
}

struct data *darwin_SecKeyCreateDecryptedData(const struct key *key, const void *name, const struct data *data,
					      struct object **error)
{
	return run(key, false, name, data, error);
}

// The older calls: SecPadding stands for the algorithm.
static int32_t run_old(const struct key *key, bool encrypts, uint32_t padding, struct input from, uint8_t *to,
		       size_t *room)
{
	static const char *const names[] = {"algid:encrypt:RSA:raw", "algid:encrypt:RSA:PKCS1",
					    "algid:encrypt:RSA:OAEP:SHA1"};
	if (padding >= sizeof(names) / sizeof(*names))
		return SEC_PARAM;
	struct string *name = string_from_text(names[padding]);
	struct data *data = darwin_CFDataCreate(NULL, from.at, (int64_t)from.size),
		    *result = run(key, encrypts, name, data, NULL);
	int32_t status = !result					  ? SEC_PARAM
			 : (size_t)darwin_CFDataGetLength(result) > *room ? SEC_BUFFER_TOO_SMALL
									  : SEC_SUCCESS;
	if (!status) {
		*room = (size_t)darwin_CFDataGetLength(result);
		memcpy(to, darwin_CFDataGetBytePtr(result), *room);
	}
	darwin_CFRelease(name);
	darwin_CFRelease(data);
	darwin_CFRelease(result);
	return status;
}

int32_t darwin_SecKeyEncrypt(const struct key *key, uint32_t padding, const uint8_t *plain, size_t size, uint8_t *to,
			     size_t *room)
{
	return run_old(key, true, padding, (struct input){plain, size}, to, room);
}

int32_t darwin_SecKeyDecrypt(const struct key *key, uint32_t padding, const uint8_t *sealed, size_t size, uint8_t *to,
			     size_t *room)
{
	return run_old(key, false, padding, (struct input){sealed, size}, to, room);
}
