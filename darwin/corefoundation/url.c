// SPDX-License-Identifier: MIT
// CFURL: made and taken apart. Facts: CFURL.h.
//
// A path that is not absolute has the working directory as its base, as on macOS.
#include "url.h"

#include "constant.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct url {
	struct object head;
	char *text;
	const struct url *base;	    // or NULL
	struct url_parts parts;	    // of the text
	const void *_Atomic string; // CFURLGetString's, when it was asked for
};

static void url_destroy(struct object *object)
{
	free(((struct url *)object)->text);
	darwin_CFRelease(((struct url *)object)->base);
	darwin_CFRelease(((struct url *)object)->string);
}

static bool url_equal(const struct object *left, const struct object *right)
{
	const struct url *a = (const struct url *)left, *b = (const struct url *)right;
	return strcmp(a->text, b->text) == 0 && !a->base == !b->base && (!a->base || darwin_CFEqual(a->base, b->base));
}

static uint64_t url_hash(const struct object *object)
{
	return object_hash_bytes(((const struct url *)object)->text, strlen(((const struct url *)object)->text));
}

static void url_describe(const struct object *object, struct bytes *to)
{
	const struct url *url = (const struct url *)object;
	bytes_add_text(to, url->text);
	if (url->base) {
		bytes_add_text(to, " -- ");
		url_describe(&url->base->head, to);
	}
}

const struct object_type url_type = {"CFURL", url_destroy, url_equal, url_hash, url_describe, NULL};

struct url *url_make(const char *text, size_t size, const struct url *base)
{
	char *copy = strndup(text, size);
	struct url_parts parts;
	if (!copy || !url_take_apart(copy, strlen(copy), &parts)) {
		free(copy);
		return NULL;
	}
	struct url *url = object_make(&url_type, sizeof(*url));
	url->text = copy;
	url->parts = parts;
	url->base = base && !parts.part[URL_SCHEME].at ? darwin_CFRetain(base) : NULL;
	return url;
}

static struct url *url_make_working(void)
{
	char folder[PATH_MAX];
	return getcwd(folder, sizeof(folder)) ? url_make_file(folder, strlen(folder), true, NULL) : NULL;
}

struct url *url_make_file(const char *path, size_t size, bool folder, const struct url *base)
{
	struct bytes text = {0};
	if (size == 0)
		return NULL;
	while (size > 1 && path[size - 1] == '/')
		size--;
	bytes_add_text(&text, path[0] == '/' ? "file://" : "");
	const char *colon = memchr(path, ':', size), *slash = memchr(path, '/', size);
	if (path[0] != '/' && colon && (!slash || colon < slash)) // it would look like a scheme
		bytes_add_text(&text, "./");
	url_escape(path, size, "/:@!$&'()*+,=", &text);
	if (folder && path[size - 1] != '/')
		bytes_add_text(&text, "/");
	struct url *working = path[0] != '/' && !base ? url_make_working() : NULL;
	struct url *url = url_make((const char *)text.at, text.count, base ? base : working);
	darwin_CFRelease(working);
	free(text.at);
	return url;
}

const char *url_text(const struct url *url)
{
	return url->text;
}

struct url_parts url_parts_of(const struct url *url)
{
	return url->parts;
}

const struct url *url_base(const struct url *url)
{
	return url->base;
}

struct url_parts url_absolute(const struct url *url, struct bytes *text)
{
	struct bytes under = {0};
	struct url_parts parts;
	*text = (struct bytes){0};
	if (!url->base) {
		bytes_add_text(text, url->text);
	} else {
		struct url_parts base = url_absolute(url->base, &under);
		url_resolve(&base, &url->parts, text);
	}
	free(under.at);
	if (!url_take_apart((const char *)text->at, text->count, &parts))
		parts = (struct url_parts){0};
	return parts;
}

bool url_is_file(const struct url *url)
{
	struct bytes text;
	struct url_parts parts = url_absolute(url, &text);
	bool file = parts.part[URL_SCHEME].size == 4 && strncasecmp(parts.part[URL_SCHEME].at, "file", 4) == 0;
	free(text.at);
	return file;
}

