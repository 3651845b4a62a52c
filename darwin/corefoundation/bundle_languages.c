// SPDX-License-Identifier: MIT
// CFBundle: its languages (folders NAME.lproj), other folders, and what is in its information. Facts: CFBundle.h.
#include "plist.h"
#include "url.h"

#include "../libsystem/futex.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct bundle;
struct url *darwin_CFBundleCopyResourcesDirectoryURL(const struct bundle *bundle);
struct url *darwin_CFBundleCopySupportFilesDirectoryURL(const struct bundle *bundle);
struct url *darwin_CFBundleCopyExecutableURL(const struct bundle *bundle);
const struct dictionary *darwin_CFBundleGetInfoDictionary(const struct bundle *bundle);
const void *darwin_CFBundleGetMainBundle(void);
struct bundle *darwin_CFBundleCreate(const void *allocator, const struct url *url);
void *darwin_CFBundleGetFunctionPointerForName(const struct bundle *bundle, const void *name);
void *darwin_dlopen(const char *path, int mode);
struct array *darwin_CFLocaleCopyPreferredLanguages(void);

static bool contains(const struct array *list, const char *text)
{
	for (int64_t i = 0; i < darwin_CFArrayGetCount(list); i++)
		if (string_is(darwin_CFArrayGetValueAtIndex(list, i), text))
			return true;
	return false;
}

struct array *darwin_CFBundleCopyBundleLocalizations(const struct bundle *bundle)
{
	struct array *list = array_make(true);
	struct url *url = darwin_CFBundleCopyResourcesDirectoryURL(bundle);
	char *path = url ? url_file_path(url, true) : NULL;
	DIR *folder = path ? opendir(path) : NULL;
	for (struct dirent *at; folder && (at = readdir(folder));) {
		size_t size = strlen(at->d_name);
		if (size > 6 && strcmp(at->d_name + size - 6, ".lproj") == 0 && strcmp(at->d_name, "Base.lproj") != 0)
			array_add(list, string_format("%.*s", (int)size - 6, at->d_name));
	}
	if (folder)
		closedir(folder);
	const void *more = dictionary_get(darwin_CFBundleGetInfoDictionary(bundle), "CFBundleLocalizations");
	for (int64_t i = 0; more && object_type(more) == &array_type && i < darwin_CFArrayGetCount(more); i++)
		if (object_type(darwin_CFArrayGetValueAtIndex(more, i)) == &string_type)
			darwin_CFArrayAppendValue(list, darwin_CFArrayGetValueAtIndex(more, i));
	free(path);
	darwin_CFRelease(url);
	return list;
}

const void *darwin_CFBundleGetDevelopmentRegion(const struct bundle *bundle)
{
	const void *region = dictionary_get(darwin_CFBundleGetInfoDictionary(bundle), "CFBundleDevelopmentRegion");
	return region && object_type(region) == &string_type ? region : NULL;
}

// The first wanted language that is there: as it is named, with _ for -, or without its country. If none is, the first.
struct array *darwin_CFBundleCopyLocalizationsForPreferences(const struct array *there, const struct array *wanted)
{
	struct array *own = wanted ? NULL : darwin_CFLocaleCopyPreferredLanguages(), *result = array_make(true);
	const struct array *list = wanted ? wanted : own;
	for (int64_t i = 0; i < darwin_CFArrayGetCount(list) && darwin_CFArrayGetCount(result) == 0; i++) {
		char *name = string_to_utf8(darwin_CFArrayGetValueAtIndex(list, i));
		if (contains(there, name))
			array_add(result, string_format("%s", name));
		for (char *at = name; *at; at++)
			*at = *at == '-' ? '_' : *at;
		if (darwin_CFArrayGetCount(result) == 0 && contains(there, name))
			array_add(result, string_format("%s", name));
		name[strcspn(name, "_")] = '\0';
		if (darwin_CFArrayGetCount(result) == 0 && contains(there, name))
			array_add(result, string_format("%s", name));
		free(name);
	}
	if (darwin_CFArrayGetCount(result) == 0 && darwin_CFArrayGetCount(there))
		darwin_CFArrayAppendValue(result, darwin_CFArrayGetValueAtIndex(there, 0));
	darwin_CFRelease(own);
	return result;
}

struct array *darwin_CFBundleCopyPreferredLocalizationsFromArray(const struct array *there)
{
	return darwin_CFBundleCopyLocalizationsForPreferences(there, NULL);
}

