// SPDX-License-Identifier: MIT
// Property lists in XML, read: a small reader of elements without attributes that matter. See plist.h.
#include "plist.h"

#include "unicode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const void *read_element(struct plist_reader *reader, unsigned level);

static bool looking_at(const struct plist_reader *reader, const char *text)
{
	size_t length = strlen(text);
	return (size_t)(reader->end - reader->at) >= length && memcmp(reader->at, text, length) == 0;
}

// Steps behind the next occurrence. False: there is none.
static bool skip_past(struct plist_reader *reader, const char *text)
{
	const char *found = memmem(reader->at, (size_t)(reader->end - reader->at), text, strlen(text));
	if (!found) {
		plist_fail(reader, "something that was begun does not end");
		return false;
	}
	reader->at = found + strlen(text);
	return true;
}

// Space, comments, instructions, the document type.
static bool skip_nothing(struct plist_reader *reader)
{
	for (;;) {
		while (reader->at < reader->end && strchr(" \t\r\n", *reader->at) && *reader->at)
			reader->at++;
		if (looking_at(reader, "<!--")) {
			reader->at += 4;
			if (!skip_past(reader, "-->"))
				return false;
		} else if (looking_at(reader, "<?")) {
			if (!skip_past(reader, "?>"))
				return false;
		} else if (looking_at(reader, "<!DOCTYPE")) {
			const char *end = memchr(reader->at, '>', (size_t)(reader->end - reader->at)),
				   *inside = memchr(reader->at, '[', (size_t)(reader->end - reader->at));
			if (inside && end && inside < end && !skip_past(reader, "]"))
				return false;
			if (!skip_past(reader, ">"))
				return false;
		} else {
			return true;
		}
	}
}

struct tag {
	const char *name;
	size_t length;
	bool ends, empty; // </x>, <x/>
};

static bool tag_is(const struct tag *tag, const char *name)
{
	return tag->length == strlen(name) && memcmp(tag->name, name, tag->length) == 0;
}

static bool read_tag(struct plist_reader *reader, struct tag *tag)
{
	if (reader->at == reader->end || *reader->at != '<') {
		plist_fail(reader, "an element was expected");
		return false;
	}
	reader->at++;
	tag->ends = reader->at < reader->end && *reader->at == '/';
	reader->at += tag->ends;
	tag->name = reader->at;
	while (reader->at < reader->end && !strchr(" \t\r\n/>", *reader->at))
		reader->at++;
	tag->length = (size_t)(reader->at - tag->name);
	if (!skip_past(reader, ">"))
		return false;
	tag->empty = reader->at[-2] == '/' && !tag->ends;
	return true;
}

static bool read_end(struct plist_reader *reader, const struct tag *begun)
{
	struct tag tag;
	if (!read_tag(reader, &tag))
		return false;
	if (tag.ends && tag.length == begun->length && memcmp(tag.name, begun->name, tag.length) == 0)
		return true;
	plist_fail(reader, "another element ends than the one that was begun");
	return false;
}

// ---- text -----------------------------------------------------------------------------------------------------------

static bool add_entity(struct plist_reader *reader, struct bytes *to)
{
	static const struct {
		const char *name;
		char value;
	} entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};
	for (size_t i = 0; i < sizeof(entities) / sizeof(*entities); i++)
		if (looking_at(reader, entities[i].name)) {
			bytes_add(to, &entities[i].value, 1);
			reader->at += strlen(entities[i].name);
			return true;
		}
	size_t rest = (size_t)(reader->end - reader->at);
	const char *semicolon = memchr(reader->at, ';', rest < 12 ? rest : 12);
	bool hexadecimal = looking_at(reader, "&#x");
	uint32_t point = 0;
	if (!looking_at(reader, "&#") || !semicolon) {
		plist_fail(reader, "an entity is not known");
		return false;
	}
	for (const char *p = reader->at + (hexadecimal ? 3 : 2); p < semicolon; p++) {
		uint32_t digit = *p >= '0' && *p <= '9' ? (uint32_t)(*p - '0')
				 : hexadecimal && (*p | 32) >= 'a' && (*p | 32) <= 'f'
					 ? (uint32_t)((*p | 32) - 'a' + 10)
					 : UINT32_MAX;
		point = digit == UINT32_MAX || point > 0x10ffff ? UINT32_MAX : point * (hexadecimal ? 16 : 10) + digit;
	}
	if (point == 0 || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) {
		plist_fail(reader, "a character's number is none");
		return false;
	}
	char letters[4];
	bytes_add(to, letters, unicode_to_utf8(point, letters));
	reader->at = semicolon + 1;
	return true;
}

