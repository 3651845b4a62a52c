// SPDX-License-Identifier: MIT
// CCHmac (RFC 2104) and CCKeyDerivationPBKDF (RFC 8018). Facts: CommonCrypto's CommonHMAC.h, CommonKeyDerivation.h, CommonCryptoError.h.
#include "cryptor.h"
#include "digest.h"

#include "../security/libcrypto.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

struct hmac { // CCHmacContext has 384 bytes
	uint32_t kind;
	uint8_t key[DIGEST_BLOCK];
	uint64_t inner[DIGEST_CONTEXT / 8];
};
_Static_assert(sizeof(struct hmac) <= 384, "CCHmacContext");

// kCCHmacAlgSHA1, MD5, SHA256, SHA384, SHA512, SHA224
static const uint8_t hmac_kinds[] = {DIGEST_SHA1,   DIGEST_MD5,	   DIGEST_SHA256,
				     DIGEST_SHA384, DIGEST_SHA512, DIGEST_SHA224};

static void begin(const struct hmac *hmac, uint8_t pad, void *context)
{
	uint8_t block[DIGEST_BLOCK];
	for (size_t i = 0; i < DIGEST_BLOCK; i++)
		block[i] = hmac->key[i] ^ pad;
	digest_init(hmac->kind, context);
	digest_update(hmac->kind, context, block, digest_block(hmac->kind));
}

void darwin_CCHmacInit(struct hmac *hmac, uint32_t algorithm, const void *key, size_t size)
{
	memset(hmac, 0, sizeof(*hmac));
	hmac->kind = algorithm < sizeof(hmac_kinds) ? hmac_kinds[algorithm] : DIGEST_SHA1;
	if (size > digest_block(hmac->kind)) {
		digest_init(hmac->kind, hmac->inner);
		digest_update(hmac->kind, hmac->inner, key, size);
		digest_final(hmac->kind, hmac->inner, hmac->key);
	} else if (size) {
		memcpy(hmac->key, key, size);
	}
	begin(hmac, 0x36, hmac->inner);
}

void darwin_CCHmacUpdate(struct hmac *hmac, const void *data, size_t size)
{
	digest_update(hmac->kind, hmac->inner, data, size);
}

void darwin_CCHmacFinal(struct hmac *hmac, uint8_t *to)
{
	uint8_t inside[DIGEST_SIZE];
	digest_final(hmac->kind, hmac->inner, inside);
	begin(hmac, 0x5c, hmac->inner);
	digest_update(hmac->kind, hmac->inner, inside, digest_size(hmac->kind));
	digest_final(hmac->kind, hmac->inner, to);
}

void darwin_CCHmac(uint32_t algorithm, const void *key, size_t key_size, const void *data, size_t size, uint8_t *to)
{
	struct hmac hmac;
	darwin_CCHmacInit(&hmac, algorithm, key, key_size);
	darwin_CCHmacUpdate(&hmac, data, size);
	darwin_CCHmacFinal(&hmac, to);
}

// kCCPBKDF2 is 2; kCCPRFHmacAlgSHA1, 224, 256, 384, 512 are 1 to 5.
int32_t darwin_CCKeyDerivationPBKDF(uint32_t algorithm, const void *password, size_t password_size, const uint8_t *salt,
				    size_t salt_size, uint32_t random, uint32_t rounds, uint8_t *to, size_t size)
{
	static const EVP_MD *(*const methods[])(void) = {EVP_sha1, EVP_sha224, EVP_sha256, EVP_sha384, EVP_sha512};
	if (algorithm != 2 || random < 1 || random > 5 || rounds == 0 || rounds > INT32_MAX || size == 0 ||
	    size > INT32_MAX || password_size > INT32_MAX || salt_size > INT32_MAX)
		return CC_PARAM_ERROR;
	if (!libcrypto_there())
		return CC_UNIMPLEMENTED;
	return PKCS5_PBKDF2_HMAC(password ? password : "", (int)password_size, salt, (int)salt_size, (int)rounds,
				 methods[random - 1](), (int)size, to)
		       ? CC_SUCCESS
		       : CC_PARAM_ERROR;
}

// How many rounds take so long here: at least 10000, as on macOS. UINT32_MAX: it cannot be told.
uint32_t darwin_CCCalibratePBKDF(uint32_t algorithm, size_t password_size, size_t salt_size, uint32_t random,
				 size_t size, uint32_t milliseconds)
{
	enum { TRIED = 20000, LEAST = 10000, SALT_MOST = 132 };
	static const uint8_t salt[SALT_MOST];
	char *password = malloc(password_size + 1);
	uint8_t *key = malloc(size + 1);
	struct timespec begin, end;
	uint32_t rounds = UINT32_MAX;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	if (password && key && salt_size <= SALT_MOST) {
		memset(password, 'a', password_size + 1);
		if (!darwin_CCKeyDerivationPBKDF(algorithm, password, password_size, salt, salt_size, random, TRIED,
						 key, size)) {
			clock_gettime(CLOCK_MONOTONIC, &end);
			double took = (double)(end.tv_sec - begin.tv_sec) * 1e3 +
				      (double)(end.tv_nsec - begin.tv_nsec) / 1e6;
			double told = milliseconds * (TRIED / (took > 0.001 ? took : 0.001));
			rounds = told < LEAST ? LEAST : told > INT32_MAX ? INT32_MAX : (uint32_t)told;
		}
	}
	free(password);
	free(key);
	return rounds;
}
