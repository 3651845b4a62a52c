// SPDX-License-Identifier: MIT
// What is in a keychain's file: a plain function over bytes.
//
// The property list is a dictionary: "version" 1 and "items" (an array of dictionaries that have a class and a number); or, with a password,
// "salt", "rounds", "iv" and "box": the list of items sealed by AES-256-GCM, its tag at the end, under PBKDF2-HMAC-SHA256 of the password.
// Everything in it is checked: the file is the user's, but other programs may have written it.
#ifndef DARWIN_KEYCHAIN_FORMAT_H
#define DARWIN_KEYCHAIN_FORMAT_H

#include "../corefoundation/object.h"

enum { KEYCHAIN_SALT = 16, KEYCHAIN_NUMBER = 16, KEYCHAIN_IV = 12, KEYCHAIN_TAG = 16, KEYCHAIN_VERSION = 1 };
enum { KEYCHAIN_ROUNDS_MOST = 10000000, KEYCHAIN_FILE_MOST = 256 << 20 };

struct keychain_format {
	const void *list;	   // the property list: who reads releases it; all else is lent by it
	const struct array *items; // or NULL: there is a box
	const struct data *salt, *iv, *box;
	int64_t rounds;
};

// False: it is damaged, and nothing is to be released.
bool keychain_format_read(const uint8_t *bytes, size_t size, struct keychain_format *format);
bool keychain_items_valid(const void *items);

#endif
