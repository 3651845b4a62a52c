// SPDX-License-Identifier: MIT
// SCPreferences: property lists below /Library/Preferences (a path of its own: there), read when they are opened, written by Commit.
// Facts: SCPreferences.h, SCPreferencesPath.h. The settings of the network (no name, or "preferences.plist") are made of what Linux says if
// there is no such file. A lock is one on NAME.lock, between processes of this computer.
#include "network.h"

#include "../corefoundation/plist.h"
#include "../corefoundation/runloop.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct preferences {
	struct object head;
	char *path;
	struct dictionary *values;
	int lock; // -1: not held
	bool changed;
	uint64_t read_time; // of the file, in nanoseconds; 0: there is none
	void (*called)(struct preferences *preferences, uint32_t what, void *info);
	struct callback_context context;
};

const void *plist_read_file(const char *path);
void darwin_CFDictionaryRemoveValue(struct dictionary *dictionary, const void *key);
void darwin_CFDictionaryRemoveAllValues(struct dictionary *dictionary);
struct array *darwin_SCNetworkInterfaceCopyAll(void);
const void *darwin_SCNetworkInterfaceGetBSDName(const void *interface);
struct string *darwin_SCDynamicStoreCopyLocalHostName(const void *store);
struct string *network_service_id(const char *interface);
uint8_t darwin_SCPreferencesUnlock(struct preferences *preferences);

static void preferences_destroy(struct object *object)
{
	struct preferences *preferences = (struct preferences *)object;
	if (preferences->lock >= 0)
		close(preferences->lock);
	context_drop(&preferences->context);
	darwin_CFRelease(preferences->values);
	free(preferences->path);
}

static const struct object_type preferences_type = {.name = "SCPreferences", .destroy = preferences_destroy};

// ---- the network's --------------------------------------------------------------------------------------------------

static struct dictionary *child_of(struct dictionary *parent, const char *key)
{
	struct dictionary *child = (struct dictionary *)(uintptr_t)dictionary_get(parent, key);
	if (!child) {
		child = dictionary_make();
		dictionary_put(parent, key, child);
	}
	return child;
}

// A service for each interface: NetworkServices/ID/Interface.
static struct dictionary *network_make(void)
{
	struct dictionary *all = dictionary_make(), *services = child_of(all, "NetworkServices");
	struct array *interfaces = darwin_SCNetworkInterfaceCopyAll();
	for (int64_t i = 0; i < darwin_CFArrayGetCount(interfaces); i++) {
		const void *name = darwin_SCNetworkInterfaceGetBSDName(darwin_CFArrayGetValueAtIndex(interfaces, i));
		char *text = string_to_utf8(name);
		struct string *id = network_service_id(text);
		char *key = string_to_utf8(id);
		struct dictionary *interface = child_of(child_of(services, key), "Interface");
		dictionary_put(interface, "DeviceName", darwin_CFRetain(name));
		dictionary_put(interface, "Type", string_format("Ethernet"));
		dictionary_put(interface, "Hardware", string_format("Ethernet"));
		dictionary_put(interface, "UserDefinedName", string_format("%s", text));
		dictionary_put(child_of(services, key), "UserDefinedName", string_format("%s", text));
		darwin_CFRelease(id);
		free(key);
		free(text);
	}
	darwin_CFRelease(interfaces);
	dictionary_put(child_of(child_of(all, "System"), "System"), "ComputerName",
		       darwin_SCDynamicStoreCopyLocalHostName(NULL));
	return all;
}

static uint64_t file_time(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0
		       ? (uint64_t)status.st_mtim.tv_sec * 1000000000u + (uint64_t)status.st_mtim.tv_nsec
		       : 0;
}

static void values_read(struct preferences *preferences)
{
	preferences->read_time = file_time(preferences->path);
	const void *read = plist_read_file(preferences->path);
	if (read && object_type(read) != &dictionary_type) {
		darwin_CFRelease(read);
		read = NULL;
	}
	darwin_CFRelease(preferences->values);
	const char *name = strrchr(preferences->path, '/');
	bool network = strcmp(name, "/preferences.plist") == 0;
	preferences->values = read	? (struct dictionary *)(uintptr_t)read
			      : network ? network_make()
					: dictionary_make();
	preferences->changed = false;
}

// ---- sessions -------------------------------------------------------------------------------------------------------

uint64_t darwin_SCPreferencesGetTypeID(void)
{
	return (uintptr_t)&preferences_type;
}

struct preferences *darwin_SCPreferencesCreate(const void *allocator, const void *name, const void *id)
{
	static const char folder[] = "/Library/Preferences";
	char *given = id ? string_to_utf8(id) : NULL;
	struct preferences *preferences = object_make(&preferences_type, sizeof(*preferences));
	int size = given && *given == '/'
			   ? asprintf(&preferences->path, "%s", given)
			   : asprintf(&preferences->path, "%s%s/%s", folder, given ? "" : "/SystemConfiguration",
				      given ? given : "preferences.plist");
	if (size < 0)
		abort();
	free(given);
	preferences->lock = -1;
	values_read(preferences);
	return preferences;
}

// An authorization gives no rights here that the process has not.
struct preferences *darwin_SCPreferencesCreateWithAuthorization(const void *allocator, const void *name, const void *id,
								const void *authorization)
{
	return darwin_SCPreferencesCreate(allocator, name, id);
}

