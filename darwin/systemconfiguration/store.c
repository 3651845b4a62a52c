// SPDX-License-Identifier: MIT
// SCDynamicStore: what the network is now, made of what Linux says each time something is asked; store_notify.c tells of changes.
// Facts: SCDynamicStore.h, SCDynamicStoreKey.h, SCSchemaDefinitions.h.
#include "network.h"
#include "store.h"

#include "../corefoundation/constant.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <limits.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void store_destroy(struct object *object)
{
	store_forget((struct store *)object);
}

static const struct object_type store_type = {.name = "SCDynamicStore", .destroy = store_destroy};

struct string *darwin_SCDynamicStoreCopyLocalHostName(const struct store *store);

static struct array *list_at(struct dictionary *dictionary, const char *key)
{
	struct array *list = (struct array *)(uintptr_t)dictionary_get(dictionary, key);
	if (!list) {
		list = array_make(true);
		dictionary_put(dictionary, key, list);
	}
	return list;
}

static struct dictionary *entity_at(struct dictionary *all, const char *key)
{
	struct dictionary *entity = (struct dictionary *)(uintptr_t)dictionary_get(all, key);
	if (!entity) {
		entity = dictionary_make();
		dictionary_put(all, key, entity);
	}
	return entity;
}

static void add_address(struct dictionary *all, const struct ifaddrs *address)
{
	char key[128], text[INET6_ADDRSTRLEN];
	const struct sockaddr *from = address->ifa_addr, *mask = address->ifa_netmask;
	int family = from->sa_family;
	snprintf(key, sizeof(key), "State:/Network/Interface/%s/IPv%d", address->ifa_name, family == AF_INET ? 4 : 6);
	struct dictionary *entity = entity_at(all, key);
	const void *bytes = family == AF_INET ? (const void *)&((const struct sockaddr_in *)from)->sin_addr
					      : &((const struct sockaddr_in6 *)from)->sin6_addr;
	if (!inet_ntop(family, bytes, text, sizeof(text)))
		return;
	array_add(list_at(entity, "Addresses"), string_format("%s", text));
	if (!mask)
		return;
	if (family == AF_INET) {
		inet_ntop(AF_INET, &((const struct sockaddr_in *)mask)->sin_addr, text, sizeof(text));
		array_add(list_at(entity, "SubnetMasks"), string_format("%s", text));
	} else {
		int length = 0;
		for (int i = 0; i < 16; i++)
			length += __builtin_popcount(((const struct sockaddr_in6 *)mask)->sin6_addr.s6_addr[i]);
		array_add(list_at(entity, "PrefixLength"), number_make(length));
	}
}

static void add_interfaces(struct dictionary *all)
{
	struct ifaddrs *addresses = NULL;
	char key[128];
	struct array *names = list_at(entity_at(all, "State:/Network/Interface"), "Interfaces");
	if (getifaddrs(&addresses))
		return;
	for (struct ifaddrs *at = addresses; at; at = at->ifa_next) {
		snprintf(key, sizeof(key), "State:/Network/Interface/%s/Link", at->ifa_name);
		if (!dictionary_get(all, key)) {
			array_add(names, string_format("%s", at->ifa_name));
			dictionary_put(entity_at(all, key), "Active",
				       at->ifa_flags & IFF_RUNNING ? darwin_kCFBooleanTrue : darwin_kCFBooleanFalse);
		}
		if (at->ifa_addr && (at->ifa_addr->sa_family == AF_INET || at->ifa_addr->sa_family == AF_INET6))
			add_address(all, at);
	}
	freeifaddrs(addresses);
}