char *url_file_path(const struct url *url, bool absolute)
{
	struct bytes text = {0}, path = {0};
	struct url_parts parts = absolute ? url_absolute(url, &text) : url->parts;
	struct part part = parts.part[URL_PATH];
	url_unescape(part.at ? part.at : "", part.size, "", &path);
	while (path.count > 1 && path.at[path.count - 1] == '/')
		path.count--;
	bool fine = path.count > 0 && !memchr(path.at, '\0', path.count);
	bytes_add(&path, "", 1);
	free(text.at);
	if (fine)
		return (char *)path.at;
	free(path.at);
	return NULL;
}

// ---- what programs call: to make ------------------------------------------------------------------------------------

uint64_t darwin_CFURLGetTypeID(void)
{
	return (uintptr_t)&url_type;
}

struct url *darwin_CFURLCreateWithBytes(const void *allocator, const uint8_t *bytes, int64_t size, uint32_t encoding,
					const struct url *base)
{
	return size < 0 ? NULL : url_make((const char *)bytes, (size_t)size, base);
}

struct url *darwin_CFURLCreateWithString(const void *allocator, const void *string, const struct url *base)
{
	char *text = string_to_utf8(string);
	struct url *url = *text ? url_make(text, strlen(text), base) : NULL;
	free(text);
	return url;
}

struct url *darwin_CFURLCreateAbsoluteURLWithBytes(const void *allocator, const uint8_t *bytes, int64_t size,
						   uint32_t encoding, const struct url *base, uint8_t compatible)
{
	struct url *relative = darwin_CFURLCreateWithBytes(allocator, bytes, size, encoding, base);
	struct bytes text;
	if (!relative)
		return NULL;
	url_absolute(relative, &text);
	struct url *url = url_make((const char *)text.at, text.count, NULL);
	free(text.at);
	darwin_CFRelease(relative);
	return url;
}

struct url *darwin_CFURLCreateFromFileSystemRepresentation(const void *allocator, const uint8_t *path, int64_t size,
							   uint8_t folder)
{
	return size > 0 ? url_make_file((const char *)path, (size_t)size, folder, NULL) : NULL;
}

struct url *darwin_CFURLCreateFromFileSystemRepresentationRelativeToBase(const void *allocator, const uint8_t *path,
									 int64_t size, uint8_t folder,
									 const struct url *base)
{
	return size > 0 ? url_make_file((const char *)path, (size_t)size, folder, base) : NULL;
}

// Facts: CFURLPathStyle: 0 POSIX; paths of HFS (with colons) and of Windows are not made here.
struct url *darwin_CFURLCreateWithFileSystemPathRelativeToBase(const void *allocator, const void *path, int64_t style,
							       uint8_t folder, const struct url *base)
{
	char *text = string_to_utf8(path);
	struct url *url = style == 0 ? url_make_file(text, strlen(text), folder, base) : NULL;
	free(text);
	return url;
}

struct url *darwin_CFURLCreateWithFileSystemPath(const void *allocator, const void *path, int64_t style, uint8_t folder)
{
	return darwin_CFURLCreateWithFileSystemPathRelativeToBase(allocator, path, style, folder, NULL);
}

const void *darwin_CFURLCopyAbsoluteURL(const struct url *url)
{
	struct bytes text;
	if (!url->base)
		return darwin_CFRetain(url);
	url_absolute(url, &text);
	struct url *absolute = url_make((const char *)text.at, text.count, NULL);
	free(text.at);
	return absolute;
}

// ---- its parts ------------------------------------------------------------------------------------------------------

const void *darwin_CFURLGetString(struct url *url)
{
	const void *none = NULL, *string = url->string;
	if (!string) {
		string = string_from_text(url->text);
		if (!atomic_compare_exchange_strong(&url->string, &none, string)) {
			darwin_CFRelease(string);
			string = none;
		}
	}
	return string;
}

const struct url *darwin_CFURLGetBaseURL(const struct url *url)
{
	return url->base;
}

// `keep`: the letters whose escapes stay; NULL: all escapes stay.
static struct string *part_copy(const struct url *url, enum url_part wanted, bool absolute, const char *keep)
{
	struct bytes text = {0}, plain = {0};
	struct url_parts parts = absolute ? url_absolute(url, &text) : url->parts;
	struct part part = parts.part[wanted];
	struct string *string = NULL;
	if (part.at && keep) {
		url_unescape(part.at, part.size, keep, &plain);
		string = string_from_utf8((const char *)plain.at, plain.count);
	} else if (part.at) {
		string = string_from_utf8(part.at, part.size);
	}
	free(plain.at);
	free(text.at);
	return string;
}