void bundle_language(const struct bundle *bundle, char folder[80])
{
	struct array *there = darwin_CFBundleCopyBundleLocalizations(bundle),
		     *best = darwin_CFBundleCopyLocalizationsForPreferences(there, NULL);
	folder[0] = '\0';
	if (darwin_CFArrayGetCount(best)) {
		char *name = string_to_utf8(darwin_CFArrayGetValueAtIndex(best, 0));
		snprintf(folder, 80, "/%.60s.lproj", name);
		free(name);
	}
	darwin_CFRelease(there);
	darwin_CFRelease(best);
}

// ---- tables of texts ------------------------------------------------------------------------------------------------

struct table_of_texts {
	const struct bundle *bundle;
	char *name;
	const struct dictionary *texts;
	struct table_of_texts *next;
};
static _Atomic uint32_t lock;
static struct table_of_texts *tables; // [lock] kept for ever, as the bundles whose texts are asked for mostly are

struct url *darwin_CFBundleCopyResourceURL(const struct bundle *bundle, const void *name, const void *type,
					   const void *folder);
const void *plist_read_file(const char *path);

// NAME.strings, in the old style or as a property list.
static const struct dictionary *texts_read(const struct bundle *bundle, const char *name)
{
	struct string *file = string_from_text(name), *type = string_from_text("strings");
	struct url *url = darwin_CFBundleCopyResourceURL(bundle, file, type, NULL);
	char *path = url ? url_file_path(url, true) : NULL;
	const void *read = path ? plist_read_file(path) : NULL;
	free(path);
	darwin_CFRelease(url);
	darwin_CFRelease(file);
	darwin_CFRelease(type);
	if (read && object_type(read) == &dictionary_type)
		return read;
	darwin_CFRelease(read);
	return dictionary_make();
}

// Lent for ever.
static const struct dictionary *texts_of(const struct bundle *bundle, const char *name)
{
	futex_lock(&lock);
	struct table_of_texts *at = tables;
	while (at && (at->bundle != bundle || strcmp(at->name, name) != 0))
		at = at->next;
	if (!at) {
		at = calloc(1, sizeof(*at));
		if (!at || !(at->name = strdup(name)))
			abort();
		at->bundle = darwin_CFRetain(bundle); // so that no other gets its address
		at->texts = texts_read(bundle, name);
		at->next = tables;
		tables = at;
	}
	futex_unlock(&lock);
	return at->texts;
}

// The text, or what stands in for it, or the key.
const void *darwin_CFBundleCopyLocalizedString(const struct bundle *bundle, const void *key, const void *value,
					       const void *table)
{
	char *name = table && string_length(table) ? string_to_utf8(table) : strdup("Localizable");
	if (!name)
		abort();
	const void *text = bundle ? darwin_CFDictionaryGetValue(texts_of(bundle, name), key) : NULL;
	free(name);
	if (text && object_type(text) == &string_type)
		return darwin_CFRetain(text);
	return darwin_CFRetain(value && string_length(value) ? value : key);
}

// ---- other folders --------------------------------------------------------------------------------------------------

static struct url *folder_in(const struct bundle *bundle, const char *name)
{
	struct url *url = darwin_CFBundleCopySupportFilesDirectoryURL(bundle), *made = NULL;
	char *path = url ? url_file_path(url, true) : NULL, *inside = NULL;
	struct stat status;
	if (path && asprintf(&inside, "%s/%s", path, name) >= 0 && stat(inside, &status) == 0)
		made = url_make_file(inside, strlen(inside), S_ISDIR(status.st_mode), NULL);
	free(inside);
	free(path);
	darwin_CFRelease(url);
	return made;
}

struct url *darwin_CFBundleCopyPrivateFrameworksURL(const struct bundle *bundle)
{
	return folder_in(bundle, "Frameworks");
}

struct url *darwin_CFBundleCopySharedFrameworksURL(const struct bundle *bundle)
{
	return folder_in(bundle, "SharedFrameworks");
}

struct url *darwin_CFBundleCopySharedSupportURL(const struct bundle *bundle)
{
	return folder_in(bundle, "SharedSupport");
}

struct url *darwin_CFBundleCopyBuiltInPlugInsURL(const struct bundle *bundle)
{
	return folder_in(bundle, "PlugIns");
}

