// SPDX-License-Identifier: MIT
// CFPreferences: property lists in ~/Library/Preferences and /Library/Preferences, read when they are asked for and written by Synchronize.
// Facts: CFPreferences.h. A file is NAME.plist; that of any application .GlobalPreferences.plist. There is no daemon: others see what was
// synchronised.
#include "constant.h"
#include "plist.h"

#include "../libsystem/futex.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

CONSTANT_NAMED(kCFPreferencesAnyApplication);
CONSTANT_NAMED(kCFPreferencesCurrentApplication);
CONSTANT_NAMED(kCFPreferencesAnyHost);
CONSTANT_NAMED(kCFPreferencesCurrentHost);
CONSTANT_NAMED(kCFPreferencesAnyUser);
CONSTANT_NAMED(kCFPreferencesCurrentUser);

struct domain {
	const void *application;
	bool any_user, changed;
	struct dictionary *values;
	struct domain *next;
};

const void *plist_read_file(const char *path);
void *darwin_CFBundleGetMainBundle(void);
const void *darwin_CFBundleGetIdentifier(const void *bundle);
int darwin_NSGetExecutablePath(char *to, uint32_t *room);
void darwin_CFDictionaryRemoveValue(struct dictionary *dictionary, const void *key);

static _Atomic uint32_t lock;
static struct domain *domains; // [lock]

// The program's own domain is named after its bundle, or after its file.
static void application_name(const void *application, char name[NAME_MAX])
{
	char path[PATH_MAX] = "";
	uint32_t room = sizeof(path);
	if (darwin_CFEqual(application, darwin_kCFPreferencesAnyApplication)) {
		snprintf(name, NAME_MAX, ".GlobalPreferences");
		return;
	}
	const void *bundle = darwin_CFBundleGetMainBundle(),
		   *identifier = bundle ? darwin_CFBundleGetIdentifier(bundle) : NULL;
	bool mine = darwin_CFEqual(application, darwin_kCFPreferencesCurrentApplication);
	if (mine && !identifier) {
		darwin_NSGetExecutablePath(path, &room);
		const char *slash = strrchr(path, '/');
		snprintf(name, NAME_MAX, "%.200s", slash ? slash + 1 : path);
		return;
	}
	char *text = string_to_utf8(mine ? identifier : application);
	snprintf(name, NAME_MAX, "%.200s", text);
	free(text);
	for (char *at = name; *at; at++)
		*at = *at == '/' ? '_' : *at;
}

static bool domain_path(const struct domain *domain, char path[PATH_MAX])
{
	char name[NAME_MAX];
	const char *home = domain->any_user ? "" : getenv("HOME");
	application_name(domain->application, name);
	return home && snprintf(path, PATH_MAX, "%s/Library/Preferences/%s.plist", home, name) < PATH_MAX;
}

// Under the lock.
static struct domain *domain_open(const void *application, bool any_user)
{
	char path[PATH_MAX];
	for (struct domain *domain = domains; domain; domain = domain->next)
		if (domain->any_user == any_user && darwin_CFEqual(domain->application, application))
			return domain;
	struct domain *domain = calloc(1, sizeof(*domain));
	if (!domain)
		abort();
	domain->application = darwin_CFRetain(application);
	domain->any_user = any_user;
	const void *read = domain_path(domain, path) ? plist_read_file(path) : NULL;
	if (read && object_type(read) != &dictionary_type) {
		darwin_CFRelease(read);
		read = NULL;
	}
	domain->values = read ? (struct dictionary *)(uintptr_t)read : dictionary_make();
	domain->next = domains;
	domains = domain;
	return domain;
}

static const void *value_copy(const void *key, const void *application, bool any_user)
{
	const void *value = darwin_CFDictionaryGetValue(domain_open(application, any_user)->values, key);
	return value ? darwin_CFRetain(value) : NULL;
}

// The user's for the application, the user's for any, then those of all users.
const void *darwin_CFPreferencesCopyAppValue(const void *key, const void *application)
{
	futex_lock(&lock);
	const void *value = value_copy(key, application, false);
	value = value ? value : value_copy(key, darwin_kCFPreferencesAnyApplication, false);
	value = value ? value : value_copy(key, application, true);
	value = value ? value : value_copy(key, darwin_kCFPreferencesAnyApplication, true);
	futex_unlock(&lock);
	return value;
}

static bool is_any_user(const void *user)
{
	return darwin_CFEqual(user, darwin_kCFPreferencesAnyUser);
}

const void *darwin_CFPreferencesCopyValue(const void *key, const void *application, const void *user, const void *host)
{
	futex_lock(&lock);
	const void *value = value_copy(key, application, is_any_user(user));
	futex_unlock(&lock);
	return value;
}

struct array *darwin_CFPreferencesCopyKeyList(const void *application, const void *user, const void *host)
{
	futex_lock(&lock);
	const struct dictionary *values = domain_open(application, is_any_user(user))->values;
	size_t count = (size_t)darwin_CFDictionaryGetCount(values);
	const void **keys = malloc((count + 1) * sizeof(*keys));
	struct array *list = count ? array_make(true) : NULL;
	if (!keys)
		abort();
	darwin_CFDictionaryGetKeysAndValues(values, keys, NULL);
	for (size_t i = 0; i < count; i++)
		darwin_CFArrayAppendValue(list, keys[i]);
	futex_unlock(&lock);
	free(keys);
	return list;
}

struct dictionary *darwin_CFDictionaryCreateCopy(const void *allocator, const struct dictionary *dictionary);

