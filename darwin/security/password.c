// SPDX-License-Identifier: MIT
// SecKeychainFindGenericPassword and its kin. Facts: Apple's SecKeychain.h.
#include "keychain.h"

#include <stdlib.h>
#include <string.h>

// A name that was given: it is looked for, or kept. NULL or empty: any, or none.
static void name_put(struct dictionary *to, const char *key, uint32_t size, const void *name)
{
	if (!name || size == 0)
		return;
	void *text = string_from_utf8(name, size);
	dictionary_put(to, key, text ? text : darwin_CFDataCreate(NULL, name, size));
}

// Protocols are numbers of four letters; so are ways to say who one is, whose letters lie in memory as they are read.
static void letters_put(struct dictionary *to, const char *key, uint32_t number, bool turned)
{
	char letters[5] = {0};
	for (int i = 0; i < 4; i++)
		letters[i] = (char)(number >> 8 * (turned ? i : 3 - i));
	if (number)
		dictionary_put(to, key, string_from_text(letters));
}

static bool fits(const struct dictionary *record, const struct dictionary *wanted)
{
	int64_t count = darwin_CFDictionaryGetCount(wanted);
	const void *keys[16], *values[16];
	darwin_CFDictionaryGetKeysAndValues(wanted, keys, values);
	for (int64_t i = 0; i < count; i++)
		if (!attribute_equal(darwin_CFDictionaryGetValue(record, keys[i]), values[i]))
			return false;
	return true;
}

static void give(const struct dictionary *record, struct keychain *keychain, uint32_t *size, void **password,
		 void **item)
{
	const struct data *secret = dictionary_get(record, "v_Data");
	uint32_t count = secret ? (uint32_t)darwin_CFDataGetLength(secret) : 0;
	if (size)
		*size = count;
	if (password && (*password = malloc(count + 1)) && count)
		memcpy(*password, darwin_CFDataGetBytePtr(secret), count);
	if (item)
		*item = keychain_item_make(keychain, record);
}

// Takes what is wanted.
static int32_t find(const void *keychains, struct dictionary *wanted, uint32_t *size, void **password, void **item)
{
	struct array *list = keychain_list(keychains);
	int32_t status = SEC_ITEM_NOT_FOUND;
	for (int64_t i = 0; i < darwin_CFArrayGetCount(list) && status; i++) {
		struct keychain *keychain = (struct keychain *)(uintptr_t)darwin_CFArrayGetValueAtIndex(list, i);
		struct array *items = NULL;
		int32_t failed = keychain_read(keychain, &items);
		status = failed && failed != SEC_NO_SUCH_KEYCHAIN ? failed : SEC_ITEM_NOT_FOUND;
		for (int64_t k = 0; !failed && k < darwin_CFArrayGetCount(items) && status; k++) {
			const struct dictionary *record = darwin_CFArrayGetValueAtIndex(items, k);
			if (fits(record, wanted)) {
				give(record, keychain, size, password, item);
				status = SEC_SUCCESS;
			}
		}
		darwin_CFRelease(items);
	}
	darwin_CFRelease(list);
	darwin_CFRelease(wanted);
	return status;
}

// Takes the record.
static int32_t add(struct keychain *keychain, struct dictionary *record, uint32_t size, const void *password,
		   void **item)
{
	keychain = keychain ? keychain : keychain_default();
	dictionary_put(record, "v_Data", darwin_CFDataCreate(NULL, password, size));
	int32_t status = keychain_add(keychain, record);
	if (item)
		*item = status ? NULL : keychain_item_make(keychain, record);
	darwin_CFRelease(record);
	return status;
}

static struct dictionary *generic(uint32_t service_size, const void *service, uint32_t account_size,
				  const void *account)
{
	struct dictionary *names = dictionary_make();
	dictionary_put(names, "class", string_from_text("genp"));
	name_put(names, "svce", service_size, service);
	name_put(names, "acct", account_size, account);
	return names;
}

int32_t darwin_SecKeychainFindGenericPassword(const void *keychains, uint32_t service_size, const void *service,
					      uint32_t account_size, const void *account, uint32_t *size,
					      void **password, void **item)
{
	return find(keychains, generic(service_size, service, account_size, account), size, password, item);
}

int32_t darwin_SecKeychainAddGenericPassword(struct keychain *keychain, uint32_t service_size, const void *service,
					     uint32_t account_size, const void *account, uint32_t size,
					     const void *password, void **item)
{
	return add(keychain, generic(service_size, service, account_size, account), size, password, item);
}

struct internet { // the names of an internet password, as the two functions have them
	uint32_t server_size, domain_size, account_size, path_size, protocol, authentication;
	uint16_t port;
	const void *server, *domain, *account, *path;
};

static struct dictionary *internet_names(const struct internet *from)
{
	struct dictionary *names = dictionary_make();
	dictionary_put(names, "class", string_from_text("inet"));
	name_put(names, "srvr", from->server_size, from->server);
	name_put(names, "sdmn", from->domain_size, from->domain);
	name_put(names, "acct", from->account_size, from->account);
	name_put(names, "path", from->path_size, from->path);
	letters_put(names, "ptcl", from->protocol, false);
	letters_put(names, "atyp", from->authentication, true);
	if (from->port)
		dictionary_put(names, "port", number_make(from->port));
	return names;
}

int32_t darwin_SecKeychainFindInternetPassword(const void *keychains, uint32_t server_size, const void *server,
					       uint32_t domain_size, const void *domain, uint32_t account_size,
					       const void *account, uint32_t path_size, const void *path, uint16_t port,
					       uint32_t protocol, uint32_t authentication, uint32_t *size,
					       void **password, void **item)
{
	struct internet names = {server_size, domain_size, account_size, path_size, protocol, authentication,
				 port,	      server,	   domain,	 account,   path};
	return find(keychains, internet_names(&names), size, password, item);
}

int32_t darwin_SecKeychainAddInternetPassword(struct keychain *keychain, uint32_t server_size, const void *server,
					      uint32_t domain_size, const void *domain, uint32_t account_size,
					      const void *account, uint32_t path_size, const void *path, uint16_t port,
					      uint32_t protocol, uint32_t authentication, uint32_t size,
					      const void *password, void **item)
{
	struct internet names = {server_size, domain_size, account_size, path_size, protocol, authentication,
				 port,	      server,	   domain,	 account,   path};
	return add(keychain, internet_names(&names), size, password, item);
}
