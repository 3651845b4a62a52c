// SPDX-License-Identifier: MIT
// Files by their URLs: read, written, removed, listed; what may be set of them. Facts: CFURLAccess.h, CFURL.h.
#include "constant.h"
#include "gregorian.h"
#include "plist.h"
#include "url.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

CONSTANT_NAMED(kCFURLFileExists);
CONSTANT_NAMED(kCFURLFileDirectoryContents);
CONSTANT_NAMED(kCFURLFileLength);
CONSTANT_NAMED(kCFURLFileLastModificationTime);
CONSTANT_NAMED(kCFURLFilePOSIXMode);
CONSTANT_NAMED(kCFURLFileOwnerID);
CONSTANT(darwin_kCFURLIsExcludedFromBackupKey, "NSURLIsExcludedFromBackupKey");

extern const void *const darwin_kCFURLContentModificationDateKey, *const darwin_kCFURLContentAccessDateKey;
int darwin_setxattr(const char *path, const char *name, const void *value, size_t size, uint32_t position, int options);
int darwin_removexattr(const char *path, const char *name, int options);

enum { // CFURLError
	URL_UNKNOWN = -10,
	URL_UNKNOWN_SCHEME = -11,
	URL_NOT_FOUND = -12,
	URL_ACCESS = -13,
	URL_UNKNOWN_PROPERTY = -17
};

static bool fail(int *code, int value)
{
	if (code)
		*code = value;
	return false;
}

static bool fail_errno(int *code)
{
	return fail(code, errno == ENOENT ? URL_NOT_FOUND : errno == EACCES ? URL_ACCESS : URL_UNKNOWN);
}

static char *path_of(const struct url *url, int *code)
{
	char *path = url_is_file(url) ? url_file_path(url, true) : NULL;
	fail(code, path ? 0 : URL_UNKNOWN_SCHEME);
	return path;
}

// ---- properties -----------------------------------------------------------------------------------------------------

struct array *url_folder_list(const char *path)
{
	DIR *list = opendir(path);
	struct array *urls = list ? array_make(true) : NULL;
	char inside[4352];
	struct stat status;
	for (struct dirent *at; list && (at = readdir(list));) {
		if (strcmp(at->d_name, ".") == 0 || strcmp(at->d_name, "..") == 0 ||
		    snprintf(inside, sizeof(inside), "%s/%s", strcmp(path, "/") ? path : "", at->d_name) >=
			    (int)sizeof(inside))
			continue;
		bool folder = lstat(inside, &status) == 0 && S_ISDIR(status.st_mode);
		array_add(urls, url_make_file(inside, strlen(inside), folder, NULL));
	}
	if (list)
		closedir(list);
	return urls;
}

static const void *property_of(const char *path, const struct stat *status, const void *key)
{
	uint16_t mode = (uint16_t)status->st_mode;
	if (darwin_CFEqual(key, darwin_kCFURLFileExists))
		return darwin_kCFBooleanTrue;
	if (darwin_CFEqual(key, darwin_kCFURLFileDirectoryContents))
		return url_folder_list(path);
	if (darwin_CFEqual(key, darwin_kCFURLFileLength))
		return number_make(status->st_size);
	if (darwin_CFEqual(key, darwin_kCFURLFileLastModificationTime))
		return darwin_CFDateCreate(NULL, (double)status->st_mtim.tv_sec - EPOCH_2001);
	if (darwin_CFEqual(key, darwin_kCFURLFilePOSIXMode))
		return number_make(mode);
	return darwin_CFEqual(key, darwin_kCFURLFileOwnerID) ? number_make(status->st_uid) : NULL;
}

const void *darwin_CFURLCreatePropertyFromResource(const void *allocator, const struct url *url, const void *key,
						   int *code)
{
	struct stat status;
	char *path = path_of(url, code);
	const void *value = NULL;
	if (path && stat(path, &status) == 0) {
		value = property_of(path, &status, key);
		if (!value)
			fail(code, URL_UNKNOWN_PROPERTY);
	} else if (path && darwin_CFEqual(key, darwin_kCFURLFileExists)) {
		value = darwin_kCFBooleanFalse;
	} else if (path) {
		fail_errno(code);
	}
	free(path);
	return value;
}

// ---- contents -------------------------------------------------------------------------------------------------------

static struct data *file_read(const char *path, int *code)
{
	struct bytes bytes = {0};
	uint8_t block[8192];
	ssize_t got = -1;
	int file = open(path, O_RDONLY | O_CLOEXEC);
	while (file >= 0 && (got = read(file, block, sizeof(block))) > 0)
		bytes_add(&bytes, block, (size_t)got);
	if (got < 0)
		fail_errno(code);
	if (file >= 0)
		close(file);
	if (got == 0)
		return data_take(&bytes);
	free(bytes.at);
	return NULL;
}

