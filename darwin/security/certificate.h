// SPDX-License-Identifier: MIT
// SecCertificate: the bytes of a certificate (DER), read by libcrypto when something asks about them.
#ifndef DARWIN_CERTIFICATE_H
#define DARWIN_CERTIFICATE_H

#include "../corefoundation/object.h"

extern const struct object_type certificate_type;
// NULL: it does not look like one.
void *certificate_make(const struct data *data);
const struct data *certificate_data(const void *certificate);
// All that the system trusts, or NULL: its store cannot be read.
struct array *certificate_list_system(void);

// Facts: Apple's SecBase.h (errSec*).
enum {
	SEC_SUCCESS = 0,
	SEC_UNIMPLEMENTED = -4,
	SEC_SSL_CRYPTO = -9809,
	SEC_IO = -36,
	SEC_OPEN_FOR_WRITING = -49,
	SEC_PARAM = -50,
	SEC_ALLOCATE = -108,
	SEC_BAD_REQUEST = -909,
	SEC_UNKNOWN_FORMAT = -25257,
	SEC_NO_TRUST_SETTINGS = -25263,
	SEC_NOT_AVAILABLE = -25291,
	SEC_AUTH_FAILED = -25293,
	SEC_NO_SUCH_KEYCHAIN = -25294,
	SEC_DUPLICATE_KEYCHAIN = -25296,
	SEC_DUPLICATE_ITEM = -25299,
	SEC_ITEM_NOT_FOUND = -25300,
	SEC_BUFFER_TOO_SMALL = -25301,
	SEC_NO_SUCH_ATTRIBUTE = -25303,
	SEC_INVALID_ITEM = -25304,
	SEC_NO_DEFAULT_KEYCHAIN = -25307,
	SEC_INTERACTION_NOT_ALLOWED = -25308,
	SEC_DECODE = -26275,
	SEC_PKCS12_VERIFY = -25264,
	SEC_HOST_NAME = -67602,
	SEC_EXTENDED_KEY_USAGE = -67609,
	SEC_INVALID_KEY = -67712,
	SEC_VERIFY_FAILED = -67808,
	SEC_EXPIRED = -67818,
	SEC_NOT_YET_VALID = -67819,
	SEC_REVOKED = -67820,
	SEC_NOT_TRUSTED = -67843
};

#endif
