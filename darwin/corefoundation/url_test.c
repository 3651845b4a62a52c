// SPDX-License-Identifier: MIT
// URLs taken apart and resolved: the examples of RFC 3986, 5.4.
#include "url_parts.h"

#include <gila/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool part_is(const struct url_parts *parts, enum url_part part, const char *text)
{
	const struct part *found = &parts->part[part];
	return text ? found->at && found->size == strlen(text) && memcmp(found->at, text, found->size) == 0
		    : !found->at;
}

TEST(a_url_has_its_parts)
{
	struct url_parts parts;
	const char *text = "https://me:pw@[::1]:80/a/b?q=1?2#f#";
	CHECK(!url_take_apart(text, strlen(text), &parts)); // a fragment has no '#'
	text = "https://me:pw@[::1]:80/a/b?q=1?2#f";
	CHECK(url_take_apart(text, strlen(text), &parts));
	CHECK(part_is(&parts, URL_SCHEME, "https") && part_is(&parts, URL_USER, "me") &&
	      part_is(&parts, URL_PASSWORD, "pw"));
	CHECK(part_is(&parts, URL_HOST, "::1") && part_is(&parts, URL_PORT, "80") && part_is(&parts, URL_PATH, "/a/b"));
	CHECK(part_is(&parts, URL_QUERY, "q=1?2") && part_is(&parts, URL_FRAGMENT, "f"));
	CHECK(url_take_apart("a/b:c", 5, &parts) && part_is(&parts, URL_SCHEME, NULL) &&
	      part_is(&parts, URL_PATH, "a/b:c"));
	CHECK(url_take_apart("mailto:x@y", 10, &parts) && part_is(&parts, URL_AUTHORITY, NULL) &&
	      part_is(&parts, URL_PATH, "x@y"));
	CHECK(url_take_apart("file:///", 8, &parts) && part_is(&parts, URL_AUTHORITY, "") &&
	      part_is(&parts, URL_PATH, "/"));
	CHECK(!url_take_apart("a b", 3, &parts) && !url_take_apart("a%4", 3, &parts) &&
	      !url_take_apart("\xc3\xa9", 2, &parts));
}

TEST(references_are_resolved)
{
	static const char *const examples[][2] = {{"g:h", "g:h"},
						  {"g", "http://a/b/c/g"},
						  {"./g", "http://a/b/c/g"},
						  {"g/", "http://a/b/c/g/"},
						  {"/g", "http://a/g"},
						  {"//g", "http://g"},
						  {"?y", "http://a/b/c/d;p?y"},
						  {"g?y", "http://a/b/c/g?y"},
						  {"#s", "http://a/b/c/d;p?q#s"},
						  {"g#s", "http://a/b/c/g#s"},
						  {"g?y#s", "http://a/b/c/g?y#s"},
						  {";x", "http://a/b/c/;x"},
						  {"", "http://a/b/c/d;p?q"},
						  {".", "http://a/b/c/"},
						  {"./", "http://a/b/c/"},
						  {"..", "http://a/b/"},
						  {"../", "http://a/b/"},
						  {"../g", "http://a/b/g"},
						  {"../..", "http://a/"},
						  {"../../g", "http://a/g"},
						  {"../../../g", "http://a/g"},
						  {"/./g", "http://a/g"},
						  {"/../g", "http://a/g"},
						  {"g.", "http://a/b/c/g."},
						  {"..g", "http://a/b/c/..g"},
						  {"./../g", "http://a/b/g"},
						  {"./g/.", "http://a/b/c/g/"},
						  {"g/./h", "http://a/b/c/g/h"},
						  {"g/../h", "http://a/b/c/h"},
						  {"g?y/../x", "http://a/b/c/g?y/../x"}};
	struct url_parts base, reference;
	CHECK(url_take_apart("http://a/b/c/d;p?q", 18, &base));
	for (size_t i = 0; i < sizeof(examples) / sizeof(*examples); i++) {
		struct bytes to = {0};
		CHECK(url_take_apart(examples[i][0], strlen(examples[i][0]), &reference));
		url_resolve(&base, &reference, &to);
		bool same = to.count == strlen(examples[i][1]) && memcmp(to.at, examples[i][1], to.count) == 0;
		if (!same)
			fprintf(stderr, "%s became %.*s\n", examples[i][0], (int)to.count, (char *)to.at);
		free(to.at);
		CHECK(same);
	}
}

TEST(escapes_go_there_and_back)
{
	struct bytes to = {0}, back = {0};
	url_escape("a/b c%\xc3\xa9", 8, "/", &to);
	CHECK(to.count == 16 && memcmp(to.at, "a/b%20c%25%C3%A9", 16) == 0);
	url_unescape((const char *)to.at, to.count, "", &back);
	CHECK(back.count == 8 && memcmp(back.at, "a/b c%\xc3\xa9", 8) == 0);
	back.count = 0;
	url_unescape("%20%2f%4", 8, "/", &back);
	CHECK(back.count == 6 && memcmp(back.at, " %2f%4", 6) == 0);
	free(to.at);
	free(back.at);
}
