// SPDX-License-Identifier: MIT
// Property lists of any format; see plist.h.
#include "plist.h"

#include "cfstring.h"
#include "gregorian.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct uid {
	struct object head;
	uint64_t value;
};

static bool uid_equal(const struct object *left, const struct object *right)
{
	return ((const struct uid *)left)->value == ((const struct uid *)right)->value;
}

static uint64_t uid_hash(const struct object *object)
{
	return ((const struct uid *)object)->value;
}

const struct object_type uid_type = {.name = "CFKeyedArchiverUID", .equal = uid_equal, .hash = uid_hash};

struct uid *uid_make(uint64_t value)
{
	struct uid *uid = object_make(&uid_type, sizeof(*uid));
	uid->value = value;
	return uid;
}

uint64_t uid_value(const struct uid *uid)
{
	return uid->value;
}

// ---- values ---------------------------------------------------------------------------------------------------------

static bool digits(const char *text, unsigned count, int *value)
{
	*value = 0;
	for (unsigned i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		*value = *value * 10 + text[i] - '0';
	}
	return true;
}

bool plist_date(const char *text, size_t size, double *seconds)
{
	int year, month, day, hour, minute, second;
	bool before = size > 0 && text[0] == '-';
	text += before;
	size -= before;
	if (size != 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' ||
	    text[19] != 'Z' || !digits(text, 4, &year) || !digits(text + 5, 2, &month) || !digits(text + 8, 2, &day) ||
	    !digits(text + 11, 2, &hour) || !digits(text + 14, 2, &minute) || !digits(text + 17, 2, &second))
		return false;
	if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60)
		return false;
	struct gregorian date = {before ? -year : year, (int8_t)month,	(int8_t)day,
				 (int8_t)hour,		(int8_t)minute, second};
	*seconds = gregorian_seconds(&date);
	return true;
}

static int digit_of(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : 99;
}

struct number *plist_integer(const char *text, size_t size)
{
	size_t at = 0;
	bool negative = size > 0 && text[0] == '-';
	at += size > 0 && (text[0] == '-' || text[0] == '+');
	bool hexadecimal = size - at > 2 && text[at] == '0' && (text[at + 1] == 'x' || text[at + 1] == 'X');
	uint64_t value = 0, base = hexadecimal ? 16 : 10;
	at += hexadecimal ? 2 : 0;
	if (at == size)
		return NULL;
	for (; at < size; at++) {
		uint64_t digit = (uint64_t)digit_of(text[at]);
		if (digit >= base || value > (UINT64_MAX - digit) / base)
			return NULL;
		value = value * base + digit;
	}
	if (!negative)
		return number_make_unsigned(value);
	return value > (uint64_t)INT64_MAX + 1 ? NULL : number_make((int64_t)(0 - value));
}

// ---- which format ---------------------------------------------------------------------------------------------------

static bool begins(const uint8_t *bytes, size_t size, const char *text)
{
	return size >= strlen(text) && memcmp(bytes, text, strlen(text)) == 0;
}

static const void *read_text(const uint8_t *bytes, size_t size, enum plist_format *format,
			     struct plist_failure *failure)
{
	size_t at = begins(bytes, size, "\xef\xbb\xbf") ? 3 : 0, text = at;
	while (at < size && strchr(" \t\r\n", bytes[at]) && bytes[at])
		at++;
	// Old lists have data between '<' and '>'.
	bool xml = at < size && bytes[at] == '<' &&
		   (at + 1 == size || !(digit_of((char)bytes[at + 1]) < 16 || strchr(" \t\r\n>", bytes[at + 1])) ||
		    begins(bytes + at, size - at, "<array") || begins(bytes + at, size - at, "<data") ||
		    begins(bytes + at, size - at, "<dict") || begins(bytes + at, size - at, "<date") ||
		    begins(bytes + at, size - at, "<false"));
	*format = xml ? PLIST_XML : PLIST_OLD;
	return xml ? plist_read_xml(bytes + at, size - at, failure)
		   : plist_read_old(bytes + text, size - text, failure);
}

