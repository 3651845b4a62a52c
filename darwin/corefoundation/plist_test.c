// SPDX-License-Identifier: MIT
// Property lists: each kind of value, each kind of damage; random trees through both formats and back.
#include "plist.h"

#include <gila/test.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const void *read_bytes(const char *bytes, size_t size, enum plist_format *format, struct plist_failure *failure)
{
	uint8_t *copy = malloc(size); // so that a byte behind the end is noticed
	memcpy(copy, bytes, size);
	const void *object = plist_read(copy, size, format, failure);
	free(copy);
	return object;
}

static const void *read_text(const char *text)
{
	enum plist_format format;
	struct plist_failure failure;
	const void *object = read_bytes(text, strlen(text), &format, &failure);
	if (!object != !!failure.reason)
		abort();
	return object;
}

// The object as XML, without what surrounds it.
static bool reads_as(const char *text, const char *xml)
{
	struct bytes bytes = {0};
	const void *object = read_text(text);
	bool same = false;
	if (object && plist_write(object, PLIST_XML, &bytes)) {
		bytes_add(&bytes, "", 1);
		char *begin = strstr((char *)bytes.at, "\"1.0\">\n") + 7, *end = strstr((char *)bytes.at, "</plist>");
		same = (size_t)(end - begin) == strlen(xml) && memcmp(begin, xml, strlen(xml)) == 0;
		if (!same)
			fprintf(stderr, "got %.*s\n", (int)(end - begin), begin);
	}
	free(bytes.at);
	darwin_CFRelease(object);
	return same;
}

static bool refuses(const char *text, const char *reason, size_t line)
{
	enum plist_format format;
	struct plist_failure failure;
	const void *object = read_bytes(text, strlen(text), &format, &failure);
	darwin_CFRelease(object);
	if (object || !strstr(failure.reason, reason) || failure.line != line) {
		fprintf(stderr, "%s: %s, line %zu\n", text, object ? "read" : failure.reason, failure.line);
		return false;
	}
	return true;
}

TEST(xml_has_every_kind_of_value)
{
	CHECK(reads_as("<plist version='1.0'><string>a &lt;b&gt; &amp;&#x41;&#66;</string></plist>",
		       "<string>a &lt;b&gt; &amp;AB</string>\n"));
	CHECK(reads_as("<?xml version='1.0'?><!-- c --><!DOCTYPE plist [ <!ENTITY x 'y'> ]><plist><true/></plist>",
		       "<true/>\n"));
	CHECK(reads_as("<array><false></false><integer>-7</integer><integer>0xff</integer><real>1.5</real></array>",
		       "<array>\n\t<false/>\n\t<integer>-7</integer>\n\t<integer>255</integer>\n\t<real>1.5</real>\n</"
		       "array>\n"));
	CHECK(reads_as("<integer>18446744073709551615</integer>", "<integer>18446744073709551615</integer>\n"));
	CHECK(reads_as("<integer>-9223372036854775808</integer>", "<integer>-9223372036854775808</integer>\n"));
	CHECK(reads_as("<date>2024-02-29T12:34:56Z</date>", "<date>2024-02-29T12:34:56Z</date>\n"));
	CHECK(reads_as("<date>1969-12-31T23:59:59Z</date>", "<date>1969-12-31T23:59:59Z</date>\n"));
	CHECK(reads_as("<data> aGVs bG8= </data>", "<data>\naGVsbG8=\n</data>\n"));
	CHECK(reads_as("<data></data>", "<data>\n</data>\n"));
	CHECK(reads_as("<dict><key>b</key><string/><key>a</key><array/><key>b</key><dict/></dict>",
		       "<dict>\n\t<key>a</key>\n\t<array/>\n\t<key>b</key>\n\t<dict/>\n</dict>\n"));
	CHECK(reads_as("<string><![CDATA[<&>]]>x<!-- no -->y</string>", "<string>&lt;&amp;&gt;xy</string>\n"));
	CHECK(reads_as("<dict><key>CF$UID</key><integer>5</integer></dict>",
		       "<dict>\n\t<key>CF$UID</key>\n\t<integer>5</integer>\n</dict>\n"));
	CHECK(reads_as("<real>-Infinity</real>", "<real>-infinity</real>\n"));
	CHECK(reads_as("<?xml version='1.0' encoding='iso-8859-1'?><string>caf\xe9</string>",
		       "<string>caf\xc3\xa9</string>\n"));
}

