// SPDX-License-Identifier: MIT
// Keychains: files of items. An item is a dictionary of its attributes, whose keys are those of SecItem.h ("acct", "svce", ...), with its
// secret as "v_Data" and a number of its own, 16 random bytes, as "persistref".
//
// 1. A file is a binary property list (keychain_format.h), written beside and renamed: a reader sees the old one or the new one.
// 2. Who changes a keychain holds the lock of PATH.lock (flock) from reading to renaming: no change is lost among writers.
// 3. One that was made with a password is sealed with it; a locked one gives nothing away, nobody can be asked.
#ifndef DARWIN_KEYCHAIN_H
#define DARWIN_KEYCHAIN_H

#include "certificate.h"
#include "keychain_format.h"

enum { KEYCHAIN_KEY = 32 };
// plain: never had a password. locked -> open: the right password, or just made; open -> locked: SecKeychainLock.
enum keychain_state { KEYCHAIN_PLAIN, KEYCHAIN_LOCKED, KEYCHAIN_OPEN };

struct keychain {
	struct object head;
	char *path;		     // [I]
	bool own;		     // [I] the user's: made when something is first kept in it
	enum keychain_state state;   // [l]
	uint8_t key[KEYCHAIN_KEY];   // [l] while it is open
	uint8_t salt[KEYCHAIN_SALT]; // [l] which the key was made with,
	int64_t rounds;		     // [l] in so many rounds
};
extern const struct object_type keychain_type;

struct keychain_item {
	struct object head;
	struct keychain *keychain; // [I]
	struct dictionary *record; // [I] a copy of what was found
};
extern const struct object_type keychain_item_type;

// ---- keychain_file.c: statuses are errSec* --------------------------------------------------------------------------
// The items: the caller's array. The user's own keychain that is not there yet has none.
int32_t keychain_read(struct keychain *keychain, struct array **items);
// Reads the items, lets them be changed, writes them if the change says success.
int32_t keychain_change(struct keychain *keychain, int32_t (*change)(struct array *items, void *context),
			void *context);
// A new file; with a password, if there are bytes of one. SEC_DUPLICATE_KEYCHAIN: it is there.
int32_t keychain_make_file(struct keychain *keychain, const void *password, size_t size);
int32_t keychain_unlock(struct keychain *keychain, const void *password, size_t size);
void keychain_lock(struct keychain *keychain);

// ---- keychain.c -----------------------------------------------------------------------------------------------------
// The user's own: lent, the same one always.
struct keychain *keychain_default(void);
// The keychains that a program means: NULL stands for the search list. An array that the caller releases.
struct array *keychain_list(const void *one_or_array);

// ---- keychain_items.c -----------------------------------------------------------------------------------------------
struct keychain_item *keychain_item_make(struct keychain *keychain, const struct dictionary *record);
// Completes a record (number, dates, label) and adds it. SEC_DUPLICATE_ITEM: one with the same primary key is there.
int32_t keychain_add(struct keychain *keychain, struct dictionary *record);
// The item as it is now: a copy; NULL: it is gone.
struct dictionary *keychain_find(struct keychain *keychain, const void *number);
int32_t keychain_update(struct keychain *keychain, const void *number, const struct dictionary *changes);
int32_t keychain_remove(struct keychain *keychain, const void *number);
// Whether two attributes are the same: text may be a string or data.
bool attribute_equal(const void *left, const void *right);
// Whether an attribute is that text, or the number that it writes.
bool attribute_is(const struct dictionary *record, const char *key, const char *text);

#endif
