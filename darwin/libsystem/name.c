// SPDX-License-Identifier: MIT
// Names of files in any normal form; see name.h.
#include "name.h"

#include "../corefoundation/unicode.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool is_ascii(const char *path)
{
	for (; *path; path++)
		if (*path & 0x80)
			return false;
	return true;
}

static bool to_utf16(const char *path, uint16_t *units, size_t *count)
{
	size_t size = strlen(path);
	*count = 0;
	for (size_t at = 0; at < size;) {
		uint32_t point;
		size_t used = unicode_from_utf8(path + at, size - at, &point);
		if (used == 0)
			return false;
		at += used;
		*count += unicode_to_utf16(point, units + *count);
	}
	return true;
}

static bool from_utf16(const uint16_t *units, size_t count, char to[PATH_MAX])
{
	size_t size = 0;
	for (size_t i = 0; i < count; i++) {
		uint32_t point = units[i];
		if (point >= 0xd800 && point < 0xdc00 && i + 1 < count)
			point = 0x10000 + ((point - 0xd800) << 10) + (units[++i] - 0xdc00u);
		if (size + 5 > PATH_MAX)
			return false;
		size += unicode_to_utf8(point, to + size);
	}
	to[size] = '\0';
	return true;
}

// Apart, so that names of ASCII, which have one form alone, need no pages of stack for it.
__attribute__((noinline)) static bool convert(const char *path, enum name_form form, char to[PATH_MAX])
{
	uint16_t units[PATH_MAX];
	size_t count;
	if (strlen(path) >= PATH_MAX || !to_utf16(path, units, &count))
		return false;
	uint16_t *normal = unicode_normalize(units, count, false, form == NAME_COMPOSED, &count);
	bool fine = from_utf16(normal, count, to);
	free(normal);
	return fine && strcmp(path, to) != 0;
}

bool name_in_form(const char *path, enum name_form form, char to[PATH_MAX])
{
	return !is_ascii(path) && convert(path, form, to);
}

const char *name_existing(const char *path, char to[PATH_MAX])
{
	struct stat status;
	if (is_ascii(path) || lstat(path, &status) == 0)
		return path;
	for (int form = 0; form < NAME_FORMS; form++)
		if (name_in_form(path, form, to) && lstat(to, &status) == 0)
			return to;
	return path;
}