// With keys NULL: all.
struct dictionary *darwin_CFPreferencesCopyMultiple(const struct array *keys, const void *application, const void *user,
						    const void *host)
{
	futex_lock(&lock);
	const struct dictionary *values = domain_open(application, is_any_user(user))->values;
	struct dictionary *found = keys ? dictionary_make() : darwin_CFDictionaryCreateCopy(NULL, values);
	for (int64_t i = 0; keys && i < darwin_CFArrayGetCount(keys); i++) {
		const void *key = darwin_CFArrayGetValueAtIndex(keys, i),
			   *value = darwin_CFDictionaryGetValue(values, key);
		if (value)
			darwin_CFDictionarySetValue(found, key, value);
	}
	futex_unlock(&lock);
	return found;
}

uint8_t darwin_CFPreferencesGetAppBooleanValue(const void *key, const void *application, uint8_t *found)
{
	const void *value = darwin_CFPreferencesCopyAppValue(key, application);
	const struct object_type *type = value ? object_type(value) : NULL;
	bool is_text = type == &string_type,
	     yes = is_text && (string_is(value, "true") || string_is(value, "YES") || string_is(value, "1"));
	bool known = type == &boolean_type || type == &number_type || yes ||
		     (is_text && (string_is(value, "false") || string_is(value, "NO") || string_is(value, "0")));
	uint8_t result = is_text ? yes : known && darwin_CFBooleanGetValue(value);
	if (found)
		*found = known;
	darwin_CFRelease(value);
	return result;
}

int32_t darwin_CFStringGetIntValue(const void *string);
uint8_t darwin_CFNumberGetValue(const void *object, int64_t type, void *to);

int64_t darwin_CFPreferencesGetAppIntegerValue(const void *key, const void *application, uint8_t *found)
{
	const void *value = darwin_CFPreferencesCopyAppValue(key, application);
	const struct object_type *type = value ? object_type(value) : NULL;
	int64_t result = type == &string_type ? darwin_CFStringGetIntValue(value) : 0;
	bool number = type == &number_type || type == &boolean_type;
	if (number)
		darwin_CFNumberGetValue(value, 4, &result);
	if (found)
		*found = number || type == &string_type;
	darwin_CFRelease(value);
	return result;
}

// A value of NULL takes the key away. It becomes a file by Synchronize.
void darwin_CFPreferencesSetValue(const void *key, const void *value, const void *application, const void *user,
				  const void *host)
{
	futex_lock(&lock);
	struct domain *domain = domain_open(application, is_any_user(user));
	if (value)
		darwin_CFDictionarySetValue(domain->values, key, value);
	else
		darwin_CFDictionaryRemoveValue(domain->values, key);
	domain->changed = true;
	futex_unlock(&lock);
}

void darwin_CFPreferencesSetAppValue(const void *key, const void *value, const void *application)
{
	darwin_CFPreferencesSetValue(key, value, application, darwin_kCFPreferencesCurrentUser,
				     darwin_kCFPreferencesAnyHost);
}

static bool file_write(const char *path, const struct bytes *bytes)
{
	char other[PATH_MAX + 16];
	snprintf(other, sizeof(other), "%s.%d", path, getpid());
	for (char *slash = other + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(other, 0755); // most are there; if it fails, so does the file
		*slash = '/';
	}
	int file = open(other, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool fine = file >= 0 && write(file, bytes->at, bytes->count) == (ssize_t)bytes->count;
	if (file >= 0)
		fine = close(file) == 0 && fine;
	if (fine && rename(other, path) == 0)
		return true;
	unlink(other);
	return false;
}

uint8_t darwin_CFPreferencesSynchronize(const void *application, const void *user, const void *host)
{
	char path[PATH_MAX];
	struct bytes bytes = {0};
	futex_lock(&lock);
	struct domain *domain = domain_open(application, is_any_user(user));
	bool fine = true;
	if (domain->changed)
		fine = domain_path(domain, path) && plist_write(domain->values, PLIST_BINARY, &bytes) &&
		       file_write(path, &bytes);
	if (fine) { // and read again what others wrote
		domain->changed = false;
		const void *read = domain_path(domain, path) ? plist_read_file(path) : NULL;
		if (read && object_type(read) == &dictionary_type) {
			darwin_CFRelease(domain->values);
			domain->values = (struct dictionary *)(uintptr_t)read;
		} else {
			darwin_CFRelease(read);
		}
	}
	futex_unlock(&lock);
	free(bytes.at);
	return fine;
}

uint8_t darwin_CFPreferencesAppSynchronize(const void *application)
{
	return darwin_CFPreferencesSynchronize(application, darwin_kCFPreferencesCurrentUser,
					       darwin_kCFPreferencesAnyHost);
}

uint8_t darwin_CFPreferencesAppValueIsForced(const void *key, const void *application)
{
	return 0; // nobody manages this computer
}

// The dictionary's values are set, then the array's keys taken away; either may be NULL.
void darwin_CFPreferencesSetMultiple(const struct dictionary *set, const struct array *remove, const void *application,
				     const void *user, const void *host)
{
	size_t count = set ? (size_t)darwin_CFDictionaryGetCount(set) : 0;
	const void **keys = malloc((2 * count + 1) * sizeof(*keys));
	if (!keys)
		abort();
	if (count)
		darwin_CFDictionaryGetKeysAndValues(set, keys, keys + count);
	for (size_t i = 0; i < count; i++)
		darwin_CFPreferencesSetValue(keys[i], keys[count + i], application, user, host);
	for (int64_t i = 0; remove && i < darwin_CFArrayGetCount(remove); i++)
		darwin_CFPreferencesSetValue(darwin_CFArrayGetValueAtIndex(remove, i), NULL, application, user, host);
	free(keys);
}
