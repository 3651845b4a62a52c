// SPDX-License-Identifier: MIT
// Signatures of SecKey. Facts: Apple's SecKey.h; RFC 8017, RFC 4754 (r and s, each as long as the curve's order); EVP_PKEY_sign(3).
#include "key.h"

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

enum { SIGNATURE_MOST = 8192 / 8 + 64, ORDER_MOST = 66 };

static bool context_set(EVP_PKEY_CTX *context, const struct key_algorithm *algorithm)
{
	const EVP_MD *digest = key_digest(algorithm);
	int padding = algorithm->scheme == SCHEME_RAW	? RSA_NO_PADDING
		      : algorithm->scheme == SCHEME_PSS ? RSA_PKCS1_PSS_PADDING
							: RSA_PKCS1_PADDING;
	if (!algorithm->rsa)
		return true; // the digest's length says all
	if (EVP_PKEY_CTX_set_rsa_padding(context, padding) <= 0 ||
	    (digest && EVP_PKEY_CTX_set_signature_md(context, digest) <= 0))
		return false;
	return algorithm->scheme != SCHEME_PSS ||
	       (EVP_PKEY_CTX_set_rsa_mgf1_md(context, digest) > 0 &&
		EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) > 0);
}

// What is signed: the message's digest, or what the program gives; raw data is filled up with zeros in front.
static bool input_make(const struct key *key, const struct key_algorithm *algorithm, const struct data *data,
		       struct bytes *input)
{
	const uint8_t *bytes = darwin_CFDataGetBytePtr(data);
	size_t size = (size_t)darwin_CFDataGetLength(data), block = (size_t)(key_bits(key) + 7) / 8;
	const EVP_MD *digest = key_digest(algorithm);
	uint8_t hash[EVP_MAX_MD_SIZE];
	unsigned hashed = 0;
	static const uint8_t zeros[1024];
	if (algorithm->message) {
		if (!EVP_Digest(bytes, size, hash, &hashed, digest, NULL))
			return false;
		bytes_add(input, hash, hashed);
		return true;
	}
	if (digest && size != (size_t)EVP_MD_get_size(digest))
		return false;
	if (algorithm->scheme == SCHEME_RAW && size < block && block <= sizeof(zeros))
		bytes_add(input, zeros, block - size);
	bytes_add(input, bytes, size);
	return true;
}

// ---- r and s --------------------------------------------------------------------------------------------------------

static struct data *plain_of(const struct key *key, const uint8_t *signature, size_t size)
{
	const unsigned char *at = signature;
	ECDSA_SIG *parts = d2i_ECDSA_SIG(NULL, &at, (long)size);
	int order = (key_bits(key) + 7) / 8;
	uint8_t plain[2 * ORDER_MOST];
	bool fine = parts && BN_bn2binpad(ECDSA_SIG_get0_r(parts), plain, order) > 0 &&
		    BN_bn2binpad(ECDSA_SIG_get0_s(parts), plain + order, order) > 0;
	ECDSA_SIG_free(parts);
	return fine ? darwin_CFDataCreate(NULL, plain, 2 * order) : NULL;
}

// As DER; 0: it is none.
static size_t der_of(const struct key *key, const struct data *plain, uint8_t *to)
{
	int order = (key_bits(key) + 7) / 8, size = 0;
	const uint8_t *bytes = darwin_CFDataGetBytePtr(plain);
	if (darwin_CFDataGetLength(plain) != 2 * order)
		return 0;
	ECDSA_SIG *parts = ECDSA_SIG_new();
	unsigned char *at = to;
	if (parts && ECDSA_SIG_set0(parts, BN_bin2bn(bytes, order, NULL), BN_bin2bn(bytes + order, order, NULL)))
		size = i2d_ECDSA_SIG(parts, &at);
	ECDSA_SIG_free(parts);
	return size > 0 ? (size_t)size : 0;
}

// ---- what programs call ---------------------------------------------------------------------------------------------

static struct data *sign(const struct key *key, const struct key_algorithm *algorithm, const struct bytes *input)
{
	uint8_t signature[SIGNATURE_MOST];
	size_t size = sizeof(signature);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->key, NULL);
	bool fine = context && EVP_PKEY_sign_init(context) > 0 && context_set(context, algorithm) &&
		    EVP_PKEY_sign(context, signature, &size, input->at, input->count) > 0;
	EVP_PKEY_CTX_free(context);
	if (!fine)
		return NULL;
	return algorithm->scheme == SCHEME_RFC4754 ? plain_of(key, signature, size)
						   : darwin_CFDataCreate(NULL, signature, (int64_t)size);
}

