// SPDX-License-Identifier: MIT
// Old property lists (of OpenStep), read; a list of pairs without braces, as files of texts are, is a dictionary. See plist.h.
// Facts: Apple's Property List Programming Guide, "Old-Style ASCII Property Lists".
#include "plist.h"

#include "unicode.h"

#include <stdlib.h>
#include <string.h>

static const void *read_value(struct plist_reader *reader, unsigned level);

static char look(struct plist_reader *reader) // over space and comments; 0 at the end
{
	while (reader->at < reader->end) {
		size_t rest = (size_t)(reader->end - reader->at);
		if (*reader->at && strchr(" \t\r\n\v\f", *reader->at)) {
			reader->at++;
		} else if (rest >= 2 && memcmp(reader->at, "//", 2) == 0) {
			const char *line = memchr(reader->at, '\n', rest);
			reader->at = line ? line : reader->end;
		} else if (rest >= 2 && memcmp(reader->at, "/*", 2) == 0) {
			const char *end = memmem(reader->at + 2, rest - 2, "*/", 2);
			reader->at = end ? end + 2 : reader->end;
		} else {
			return *reader->at;
		}
	}
	return '\0';
}

static bool take(struct plist_reader *reader, char wanted)
{
	if (look(reader) != wanted || wanted == '\0')
		return false;
	reader->at++;
	return true;
}

static unsigned digits_take(struct plist_reader *reader, unsigned most, unsigned base)
{
	unsigned value = 0;
	for (; most > 0 && reader->at < reader->end; most--) {
		char c = *reader->at;
		unsigned digit = c >= '0' && c <= '9'		      ? (unsigned)(c - '0')
				 : (c | 32) >= 'a' && (c | 32) <= 'f' ? (unsigned)((c | 32) - 'a' + 10)
								      : 99;
		if (digit >= base)
			break;
		value = value * base + digit;
		reader->at++;
	}
	return value;
}

// What stands behind a backslash. Octal numbers are letters of NeXTSTEP's set, of which only ASCII is known here.
static void escape_take(struct plist_reader *reader, struct bytes *to)
{
	static const char names[] = "abfnrtv", values[] = "\a\b\f\n\r\t\v";
	char letters[4], c = *reader->at;
	const char *found = c ? strchr(names, c) : NULL;
	if (c >= '0' && c <= '7') {
		bytes_add(to, letters, unicode_to_utf8(digits_take(reader, 3, 8) & 0x7f, letters));
	} else if (c == 'U' || c == 'u') {
		reader->at++;
		uint32_t point = digits_take(reader, 4, 16), low;
		if (point >= 0xd800 && point < 0xdc00 && reader->end - reader->at > 2 && reader->at[0] == '\\' &&
		    (reader->at[1] | 32) == 'u') {
			reader->at += 2;
			low = digits_take(reader, 4, 16);
			point = (low & 0xfc00) == 0xdc00 ? 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
		} else if (point >= 0xd800 && point < 0xe000) {
			point = 0xfffd;
		}
		bytes_add(to, letters, unicode_to_utf8(point, letters));
	} else {
		reader->at++;
		bytes_add(to, found ? &values[found - names] : &c, 1);
	}
}

static const void *read_string(struct plist_reader *reader)
{
	struct bytes text = {0};
	char quote = look(reader);
	bool quoted = quote == '"' || quote == '\'';
	reader->at += quoted;
	const char *from = reader->at;
	while (quoted && reader->at < reader->end && *reader->at != quote) {
		if (*reader->at == '\\' && reader->end - reader->at > 1) {
			reader->at++;
			escape_take(reader, &text);
		} else {
			bytes_add(&text, reader->at++, 1);
		}
	}
	while (!quoted && reader->at < reader->end &&
	       ((*reader->at >= '0' && *reader->at <= '9') ||
		((*reader->at | 32) >= 'a' && (*reader->at | 32) <= 'z') ||
		(*reader->at && strchr("_$/:.-", *reader->at))))
		reader->at++;
	if (!quoted)
		bytes_add(&text, from, (size_t)(reader->at - from));
	bool whole = quoted ? reader->at < reader->end : reader->at > from;
	reader->at += quoted && whole;
	const void *string = whole ? string_from_utf8((const char *)text.at, text.count) : NULL;
	free(text.at);
	return string ? string : plist_fail(reader, "a string was expected, or does not end, or is no UTF-8");
}

static const void *read_data(struct plist_reader *reader)
{
	struct bytes bytes = {0};
	while (!take(reader, '>')) {
		const char *from = reader->at;
		uint8_t byte = (uint8_t)digits_take(reader, 2, 16);
		if (reader->at - from != 2) {
			free(bytes.at);
			return plist_fail(reader, "data has two digits for each byte");
		}
		bytes_add(&bytes, &byte, 1);
	}
	return data_take(&bytes);
}

static const void *read_array(struct plist_reader *reader, unsigned level)
{
	struct array *array = array_make(true);
	while (!take(reader, ')')) {
		const void *value = read_value(reader, level + 1);
		if (value)
			array_add(array, value);
		if (!value || (!take(reader, ',') && look(reader) != ')')) {
			darwin_CFRelease(array);
			return plist_fail(reader, "an array does not end");
		}
	}
	return array;
}

// Up to '}', or, without braces, to the end. A key alone is its own value.
static const void *read_pairs(struct plist_reader *reader, unsigned level, bool braces)
{
	struct dictionary *dictionary = dictionary_make();
	while (braces ? !take(reader, '}') : look(reader) != '\0') {
		const void *key = read_string(reader);
		const void *value = !key		? NULL
				    : take(reader, '=') ? read_value(reader, level + 1)
							: darwin_CFRetain(key);
		if (value)
			darwin_CFDictionarySetValue(dictionary, key, value);
		darwin_CFRelease(key);
		darwin_CFRelease(value);
		if (!value || !take(reader, ';')) {
			darwin_CFRelease(dictionary);
			return plist_fail(reader, "a pair of a dictionary does not end");
		}
	}
	return dictionary;
}

static const void *read_value(struct plist_reader *reader, unsigned level)
{
	if (level > PLIST_LEVELS)
		return plist_fail(reader, "it is too deep");
	if (take(reader, '{'))
		return read_pairs(reader, level, true);
	if (take(reader, '('))
		return read_array(reader, level);
	if (take(reader, '<'))
		return read_data(reader);
	return read_string(reader);
}

const void *plist_read_old(const uint8_t *bytes, size_t size, struct plist_failure *failure)
{
	struct plist_reader reader = {(const char *)bytes, (const char *)bytes, (const char *)bytes + size, failure};
	const void *value = read_value(&reader, 1);
	if (value && look(&reader) != '\0' && object_type(value) == &string_type) { // pairs without braces
		darwin_CFRelease(value);
		reader.at = reader.begin;
		return read_pairs(&reader, 1, false);
	}
	if (value && look(&reader) != '\0') {
		darwin_CFRelease(value);
		return plist_fail(&reader, "there is more behind the list");
	}
	return value;
}
