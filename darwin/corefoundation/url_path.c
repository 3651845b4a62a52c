// SPDX-License-Identifier: MIT
// URLs whose path is changed: parts appended or taken away, extensions. Facts: CFURL.h.
#include "url.h"

#include <stdlib.h>
#include <string.h>

// The URL with another path; what stands around it stays.
static struct url *with_path(const struct url *url, const struct bytes *path)
{
	struct part old = url_parts_of(url).part[URL_PATH];
	const char *text = url_text(url), *from = old.at ? old.at : text + strlen(text);
	struct bytes bytes = {0};
	bytes_add(&bytes, text, (size_t)(from - text));
	bytes_add(&bytes, path->at, path->count);
	bytes_add_text(&bytes, from + old.size);
	struct url *made = url_make((const char *)bytes.at, bytes.count, url_base(url));
	free(bytes.at);
	return made;
}

static struct bytes path_of(const struct url *url, bool folder)
{
	struct part part = url_parts_of(url).part[URL_PATH];
	struct bytes path = {0};
	bytes_add(&path, part.at, part.size);
	while (!folder && path.count > 1 && path.at[path.count - 1] == '/')
		path.count--;
	return path;
}

static size_t last_begins(const struct bytes *path)
{
	size_t at = path->count;
	while (at > 0 && path->at[at - 1] != '/')
		at--;
	return at;
}

// Where the last part's extension begins, its point; the end if it has none.
static size_t extension_begins(const struct bytes *path)
{
	size_t begin = last_begins(path), at = path->count;
	while (at > begin && path->at[at - 1] != '.')
		at--;
	return at > begin + 1 && at < path->count ? at - 1 : path->count;
}

struct url *darwin_CFURLCreateCopyAppendingPathComponent(const void *allocator, const struct url *url, const void *name,
							 uint8_t folder)
{
	struct bytes path = path_of(url, true);
	char *part = string_to_utf8(name);
	bool first = path.count == 0 && !url_parts_of(url).part[URL_AUTHORITY].at;
	if (!first && (path.count == 0 || path.at[path.count - 1] != '/') && part[0] != '/')
		bytes_add_text(&path, "/");
	url_escape(part, strlen(part), "/:@!$&'()*+,=", &path);
	if (folder && path.count && path.at[path.count - 1] != '/')
		bytes_add_text(&path, "/");
	struct url *made = with_path(url, &path);
	free(part);
	free(path.at);
	return made;
}

struct url *darwin_CFURLCreateCopyDeletingLastPathComponent(const void *allocator, const struct url *url)
{
	struct bytes path = path_of(url, false);
	path.count = last_begins(&path);
	if (path.count == 0)
		bytes_add_text(&path, "./");
	struct url *made = with_path(url, &path);
	free(path.at);
	return made;
}

struct string *darwin_CFURLCopyLastPathComponent(const struct url *url)
{
	struct bytes path = path_of(url, false), plain = {0};
	size_t begin = last_begins(&path);
	if (begin == path.count && begin > 0) // the root
		begin--;
	url_unescape((const char *)path.at + begin, path.count - begin, "", &plain);
	struct string *string = string_from_utf8((const char *)plain.at, plain.count);
	free(path.at);
	free(plain.at);
	return string;
}

struct string *darwin_CFURLCopyPathExtension(const struct url *url)
{
	struct bytes path = path_of(url, false), plain = {0};
	size_t begin = extension_begins(&path);
	struct string *string = NULL;
	if (begin < path.count) {
		url_unescape((const char *)path.at + begin + 1, path.count - begin - 1, "", &plain);
		string = string_from_utf8((const char *)plain.at, plain.count);
	}
	free(path.at);
	free(plain.at);
	return string;
}

struct url *darwin_CFURLCreateCopyDeletingPathExtension(const void *allocator, const struct url *url)
{
	struct part old = url_parts_of(url).part[URL_PATH];
	struct bytes path = path_of(url, false);
	bool folder = old.size > path.count;
	path.count = extension_begins(&path);
	if (folder)
		bytes_add_text(&path, "/");
	struct url *made = with_path(url, &path);
	free(path.at);
	return made;
}

struct url *darwin_CFURLCreateCopyAppendingPathExtension(const void *allocator, const struct url *url,
							 const void *extension)
{
	struct part old = url_parts_of(url).part[URL_PATH];
	struct bytes path = path_of(url, false);
	bool folder = old.size > path.count;
	char *text = string_to_utf8(extension);
	bytes_add_text(&path, ".");
	url_escape(text, strlen(text), "", &path);
	if (folder)
		bytes_add_text(&path, "/");
	struct url *made = with_path(url, &path);
	free(text);
	free(path.at);
	return made;
}

// ---- escapes --------------------------------------------------------------------------------------------------------

static struct string *string_take_bytes(struct bytes *bytes)
{
	struct string *string = string_from_utf8((const char *)bytes->at, bytes->count);
	free(bytes->at);
	return string;
}

// `leave`: letters that stay although no URL has them; `also`: letters that are escaped although URLs have them.
struct string *darwin_CFURLCreateStringByAddingPercentEscapes(const void *allocator, const void *string,
							      const void *leave, const void *also, uint32_t encoding)
{
	char *text = string_to_utf8(string), *left = leave ? string_to_utf8(leave) : NULL,
	     *more = also ? string_to_utf8(also) : NULL;
	struct bytes to = {0};
	for (const char *at = text; *at; at++) {
		bool escaped = more && strchr(more, *at);
		if (escaped)
			bytes_add_format(&to, "%%%02X", (uint8_t)*at);
		else if (left && strchr(left, *at))
			bytes_add(&to, at, 1);
		else
			url_escape(at, 1, "!$&'()*+,/:;=?@", &to);
	}
	free(text);
	free(left);
	free(more);
	return string_take_bytes(&to);
}

// NULL if what comes out is no UTF-8. `keep` NULL: nothing is replaced.
struct string *darwin_CFURLCreateStringByReplacingPercentEscapes(const void *allocator, const void *string,
								 const void *keep)
{
	char *text = string_to_utf8(string), *kept = keep ? string_to_utf8(keep) : NULL;
	struct bytes to = {0};
	if (kept)
		url_unescape(text, strlen(text), kept, &to);
	else
		bytes_add_text(&to, text);
	free(text);
	free(kept);
	return string_take_bytes(&to);
}

struct string *darwin_CFURLCreateStringByReplacingPercentEscapesUsingEncoding(const void *allocator, const void *string,
									      const void *keep, uint32_t encoding)
{
	return darwin_CFURLCreateStringByReplacingPercentEscapes(allocator, string, keep);
}
