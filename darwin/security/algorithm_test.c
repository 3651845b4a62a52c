// SPDX-License-Identifier: MIT
// Names of algorithms: what they mean, and what is no name.
#include "algorithm.h"

#include <gila/test.h>
#include <string.h>

static bool is(const char *name, enum key_scheme scheme, const char *digest, bool rsa)
{
	struct key_algorithm got;
	if (!key_algorithm_read(name, &got) || got.scheme != scheme || got.rsa != rsa)
		return false;
	return digest ? got.digest && strcmp(got.digest, digest) == 0 : !got.digest;
}

TEST(algorithm_names)
{
	struct key_algorithm got;
	CHECK(is("algid:sign:RSA:raw", SCHEME_RAW, NULL, true));
	CHECK(is("algid:sign:RSA:digest-PKCS1v15", SCHEME_PKCS1, NULL, true));
	CHECK(is("algid:sign:RSA:message-PSS:SHA384:SHA384:48", SCHEME_PSS, "SHA384", true));
	CHECK(is("algid:sign:ECDSA:message-X962:SHA512", SCHEME_X962, "SHA512", false));
	CHECK(is("algid:sign:ECDSA:RFC4754", SCHEME_RFC4754, NULL, false));
	CHECK(is("algid:encrypt:RSA:PKCS1", SCHEME_PKCS1, NULL, true));
	CHECK(is("algid:encrypt:RSA:OAEP:SHA1", SCHEME_OAEP, "SHA1", true));
	CHECK(is("algid:keyexchange:ECDHC:KDFX963:SHA224", SCHEME_ECDH, "SHA224", false));
	CHECK(is("algid:keyexchange:ECDH", SCHEME_ECDH, NULL, false));
	CHECK(key_algorithm_read("algid:encrypt:RSA:OAEP:SHA256:AESGCM", &got) && got.sealed && got.encrypts);
	CHECK(key_algorithm_read("algid:encrypt:ECIES:ECDH:KDFX963:SHA256:AESGCM-KDFIV", &got) && got.derived_iv);
	CHECK(key_algorithm_read("algid:sign:RSA:message-PKCS1v15:MD5", &got) && got.message && got.signs);
	CHECK(key_algorithm_read("algid:sign:RSA:digest-PKCS1v15:MD5", &got) && !got.message);
}

TEST(algorithm_names_that_are_none)
{
	static const char *const names[] = {"",
					    ":",
					    "algid",
					    "algid:sign",
					    "algid:sign:RSA",
					    "sign:RSA:raw",
					    "algid:sign:DSA:raw",
					    "algid:sign:RSA:X962",
					    "algid:sign:ECDSA:raw",
					    "algid:sign:RSA:message-PKCS1v15",
					    "algid:sign:RSA:digest-PSS",
					    "algid:sign:RSA:message-PKCS1v15:SHA3",
					    "algid:encrypt:RSA:OAEP",
					    "algid:encrypt:RSA:OAEP:SHA1:DES",
					    "algid:encrypt:ECIES:ECDH:KDFX963:SHA256",
					    "algid:keyexchange:DH",
					    "algid:keyexchange:ECDH:KDFX963",
					    "algid:sign:RSA:message-PSS:SHA1:SHA1:20:30:40",
					    "algid:sign:RSA:a-word-that-is-much-too-long-for-one"};
	struct key_algorithm got;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		CHECK(!key_algorithm_read(names[i], &got));
}