struct data *darwin_SecKeyCreateSignature(const struct key *key, const void *name, const struct data *data,
					  struct object **error)
{
	struct key_algorithm algorithm;
	struct bytes input = {0};
	if (!key_algorithm_for(key, OPERATION_SIGN, name, &algorithm, error))
		return NULL;
	struct data *signature =
		data && input_make(key, &algorithm, data, &input) ? sign(key, &algorithm, &input) : NULL;
	free(input.at);
	return signature ? signature : key_fail(error, SEC_PARAM, "The data cannot be signed with this algorithm.");
}

static bool verify(const struct key *key, const struct key_algorithm *algorithm, const struct bytes *input,
		   const struct data *signature)
{
	uint8_t der[2 * ORDER_MOST + 16];
	const uint8_t *bytes = darwin_CFDataGetBytePtr(signature);
	size_t size = (size_t)darwin_CFDataGetLength(signature);
	if (algorithm->scheme == SCHEME_RFC4754) {
		size = der_of(key, signature, der);
		bytes = der;
	}
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->key, NULL);
	bool good = size && context && EVP_PKEY_verify_init(context) > 0 && context_set(context, algorithm) &&
		    EVP_PKEY_verify(context, bytes, size, input->at, input->count) == 1;
	EVP_PKEY_CTX_free(context);
	return good;
}

uint8_t darwin_SecKeyVerifySignature(const struct key *key, const void *name, const struct data *data,
				     const struct data *signature, struct object **error)
{
	struct key_algorithm algorithm;
	struct bytes input = {0};
	if (!key_algorithm_for(key, OPERATION_VERIFY, name, &algorithm, error))
		return false;
	bool good = data && signature && input_make(key, &algorithm, data, &input) &&
		    verify(key, &algorithm, &input, signature);
	free(input.at);
	if (!good)
		key_fail(error, SEC_VERIFY_FAILED, "The signature does not fit.");
	return good;
}

// ---- the older calls: SecPadding stands for the algorithm -----------------------------------------------------------

// Facts: SecKey.h. NULL: there is none such.
static const void *name_of(const struct key *key, uint32_t padding)
{
	static const char *const digests[] = {"MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"}; // from 0x8001
	if (!key_is_rsa(key))
		return string_from_text(padding == 0x4000 ? "algid:sign:ECDSA:digest-RFC4754"
							  : "algid:sign:ECDSA:digest-X962");
	if (padding == 0)
		return string_from_text("algid:sign:RSA:raw");
	if (padding == 1)
		return string_from_text("algid:sign:RSA:digest-PKCS1v15");
	return padding >= 0x8001 && padding <= 0x8006
		       ? string_format("algid:sign:RSA:digest-PKCS1v15:%s", digests[padding - 0x8001])
		       : NULL;
}

int32_t darwin_SecKeyRawSign(const struct key *key, uint32_t padding, const uint8_t *bytes, size_t size, uint8_t *to,
			     size_t *room)
{
	const void *name = name_of(key, padding);
	struct data *data = darwin_CFDataCreate(NULL, bytes, (int64_t)size);
	struct data *signature = name ? darwin_SecKeyCreateSignature(key, name, data, NULL) : NULL;
	int32_t status = !signature					     ? SEC_PARAM
			 : (size_t)darwin_CFDataGetLength(signature) > *room ? SEC_BUFFER_TOO_SMALL
									     : SEC_SUCCESS;
	if (!status) {
		*room = (size_t)darwin_CFDataGetLength(signature);
		memcpy(to, darwin_CFDataGetBytePtr(signature), *room);
	}
	darwin_CFRelease(name);
	darwin_CFRelease(data);
	darwin_CFRelease(signature);
	return status;
}

int32_t darwin_SecKeyRawVerify(const struct key *key, uint32_t padding, const uint8_t *bytes, size_t size,
			       const uint8_t *signature, size_t signature_size)
{
	const void *name = name_of(key, padding);
	struct data *data = darwin_CFDataCreate(NULL, bytes, (int64_t)size),
		    *given = darwin_CFDataCreate(NULL, signature, (int64_t)signature_size);
	bool good = name && darwin_SecKeyVerifySignature(key, name, data, given, NULL);
	darwin_CFRelease(name);
	darwin_CFRelease(data);
	darwin_CFRelease(given);
	return good ? SEC_SUCCESS : SEC_SSL_CRYPTO;
}
