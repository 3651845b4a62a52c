// SPDX-License-Identifier: MIT
// URLs as text; see url_parts.h.
#include "url_parts.h"

#include <string.h>

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int hex_of(char c)
{
	return is_digit(c) ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

static bool letters_fine(const char *text, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '%') {
			if (size - i < 3 || hex_of(text[i + 1]) < 0 || hex_of(text[i + 2]) < 0)
				return false;
		} else if (!is_alpha(text[i]) && !is_digit(text[i]) &&
			   (!text[i] || !strchr("-._~:/?#[]@!$&'()*+,;=", text[i]))) {
			return false;
		}
	}
	return true;
}

static struct part part_until(const char **at, const char *end, const char *stops)
{
	struct part part = {*at, 0};
	while (*at < end && !strchr(stops, **at))
		++*at;
	part.size = (size_t)(*at - part.at);
	return part;
}

// user:password@host:port; a host in brackets may have colons.
static void take_authority(struct url_parts *parts)
{
	const char *at = parts->part[URL_AUTHORITY].at, *end = at + parts->part[URL_AUTHORITY].size;
	const char *sign = memrchr(at, '@', (size_t)(end - at));
	if (sign) {
		parts->part[URL_USER] = part_until(&at, sign, ":");
		if (at < sign)
			parts->part[URL_PASSWORD] = (struct part){at + 1, (size_t)(sign - at - 1)};
		at = sign + 1;
	}
	const char *close = at < end && *at == '[' ? memchr(at, ']', (size_t)(end - at)) : NULL;
	if (close)
		parts->part[URL_HOST] = (struct part){at + 1, (size_t)(close - at - 1)};
	at = close ? close + 1 : at;
	struct part host = part_until(&at, end, ":");
	if (!close)
		parts->part[URL_HOST] = host;
	if (at < end)
		parts->part[URL_PORT] = (struct part){at + 1, (size_t)(end - at - 1)};
}

bool url_take_apart(const char *text, size_t size, struct url_parts *parts)
{
	const char *at = text, *end = text + size;
	*parts = (struct url_parts){0};
	if (!letters_fine(text, size))
		return false;
	if (size > 0 && is_alpha(*at)) {
		while (at < end && (is_alpha(*at) || is_digit(*at) || strchr("+-.", *at)))
			at++;
		if (at < end && *at == ':') {
			parts->part[URL_SCHEME] = (struct part){text, (size_t)(at - text)};
			at++;
		} else {
			at = text;
		}
	}
	if (end - at >= 2 && at[0] == '/' && at[1] == '/') {
		at += 2;
		parts->part[URL_AUTHORITY] = part_until(&at, end, "/?#");
		take_authority(parts);
	}
	parts->part[URL_PATH] = part_until(&at, end, "?#");
	if (at < end && *at == '?') {
		at++;
		parts->part[URL_QUERY] = part_until(&at, end, "#");
	}
	if (at < end)
		parts->part[URL_FRAGMENT] = (struct part){at + 1, (size_t)(end - at - 1)};
	return at == end || !memchr(at + 1, '#', (size_t)(end - at - 1));
}

// ---- references -----------------------------------------------------------------------------------------------------

// Takes "." and ".." out of the path that begins at `from` (RFC 3986, 5.2.4).
static void remove_dots(struct bytes *path, size_t from)
{
	char *begin = (char *)path->at + from, *end = (char *)path->at + path->count, *to = begin;
	for (char *at = begin; at < end;) {
		char *slash = memchr(at, '/', (size_t)(end - at)), *next = slash ? slash + 1 : end;
		size_t length = (size_t)((slash ? slash : end) - at);
		if (length == 2 && at[0] == '.' && at[1] == '.') {
			if (to > begin && to - begin > 1) {
				to--; // the slash
				while (to > begin && to[-1] != '/')
					to--;
			}
		} else if (length != 1 || at[0] != '.') {
			memmove(to, at, (size_t)(next - at));
			to += next - at;
		}
		at = next;
	}
	path->count = from + (size_t)(to - begin);
}

static void add_part(struct bytes *to, const char *before, const struct part *part, const char *behind)
{
	if (!part->at)
		return;
	bytes_add_text(to, before);
	bytes_add(to, part->at, part->size);
	bytes_add_text(to, behind);
}

static void add_path(const struct url_parts *base, const struct url_parts *reference, struct bytes *to)
{
	const struct part *path = &reference->part[URL_PATH], *under = &base->part[URL_PATH];
	size_t from = to->count;
	if (path->size == 0) {
		bytes_add(to, under->at, under->size);
		return;
	}
	if (path->at[0] != '/') {
		const char *slash = under->size ? memrchr(under->at, '/', under->size) : NULL;
		if (slash)
			bytes_add(to, under->at, (size_t)(slash + 1 - under->at));
		else if (base->part[URL_AUTHORITY].at)
			bytes_add_text(to, "/");
	}
	bytes_add(to, path->at, path->size);
	remove_dots(to, from);
}

void url_resolve(const struct url_parts *base, const struct url_parts *reference, struct bytes *to)
{
	bool whole = reference->part[URL_SCHEME].at, placed = whole || reference->part[URL_AUTHORITY].at;
	bool same = !placed && reference->part[URL_PATH].size == 0;
	add_part(to, "", &(whole ? reference : base)->part[URL_SCHEME], ":");
	add_part(to, "//", &(placed ? reference : base)->part[URL_AUTHORITY], "");
	if (placed)
		bytes_add(to, reference->part[URL_PATH].at, reference->part[URL_PATH].size);
	else
		add_path(base, reference, to);
	const struct part *query = &reference->part[URL_QUERY];
	add_part(to, "?", same && !query->at ? &base->part[URL_QUERY] : query, "");
	add_part(to, "#", &reference->part[URL_FRAGMENT], "");
}

// ---- escapes --------------------------------------------------------------------------------------------------------

void url_escape(const char *text, size_t size, const char *also, struct bytes *to)
{
	for (size_t i = 0; i < size; i++) {
		bool plain = is_alpha(text[i]) || is_digit(text[i]) ||
			     (text[i] && (strchr("-._~", text[i]) || strchr(also, text[i])));
		if (plain)
			bytes_add(to, &text[i], 1);
		else
			bytes_add_format(to, "%%%02X", (uint8_t)text[i]);
	}
}

void url_unescape(const char *text, size_t size, const char *keep, struct bytes *to)
{
	for (size_t i = 0; i < size; i++) {
		int high = text[i] == '%' && size - i >= 3 ? hex_of(text[i + 1]) : -1,
		    low = high >= 0 ? hex_of(text[i + 2]) : -1;
		char letter = low < 0 ? 0 : (char)(high << 4 | low);
		if (low < 0 || (letter && strchr(keep, letter))) {
			bytes_add(to, &text[i], 1);
			continue;
		}
		bytes_add(to, &letter, 1);
		i += 2;
	}
}