// The file as it is now; what was changed and not committed is lost.
void darwin_SCPreferencesSynchronize(struct preferences *preferences)
{
	values_read(preferences);
}

static bool file_open(const struct preferences *preferences, const char *end, char path[PATH_MAX], int *file)
{
	if (snprintf(path, PATH_MAX, "%s%s", preferences->path, end) >= PATH_MAX)
		return sc_fail(SC_FAILED);
	for (char *slash = path + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		mkdir(path, 0755); // most are there; if it fails, so does the file
		*slash = '/';
	}
	*file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	return *file >= 0 || sc_fail(SC_ACCESS);
}

uint8_t darwin_SCPreferencesLock(struct preferences *preferences, uint8_t wait)
{
	char path[PATH_MAX];
	int file;
	if (preferences->lock >= 0)
		return sc_fail(SC_LOCKED);
	if (!file_open(preferences, ".lock", path, &file))
		return 0;
	if (flock(file, LOCK_EX | (wait ? 0 : LOCK_NB)) < 0) {
		close(file);
		return sc_fail(SC_BUSY);
	}
	preferences->lock = file;
	if (file_time(preferences->path) == preferences->read_time)
		return 1;
	darwin_SCPreferencesUnlock(preferences);
	return sc_fail(SC_STALE); // Synchronize first
}

uint8_t darwin_SCPreferencesUnlock(struct preferences *preferences)
{
	if (preferences->lock < 0)
		return sc_fail(SC_NEED_LOCK);
	close(preferences->lock);
	preferences->lock = -1;
	return 1;
}

static bool values_write(struct preferences *preferences)
{
	char path[PATH_MAX];
	struct bytes bytes = {0};
	int file;
	if (!plist_write(preferences->values, PLIST_XML, &bytes) || !file_open(preferences, ".new", path, &file)) {
		free(bytes.at);
		return false;
	}
	bool fine = ftruncate(file, 0) == 0 && write(file, bytes.at, bytes.count) == (ssize_t)bytes.count;
	fine = close(file) == 0 && fine && rename(path, preferences->path) == 0;
	if (!fine)
		unlink(path);
	free(bytes.at);
	return fine;
}

uint8_t darwin_SCPreferencesCommitChanges(struct preferences *preferences)
{
	bool locked = preferences->lock >= 0;
	if (!locked && !darwin_SCPreferencesLock(preferences, 1))
		return 0;
	bool fine = !preferences->changed || values_write(preferences);
	if (fine) {
		preferences->changed = false;
		preferences->read_time = file_time(preferences->path);
	}
	if (!locked)
		darwin_SCPreferencesUnlock(preferences);
	return fine ? 1 : sc_fail(SC_ACCESS);
}

// Nobody configures the network by these files: what is committed is all.
uint8_t darwin_SCPreferencesApplyChanges(struct preferences *preferences)
{
	return sc_fail(SC_ACCESS);
}

// ---- values ---------------------------------------------------------------------------------------------------------

const void *darwin_SCPreferencesGetValue(const struct preferences *preferences, const void *key)
{
	const void *value = darwin_CFDictionaryGetValue(preferences->values, key);
	if (!value)
		sc_fail(SC_NO_KEY);
	return value;
}

uint8_t darwin_SCPreferencesSetValue(struct preferences *preferences, const void *key, const void *value)
{
	darwin_CFDictionarySetValue(preferences->values, key, value);
	preferences->changed = true;
	return 1;
}

uint8_t darwin_SCPreferencesAddValue(struct preferences *preferences, const void *key, const void *value)
{
	if (darwin_CFDictionaryGetValue(preferences->values, key))
		return sc_fail(SC_KEY_EXISTS);
	return darwin_SCPreferencesSetValue(preferences, key, value);
}

uint8_t darwin_SCPreferencesRemoveValue(struct preferences *preferences, const void *key)
{
	if (!darwin_CFDictionaryGetValue(preferences->values, key))
		return sc_fail(SC_NO_KEY);
	darwin_CFDictionaryRemoveValue(preferences->values, key);
	preferences->changed = true;
	return 1;
}

struct array *darwin_SCPreferencesCopyKeyList(const struct preferences *preferences)
{
	size_t count = (size_t)darwin_CFDictionaryGetCount(preferences->values);
	const void **keys = malloc((count + 1) * sizeof(*keys));
	struct array *list = array_make(true);
	if (!keys)
		abort();
	darwin_CFDictionaryGetKeysAndValues(preferences->values, keys, NULL);
	for (size_t i = 0; i < count; i++)
		darwin_CFArrayAppendValue(list, keys[i]);
	free(keys);
	return list;
}

// /a/b/c; what a link (__LINK__) points to is not followed.
const void *darwin_SCPreferencesPathGetValue(const struct preferences *preferences, const void *path)
{
	char *text = string_to_utf8(path), *rest = text, *name;
	const void *at = preferences->values;
	bool absolute = *text == '/';
	while (absolute && at && (name = strsep(&rest, "/")))
		if (*name)
			at = object_type(at) == &dictionary_type ? dictionary_get(at, name) : NULL;
	free(text);
	bool fine = absolute && at && object_type(at) == &dictionary_type;
	if (!fine)
		sc_fail(absolute ? SC_NO_KEY : SC_INVALID_ARGUMENT);
	return fine ? at : NULL;
}
