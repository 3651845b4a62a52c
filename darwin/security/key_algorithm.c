// SPDX-License-Identifier: MIT
// Whether a key can do what the name of an algorithm says. Facts: Apple's SecKey.h.
#include "key.h"

#include <stdlib.h>

const EVP_MD *key_digest(const struct key_algorithm *algorithm)
{
	return algorithm->digest ? EVP_get_digestbyname(algorithm->digest) : NULL;
}

// PSS needs room for two digests, as does OAEP; without it the algorithm is not the key's.
static bool key_fits(const struct key *key, const struct key_algorithm *algorithm)
{
	int digest = algorithm->digest ? EVP_MD_get_size(key_digest(algorithm)) : 0, bytes = (key_bits(key) + 7) / 8;
	if (algorithm->scheme == SCHEME_PSS)
		return key_bits(key) >= 16 * digest + 9;
	return algorithm->scheme != SCHEME_OAEP || bytes >= 2 * digest + 2;
}

bool key_algorithm_for(const struct key *key, enum key_operation operation, const void *name,
		       struct key_algorithm *algorithm, struct object **error)
{
	static const enum key_class classes[] = {KEY_PRIVATE, KEY_PUBLIC, KEY_PUBLIC, KEY_PRIVATE, KEY_PRIVATE};
	char *text = name && object_type(name) == &string_type ? string_to_utf8(name) : NULL;
	bool known = text && libcrypto_there() && key_algorithm_read(text, algorithm);
	free(text);
	if (known) {
		bool wanted = operation <= OPERATION_VERIFY    ? algorithm->signs
			      : operation <= OPERATION_DECRYPT ? algorithm->encrypts
							       : algorithm->exchanges;
		known = operation <= OPERATION_EXCHANGE && wanted && algorithm->rsa == key_is_rsa(key) &&
			key_fits(key, algorithm) && key->class == classes[operation];
	}
	if (!known)
		key_fail(error, SEC_PARAM, "The algorithm is not supported by the key.");
	return known;
}

uint8_t darwin_SecKeyIsAlgorithmSupported(const struct key *key, int64_t operation, const void *name)
{
	struct key_algorithm algorithm;
	return operation >= 0 && key_algorithm_for(key, (enum key_operation)operation, name, &algorithm, NULL);
}