// The interface of the default route is a service of its own name.
static void add_global(struct dictionary *all)
{
	struct route route;
	char router[INET_ADDRSTRLEN];
	struct array *servers = array_make(true), *domains = array_make(true);
	if (network_default_route(&route)) {
		struct dictionary *global = entity_at(all, "State:/Network/Global/IPv4");
		dictionary_put(global, "PrimaryInterface", string_format("%s", route.interface));
		dictionary_put(global, "PrimaryService", string_format("%s", route.interface));
		if (route.router.s_addr && inet_ntop(AF_INET, &route.router, router, sizeof(router)))
			dictionary_put(global, "Router", string_format("%s", router));
	}
	network_resolvers(servers, domains);
	if (darwin_CFArrayGetCount(servers)) {
		struct dictionary *names = entity_at(all, "State:/Network/Global/DNS");
		dictionary_put(names, "ServerAddresses", darwin_CFRetain(servers));
		if (darwin_CFArrayGetCount(domains)) {
			dictionary_put(names, "SearchDomains", darwin_CFRetain(domains));
			dictionary_put(names, "DomainName", darwin_CFRetain(darwin_CFArrayGetValueAtIndex(domains, 0)));
		}
	}
	darwin_CFRelease(servers);
	darwin_CFRelease(domains);
	dictionary_put(all, "State:/Network/Global/Proxies", network_proxies());
}

static struct dictionary *store_read(void)
{
	struct dictionary *all = dictionary_make();
	struct string *name = darwin_SCDynamicStoreCopyLocalHostName(NULL);
	add_interfaces(all);
	add_global(all);
	dictionary_put(entity_at(all, "Setup:/System"), "ComputerName", darwin_CFRetain(name));
	dictionary_put(entity_at(all, "Setup:/Network/HostNames"), "LocalHostName", name);
	return all;
}

// ---- what programs call ---------------------------------------------------------------------------------------------

uint64_t darwin_SCDynamicStoreGetTypeID(void)
{
	return (uintptr_t)&store_type;
}

struct store *darwin_SCDynamicStoreCreateWithOptions(const void *allocator, const void *name, const void *options,
						     store_callback *called, const struct callback_context *context)
{
	struct store *store = object_make(&store_type, sizeof(*store));
	store->called = called;
	context_take(&store->context, context);
	return store;
}

struct store *darwin_SCDynamicStoreCreate(const void *allocator, const void *name, store_callback *called,
					  const struct callback_context *context)
{
	return darwin_SCDynamicStoreCreateWithOptions(allocator, name, NULL, called, context);
}

const void *darwin_SCDynamicStoreCopyValue(const struct store *store, const void *key)
{
	struct dictionary *all = store_read();
	const void *value = darwin_CFRetain(darwin_CFDictionaryGetValue(all, key));
	darwin_CFRelease(all);
	if (!value)
		sc_fail(SC_NO_KEY);
	return value;
}

static bool matches(const void *key, const struct array *patterns)
{
	char *text = string_to_utf8(key);
	bool found = false;
	for (int64_t i = 0; patterns && i < darwin_CFArrayGetCount(patterns) && !found; i++) {
		char *pattern = string_to_utf8(darwin_CFArrayGetValueAtIndex(patterns, i)), *whole;
		regex_t expression;
		if (asprintf(&whole, "^(%s)$", pattern) < 0)
			abort();
		if (regcomp(&expression, whole, REG_EXTENDED | REG_NOSUB) == 0) {
			found = regexec(&expression, text, 0, NULL, 0) == 0;
			regfree(&expression);
		}
		free(whole);
		free(pattern);
	}
	free(text);
	return found;
}

static bool is_listed(const void *key, const struct array *keys)
{
	for (int64_t i = 0; keys && i < darwin_CFArrayGetCount(keys); i++)
		if (darwin_CFEqual(darwin_CFArrayGetValueAtIndex(keys, i), key))
			return true;
	return false;
}