struct string *darwin_CFURLCopyScheme(const struct url *url)
{
	return part_copy(url, URL_SCHEME, true, NULL);
}

struct string *darwin_CFURLCopyNetLocation(const struct url *url)
{
	return part_copy(url, URL_AUTHORITY, true, NULL);
}

struct string *darwin_CFURLCopyHostName(const struct url *url)
{
	struct string *host = part_copy(url, URL_HOST, true, "");
	if (host && string_length(host) > 0)
		return host;
	darwin_CFRelease(host);
	return NULL;
}

struct string *darwin_CFURLCopyUserName(const struct url *url)
{
	return part_copy(url, URL_USER, true, "");
}

struct string *darwin_CFURLCopyPassword(const struct url *url)
{
	return part_copy(url, URL_PASSWORD, true, "");
}

int32_t darwin_CFURLGetPortNumber(const struct url *url)
{
	struct bytes text;
	struct part part = url_absolute(url, &text).part[URL_PORT];
	int64_t port = part.size ? 0 : -1;
	for (size_t i = 0; i < part.size && port >= 0; i++)
		port = part.at[i] >= '0' && part.at[i] <= '9' && port < 100000 ? port * 10 + part.at[i] - '0' : -1;
	free(text.at);
	return (int32_t)port;
}

// As in the URL's own text: of a URL with a base it may be relative.
struct string *darwin_CFURLCopyPath(const struct url *url)
{
	return part_copy(url, URL_PATH, false, NULL);
}

// Without the slash that it begins with.
struct string *darwin_CFURLCopyStrictPath(const struct url *url, uint8_t *is_absolute)
{
	struct part path = url->parts.part[URL_PATH];
	bool absolute = path.size > 0 && path.at[0] == '/';
	if (is_absolute)
		*is_absolute = absolute;
	return path.at ? string_from_utf8(path.at + absolute, path.size - absolute) : NULL;
}

struct string *darwin_CFURLCopyFileSystemPath(const struct url *url, int64_t style)
{
	char *path = style == 0 ? url_file_path(url, false) : NULL;
	struct string *string = path ? string_from_text(path) : NULL;
	free(path);
	return string;
}

struct string *darwin_CFURLCopyResourceSpecifier(const struct url *url)
{
	struct part path = url->parts.part[URL_PATH], query = url->parts.part[URL_QUERY],
		    mark = url->parts.part[URL_FRAGMENT];
	const char *from = url->parts.part[URL_AUTHORITY].at ? path.at + path.size
			   : url->parts.part[URL_SCHEME].at  ? path.at
			   : query.at			     ? query.at - 1
			   : mark.at			     ? mark.at - 1
							     : NULL;
	return from && *from ? string_from_text(from) : NULL;
}

struct string *darwin_CFURLCopyQueryString(const struct url *url, const void *escaped)
{
	char *keep = escaped ? string_to_utf8(escaped) : NULL;
	struct string *string = part_copy(url, URL_QUERY, false, keep);
	free(keep);
	return string;
}

struct string *darwin_CFURLCopyFragment(const struct url *url, const void *escaped)
{
	char *keep = escaped ? string_to_utf8(escaped) : NULL;
	struct string *string = part_copy(url, URL_FRAGMENT, false, keep);
	free(keep);
	return string;
}

uint8_t darwin_CFURLHasDirectoryPath(const struct url *url)
{
	struct part path = url->parts.part[URL_PATH];
	if (path.size == 0)
		return url->base ? darwin_CFURLHasDirectoryPath(url->base) : 0;
	const char *slash = memrchr(path.at, '/', path.size), *last = slash ? slash + 1 : path.at;
	size_t length = (size_t)(path.at + path.size - last);
	return length == 0 || (length <= 2 && strncmp(last, "..", length) == 0);
}

uint8_t darwin_CFURLCanBeDecomposed(const struct url *url)
{
	struct part path = url->parts.part[URL_PATH];
	return !url->parts.part[URL_SCHEME].at || url->parts.part[URL_AUTHORITY].at ||
	       (path.size > 0 && path.at[0] == '/');
}

int64_t darwin_CFURLGetBytes(const struct url *url, uint8_t *to, int64_t room)
{
	int64_t size = (int64_t)strlen(url->text);
	if (to && size > room)
		return -1;
	if (to)
		memcpy(to, url->text, (size_t)size);
	return size;
}
