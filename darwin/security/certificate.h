// SPDX-License-Identifier: MIT
// SecCertificate: the bytes of a certificate (DER), read by libcrypto when something asks about them.
#ifndef DARWIN_CERTIFICATE_H
#define DARWIN_CERTIFICATE_H

#include "../corefoundation/object.h"

// NULL: it does not look like one.
void *certificate_make(const struct data *data);
const struct data *certificate_data(const void *certificate);
// All that the system trusts, or NULL: its store cannot be read.
struct array *certificate_list_system(void);

// Facts: Apple's SecBase.h (errSec*).
enum {
	SEC_SUCCESS = 0,
	SEC_PARAM = -50,
	SEC_NO_TRUST_SETTINGS = -25263,
	SEC_NOT_AVAILABLE = -25291,
	SEC_ITEM_NOT_FOUND = -25300,
	SEC_NO_DEFAULT_KEYCHAIN = -25307,
	SEC_EXPIRED = -67818,
	SEC_NOT_TRUSTED = -67843,
	SEC_HOST_NAME = -67602
};

#endif