TEST(xml_that_is_damaged_is_refused)
{
	CHECK(refuses("<plist>\n<array>\n<string>x</array></plist>", "another element ends", 3));
	CHECK(refuses("<dict><string>x</string></dict>", "key was expected", 1));
	CHECK(refuses("<dict>\n<key>x</key></dict>", "a key has no value", 2));
	CHECK(refuses("<dict><key>x</key>", "", 1));
	CHECK(refuses("<plist></plist>", "ends that was not begun", 1));
	CHECK(refuses("<plist/>", "empty", 1));
	CHECK(refuses("<other/>", "not known", 1));
	CHECK(refuses("<string>&nbsp;</string>", "entity", 1));
	CHECK(refuses("<string>&#xd800;</string>", "number is none", 1));
	CHECK(refuses("<string>\xff</string>", "UTF-8", 1));
	CHECK(refuses("<integer>12a</integer>", "integer", 1));
	CHECK(refuses("<integer>18446744073709551616</integer>", "integer", 1));
	CHECK(refuses("<real>one</real>", "real", 1));
	CHECK(refuses("<date>2024-13-01T00:00:00Z</date>", "date", 1));
	CHECK(refuses("<data>abc</data>", "base 64", 1));
	CHECK(refuses("<data>a=bc</data>", "base 64", 1));
	CHECK(refuses("<true/><true/>", "more behind", 1));
	CHECK(refuses("<string>x", "expected", 1));
	char deep[4096] = "";
	for (int i = 0; i < 300; i++)
		strcat(deep, "<array>");
	CHECK(refuses(deep, "too deep", 1));
}

TEST(old_lists_are_read)
{
	CHECK(reads_as("{ a = (x, \"y z\", <0aff 10>); /* c */ b = { }; // d\n }",
		       "<dict>\n\t<key>a</key>\n\t<array>\n\t\t<string>x</string>\n\t\t<string>y "
		       "z</string>\n\t\t<data>\n\t\tCv8Q\n\t\t</data>\n"
		       "\t</array>\n\t<key>b</key>\n\t<dict/>\n</dict>\n"));
	CHECK(reads_as("\"hello\\n\" = \"h\\U00e9\\\"\\101\";\nalone;",
		       "<dict>\n\t<key>alone</key>\n\t<string>alone</string>\n"
		       "\t<key>hello\n</key>\n\t<string>h\xc3\xa9\"A</string>\n</dict>\n"));
	CHECK(reads_as("<0a0b>", "<data>\nCgs=\n</data>\n"));
	CHECK(reads_as("word", "<string>word</string>\n"));
	CHECK(refuses("", "string was expected", 1));
	CHECK(refuses("{ a = b }", "pair", 1));
	CHECK(refuses("(a\nb)", "array", 2));
	CHECK(refuses("{ a = \"b; }", "does not end", 1));
	CHECK(refuses("<0a0>", "two digits", 1));
	CHECK(refuses("(a) b", "more behind", 1));
}

// A head, objects, a table of offsets of one byte, the trailer.
static size_t binary_make(uint8_t *to, const char *objects, size_t size, const uint8_t *offsets, size_t count)
{
	static const uint8_t widths[] = {0, 0, 0, 0, 0, 0, 1, 1};
	memcpy(to, "bplist00", 8);
	memcpy(to + 8, objects, size);
	memcpy(to + 8 + size, offsets, count);
	memset(to + 8 + size + count, 0, 32);
	memcpy(to + 8 + size + count, widths, 8);
	to[8 + size + count + 15] = (uint8_t)count;
	to[8 + size + count + 31] = (uint8_t)(8 + size);
	return 8 + size + count + 32;
}

static const char *binary_reason(const char *objects, size_t size, const uint8_t *offsets, size_t count)
{
	uint8_t bytes[256];
	enum plist_format format;
	struct plist_failure failure;
	size_t length = binary_make(bytes, objects, size, offsets, count);
	const void *object = read_bytes((const char *)bytes, length, &format, &failure);
	darwin_CFRelease(object);
	return object ? "fine" : failure.reason;
}
#define REASON(objects, ...)                                                                                           \
	binary_reason(objects, sizeof(objects) - 1, (const uint8_t[]){__VA_ARGS__},                                    \
		      sizeof((const uint8_t[]){__VA_ARGS__}))

TEST(binary_lists_that_are_damaged_are_refused)
{
	CHECK(strcmp(REASON("\xa1\x01\x51x", 8, 10), "fine") == 0);
	CHECK(strcmp(REASON("\xd1\x01\x02\x51x\x09", 8, 11, 13), "fine") == 0);
	CHECK(strstr(REASON("\xa1\x00", 8), "inside itself"));
	CHECK(strstr(REASON("\xa1\x07", 8), "not in the table"));
	CHECK(strstr(REASON("\xa1\x01", 8, 99), "outside the file"));
	CHECK(strstr(REASON("\xa5\x01", 8), "array is cut short"));
	CHECK(strstr(REASON("\xaf\x13\xff\xff\xff\xff\xff\xff\xff\xff\x01", 8), "array is cut short"));
	CHECK(strstr(REASON("\xd1\x01\x01\x09", 8, 11), "key is no string"));
	CHECK(strstr(REASON("\x5fx", 8), "cut short"));
	CHECK(strstr(REASON("\x62x", 8), "cut short"));
	CHECK(strstr(REASON("\x51\xff", 8), "no ASCII"));
	CHECK(strstr(REASON("\x13\x01", 8), "number is cut short"));
	CHECK(strstr(REASON("\x20\x01", 8), "no such size"));
	CHECK(strstr(REASON("\x70\x01", 8), "no known kind"));
	CHECK(strstr(REASON("\x00", 8), "no known kind"));
	// Each array holds the next ten times.
	uint8_t objects[128], offsets[11];
	for (size_t i = 0; i < 10; i++) {
		offsets[i] = (uint8_t)(8 + i * 11);
		objects[i * 11] = 0xaa;
		memset(objects + i * 11 + 1, (int)i + 1, 10);
	}
	offsets[10] = 8 + 110;
	objects[110] = 9;
	CHECK(strstr(binary_reason((char *)objects, 111, offsets, 11), "too many objects"));
}

