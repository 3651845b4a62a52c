// SPDX-License-Identifier: MIT
// iconv: the host's, with Darwin's errors and the names that macOS' libiconv adds. Facts: iconv(3), iconvctl(3) of GNU libiconv, which
// macOS has; UTF-8-MAC is UTF-8 in parts (its normal form D), which reading composes.
#include "../corefoundation/unicode.h"
#include "errno.h"
#include "locales.h"

#include <iconv.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct converter {
	iconv_t host;
	bool composes; // from UTF-8-MAC
};
int darwin_libiconv_version = 0x010b; // 1.11

// The host's name: "" and "char" are the locale's, "wchar_t" is the host's, and what follows "//" the host knows, too.
static const char *host_name(const char *name, char to[64])
{
	if (strncasecmp(name, "UTF-8-MAC", 9) == 0 || strncasecmp(name, "UTF8-MAC", 8) == 0)
		return "UTF-8";
	if (!*name || strncmp(name, "//", 2) == 0 || strncmp(name, "char", 4) == 0) {
		const char *suffix = strstr(name, "//");
		snprintf(to, 64, "%s%s", locale_is_utf8(locale_current()) ? "UTF-8" : "ASCII", suffix ? suffix : "");
		return to;
	}
	return strcasecmp(name, "wchar_t") == 0 ? "WCHAR_T" : name;
}

struct converter *darwin_iconv_open(const char *to, const char *from)
{
	char to_name[64], from_name[64];
	struct converter *made = malloc(sizeof(*made));
	if (!made)
		return (struct converter *)(intptr_t)errno_set(DARWIN_ENOMEM);
	made->composes = strcasestr(from, "-MAC") && strncasecmp(from, "UTF", 3) == 0;
	made->host = iconv_open(host_name(to, to_name), host_name(from, from_name));
	if (made->host == (iconv_t)-1) {
		free(made);
		return (struct converter *)errno_result(-1);
	}
	return made;
}

// A text in parts: from 4096 bytes on it is left as it is, since it is names that are so.
static char *composed(const char *text, size_t size, size_t *new_size)
{
	uint16_t units[4096];
	size_t count = 0;
	char *to = size < 4096 ? malloc(size * 3 + 1) : NULL;
	for (size_t at = 0; to && at < size;) {
		uint32_t point;
		size_t used = unicode_from_utf8(text + at, size - at, &point);
		if (used == 0) {
			free(to);
			return NULL;
		}
		at += used;
		count += unicode_to_utf16(point, units + count);
	}
	uint16_t *normal = to ? unicode_normalize(units, count, false, true, &count) : NULL;
	*new_size = 0;
	for (size_t i = 0; normal && i < count; i++) {
		uint32_t point = normal[i];
		if (point >= 0xd800 && point < 0xdc00 && i + 1 < count)
			point = 0x10000 + ((point - 0xd800) << 10) + (normal[++i] - 0xdc00u);
		*new_size += unicode_to_utf8(point, to + *new_size);
	}
	free(normal);
	return to;
}

// Either the whole text is converted or, when there is too little room, nothing of it.
static size_t convert_composed(struct converter *converter, char **from, size_t *left, char **to, size_t *room)
{
	size_t size, before_room = *room, result;
	char *text = composed(*from, *left, &size), *at = text, *before = *to;
	if (!text)
		return iconv(converter->host, from, left, to, room);
	result = iconv(converter->host, &at, &size, to, room);
	free(text);
	if (result == (size_t)-1) {
		*to = before;
		*room = before_room;
		return result;
	}
	*from += *left;
	*left = 0;
	return result;
}

// What iconv_open did not give is refused (Citrus' iconv): libgit2 closes one that it never opened.
static bool is_open(const struct converter *converter)
{
	return converter && converter != (struct converter *)-1;
}

size_t darwin_iconv(struct converter *converter, char **from, size_t *left, char **to, size_t *room)
{
	if (!is_open(converter))
		return (size_t)errno_set(DARWIN_EBADF);
	bool compose = converter->composes && from && *from && left && to && room;
	size_t result = compose ? convert_composed(converter, from, left, to, room) : iconv(converter->host, from, left, to, room);
	return (size_t)errno_result((long)result);
}

int darwin_iconv_close(struct converter *converter)
{
	if (!is_open(converter))
		return errno_set(DARWIN_EBADF);
	int result = iconv_close(converter->host);
	free(converter);
	return (int)errno_result(result);
}

// TRIVIALP 0, GET_TRANSLITERATE 1, SET_TRANSLITERATE 2, GET_DISCARD_ILSEQ 3, SET_DISCARD_ILSEQ 4: what //TRANSLIT and //IGNORE ask for
// cannot be changed later on the host.
int darwin_iconvctl(struct converter *converter, int request, void *argument)
{
	(void)converter;
	if (request == 0 || request == 1 || request == 3) {
		*(int *)argument = 0;
		return 0;
	}
	return errno_set(DARWIN_EINVAL);
}
