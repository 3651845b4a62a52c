// SPDX-License-Identifier: MIT
// What the name of an algorithm of SecKey means: a plain function over text.
#ifndef DARWIN_ALGORITHM_H
#define DARWIN_ALGORITHM_H

#include <stdbool.h>

enum key_operation {
	OPERATION_SIGN,
	OPERATION_VERIFY,
	OPERATION_ENCRYPT,
	OPERATION_DECRYPT,
	OPERATION_EXCHANGE
}; // SecKeyOperationType
enum key_scheme {
	SCHEME_RAW,
	SCHEME_PKCS1,
	SCHEME_PSS,
	SCHEME_OAEP,
	SCHEME_X962,
	SCHEME_RFC4754,
	SCHEME_ECDH,
	SCHEME_ECIES
};
struct key_algorithm {
	enum key_scheme scheme;
	bool signs, encrypts, exchanges, rsa;
	bool message;	    // it is hashed first
	bool sealed;	    // RSA wraps a key of AES-GCM
	bool derived_iv;    // of ECIES
	const char *digest; // OpenSSL's name, or NULL: none
};
// Reads "algid:sign:RSA:message-PSS:SHA256:SHA256:32" and its like. False: nobody knows it here.
bool key_algorithm_read(const char *name, struct key_algorithm *algorithm);

#endif