// XML may say its encoding in its first line. NULL: it is UTF-8, or says nothing.
static uint16_t *decode_declared(const uint8_t *bytes, size_t size, size_t *count)
{
	uint32_t darwin_CFStringConvertIANACharSetNameToEncoding(const void *string);
	char line[256] = "", name[64] = "";
	if (!begins(bytes, size, "<?xml"))
		return NULL;
	memcpy(line, bytes, size < sizeof(line) - 1 ? size : sizeof(line) - 1);
	char *end = strstr(line, "?>"), *found = end ? strstr(line, "encoding=") : NULL;
	if (!found || found > end || sscanf(found + 9, "%*1[\"']%63[^\"']", name) != 1)
		return NULL;
	struct string *string = string_from_text(name);
	uint32_t encoding = darwin_CFStringConvertIANACharSetNameToEncoding(string);
	darwin_CFRelease(string);
	if (encoding == STRING_INVALID || encoding == STRING_UTF8 || (encoding & 0xfff) == STRING_UTF16)
		return NULL; // UTF-16 would not have been read up to here
	return encoding_decode(bytes, size, encoding, true, count);
}

const void *plist_fail(struct plist_reader *reader, const char *reason)
{
	if (reader->failure->reason)
		return NULL;
	reader->failure->reason = reason;
	reader->failure->line = 1;
	for (const char *p = reader->begin; p < reader->at; p++)
		reader->failure->line += *p == '\n';
	return NULL;
}

const void *plist_read(const uint8_t *bytes, size_t size, enum plist_format *format, struct plist_failure *failure)
{
	size_t count = 0;
	uint16_t *units = NULL;
	*failure = (struct plist_failure){.line = 0};
	if (begins(bytes, size, "bplist0")) {
		*format = PLIST_BINARY;
		return plist_read_binary(bytes, size, failure);
	}
	if (size >= 2 && ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff)))
		units = encoding_decode(bytes, size & ~(size_t)1, STRING_UTF16, true, &count);
	else
		units = decode_declared(bytes, size, &count);
	if (!units)
		return read_text(bytes, size, format, failure);
	struct string *string = string_make(units, count);
	char *text = string_to_utf8(string);
	const void *object = read_text((const uint8_t *)text, strlen(text), format, failure);
	free(text);
	free(units);
	darwin_CFRelease(string);
	return object;
}

// ---- what may be written --------------------------------------------------------------------------------------------

static bool dictionary_valid(const struct dictionary *dictionary, unsigned level)
{
	size_t count = (size_t)darwin_CFDictionaryGetCount(dictionary);
	const void **keys = malloc((count * 2 + 1) * sizeof(*keys)), **values = keys + count;
	bool valid = keys != NULL;
	if (valid)
		darwin_CFDictionaryGetKeysAndValues(dictionary, keys, values);
	for (size_t i = 0; i < count && valid; i++)
		valid = keys[i] && object_type(keys[i]) == &string_type && plist_valid(values[i], level + 1);
	free(keys);
	return valid;
}

bool plist_valid(const void *object, unsigned level)
{
	if (!object || level > PLIST_LEVELS)
		return false;
	const struct object_type *type = object_type(object);
	if (type == &dictionary_type)
		return dictionary_valid(object, level);
	if (type != &array_type)
		return type == &string_type || type == &data_type || type == &number_type || type == &boolean_type ||
		       type == &date_type || type == &uid_type;
	for (int64_t i = 0; i < darwin_CFArrayGetCount(object); i++)
		if (!plist_valid(darwin_CFArrayGetValueAtIndex(object, i), level + 1))
			return false;
	return true;
}

bool plist_write(const void *object, enum plist_format format, struct bytes *to)
{
	if (!plist_valid(object, 1) || (format != PLIST_XML && format != PLIST_BINARY))
		return false;
	if (format == PLIST_XML)
		plist_write_xml(object, to);
	else
		plist_write_binary(object, to);
	return true;
}
