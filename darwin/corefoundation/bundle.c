// SPDX-License-Identifier: MIT
// CFBundle: that of the program, or of a folder; its Info.plist. A command-line program's bundle is the folder that it lies in, and
// has no information. Facts: CFBundle.h; Apple's Bundle Programming Guide.
#include "constant.h"
#include "plist.h"
#include "url.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

CONSTANT_NAMED(kCFBundleIdentifierKey);
CONSTANT_NAMED(kCFBundleExecutableKey);
CONSTANT_NAMED(kCFBundleNameKey);
CONSTANT_NAMED(kCFBundleVersionKey);
CONSTANT_NAMED(kCFBundleDevelopmentRegionKey);
CONSTANT_NAMED(kCFBundleInfoDictionaryVersionKey);
CONSTANT_NAMED(kCFBundleLocalizationsKey);

struct bundle {
	struct object head;
	char *folder;	  // what the bundle is
	char *contents;	  // where Info.plist is
	char *executable; // or NULL
	struct dictionary *information;
};

// "/LANGUAGE.lproj" of the user, if the bundle has it, or nothing (bundle_languages.c).
void bundle_language(const struct bundle *bundle, char folder[80]);
int darwin_NSGetExecutablePath(char *to, uint32_t *room);
void *darwin_dlsym(void *handle, const char *name);

static void bundle_destroy(struct object *object)
{
	struct bundle *bundle = (struct bundle *)object;
	free(bundle->folder);
	free(bundle->contents);
	free(bundle->executable);
	darwin_CFRelease(bundle->information);
}

static const struct object_type bundle_type = {.name = "CFBundle", .destroy = bundle_destroy};

static bool exists(const char *path)
{
	struct stat status;
	return stat(path, &status) == 0;
}

const void *plist_read_file(const char *path)
{
	struct bytes bytes = {0};
	struct plist_failure failure;
	enum plist_format format;
	uint8_t block[4096];
	FILE *file = fopen(path, "re");
	if (!file)
		return NULL;
	for (size_t got; (got = fread(block, 1, sizeof(block), file)) > 0 && bytes.count < 64u << 20;)
		bytes_add(&bytes, block, got);
	fclose(file);
	const void *object = bytes.count ? plist_read(bytes.at, bytes.count, &format, &failure) : NULL;
	free(bytes.at);
	return object;
}

static char *path_join(const char *folder, const char *name)
{
	char *path;
	if (asprintf(&path, "%s/%s", folder, name) < 0)
		abort();
	return path;
}

static char *information_text(const struct bundle *bundle, const char *key)
{
	const void *value = dictionary_get(bundle->information, key);
	return value && object_type(value) == &string_type ? string_to_utf8(value) : NULL;
}

// Of a folder: NAME.app/Contents/Info.plist, or NAME.framework/Resources/Info.plist, or Info.plist in itself.
static struct bundle *bundle_make(const char *folder)
{
	static const char *const places[] = {"Contents/Info.plist", "Resources/Info.plist", "Info.plist"};
	struct bundle *bundle = object_make(&bundle_type, sizeof(*bundle));
	bundle->folder = strdup(folder);
	for (size_t i = 0; i < 3 && !bundle->information; i++) {
		char *path = path_join(folder, places[i]);
		const void *read = plist_read_file(path);
		if (read && object_type(read) == &dictionary_type) {
			bundle->information = (struct dictionary *)(uintptr_t)read;
			bundle->contents = i == 0 ? path_join(folder, "Contents") : strdup(folder);
		} else {
			darwin_CFRelease(read);
		}
		free(path);
	}
	if (!bundle->information)
		bundle->information = dictionary_make();
	if (!bundle->contents)
		bundle->contents = strdup(folder);
	char *name = information_text(bundle, "CFBundleExecutable");
	for (int i = 0; name && i < 2 && !bundle->executable; i++) {
		char *inside = path_join(bundle->contents, i ? name : "MacOS"),
		     *path = i ? strdup(inside) : path_join(inside, name);
		bundle->executable = path && exists(path) ? strdup(path) : NULL;
		free(path);
		free(inside);
	}
	free(name);
	return bundle;
}

// The program's: NAME.app if it is NAME.app/Contents/MacOS/PROGRAM, else its folder.
static struct bundle *main_make(void)
{
	char path[PATH_MAX] = "", real[PATH_MAX];
	uint32_t room = sizeof(path);
	if (darwin_NSGetExecutablePath(path, &room) != 0 || !realpath(path, real))
		return NULL;
	char *folder = strdup(real), *slash = folder ? strrchr(folder, '/') : NULL;
	if (!slash)
		abort();
	*slash = '\0';
	size_t length = strlen(folder);
	if (length > 15 && strcmp(folder + length - 15, "/Contents/MacOS") == 0)
		folder[length - 15] = '\0';
	struct bundle *bundle = bundle_make(*folder ? folder : "/");
	free(bundle->executable);
	bundle->executable = strdup(real);
	free(folder);
	return bundle;
}

