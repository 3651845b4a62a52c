// SPDX-License-Identifier: MIT
// Names of algorithms: "algid:OPERATION:KEY:SCHEME[:DIGEST...]". Facts: Apple's SecKey.h; the texts: open source Security's SecKey.m,
// SecKeyAdaptors.m.
#include "key.h"

#include <stdlib.h>
#include <string.h>

enum { WORDS = 7, WORD = 24 };

// The words between colons. 0: too many, or too long.
static size_t split(const char *name, char words[WORDS][WORD])
{
	size_t count = 0;
	for (const char *end; name; name = end ? end + 1 : NULL) {
		end = strchr(name, ':');
		size_t size = end ? (size_t)(end - name) : strlen(name);
		if (count == WORDS || size >= WORD)
			return 0;
		memcpy(words[count], name, size);
		words[count++][size] = '\0';
	}
	return count;
}

static bool digest_read(const char *word, struct key_algorithm *algorithm)
{
	static const char *const names[] = {"SHA1", "SHA224", "SHA256", "SHA384", "SHA512", "MD5"};
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(word, names[i]) == 0)
			return (algorithm->digest = names[i]) != NULL;
	return false;
}

static bool sign_read(const char words[WORDS][WORD], size_t count, struct key_algorithm *algorithm)
{
	static const struct {
		const char *word;
		bool rsa;
		enum key_scheme scheme;
	} schemes[] = {{"raw", true, SCHEME_RAW},	{"PKCS1v15", true, SCHEME_PKCS1},   {"PSS", true, SCHEME_PSS},
		       {"X962", false, SCHEME_X962}, {"RFC4754", false, SCHEME_RFC4754}};
	const char *word = words[3];
	algorithm->signs = true;
	algorithm->rsa = strcmp(words[2], "RSA") == 0;
	algorithm->message = strncmp(word, "message-", 8) == 0;
	word += algorithm->message ? 8 : strncmp(word, "digest-", 7) == 0 ? 7 : 0;
	if (count < 4 || (!algorithm->rsa && strcmp(words[2], "ECDSA") != 0))
		return false;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++)
		if (strcmp(word, schemes[i].word) == 0 && schemes[i].rsa == algorithm->rsa) {
			algorithm->scheme = schemes[i].scheme;
			return count == 4 ? !algorithm->message && algorithm->scheme != SCHEME_PSS
					  : digest_read(words[4], algorithm);
		}
	return false;
}

static bool encrypt_read(const char words[WORDS][WORD], size_t count, struct key_algorithm *algorithm)
{
	algorithm->encrypts = true;
	algorithm->rsa = count >= 4 && strcmp(words[2], "RSA") == 0;
	if (algorithm->rsa && count == 4 && (strcmp(words[3], "raw") == 0 || strcmp(words[3], "PKCS1") == 0)) {
		algorithm->scheme = words[3][0] == 'r' ? SCHEME_RAW : SCHEME_PKCS1;
		return true;
	}
	if (algorithm->rsa && count >= 5 && strcmp(words[3], "OAEP") == 0) {
		algorithm->scheme = SCHEME_OAEP;
		algorithm->sealed = count == 6 && strcmp(words[5], "AESGCM") == 0;
		return digest_read(words[4], algorithm) && (count == 5 || algorithm->sealed);
	}
	algorithm->scheme = SCHEME_ECIES;
	algorithm->derived_iv = count == 7 && strcmp(words[6], "AESGCM-KDFIV") == 0;
	return count == 7 && strcmp(words[2], "ECIES") == 0 && strncmp(words[3], "ECDH", 4) == 0 &&
	       strcmp(words[4], "KDFX963") == 0 && digest_read(words[5], algorithm) &&
	       (algorithm->derived_iv || strcmp(words[6], "AESGCM") == 0);
}

// The cofactor of these curves is one: both kinds of ECDH are the same.
static bool exchange_read(const char words[WORDS][WORD], size_t count, struct key_algorithm *algorithm)
{
	algorithm->exchanges = true;
	algorithm->scheme = SCHEME_ECDH;
	if (count < 3 || (strcmp(words[2], "ECDH") != 0 && strcmp(words[2], "ECDHC") != 0))
		return false;
	return count == 3 || (count == 5 && strcmp(words[3], "KDFX963") == 0 && digest_read(words[4], algorithm));
}

bool key_algorithm_read(const char *name, struct key_algorithm *algorithm)
{
	char words[WORDS][WORD] = {{0}};
	size_t count = split(name, words);
	*algorithm = (struct key_algorithm){0};
	if (count < 3 || strcmp(words[0], "algid") != 0)
		return false;
	if (strcmp(words[1], "sign") == 0)
		return sign_read(words, count, algorithm);
	return strcmp(words[1], "encrypt") == 0	      ? encrypt_read(words, count, algorithm)
	       : strcmp(words[1], "keyexchange") == 0 ? exchange_read(words, count, algorithm)
						      : false;
}

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
