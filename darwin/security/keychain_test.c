// SPDX-License-Identifier: MIT
// Files of keychains: what is read, each kind of damage refused, every file cut short.
#include "keychain_format.h"

#include "../corefoundation/plist.h"

#include <gila/test.h>
#include <stdlib.h>
#include <string.h>

static struct data *zeros(int64_t size)
{
	static const uint8_t none[64];
	return darwin_CFDataCreate(NULL, none, size);
}

static struct dictionary *file_make(int64_t version)
{
	struct dictionary *file = dictionary_make();
	dictionary_put(file, "version", number_make(version));
	return file;
}

static struct dictionary *item_make(const char *class, int64_t number)
{
	struct dictionary *item = dictionary_make();
	if (class)
		dictionary_put(item, "class", string_from_text(class));
	if (number)
		dictionary_put(item, "persistref", zeros(number));
	return item;
}

// Takes both.
static struct dictionary *with_item(struct dictionary *file, const void *item)
{
	struct array *items = array_make(true);
	array_add(items, item);
	dictionary_put(file, "items", items);
	return file;
}

static struct dictionary *sealed_make(int64_t salt, int64_t iv, int64_t box, int64_t rounds)
{
	struct dictionary *file = file_make(1);
	dictionary_put(file, "salt", zeros(salt));
	dictionary_put(file, "iv", zeros(iv));
	dictionary_put(file, "box", zeros(box));
	dictionary_put(file, "rounds", number_make(rounds));
	return file;
}

static bool reads(const uint8_t *bytes, size_t size, struct keychain_format *format)
{
	uint8_t *copy = malloc(size + 1); // so that a byte behind the end is noticed
	memcpy(copy, bytes, size);
	bool fine = keychain_format_read(copy, size, format);
	free(copy);
	return fine;
}

// Takes the file; no part of it alone is one.
static bool is_good(struct dictionary *file)
{
	struct bytes bytes = {0};
	struct keychain_format format;
	bool fine = plist_write(file, PLIST_BINARY, &bytes);
	darwin_CFRelease(file);
	for (size_t size = 0; size < bytes.count; size++)
		if (reads(bytes.at, size, &format) || format.list)
			abort();
	fine = fine && reads(bytes.at, bytes.count, &format);
	if (fine)
		darwin_CFRelease(format.list);
	free(bytes.at);
	return fine;
}

TEST(keychain_files_are_read)
{
	CHECK(is_good(with_item(file_make(1), item_make("genp", 16))));
	CHECK(is_good(sealed_make(16, 12, 16, 1)));
	struct dictionary *file = file_make(1);
	dictionary_put(file, "items", array_make(true));
	CHECK(is_good(file));
}

TEST(keychain_files_that_are_damaged)
{
	CHECK(!is_good(file_make(1)));
	CHECK(!is_good(with_item(file_make(2), item_make("genp", 16))));
	CHECK(!is_good(with_item(dictionary_make(), item_make("genp", 16))));
	CHECK(!is_good(with_item(file_make(1), item_make(NULL, 16))));
	CHECK(!is_good(with_item(file_make(1), item_make("genp", 0))));
	CHECK(!is_good(with_item(file_make(1), item_make("genp", 15))));
	CHECK(!is_good(with_item(file_make(1), number_make(1))));
	struct dictionary *item = item_make("genp", 16);
	dictionary_put(item, "v_Data", number_make(1));
	CHECK(!is_good(with_item(file_make(1), item)));
	struct dictionary *file = file_make(1);
	dictionary_put(file, "items", number_make(1));
	CHECK(!is_good(file));
	CHECK(!is_good(sealed_make(15, 12, 16, 1)) && !is_good(sealed_make(16, 13, 16, 1)));
	CHECK(!is_good(sealed_make(16, 12, 15, 1)) && !is_good(sealed_make(16, 12, 16, 0)));
	CHECK(!is_good(sealed_make(16, 12, 16, KEYCHAIN_ROUNDS_MOST + 1)));
}
