// SPDX-License-Identifier: MIT
// SecPolicy: what a certificate shall be good for, and for which host.
#ifndef DARWIN_POLICY_H
#define DARWIN_POLICY_H

#include "../corefoundation/object.h"

enum policy_kind {
	POLICY_BASIC,
	POLICY_SERVER,
	POLICY_CLIENT,
	POLICY_REVOCATION,
	POLICY_CODE,
	POLICY_MAIL,
	POLICY_TIMESTAMP
};
struct policy {
	struct object head;
	char *host;	       // [I] or NULL
	const void *name;      // [I] the constant that names it (SecPolicyOid)
	enum policy_kind kind; // [I]
};
extern const struct object_type policy_type;
struct policy *policy_make(enum policy_kind kind, const void *name, const void *host);
struct policy *darwin_SecPolicyCreateSSL(uint8_t server, const void *host);

#endif
