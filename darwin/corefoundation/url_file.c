// SPDX-License-Identifier: MIT
// URLs of files: paths, whether they are there, what the file system says of them. Facts: CFURL.h (kCFURL*Key).
#include "constant.h"
#include "gregorian.h"
#include "url.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

CONSTANT(darwin_kCFURLNameKey, "NSURLNameKey");
CONSTANT(darwin_kCFURLPathKey, "_NSURLPathKey");
CONSTANT(darwin_kCFURLIsDirectoryKey, "NSURLIsDirectoryKey");
CONSTANT(darwin_kCFURLIsRegularFileKey, "NSURLIsRegularFileKey");
CONSTANT(darwin_kCFURLIsSymbolicLinkKey, "NSURLIsSymbolicLinkKey");
CONSTANT(darwin_kCFURLIsHiddenKey, "NSURLIsHiddenKey");
CONSTANT(darwin_kCFURLIsReadableKey, "NSURLIsReadableKey");
CONSTANT(darwin_kCFURLIsWritableKey, "NSURLIsWritableKey");
CONSTANT(darwin_kCFURLIsExecutableKey, "NSURLIsExecutableKey");
CONSTANT(darwin_kCFURLFileSizeKey, "NSURLFileSizeKey");
CONSTANT(darwin_kCFURLFileAllocatedSizeKey, "NSURLFileAllocatedSizeKey");
CONSTANT(darwin_kCFURLLinkCountKey, "NSURLLinkCountKey");
CONSTANT(darwin_kCFURLContentModificationDateKey, "NSURLContentModificationDateKey");
CONSTANT(darwin_kCFURLContentAccessDateKey, "NSURLContentAccessDateKey");
CONSTANT(darwin_kCFURLAttributeModificationDateKey, "NSURLAttributeModificationDateKey");

static void set_error(struct object **error)
{
	if (error) // Facts: Foundation's FoundationErrors.h: NSFileReadNoPermissionError, NSFileReadNoSuchFileError
		*error = errno == EACCES ? error_make("NSCocoaErrorDomain", 257, "The file may not be read.")
					 : error_make("NSCocoaErrorDomain", 260, "The file does not exist.");
}

uint8_t darwin_CFURLGetFileSystemRepresentation(const struct url *url, uint8_t absolute, uint8_t *to, int64_t room)
{
	char *path = room > 0 ? url_file_path(url, absolute) : NULL;
	bool fits = path && (int64_t)strlen(path) < room;
	if (fits)
		memcpy(to, path, strlen(path) + 1);
	free(path);
	return fits;
}

uint8_t darwin_CFURLResourceIsReachable(const struct url *url, struct object **error)
{
	char *path = url_is_file(url) ? url_file_path(url, true) : NULL;
	errno = ENOENT;
	bool there = path && access(path, F_OK) == 0;
	free(path);
	if (!there)
		set_error(error);
	return there;
}

// A reference follows the file when it moves, which Linux cannot do by name: the path is kept instead.
const void *darwin_CFURLCreateFileReferenceURL(const void *allocator, const struct url *url, struct object **error)
{
	return darwin_CFURLResourceIsReachable(url, error) ? darwin_CFRetain(url) : NULL;
}

struct url *darwin_CFURLCreateFilePathURL(const void *allocator, const struct url *url, struct object **error)
{
	char real[PATH_MAX], *path = url_file_path(url, true);
	struct stat status;
	struct url *made = NULL;
	if (path && realpath(path, real) && stat(real, &status) == 0)
		made = url_make_file(real, strlen(real), S_ISDIR(status.st_mode), NULL);
	else
		set_error(error);
	free(path);
	return made;
}

// ---- what the file system says --------------------------------------------------------------------------------------

static const void *boolean(bool value)
{
	return value ? darwin_kCFBooleanTrue : darwin_kCFBooleanFalse;
}

static const void *date_of(const struct timespec *time)
{
	return darwin_CFDateCreate(NULL, (double)time->tv_sec + (double)time->tv_nsec / 1e9 - EPOCH_2001);
}

static const void *time_value(const struct stat *status, const void *key)
{
	if (darwin_CFEqual(key, darwin_kCFURLContentModificationDateKey))
		return date_of(&status->st_mtim);
	if (darwin_CFEqual(key, darwin_kCFURLContentAccessDateKey))
		return date_of(&status->st_atim);
	if (darwin_CFEqual(key, darwin_kCFURLAttributeModificationDateKey))
		return date_of(&status->st_ctim);
	return NULL;
}

static const void *access_value(const char *path, const void *key)
{
	if (darwin_CFEqual(key, darwin_kCFURLIsReadableKey))
		return boolean(access(path, R_OK) == 0);
	if (darwin_CFEqual(key, darwin_kCFURLIsWritableKey))
		return boolean(access(path, W_OK) == 0);
	if (darwin_CFEqual(key, darwin_kCFURLIsExecutableKey))
		return boolean(access(path, X_OK) == 0);
	return NULL;
}

// NULL: that is nothing that Linux knows of a file.
static const void *value_of(const char *path, const struct stat *status, const void *key)
{
	const char *slash = strrchr(path, '/'), *name = slash && slash[1] ? slash + 1 : path;
	if (darwin_CFEqual(key, darwin_kCFURLNameKey))
		return string_from_text(name);
	if (darwin_CFEqual(key, darwin_kCFURLPathKey))
		return string_from_text(path);
	if (darwin_CFEqual(key, darwin_kCFURLIsHiddenKey))
		return boolean(name[0] == '.');
	if (darwin_CFEqual(key, darwin_kCFURLIsDirectoryKey))
		return boolean(S_ISDIR(status->st_mode));
	if (darwin_CFEqual(key, darwin_kCFURLIsRegularFileKey))
		return boolean(S_ISREG(status->st_mode));
	if (darwin_CFEqual(key, darwin_kCFURLIsSymbolicLinkKey))
		return boolean(S_ISLNK(status->st_mode));
	if (darwin_CFEqual(key, darwin_kCFURLFileSizeKey))
		return S_ISDIR(status->st_mode) ? NULL : number_make(status->st_size);
	if (darwin_CFEqual(key, darwin_kCFURLFileAllocatedSizeKey))
		return number_make(status->st_blocks * 512);
	if (darwin_CFEqual(key, darwin_kCFURLLinkCountKey))
		return number_make((int64_t)status->st_nlink);
	const void *value = time_value(status, key);
	value = value ? value : access_value(path, key);
	return value ? value : url_volume_value(path, status->st_dev, key);
}

uint8_t darwin_CFURLCopyResourcePropertyForKey(const struct url *url, const void *key, const void **value,
					       struct object **error)
{
	char *path = url_is_file(url) ? url_file_path(url, true) : NULL;
	struct stat status;
	errno = ENOENT;
	bool there = path && lstat(path, &status) == 0;
	*value = there ? value_of(path, &status, key) : NULL;
	if (!there)
		set_error(error);
	free(path);
	return there;
}

struct dictionary *darwin_CFURLCopyResourcePropertiesForKeys(const struct url *url, const struct array *keys,
							     struct object **error)
{
	struct dictionary *values = dictionary_make();
	for (int64_t i = 0; i < darwin_CFArrayGetCount(keys); i++) {
		const void *key = darwin_CFArrayGetValueAtIndex(keys, i), *value = NULL;
		if (!darwin_CFURLCopyResourcePropertyForKey(url, key, &value, error)) {
			darwin_CFRelease(values);
			return NULL;
		}
		if (value)
			darwin_CFDictionarySetValue(values, key, value);
		darwin_CFRelease(value);
	}
	return values;
}