struct dictionary *darwin_SCDynamicStoreCopyMultiple(const struct store *store, const struct array *keys,
						     const struct array *patterns)
{
	struct dictionary *all = store_read(), *found = dictionary_make();
	size_t count = (size_t)darwin_CFDictionaryGetCount(all);
	const void **names = malloc((count * 2 + 1) * sizeof(*names)), **values = names + count;
	if (!names)
		abort();
	darwin_CFDictionaryGetKeysAndValues(all, names, values);
	for (size_t i = 0; i < count; i++)
		if (is_listed(names[i], keys) || matches(names[i], patterns))
			darwin_CFDictionarySetValue(found, names[i], values[i]);
	free(names);
	darwin_CFRelease(all);
	return found;
}

struct array *darwin_SCDynamicStoreCopyKeyList(const struct store *store, const void *pattern)
{
	struct array *patterns = array_make(true), *list = array_make(true);
	darwin_CFArrayAppendValue(patterns, pattern);
	struct dictionary *found = darwin_SCDynamicStoreCopyMultiple(store, NULL, patterns);
	size_t count = (size_t)darwin_CFDictionaryGetCount(found);
	const void **names = malloc((count + 1) * sizeof(*names));
	if (!names)
		abort();
	darwin_CFDictionaryGetKeysAndValues(found, names, NULL);
	for (size_t i = 0; i < count; i++)
		darwin_CFArrayAppendValue(list, names[i]);
	free(names);
	darwin_CFRelease(found);
	darwin_CFRelease(patterns);
	return list;
}

struct dictionary *darwin_SCDynamicStoreCopyProxies(const struct store *store)
{
	return network_proxies();
}

struct string *darwin_SCDynamicStoreCopyLocalHostName(const struct store *store)
{
	char name[HOST_NAME_MAX + 1] = "localhost";
	gethostname(name, sizeof(name) - 1);
	return string_format("%.*s", (int)strcspn(name, "."), name);
}

struct string *darwin_SCDynamicStoreCopyComputerName(const struct store *store, uint32_t *encoding)
{
	if (encoding)
		*encoding = STRING_UTF8;
	return darwin_SCDynamicStoreCopyLocalHostName(store);
}

// Nobody is logged in at a console.
const void *darwin_SCDynamicStoreCopyConsoleUser(const struct store *store, uint32_t *user, uint32_t *group)
{
	sc_fail(SC_NO_KEY);
	return NULL;
}

// ---- keys -----------------------------------------------------------------------------------------------------------

static struct string *key_make(const void *domain, const char *middle, const void *name, const void *entity)
{
	struct bytes text = {0};
	object_describe(domain, &text);
	bytes_add_format(&text, "/Network/%s", middle);
	if (name) {
		bytes_add_text(&text, "/");
		object_describe(name, &text);
	}
	if (entity) {
		bytes_add_text(&text, "/");
		object_describe(entity, &text);
	}
	struct string *key = string_from_utf8((const char *)text.at, text.count);
	free(text.at);
	return key;
}

struct string *darwin_SCDynamicStoreKeyCreateNetworkGlobalEntity(const void *allocator, const void *domain,
								 const void *entity)
{
	return key_make(domain, "Global", NULL, entity);
}

struct string *darwin_SCDynamicStoreKeyCreateNetworkInterface(const void *allocator, const void *domain)
{
	return key_make(domain, "Interface", NULL, NULL);
}

struct string *darwin_SCDynamicStoreKeyCreateNetworkInterfaceEntity(const void *allocator, const void *domain,
								    const void *name, const void *entity)
{
	return key_make(domain, "Interface", name, entity);
}

struct string *darwin_SCDynamicStoreKeyCreateNetworkServiceEntity(const void *allocator, const void *domain,
								  const void *name, const void *entity)
{
	return key_make(domain, "Service", name, entity);
}

struct string *darwin_SCDynamicStoreKeyCreateProxies(const void *allocator)
{
	return string_format("State:/Network/Global/Proxies");
}

struct string *darwin_SCDynamicStoreKeyCreateComputerName(const void *allocator)
{
	return string_format("Setup:/System");
}

struct string *darwin_SCDynamicStoreKeyCreateHostNames(const void *allocator)
{
	return string_format("Setup:/Network/HostNames");
}