uint8_t darwin_CFURLCreateDataAndPropertiesFromResource(const void *allocator, const struct url *url,
							struct data **data, struct dictionary **properties,
							const struct array *wanted, int *code)
{
	char *path = path_of(url, code);
	bool fine = path != NULL;
	if (fine && data)
		fine = (*data = file_read(path, code)) != NULL;
	if (properties)
		*properties = dictionary_make();
	for (int64_t i = 0; properties && wanted && i < darwin_CFArrayGetCount(wanted); i++) {
		const void *key = darwin_CFArrayGetValueAtIndex(wanted, i),
			   *value = darwin_CFURLCreatePropertyFromResource(NULL, url, key, NULL);
		if (value)
			darwin_CFDictionarySetValue(*properties, key, value);
		darwin_CFRelease(value);
	}
	free(path);
	return fine;
}

// A URL of a folder makes it. Of properties, only the mode can be set.
uint8_t darwin_CFURLWriteDataAndPropertiesToResource(const struct url *url, const struct data *data,
						     const struct dictionary *properties, int *code)
{
	char *path = path_of(url, code);
	const char *text = url_text(url);
	bool folder = *text && text[strlen(text) - 1] == '/', fine = path;
	if (path && folder)
		fine = mkdir(path, 0777) == 0 || errno == EEXIST || fail_errno(code);
	else if (path && data) {
		int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		fine = file >= 0 && write(file, darwin_CFDataGetBytePtr(data), (size_t)darwin_CFDataGetLength(data)) ==
					    darwin_CFDataGetLength(data);
		if (!fine)
			fail_errno(code);
		if (file >= 0)
			close(file);
	}
	const void *mode = NULL;
	if (fine && properties)
		mode = darwin_CFDictionaryGetValue(properties, darwin_kCFURLFilePOSIXMode);
	if (mode && object_type(mode) == &number_type && chmod(path, (mode_t)number_whole(mode) & 07777) < 0)
		fine = fail_errno(code);
	free(path);
	return fine;
}

uint8_t darwin_CFURLDestroyResource(const struct url *url, int *code)
{
	char *path = path_of(url, code);
	bool fine = path && (remove(path) == 0 || fail_errno(code));
	free(path);
	return fine;
}

// ---- what may be set ------------------------------------------------------------------------------------------------

// As macOS marks it: an attribute that holds "com.apple.backupd" as a binary property list.
static bool exclude_from_backup(const char *path, bool exclude)
{
	static const char name[] = "com.apple.metadata:com_apple_backup_excludeItem";
	struct bytes value = {0};
	struct string *text = string_from_text("com.apple.backupd");
	bool fine = true;
	if (exclude)
		fine = plist_write(text, PLIST_BINARY, &value) &&
		       darwin_setxattr(path, name, value.at, value.count, 0, 0) == 0;
	else
		darwin_removexattr(path, name, 0); // it may have had none
	darwin_CFRelease(text);
	free(value.at);
	return fine;
}

static bool time_set(const char *path, const void *date, bool modified)
{
	double seconds = darwin_CFDateGetAbsoluteTime(date) + EPOCH_2001;
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_OMIT}};
	if (!(seconds > -1e11 && seconds < 1e11))
		return false;
	times[modified].tv_sec = (time_t)seconds - (seconds < (double)(time_t)seconds);
	times[modified].tv_nsec = (long)((seconds - (double)times[modified].tv_sec) * 1e9);
	return utimensat(AT_FDCWD, path, times, 0) == 0;
}

static bool property_set(const char *path, const void *key, const void *value)
{
	const struct object_type *type = value ? object_type(value) : NULL;
	if (darwin_CFEqual(key, darwin_kCFURLIsExcludedFromBackupKey) && type == &boolean_type)
		return exclude_from_backup(path, darwin_CFBooleanGetValue(value));
	if (type == &date_type && darwin_CFEqual(key, darwin_kCFURLContentModificationDateKey))
		return time_set(path, value, true);
	return type == &date_type && darwin_CFEqual(key, darwin_kCFURLContentAccessDateKey) &&
	       time_set(path, value, false);
}

uint8_t darwin_CFURLSetResourcePropertyForKey(const struct url *url, const void *key, const void *value,
					      struct object **error)
{
	char *path = path_of(url, NULL);
	bool fine = path && property_set(path, key, value);
	free(path);
	if (!fine && error) // Facts: Foundation's FoundationErrors.h: NSFileWriteUnknownError
		*error = error_make("NSCocoaErrorDomain", 512, "The property of the file cannot be set.");
	return fine;
}

struct url *darwin_CFCopyHomeDirectoryURL(void)
{
	const char *home = getenv("HOME");
	return home && *home == '/' ? url_make_file(home, strlen(home), true, NULL) : NULL;
}
