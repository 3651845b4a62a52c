// SPDX-License-Identifier: MIT
// Bytes that programs bring along: certificates and keys in the formats of SecImportExport.h.
#ifndef DARWIN_IMPORT_H
#define DARWIN_IMPORT_H

#include "identity.h"

#include <openssl/x509.h>

enum import_format { // SecExternalFormat
	FORMAT_UNKNOWN = 0,
	FORMAT_OPENSSL = 1,
	FORMAT_PKCS8 = 5,
	FORMAT_X509 = 9,
	FORMAT_PEM = 10,
	FORMAT_PKCS7 = 11,
	FORMAT_PKCS12 = 12
};
enum import_type {
	TYPE_UNKNOWN,
	TYPE_PRIVATE_KEY,
	TYPE_PUBLIC_KEY,
	TYPE_SESSION_KEY,
	TYPE_CERTIFICATE,
	TYPE_AGGREGATE
};

// What a PKCS #12 file holds: an identity, or NULL, and certificates, its own first. SEC_PKCS12_VERIFY: another password; SEC_DECODE.
int32_t pkcs12_read(const struct data *data, const char *password, struct identity **identity, struct array **chain);
// The words of a password: a string or data. Malloced; NULL: there is none.
char *password_text(const void *password);
// A key in libcrypto's own settings, wherever it came from. Takes it.
struct key *key_take(EVP_PKEY *key, enum key_class class);
// Certificates of OpenSSL's as objects.
void *certificate_take(X509 *certificate);

#endif