struct url *darwin_CFBundleCopyAuxiliaryExecutableURL(const struct bundle *bundle, const void *name)
{
	char *text = string_to_utf8(name), *inside;
	if (asprintf(&inside, "MacOS/%s", text) < 0)
		abort();
	struct url *url = folder_in(bundle, inside);
	free(inside);
	free(text);
	return url;
}

// Those of the kind in the folder; without a language or in English, as CFBundleCopyResourceURL finds them.
struct array *darwin_CFBundleCopyResourceURLsOfType(const struct bundle *bundle, const void *type, const void *folder)
{
	struct url *url = darwin_CFBundleCopyResourcesDirectoryURL(bundle);
	char *path = url_file_path(url, true), *kind = type ? string_to_utf8(type) : NULL,
	     *inside = folder ? string_to_utf8(folder) : NULL, *whole;
	if (asprintf(&whole, "%s%s%s", path, inside ? "/" : "", inside ? inside : "") < 0)
		abort();
	struct array *all = url_folder_list(whole), *list = array_make(true);
	const char *end = kind && *kind == '.' ? kind + 1 : kind;
	for (int64_t i = 0; all && i < darwin_CFArrayGetCount(all); i++) {
		char *name = url_file_path(darwin_CFArrayGetValueAtIndex(all, i), true), *dot = strrchr(name, '.');
		if (!end || (dot && strcmp(dot + 1, end) == 0))
			darwin_CFArrayAppendValue(list, darwin_CFArrayGetValueAtIndex(all, i));
		free(name);
	}
	darwin_CFRelease(all);
	darwin_CFRelease(url);
	free(whole);
	free(inside);
	free(kind);
	free(path);
	return list;
}

// ---- information, code ----------------------------------------------------------------------------------------------

static uint32_t code_of(const struct dictionary *information, const char *key)
{
	const void *value = dictionary_get(information, key);
	uint32_t code = 0;
	for (size_t i = 0; i < 4; i++)
		code = code << 8 | (value && object_type(value) == &string_type && string_length(value) == 4
					    ? string_unit(value, i) & 0xff
					    : '?');
	return code;
}

void darwin_CFBundleGetPackageInfo(const struct bundle *bundle, uint32_t *type, uint32_t *creator)
{
	const struct dictionary *information = darwin_CFBundleGetInfoDictionary(bundle);
	if (type)
		*type = dictionary_get(information, "CFBundlePackageType") ? code_of(information, "CFBundlePackageType")
									   : 0x424e444c; // 'BNDL'
	if (creator)
		*creator = code_of(information, "CFBundleSignature");
}

const void *darwin_CFBundleCopyInfoDictionaryInDirectory(const struct url *url)
{
	struct bundle *bundle = darwin_CFBundleCreate(NULL, url);
	const void *information = bundle ? darwin_CFRetain(darwin_CFBundleGetInfoDictionary(bundle)) : NULL;
	darwin_CFRelease(bundle);
	return information;
}

const void *darwin_CFBundleCopyInfoDictionaryForURL(const struct url *url)
{
	return darwin_CFBundleCopyInfoDictionaryInDirectory(url);
}

uint8_t darwin_CFBundleLoadExecutableAndReturnError(const struct bundle *bundle, struct object **error)
{
	enum { DARWIN_RTLD_LAZY = 1, DARWIN_RTLD_GLOBAL = 8, NOT_LOADABLE = 3587 }; // <dlfcn.h>, CFBundle's errors
	struct url *url = darwin_CFBundleCopyExecutableURL(bundle);
	char *path = url ? url_file_path(url, true) : NULL;
	bool loaded = bundle == darwin_CFBundleGetMainBundle() ||
		      (path && darwin_dlopen(path, DARWIN_RTLD_LAZY | DARWIN_RTLD_GLOBAL));
	if (!loaded && error)
		*error = error_make("NSCocoaErrorDomain", path ? NOT_LOADABLE : 4, "The bundle's code cannot be loaded.");
	free(path);
	darwin_CFRelease(url);
	return loaded;
}

uint8_t darwin_CFBundleLoadExecutable(const struct bundle *bundle)
{
	return darwin_CFBundleLoadExecutableAndReturnError(bundle, NULL);
}

void darwin_CFBundleGetFunctionPointersForNames(const struct bundle *bundle, const struct array *names, void **functions)
{
	for (int64_t i = 0; i < darwin_CFArrayGetCount(names); i++)
		functions[i] =
			darwin_CFBundleGetFunctionPointerForName(bundle, darwin_CFArrayGetValueAtIndex(names, i));
}
