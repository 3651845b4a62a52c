// SPDX-License-Identifier: MIT
// SecKey: an RSA or EC key (NIST's P-256, P-384, P-521) by libcrypto, public or private.
#ifndef DARWIN_KEY_H
#define DARWIN_KEY_H

#include "algorithm.h"
#include "certificate.h"

#include "libcrypto.h"

enum key_class { KEY_PUBLIC, KEY_PRIVATE };
enum { KEY_HASH = 20 };
struct key {
	struct object head;
	EVP_PKEY *key;		       // [I] owned
	enum key_class class;	       // [I]
	struct dictionary *attributes; // [I] the program's own (labels, tags), or NULL
};
extern const struct object_type key_type;

// Takes the reference to OpenSSL's key, which may be NULL: then so is the result. An algorithm that is not RSA or EC: NULL.
struct key *key_make(EVP_PKEY *key, enum key_class class);
struct key *key_public(const struct key *key);
bool key_is_rsa(const struct key *key);
int key_bits(const struct key *key);
// PKCS #1, or X9.63 (SecKeyCopyExternalRepresentation). NULL: it cannot be written.
struct data *key_external(const struct key *key);
// The same bytes read. NULL: they are no such key.
struct key *key_read(const uint8_t *bytes, size_t size, bool rsa, enum key_class class);
// SHA-1 of the public key's bytes (kSecAttrApplicationLabel).
bool key_hash(const struct key *key, uint8_t to[KEY_HASH]);
// An error of OpenSSL's as a CFError, if error is not NULL; always NULL.
void *key_fail(struct object **error, int32_t status, const char *text);

// ---- key_algorithm.c ------------------------------------------------------------------------------------------------
// The same for a string; and whether the key can do that. NULL: a CFError says why not.
bool key_algorithm_for(const struct key *key, enum key_operation operation, const void *name,
		       struct key_algorithm *algorithm, struct object **error);
const EVP_MD *key_digest(const struct key_algorithm *algorithm);
// X9.63's derivation (SEC 1, 3.6.1): `size` bytes.
bool key_derive(const EVP_MD *digest, const struct bytes *secret, const uint8_t *shared, size_t shared_size,
		uint8_t *to, size_t size);
// The shared secret of ECDH. False: the other's key does not fit.
bool key_agree(const struct key *key, const struct key *other, struct bytes *secret);

#endif