// Up to the element's end.
static bool read_text(struct plist_reader *reader, const struct tag *tag, struct bytes *to)
{
	while (!tag->empty) {
		const char *from = reader->at;
		while (reader->at < reader->end && *reader->at != '<' && *reader->at != '&')
			reader->at++;
		bytes_add(to, from, (size_t)(reader->at - from));
		if (looking_at(reader, "<![CDATA[")) {
			from = reader->at += 9;
			if (!skip_past(reader, "]]>"))
				return false;
			bytes_add(to, from, (size_t)(reader->at - 3 - from));
		} else if (looking_at(reader, "<!--")) {
			if (!skip_past(reader, "-->"))
				return false;
		} else if (looking_at(reader, "&")) {
			if (!add_entity(reader, to))
				return false;
		} else {
			return read_end(reader, tag);
		}
	}
	return true;
}

// ---- values ---------------------------------------------------------------------------------------------------------

static struct data *decode_base64(struct plist_reader *reader, const struct bytes *text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	struct bytes bytes = {0};
	uint32_t group = 0;
	unsigned count = 0, fill = 0;
	for (size_t i = 0; i < text->count; i++) {
		const char *found = text->at[i] ? strchr(letters, text->at[i]) : NULL;
		if (text->at[i] == '=')
			fill++;
		else if (found && fill == 0)
			group = group << 6 | (uint32_t)(found - letters);
		else if (text->at[i] && strchr(" \t\r\n", text->at[i]))
			continue;
		else
			fill = 4; // no letter, or one after the end
		if (fill > 2)
			break;
		group = text->at[i] == '=' ? group << 6 : group;
		if (++count % 4 == 0)
			bytes_add_number(&bytes, group & 0xffffff, 3);
	}
	if (fill > 2 || count % 4) {
		free(bytes.at);
		plist_fail(reader, "data is no base 64");
		return NULL;
	}
	bytes.count -= fill;
	return data_take(&bytes);
}

static const void *value_of_real(struct plist_reader *reader, const char *text)
{
	char *end;
	if (strcasecmp(text, "nan") == 0)
		return number_make_real(NAN);
	const char *plain = text + (*text == '+' || *text == '-');
	if (strcasecmp(plain, "infinity") == 0 || strcasecmp(plain, "inf") == 0)
		return number_make_real(*text == '-' ? -INFINITY : INFINITY);
	double value = strtod(text, &end);
	if (end == text || *end || strpbrk(text, "xXpPnN"))
		return plist_fail(reader, "a real is no number");
	return number_make_real(value);
}

// Ended by a NUL, without space around it.
static char *trim(struct bytes *text)
{
	bytes_add(text, "", 1);
	char *from = (char *)text->at, *end = from + strlen(from);
	while (*from && strchr(" \t\r\n", *from))
		from++;
	while (end > from && strchr(" \t\r\n", end[-1]))
		*--end = '\0';
	return from;
}

static const void *read_plain(struct plist_reader *reader, const struct tag *tag)
{
	struct bytes text = {0};
	const void *value = NULL;
	double seconds;
	if (!read_text(reader, tag, &text)) {
		free(text.at);
		return NULL;
	}
	if (tag_is(tag, "string") || tag_is(tag, "key")) {
		value = string_from_utf8((const char *)text.at, text.count);
		if (!value)
			plist_fail(reader, "a string is no UTF-8");
	} else if (tag_is(tag, "data")) {
		value = decode_base64(reader, &text);
	} else if (tag_is(tag, "integer")) {
		const char *word = trim(&text);
		value = plist_integer(word, strlen(word));
		if (!value)
			plist_fail(reader, "an integer is no number, or too large");
	} else if (tag_is(tag, "real")) {
		value = value_of_real(reader, trim(&text));
	} else if (tag_is(tag, "date")) {
		const char *word = trim(&text);
		value = plist_date(word, strlen(word), &seconds) ? darwin_CFDateCreate(NULL, seconds)
								 : plist_fail(reader, "a date is none");
	} else {
		plist_fail(reader, "an element is not known");
	}
	free(text.at);
	return value;
}

