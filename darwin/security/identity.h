// SPDX-License-Identifier: MIT
// SecIdentity: a certificate and its private key.
#ifndef DARWIN_IDENTITY_H
#define DARWIN_IDENTITY_H

#include "key.h"

struct identity {
	struct object head;
	void *certificate; // [I] SecCertificate
	struct key *key;   // [I]
};
extern const struct object_type identity_type;

// Keeps both.
struct identity *identity_make(const void *certificate, const struct key *key);
// Of a certificate's record and the items of its keychain. NULL: its key is not among them.
struct identity *identity_find(const struct dictionary *certificate, const struct array *items);

#endif
