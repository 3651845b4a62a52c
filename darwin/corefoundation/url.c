// SPDX-License-Identifier: MIT
// CFURL, of files only: a path, which may be relative to the working directory. Facts: CFURL.h.
#include "object.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct url {
	struct object head;
	char *path; // without a slash at the end, unless it is the root
};

static void url_destroy(struct object *object)
{
	free(((struct url *)object)->path);
}

static bool url_equal(const struct object *left, const struct object *right)
{
	return strcmp(((const struct url *)left)->path, ((const struct url *)right)->path) == 0;
}

static const struct object_type url_type = {"CFURL", url_destroy, url_equal, NULL};

static struct url *url_make(const char *path, size_t length)
{
	struct url *url = object_make(&url_type, sizeof(*url));
	while (length > 1 && path[length - 1] == '/')
		length--;
	url->path = strndup(path, length);
	if (!url->path)
		abort();
	return url;
}

struct url *darwin_CFURLCreateFromFileSystemRepresentation(const void *allocator, const uint8_t *path, int64_t length,
							   uint8_t folder)
{
	(void)allocator, (void)folder;
	return length > 0 ? url_make((const char *)path, (size_t)length) : NULL;
}

uint8_t darwin_CFURLGetFileSystemRepresentation(const struct url *url, uint8_t resolve, char *to, int64_t room)
{
	(void)resolve;
	return snprintf(to, (size_t)room, "%s", url->path) < room;
}

struct url *darwin_CFURLCopyAbsoluteURL(const struct url *url)
{
	char path[PATH_MAX * 2], folder[PATH_MAX];
	if (url->path[0] == '/' || !getcwd(folder, sizeof(folder)))
		return url_make(url->path, strlen(url->path));
	snprintf(path, sizeof(path), "%s/%s", folder, url->path);
	return url_make(path, strlen(path));
}

struct string *darwin_CFURLCopyFileSystemPath(const struct url *url, int64_t style)
{
	(void)style;
	return string_from_utf8(url->path, strlen(url->path));
}

static const char *last_part(const struct url *url)
{
	const char *slash = strrchr(url->path, '/');
	return slash && slash[1] ? slash + 1 : url->path;
}

struct string *darwin_CFURLCopyLastPathComponent(const struct url *url)
{
	const char *name = last_part(url);
	return string_from_utf8(name, strlen(name));
}

struct url *darwin_CFURLCreateCopyAppendingPathComponent(const void *allocator, const struct url *url, const void *name,
							 uint8_t folder)
{
	char *part = string_to_utf8(name), *path = malloc(strlen(url->path) + strlen(part) + 2);
	(void)allocator, (void)folder;
	if (!path)
		abort();
	sprintf(path, "%s%s%s", url->path, url->path[strlen(url->path) - 1] == '/' ? "" : "/", part);
	struct url *result = url_make(path, strlen(path));
	free(part);
	free(path);
	return result;
}

struct url *darwin_CFURLCreateCopyDeletingLastPathComponent(const void *allocator, const struct url *url)
{
	const char *slash = strrchr(url->path, '/');
	(void)allocator;
	return !slash ? url_make(".", 1) : url_make(url->path, slash == url->path ? 1 : (size_t)(slash - url->path));
}

static void set_error(struct object **error)
{
	if (error)
		*error = error_make("NSCocoaErrorDomain", 260, "The file does not exist."); // NSFileReadNoSuchFileError
}

uint8_t darwin_CFURLResourceIsReachable(const struct url *url, struct object **error)
{
	struct stat status;
	if (stat(url->path, &status) == 0)
		return 1;
	set_error(error);
	return 0;
}

// A reference follows the file when it moves, which Linux cannot do by name: the path is kept instead.
struct url *darwin_CFURLCreateFileReferenceURL(const void *allocator, const struct url *url, struct object **error)
{
	(void)allocator;
	return darwin_CFURLResourceIsReachable(url, error) ? url_make(url->path, strlen(url->path)) : NULL;
}

struct url *darwin_CFURLCreateFilePathURL(const void *allocator, const struct url *url, struct object **error)
{
	char path[PATH_MAX];
	(void)allocator;
	if (realpath(url->path, path))
		return url_make(path, strlen(path));
	set_error(error);
	return NULL;
}
