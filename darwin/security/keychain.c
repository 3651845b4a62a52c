// SPDX-License-Identifier: MIT
// SecKeychain: the user's own, others by their paths; what may be asked of one. Facts: Apple's SecKeychain.h, SecBase.h.
//
// The user's own is ~/.local/share/gila/login.keychain (XDG_DATA_HOME is honoured), without a password; it is the default one and the whole of
// the search list until a program sets another for itself.
#include "keychain.h"

#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct array *darwin_CFArrayCreateCopy(const void *allocator, const struct array *array);

enum domain { DOMAIN_USER, DOMAIN_SYSTEM, DOMAIN_COMMON, DOMAIN_DYNAMIC };
enum { STATUS_UNLOCKED = 1, STATUS_READABLE = 2, STATUS_WRITABLE = 4 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct array *known;	  // [lock] each path has one object, which keeps its state
static struct array *search_list; // [lock] or NULL: the user's own
static struct keychain *chosen;	  // [lock] the default, if a program set one
static _Atomic uint8_t interaction = 1;

static void keychain_destroy(struct object *object)
{
	free(((struct keychain *)object)->path);
}

const struct object_type keychain_type = {.name = "SecKeychain", .destroy = keychain_destroy};

uint64_t darwin_SecKeychainGetTypeID(void)
{
	return (uintptr_t)&keychain_type;
}

int32_t darwin_SecKeychainGetVersion(uint32_t *version)
{
	*version = 0x02028000;
	return SEC_SUCCESS;
}

// The folder of keychains, with its slash; malloced.
static char *folder(void)
{
	const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
	struct passwd *user = home && *home ? NULL : getpwuid(getuid());
	char *path = NULL;
	int size = data && *data == '/' ? asprintf(&path, "%s/gila/", data)
					: asprintf(&path, "%s/.local/share/gila/",
						   user	  ? user->pw_dir
						   : home ? home
							  : "");
	return size < 0 ? NULL : path;
}

// The one of that path: lent. Takes the path.
static struct keychain *keychain_at(char *path, bool own)
{
	struct keychain *found = NULL;
	pthread_mutex_lock(&lock);
	known = known ? known : array_make(true);
	for (int64_t i = 0; i < darwin_CFArrayGetCount(known) && !found; i++) {
		struct keychain *each = (struct keychain *)(uintptr_t)darwin_CFArrayGetValueAtIndex(known, i);
		found = strcmp(each->path, path) == 0 ? each : NULL;
	}
	if (found) {
		free(path);
	} else {
		found = object_make(&keychain_type, sizeof(*found));
		found->path = path;
		found->own = own;
		array_add(known, found);
	}
	pthread_mutex_unlock(&lock);
	return found;
}

// Names without a slash at the beginning are of the folder of keychains.
static struct keychain *keychain_named(const char *name)
{
	char *path = NULL, *begin = *name == '/' ? strdup("") : folder();
	if (!begin || asprintf(&path, "%s%s", begin, name) < 0)
		path = NULL;
	free(begin);
	return path ? keychain_at(path, false) : NULL;
}

static struct keychain *keychain_own(void)
{
	char *begin = folder(), *path = NULL;
	if (!begin || asprintf(&path, "%slogin.keychain", begin) < 0)
		path = strdup("login.keychain");
	free(begin);
	return keychain_at(path, true);
}

struct keychain *keychain_default(void)
{
	pthread_mutex_lock(&lock);
	struct keychain *found = chosen;
	pthread_mutex_unlock(&lock);
	return found ? found : keychain_own();
}

struct array *keychain_list(const void *one_or_array)
{
	struct array *list = NULL;
	if (one_or_array && object_type(one_or_array) == &array_type)
		return darwin_CFArrayCreateCopy(NULL, one_or_array);
	if (!one_or_array) {
		pthread_mutex_lock(&lock);
		list = search_list ? darwin_CFArrayCreateCopy(NULL, search_list) : NULL;
		pthread_mutex_unlock(&lock);
	}
	if (!list) {
		list = array_make(true);
		darwin_CFArrayAppendValue(list, one_or_array ? one_or_array : keychain_own());
	}
	return list;
}

// ---- which there are ------------------------------------------------------------------------------------------------

int32_t darwin_SecKeychainCopyDefault(const void **keychain)
{
	*keychain = darwin_CFRetain(keychain_default());
	return SEC_SUCCESS;
}

int32_t darwin_SecKeychainSetDefault(struct keychain *keychain)
{
	pthread_mutex_lock(&lock);
	darwin_CFRetain(keychain);
	darwin_CFRelease(chosen);
	chosen = keychain;
	pthread_mutex_unlock(&lock);
	return SEC_SUCCESS;
}

// Only users have one.
int32_t darwin_SecKeychainCopyDomainDefault(uint32_t domain, const void **keychain)
{
	*keychain = domain == DOMAIN_USER ? darwin_CFRetain(keychain_default()) : NULL;
	return *keychain ? SEC_SUCCESS : SEC_NO_DEFAULT_KEYCHAIN;
}

int32_t darwin_SecKeychainCopySearchList(struct array **list)
{
	*list = keychain_list(NULL);
	return SEC_SUCCESS;
}

int32_t darwin_SecKeychainCopyDomainSearchList(uint32_t domain, struct array **list)
{
	*list = domain == DOMAIN_USER ? keychain_list(NULL) : array_make(true);
	return SEC_SUCCESS;
}

// For this process.
int32_t darwin_SecKeychainSetSearchList(const struct array *list)
{
	struct array *kept = darwin_CFArrayCreateCopy(NULL, list);
	pthread_mutex_lock(&lock);
	darwin_CFRelease(search_list);
	search_list = kept;
	pthread_mutex_unlock(&lock);
	return SEC_SUCCESS;
}

// ---- one of them ----------------------------------------------------------------------------------------------------

// As on macOS a keychain that is not there can be opened: its status says so.
int32_t darwin_SecKeychainOpen(const char *name, const void **keychain)
{
	*keychain = name && keychain ? darwin_CFRetain(keychain_named(name)) : NULL;
	return *keychain ? SEC_SUCCESS : SEC_PARAM;
}

// Nobody can be asked for a password.
int32_t darwin_SecKeychainCreate(const char *name, uint32_t size, const void *password, uint8_t ask, const void *access,
				 const void **keychain)
{
	if (ask)
		return SEC_INTERACTION_NOT_ALLOWED;
	struct keychain *made = name ? keychain_named(name) : NULL;
	int32_t status = made ? keychain_make_file(made, password, size) : SEC_PARAM;
	if (keychain)
		*keychain = status ? NULL : darwin_CFRetain(made);
	return status;
}

int32_t darwin_SecKeychainDelete(const void *keychains)
{
	struct array *list = keychains ? keychain_list(keychains) : NULL;
	int32_t status = list ? SEC_SUCCESS : SEC_PARAM;
	for (int64_t i = 0; list && i < darwin_CFArrayGetCount(list); i++) {
		struct keychain *each = (struct keychain *)(uintptr_t)darwin_CFArrayGetValueAtIndex(list, i);
		if (unlink(each->path) < 0)
			status = SEC_NO_SUCH_KEYCHAIN;
	}
	darwin_CFRelease(list);
	return status;
}

int32_t darwin_SecKeychainUnlock(struct keychain *keychain, uint32_t size, const void *password, uint8_t with_password)
{
	keychain = keychain ? keychain : keychain_default();
	if (with_password)
		return keychain_unlock(keychain, password, size);
	struct array *items = NULL;
	int32_t status = keychain_read(keychain, &items); // open already, or nobody can be asked
	darwin_CFRelease(items);
	return status;
}

int32_t darwin_SecKeychainLock(struct keychain *keychain)
{
	keychain_lock(keychain ? keychain : keychain_default());
	return SEC_SUCCESS;
}

int32_t darwin_SecKeychainLockAll(void)
{
	struct array *list = keychain_list(NULL);
	for (int64_t i = 0; i < darwin_CFArrayGetCount(list); i++)
		keychain_lock((struct keychain *)(uintptr_t)darwin_CFArrayGetValueAtIndex(list, i));
	darwin_CFRelease(list);
	return SEC_SUCCESS;
}

int32_t darwin_SecKeychainGetStatus(struct keychain *keychain, uint32_t *status)
{
	struct array *items = NULL;
	keychain = keychain ? keychain : keychain_default();
	int32_t result = keychain_read(keychain, &items);
	darwin_CFRelease(items);
	*status = STATUS_READABLE | (result ? 0 : STATUS_UNLOCKED) |
		  (access(keychain->path, W_OK) == 0 || keychain->own ? STATUS_WRITABLE : 0);
	return result == SEC_INTERACTION_NOT_ALLOWED ? SEC_SUCCESS : result;
}

int32_t darwin_SecKeychainGetPath(struct keychain *keychain, uint32_t *size, char *path)
{
	keychain = keychain ? keychain : keychain_default();
	size_t needed = strlen(keychain->path);
	if (!size || !path || *size <= needed)
		return SEC_BUFFER_TOO_SMALL;
	memcpy(path, keychain->path, needed + 1);
	*size = (uint32_t)needed;
	return SEC_SUCCESS;
}

struct settings { // SecKeychainSettings
	uint32_t version;
	uint8_t lock_on_sleep, use_interval;
	uint32_t interval;
};

// Keychains do not lock themselves: what asks for that is refused.
int32_t darwin_SecKeychainSetSettings(struct keychain *keychain, const struct settings *settings)
{
	return settings->version != 1 ? SEC_PARAM : settings->use_interval ? SEC_UNIMPLEMENTED : SEC_SUCCESS;
}

int32_t darwin_SecKeychainCopySettings(struct keychain *keychain, struct settings *settings)
{
	*settings = (struct settings){.version = 1, .interval = INT32_MAX};
	return SEC_SUCCESS;
}

// ---- questions to a person: there are none; what a program sets is kept for it ---------------------------------------

int32_t darwin_SecKeychainSetUserInteractionAllowed(uint8_t allowed)
{
	interaction = allowed;
	return SEC_SUCCESS;
}

int32_t darwin_SecKeychainGetUserInteractionAllowed(uint8_t *allowed)
{
	*allowed = interaction;
	return SEC_SUCCESS;
}
