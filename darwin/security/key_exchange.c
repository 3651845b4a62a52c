// SPDX-License-Identifier: MIT
// Secrets that two keys share. Facts: Apple's SecKey.h; SEC 1 3.3 (ECDH), 3.6.1 (the derivation of X9.63).
#include "key.h"

#include <stdlib.h>

enum { DERIVED_MOST = 1 << 20 };

bool key_agree(const struct key *key, const struct key *other, struct bytes *secret)
{
	uint8_t shared[66];
	size_t size = sizeof(shared);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->key, NULL);
	bool fine = context && EVP_PKEY_derive_init(context) > 0 && EVP_PKEY_derive_set_peer(context, other->key) > 0 &&
		    EVP_PKEY_derive(context, shared, &size) > 0;
	if (fine)
		bytes_add(secret, shared, size);
	OPENSSL_cleanse(shared, sizeof(shared));
	EVP_PKEY_CTX_free(context);
	return fine;
}

// Hash(secret, counter from 1, shared), as often as it takes.
bool key_derive(const EVP_MD *digest, const struct bytes *secret, const uint8_t *shared, size_t shared_size,
		uint8_t *to, size_t size)
{
	size_t done = 0, part = (size_t)EVP_MD_get_size(digest);
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool fine = context;
	for (uint32_t counter = 1; fine && done < size; counter++) {
		uint8_t hash[EVP_MAX_MD_SIZE], number[4] = {(uint8_t)(counter >> 24), (uint8_t)(counter >> 16),
							    (uint8_t)(counter >> 8), (uint8_t)counter};
		fine = EVP_DigestInit_ex(context, digest, NULL) &&
		       EVP_DigestUpdate(context, secret->at, secret->count) && EVP_DigestUpdate(context, number, 4) &&
		       EVP_DigestUpdate(context, shared, shared_size) && EVP_DigestFinal_ex(context, hash, NULL);
		for (size_t i = 0; fine && i < part && done < size; i++)
			to[done++] = hash[i];
	}
	EVP_MD_CTX_free(context);
	return fine;
}

// The secret itself, or with a derivation as many bytes as the parameters want.
static struct data *result_make(const struct key_algorithm *algorithm, const struct bytes *secret,
				const struct dictionary *parameters)
{
	const struct number *wanted = parameters ? dictionary_get(parameters, "requestedSize") : NULL;
	const struct data *shared = parameters ? dictionary_get(parameters, "sharedInfo") : NULL;
	if (!algorithm->digest)
		return darwin_CFDataCreate(NULL, secret->at, (int64_t)secret->count);
	if (!wanted || object_type(wanted) != &number_type || number_whole(wanted) <= 0 ||
	    number_whole(wanted) > DERIVED_MOST || (shared && object_type(shared) != &data_type))
		return NULL;
	size_t size = (size_t)number_whole(wanted);
	uint8_t *bytes = malloc(size);
	bool fine = bytes && key_derive(key_digest(algorithm), secret, shared ? darwin_CFDataGetBytePtr(shared) : NULL,
					shared ? (size_t)darwin_CFDataGetLength(shared) : 0, bytes, size);
	struct data *result = fine ? darwin_CFDataCreate(NULL, bytes, (int64_t)size) : NULL;
	free(bytes);
	return result;
}

struct data *darwin_SecKeyCopyKeyExchangeResult(const struct key *key, const void *name, const struct key *other,
						const struct dictionary *parameters, struct object **error)
{
	struct key_algorithm algorithm;
	struct bytes secret = {0};
	if (!key_algorithm_for(key, OPERATION_EXCHANGE, name, &algorithm, error))
		return NULL;
	struct data *result =
		other && key_agree(key, other, &secret) ? result_make(&algorithm, &secret, parameters) : NULL;
	if (secret.at)
		OPENSSL_cleanse(secret.at, secret.count);
	free(secret.at);
	return result ? result : key_fail(error, SEC_PARAM, "The keys do not fit, or a parameter is missing.");
}