struct bundle *darwin_CFBundleGetMainBundle(void)
{
	static struct bundle *_Atomic made;
	struct bundle *none = NULL, *bundle = made;
	if (!bundle) {
		bundle = main_make();
		if (!atomic_compare_exchange_strong(&made, &none, bundle)) {
			darwin_CFRelease(bundle);
			bundle = none;
		}
	}
	return bundle;
}

uint64_t darwin_CFBundleGetTypeID(void)
{
	return (uintptr_t)&bundle_type;
}

struct bundle *darwin_CFBundleCreate(const void *allocator, const struct url *url)
{
	char *path = url_file_path(url, true);
	struct stat status;
	bool folder = path && stat(path, &status) == 0 && S_ISDIR(status.st_mode);
	struct bundle *bundle = folder ? bundle_make(path) : NULL;
	free(path);
	return bundle;
}

const void *darwin_CFBundleGetIdentifier(const struct bundle *bundle)
{
	return dictionary_get(bundle->information, "CFBundleIdentifier");
}

// Only the program's own bundle is known by name: frameworks of the system are no folders here.
struct bundle *darwin_CFBundleGetBundleWithIdentifier(const void *identifier)
{
	struct bundle *bundle = darwin_CFBundleGetMainBundle();
	const void *mine = bundle ? darwin_CFBundleGetIdentifier(bundle) : NULL;
	return mine && darwin_CFEqual(mine, identifier) ? bundle : NULL;
}

const void *darwin_CFBundleGetInfoDictionary(const struct bundle *bundle)
{
	return bundle->information;
}

const void *darwin_CFBundleGetLocalInfoDictionary(const struct bundle *bundle)
{
	return bundle->information;
}

const void *darwin_CFBundleGetValueForInfoDictionaryKey(const struct bundle *bundle, const void *key)
{
	return darwin_CFDictionaryGetValue(bundle->information, key);
}

static struct url *folder_url(const char *path)
{
	return url_make_file(path, strlen(path), true, NULL);
}

struct url *darwin_CFBundleCopyBundleURL(const struct bundle *bundle)
{
	return folder_url(bundle->folder);
}

struct url *darwin_CFBundleCopyExecutableURL(const struct bundle *bundle)
{
	return bundle->executable ? url_make_file(bundle->executable, strlen(bundle->executable), false, NULL) : NULL;
}

struct url *darwin_CFBundleCopySupportFilesDirectoryURL(const struct bundle *bundle)
{
	return folder_url(bundle->contents);
}

static char *resources_of(const struct bundle *bundle)
{
	char *path = path_join(bundle->contents, "Resources");
	if (exists(path))
		return path;
	free(path);
	return strdup(bundle->contents);
}

struct url *darwin_CFBundleCopyResourcesDirectoryURL(const struct bundle *bundle)
{
	char *path = resources_of(bundle);
	struct url *url = folder_url(path);
	free(path);
	return url;
}

// NULL: there is none. Without a language, then in that of the user, then in English.
struct url *darwin_CFBundleCopyResourceURL(const struct bundle *bundle, const void *name, const void *type,
					   const void *folder)
{
	char own[80];
	const char *const languages[] = {"", own, "/en.lproj", "/English.lproj", "/Base.lproj"};
	char *under = resources_of(bundle), *file = name ? string_to_utf8(name) : strdup(""),
	     *kind = type ? string_to_utf8(type) : strdup(""), *inside = folder ? string_to_utf8(folder) : strdup("");
	struct url *url = NULL;
	bundle_language(bundle, own);
	for (size_t i = 0; i < sizeof(languages) / sizeof(*languages) && !url; i++) {
		char *path;
		if (asprintf(&path, "%s%s%s%s/%s%s%s", under, *inside ? "/" : "", inside, languages[i], file,
			     *kind && *kind != '.' ? "." : "", kind) < 0)
			abort();
		url = exists(path) ? url_make_file(path, strlen(path), false, NULL) : NULL;
		free(path);
	}
	free(under);
	free(file);
	free(kind);
	free(inside);
	return url;
}

// major.minor.bug with a letter for the stage: 1.2.3 is 0x01238000.
uint32_t darwin_CFBundleGetVersionNumber(const struct bundle *bundle)
{
	char *text = information_text(bundle, "CFBundleVersion");
	unsigned major = 0, minor = 0, bug = 0;
	int found = text ? sscanf(text, "%u.%u.%u", &major, &minor, &bug) : 0;
	free(text);
	if (found < 1)
		return 0;
	return (major / 10 % 10) << 28 | (major % 10) << 24 | (minor & 15) << 20 | (bug & 15) << 16 | 0x8000;
}

// Everything that a program has loaded is in one table of names.
void *darwin_CFBundleGetFunctionPointerForName(const struct bundle *bundle, const void *name)
{
	char *text = string_to_utf8(name);
	void *found = darwin_dlsym((void *)-2, text); // RTLD_DEFAULT
	free(text);
	return found;
}

void *darwin_CFBundleGetDataPointerForName(const struct bundle *bundle, const void *name)
{
	return darwin_CFBundleGetFunctionPointerForName(bundle, name);
}

uint8_t darwin_CFBundleIsExecutableLoaded(const struct bundle *bundle)
{
	return bundle == darwin_CFBundleGetMainBundle();
}