// ---- lists ----------------------------------------------------------------------------------------------------------

static bool at_end_tag(struct plist_reader *reader)
{
	return !skip_nothing(reader) || looking_at(reader, "</");
}

static const void *read_array(struct plist_reader *reader, const struct tag *tag, unsigned level)
{
	struct array *array = array_make(true);
	while (!tag->empty && !at_end_tag(reader)) {
		const void *value = read_element(reader, level + 1);
		if (!value)
			break;
		array_add(array, value);
	}
	if (!reader->failure->reason && (tag->empty || read_end(reader, tag)))
		return array;
	darwin_CFRelease(array);
	return NULL;
}

// A dictionary of one number under this name stands for an archive's UID.
static const void *uid_of(struct dictionary *dictionary)
{
	const void *number = dictionary_get(dictionary, "CF$UID");
	if (darwin_CFDictionaryGetCount(dictionary) != 1 || !number || object_type(number) != &number_type ||
	    number_is_real(number) || number_is_wide(number) || number_whole(number) < 0)
		return dictionary;
	const void *uid = uid_make((uint64_t)number_whole(number));
	darwin_CFRelease(dictionary);
	return uid;
}

static bool read_pair(struct plist_reader *reader, struct dictionary *dictionary, unsigned level)
{
	struct tag tag;
	if (!read_tag(reader, &tag))
		return false;
	if (!tag_is(&tag, "key") || tag.ends) {
		plist_fail(reader, "a dictionary's key was expected");
		return false;
	}
	const void *key = read_plain(reader, &tag);
	if (key && at_end_tag(reader))
		plist_fail(reader, "a key has no value");
	const void *value = key && !reader->failure->reason ? read_element(reader, level + 1) : NULL;
	if (value)
		darwin_CFDictionarySetValue(dictionary, key, value);
	darwin_CFRelease(key);
	darwin_CFRelease(value);
	return value;
}

static const void *read_dictionary(struct plist_reader *reader, const struct tag *tag, unsigned level)
{
	struct dictionary *dictionary = dictionary_make();
	while (!tag->empty && !at_end_tag(reader) && read_pair(reader, dictionary, level))
		;
	if (!reader->failure->reason && (tag->empty || read_end(reader, tag)))
		return uid_of(dictionary);
	darwin_CFRelease(dictionary);
	return NULL;
}

static const void *read_element(struct plist_reader *reader, unsigned level)
{
	struct tag tag;
	if (!skip_nothing(reader) || !read_tag(reader, &tag))
		return NULL;
	if (tag.ends)
		return plist_fail(reader, "an element ends that was not begun");
	if (level > PLIST_LEVELS)
		return plist_fail(reader, "it is too deep");
	if (tag_is(&tag, "dict"))
		return read_dictionary(reader, &tag, level);
	if (tag_is(&tag, "array"))
		return read_array(reader, &tag, level);
	if (tag_is(&tag, "true") || tag_is(&tag, "false")) {
		if (!tag.empty && (!skip_nothing(reader) || !read_end(reader, &tag)))
			return NULL;
		return tag_is(&tag, "true") ? darwin_kCFBooleanTrue : darwin_kCFBooleanFalse;
	}
	return read_plain(reader, &tag);
}

const void *plist_read_xml(const uint8_t *bytes, size_t size, struct plist_failure *failure)
{
	struct plist_reader reader = {(const char *)bytes, (const char *)bytes, (const char *)bytes + size, failure};
	struct tag tag = {0};
	if (!skip_nothing(&reader))
		return NULL;
	const char *begin = reader.at;
	if (!read_tag(&reader, &tag))
		return NULL;
	bool wrapped = tag_is(&tag, "plist");
	if (!wrapped)
		reader.at = begin;
	if (wrapped && tag.empty)
		return plist_fail(&reader, "the list is empty");
	const void *object = read_element(&reader, 1);
	if (object && (!skip_nothing(&reader) || (wrapped && (!read_end(&reader, &tag) || !skip_nothing(&reader))) ||
		       reader.at != reader.end)) {
		plist_fail(&reader, "there is more behind the list");
		darwin_CFRelease(object);
		return NULL;
	}
	return object;
}
