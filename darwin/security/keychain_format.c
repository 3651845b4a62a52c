// SPDX-License-Identifier: MIT
// Files of keychains, read; see keychain_format.h.
#include "keychain_format.h"

#include "../corefoundation/plist.h"

static const void *member(const struct dictionary *from, const char *key, const struct object_type *type)
{
	const void *value = dictionary_get(from, key);
	return value && object_type(value) == type ? value : NULL;
}

static const struct data *member_data(const struct dictionary *from, const char *key, int64_t least, int64_t most)
{
	const struct data *data = member(from, key, &data_type);
	int64_t size = data ? darwin_CFDataGetLength(data) : -1;
	return size >= least && size <= most ? data : NULL;
}

bool keychain_items_valid(const void *items)
{
	if (!items || object_type(items) != &array_type)
		return false;
	for (int64_t i = 0; i < darwin_CFArrayGetCount(items); i++) {
		const void *item = darwin_CFArrayGetValueAtIndex(items, i);
		if (object_type(item) != &dictionary_type || !member(item, "class", &string_type) ||
		    !member_data(item, "persistref", KEYCHAIN_NUMBER, KEYCHAIN_NUMBER))
			return false;
		if (dictionary_get(item, "v_Data") && !member(item, "v_Data", &data_type))
			return false;
	}
	return true;
}

static bool box_read(const struct dictionary *file, struct keychain_format *format)
{
	const struct number *rounds = member(file, "rounds", &number_type);
	format->salt = member_data(file, "salt", KEYCHAIN_SALT, KEYCHAIN_SALT);
	format->iv = member_data(file, "iv", KEYCHAIN_IV, KEYCHAIN_IV);
	format->box = member_data(file, "box", KEYCHAIN_TAG, KEYCHAIN_FILE_MOST);
	format->rounds = rounds ? number_whole(rounds) : 0;
	return format->salt && format->iv && format->box && format->rounds > 0 &&
	       format->rounds <= KEYCHAIN_ROUNDS_MOST;
}

static bool list_read(const void *list, struct keychain_format *format)
{
	const struct number *version =
		object_type(list) == &dictionary_type ? member(list, "version", &number_type) : NULL;
	if (!version || number_whole(version) != KEYCHAIN_VERSION)
		return false;
	if (dictionary_get(list, "box"))
		return box_read(list, format);
	format->items = dictionary_get(list, "items");
	return keychain_items_valid(format->items);
}

bool keychain_format_read(const uint8_t *bytes, size_t size, struct keychain_format *format)
{
	struct plist_failure failure;
	enum plist_format kind;
	*format = (struct keychain_format){.list = plist_read(bytes, size, &kind, &failure)};
	if (format->list && list_read(format->list, format))
		return true;
	darwin_CFRelease(format->list);
	*format = (struct keychain_format){0};
	return false;
}