// ---- random trees ---------------------------------------------------------------------------------------------------

static uint64_t random_state;

static uint64_t draw(uint64_t bound)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (random_state >> 33) % bound;
}

static const void *random_string(void)
{
	static const uint16_t letters[] = u"abc<&>\" \t\u00e9\u4e2d\xd83d\xde00";
	uint16_t units[40];
	size_t count = 0, wanted = draw(20);
	while (count < wanted) {
		size_t at = draw(12);
		units[count++] = letters[at];
		if (at == 11) // both halves
			units[count++] = letters[12];
	}
	return string_make(units, count);
}

static const void *random_tree(unsigned level)
{
	struct bytes bytes = {0};
	switch (draw(level > 4 ? 6 : 9)) {
	case 0: return random_string();
	case 1: return number_make((int64_t)(draw(1u << 31) << draw(33)) * (draw(2) ? 1 : -1));
	case 2: return number_make_real((double)(int64_t)draw(1u << 30) / 7);
	case 3: return draw(2) ? darwin_kCFBooleanTrue : darwin_kCFBooleanFalse;
	case 4: return darwin_CFDateCreate(NULL, (double)draw(1u << 31) - 1e9);
	case 5:
		for (uint64_t i = draw(100); i > 0; i--)
			bytes_add_number(&bytes, draw(256), 1);
		return data_take(&bytes);
	case 6: return draw(4) ? (const void *)random_string() : number_make_unsigned(UINT64_MAX - draw(1000));
	case 7: break;
	default: {
		struct array *array = array_make(true);
		for (uint64_t i = draw(8); i > 0; i--)
			array_add(array, random_tree(level + 1));
		return array;
	}
	}
	struct dictionary *dictionary = dictionary_make();
	for (uint64_t i = draw(8); i > 0; i--) {
		const void *key = random_string(), *value = random_tree(level + 1);
		darwin_CFDictionarySetValue(dictionary, key, value);
		darwin_CFRelease(key);
		darwin_CFRelease(value);
	}
	return dictionary;
}

static bool returns(const void *tree, enum plist_format format)
{
	struct bytes bytes = {0};
	struct plist_failure failure;
	enum plist_format found;
	const void *back =
		plist_write(tree, format, &bytes) ? plist_read(bytes.at, bytes.count, &found, &failure) : NULL;
	bool same = back && found == format && darwin_CFEqual(tree, back);
	darwin_CFRelease(back);
	free(bytes.at);
	return same;
}

TEST(random_trees_come_back_from_both_formats)
{
	uint64_t seed = (uint64_t)time(NULL);
	for (unsigned i = 0; i < 300; i++) {
		random_state = seed + i;
		const void *tree = random_tree(0);
		bool xml = returns(tree, PLIST_XML), binary = returns(tree, PLIST_BINARY);
		darwin_CFRelease(tree);
		if (!xml || !binary)
			fprintf(stderr, "seed %lu: %s differs\n", (unsigned long)(seed + i), xml ? "binary" : "XML");
		CHECK(xml && binary);
	}
}

TEST(a_list_that_is_cut_short_is_refused_everywhere)
{
	const void *tree = read_text("<dict><key>a</key><array><string>h&#233;</string><integer>70000</"
				     "integer><data>aGVs</data></array></dict>");
	for (int i = 0; i < 2; i++) {
		struct bytes bytes = {0};
		enum plist_format format;
		struct plist_failure failure;
		CHECK(plist_write(tree, i ? PLIST_XML : PLIST_BINARY, &bytes));
		for (size_t size = i ? 0 : 7; size + 1 < bytes.count;
		     size++) { // "bplist" is an old string; XML ends with a new line
			const void *part = read_bytes((char *)bytes.at, size, &format, &failure);
			CHECK(!part && failure.reason);
		}
		free(bytes.at);
	}
	darwin_CFRelease(tree);
}

TEST(what_is_no_property_list_is_not_written)
{
	struct bytes bytes = {0};
	struct array *array = array_make(true);
	darwin_CFArrayAppendValue(array, darwin_kCFNull);
	CHECK(!plist_write(array, PLIST_XML, &bytes) && !plist_write(NULL, PLIST_BINARY, &bytes) && bytes.count == 0);
	darwin_CFRelease(array);
}
