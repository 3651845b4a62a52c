// SPDX-License-Identifier: MIT
// A URL's text taken apart, put together with another, and escapes. Plain functions over bytes. Facts: RFC 3986.
#ifndef DARWIN_URL_PARTS_H
#define DARWIN_URL_PARTS_H

#include "bytes.h"

#include <stdbool.h>

struct part {
	const char *at; // NULL: it is not there, which is another thing than empty
	size_t size;
};

enum url_part {
	URL_SCHEME,
	URL_AUTHORITY,
	URL_USER,
	URL_PASSWORD,
	URL_HOST,
	URL_PORT,
	URL_PATH,
	URL_QUERY,
	URL_FRAGMENT,
	URL_PARTS
};

struct url_parts {
	struct part part[URL_PARTS];
};

// False: a letter is in it that no URL has, or a '%' without two digits.
bool url_take_apart(const char *text, size_t size, struct url_parts *parts);
// The URL that the reference means in a document at `base` (RFC 3986, 5.2).
void url_resolve(const struct url_parts *base, const struct url_parts *reference, struct bytes *to);
// Adds the text with every letter escaped that a URL cannot have there: all but unreserved ones and those of `also`.
void url_escape(const char *text, size_t size, const char *also, struct bytes *to);
// Without escapes, but for those of the letters in `keep`.
void url_unescape(const char *text, size_t size, const char *keep, struct bytes *to);

#endif
