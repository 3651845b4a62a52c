// SPDX-License-Identifier: MIT
// Digests of CommonCrypto by libcrypto, in the contexts of CommonDigest.h, which programs own and copy.
#ifndef DARWIN_DIGEST_H
#define DARWIN_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum digest_kind {
	DIGEST_MD4,
	DIGEST_MD5,
	DIGEST_SHA1,
	DIGEST_SHA224,
	DIGEST_SHA256,
	DIGEST_SHA384,
	DIGEST_SHA512,
	DIGEST_KINDS
};
enum { DIGEST_CONTEXT = 208, DIGEST_BLOCK = 128, DIGEST_SIZE = 64 }; // the largest of each

size_t digest_block(enum digest_kind kind);
size_t digest_size(enum digest_kind kind);
void digest_init(enum digest_kind kind, void *context);
void digest_update(enum digest_kind kind, void *context, const void *data, size_t size);
void digest_final(enum digest_kind kind, void *context, uint8_t *to);

#endif
