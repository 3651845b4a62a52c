// SPDX-License-Identifier: MIT
// What SecItem* is asked: a dictionary of attributes and of what is wanted (SecItem.h), decoded.
#ifndef DARWIN_ITEM_H
#define DARWIN_ITEM_H

#include "keychain.h"

enum { RETURN_DATA = 1, RETURN_ATTRIBUTES = 2, RETURN_REFERENCE = 4, RETURN_NUMBER = 8 };

struct query {
	struct dictionary *words;      // all of it, with keys that are compared as strings
	struct dictionary *attributes; // of an item: those with names of four letters
	struct array *keychains;
	const void *reference, *number; // lent by words: v_Ref, v_PersistentRef; or NULL
	unsigned returns;		// RETURN_*
	int64_t limit;
};

// Statuses are errSec*. A query that was decoded is freed, whatever the status.
int32_t query_decode(struct query *query, const struct dictionary *words);
void query_free(struct query *query);
bool query_matches(const struct query *query, const struct dictionary *record);

// ---- item_reference.c: objects and their records --------------------------------------------------------------------
// SecKeychainItem, SecCertificate, SecKey or SecIdentity of a record; NULL: it cannot be read.
void *reference_make(struct keychain *keychain, const struct dictionary *record);
// Adds what is known of an object (v_Ref) to attributes: a class, its data and names. SEC_PARAM: it is no such object.
int32_t reference_describe(const void *reference, struct dictionary *attributes);
bool reference_matches(const void *reference, const struct dictionary *record);

#endif
