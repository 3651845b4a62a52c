// SPDX-License-Identifier: MIT
// CC_MD5, CC_SHA1, CC_SHA256 and their kin; see digest.h.
//
// The contexts of MD4, MD5 and SHA-1 are laid out as libcrypto's. Those of SHA-2 have no room for its two last fields: how many bytes wait
// follows from the count of bits, and the size from the kind, so they become libcrypto's for a call and are written back.
// Facts: CommonCrypto's CommonDigest.h; OpenSSL's <openssl/{md5,sha}.h>.
#include "digest.h"

#include "../security/libcrypto.h"

#include <openssl/md4.h>
#include <openssl/md5.h>
#include <openssl/sha.h>
#include <string.h>

#define FUNCTIONS(name)                                                                                                \
	(int (*)(void *))name##_Init, (int (*)(void *, const void *, size_t))name##_Update,                            \
		(int (*)(uint8_t *, void *))name##_Final
static const struct {
	uint8_t size, block;
	int (*init)(void *context);
	int (*update)(void *context, const void *data, size_t size);
	int (*final)(uint8_t *to, void *context);
} kinds[DIGEST_KINDS] = {
	[DIGEST_MD4] = {16, 64, FUNCTIONS(MD4)},
	[DIGEST_MD5] = {16, 64, FUNCTIONS(MD5)},
	[DIGEST_SHA1] = {20, 64, FUNCTIONS(SHA1)},
	[DIGEST_SHA224] = {28, 64, FUNCTIONS(SHA224)},
	[DIGEST_SHA256] = {32, 64, FUNCTIONS(SHA256)},
	[DIGEST_SHA384] = {48, 128, FUNCTIONS(SHA384)},
	[DIGEST_SHA512] = {64, 128, FUNCTIONS(SHA512)},
};

struct narrow { // CC_SHA256_CTX
	uint32_t count[2], hash[8], block[16];
};
struct wide { // CC_SHA512_CTX
	uint64_t count[2], hash[8], block[16];
};
struct host_narrow { // SHA256_CTX
	uint32_t hash[8], count[2], block[16], waiting, size;
};
struct host_wide { // SHA512_CTX
	uint64_t hash[8], count[2], block[16];
	uint32_t waiting, size;
};
union host {
	struct host_narrow narrow;
	struct host_wide wide;
};

static void *host_enter(enum digest_kind kind, void *context, union host *host)
{
	const struct narrow *narrow = context;
	const struct wide *wide = context;
	if (kind < DIGEST_SHA224)
		return context;
	if (kind < DIGEST_SHA384) {
		memcpy(host->narrow.hash, narrow->hash, sizeof(narrow->hash));
		memcpy(host->narrow.count, narrow->count, sizeof(narrow->count));
		memcpy(host->narrow.block, narrow->block, sizeof(narrow->block));
		host->narrow.waiting = narrow->count[0] / 8 % 64;
		host->narrow.size = kinds[kind].size;
	} else {
		memcpy(host->wide.hash, wide->hash, sizeof(wide->hash));
		memcpy(host->wide.count, wide->count, sizeof(wide->count));
		memcpy(host->wide.block, wide->block, sizeof(wide->block));
		host->wide.waiting = (uint32_t)(wide->count[0] / 8 % 128);
		host->wide.size = kinds[kind].size;
	}
	return host;
}

static void host_leave(enum digest_kind kind, void *context, const union host *host)
{
	struct narrow *narrow = context;
	struct wide *wide = context;
	if (kind >= DIGEST_SHA384) {
		memcpy(wide->hash, host->wide.hash, sizeof(wide->hash));
		memcpy(wide->count, host->wide.count, sizeof(wide->count));
		memcpy(wide->block, host->wide.block, sizeof(wide->block));
	} else if (kind >= DIGEST_SHA224) {
		memcpy(narrow->hash, host->narrow.hash, sizeof(narrow->hash));
		memcpy(narrow->count, host->narrow.count, sizeof(narrow->count));
		memcpy(narrow->block, host->narrow.block, sizeof(narrow->block));
	}
}

size_t digest_block(enum digest_kind kind)
{
	return kinds[kind].block;
}

size_t digest_size(enum digest_kind kind)
{
	return kinds[kind].size;
}

void digest_init(enum digest_kind kind, void *context)
{
	union host host = {0};
	kinds[kind].init(kind < DIGEST_SHA224 ? context : &host);
	host_leave(kind, context, &host);
}

void digest_update(enum digest_kind kind, void *context, const void *data, size_t size)
{
	union host host;
	kinds[kind].update(host_enter(kind, context, &host), data, size);
	host_leave(kind, context, &host);
}

void digest_final(enum digest_kind kind, void *context, uint8_t *to)
{
	union host host;
	kinds[kind].final(to, host_enter(kind, context, &host));
}

// ---- what programs call: init, update and final return 1; the whole at once returns where it was put ----------------

#define DIGEST(name)                                                                                                   \
	int darwin_CC_##name##_Init(void *context)                                                                     \
	{                                                                                                              \
		digest_init(DIGEST_##name, context);                                                                   \
		return 1;                                                                                              \
	}                                                                                                              \
	int darwin_CC_##name##_Update(void *context, const void *data, uint32_t size)                                  \
	{                                                                                                              \
		digest_update(DIGEST_##name, context, data, size);                                                     \
		return 1;                                                                                              \
	}                                                                                                              \
	int darwin_CC_##name##_Final(uint8_t *to, void *context)                                                       \
	{                                                                                                              \
		digest_final(DIGEST_##name, context, to);                                                              \
		return 1;                                                                                              \
	}                                                                                                              \
	uint8_t *darwin_CC_##name(const void *data, uint32_t size, uint8_t *to)                                        \
	{                                                                                                              \
		uint64_t context[DIGEST_CONTEXT / 8];                                                                  \
		if (!to)                                                                                               \
			return NULL;                                                                                   \
		digest_init(DIGEST_##name, context);                                                                   \
		digest_update(DIGEST_##name, context, data, size);                                                     \
		digest_final(DIGEST_##name, context, to);                                                              \
		return to;                                                                                             \
	}
DIGEST(MD4)
DIGEST(MD5)
DIGEST(SHA1)
DIGEST(SHA224)
DIGEST(SHA256)
DIGEST(SHA384)
DIGEST(SHA512)
