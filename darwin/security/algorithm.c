// SPDX-License-Identifier: MIT
// Names of algorithms: "algid:OPERATION:KEY:SCHEME[:DIGEST...]". Facts: Apple's SecKey.h; the texts: open source Security's SecKey.m,
// SecKeyAdaptors.m.
#include "algorithm.h"

#include <stddef.h>
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
	} schemes[] = {{"raw", true, SCHEME_RAW},
		       {"PKCS1v15", true, SCHEME_PKCS1},
		       {"PSS", true, SCHEME_PSS},
		       {"X962", false, SCHEME_X962},
		       {"RFC4754", false, SCHEME_RFC4754}};
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
