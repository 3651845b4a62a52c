// SPDX-License-Identifier: MIT
// Strings that change. Facts: CFString.h. A constant string given here ends the program.
#include "cfstring.h"

#include "unicode.h"

#include <stdlib.h>
#include <string.h>

void string_replace(struct string *string, size_t start, size_t count, const uint16_t *units, size_t unit_count)
{
	if (string_is_constant(string) || !string->changes)
		object_refuse("CFString");
	if (start > string->count || count > string->count - start)
		return;
	size_t after = string->count - start - count, total = start + unit_count + after;
	if (total > string->room) {
		string->room = total * 2;
		string->units = realloc(string->units, (string->room + 1) * sizeof(*string->units));
		if (!string->units)
			abort();
	}
	memmove(string->units + start + unit_count, string->units + start + count, after * sizeof(*string->units));
	if (unit_count)
		memcpy(string->units + start, units, unit_count * sizeof(*units));
	string->count = total;
}

static void replace_by_string(struct string *string, size_t start, size_t count, const void *by)
{
	size_t length = string_length(by);
	uint16_t *units = malloc((length + 1) * sizeof(*units)); // `by` may be the string itself
	if (!units)
		abort();
	for (size_t i = 0; i < length; i++)
		units[i] = string_unit(by, i);
	string_replace(string, start, count, units, length);
	free(units);
}

void darwin_CFStringAppend(struct string *string, const void *added)
{
	replace_by_string(string, string->count, 0, added);
}

void darwin_CFStringAppendCharacters(struct string *string, const uint16_t *units, int64_t count)
{
	string_replace(string, string->count, 0, units, (size_t)count);
}

struct string *darwin_CFStringCreateWithCString(const void *allocator, const char *text, uint32_t encoding);

void darwin_CFStringAppendCString(struct string *string, const char *text, uint32_t encoding)
{
	struct string *added = darwin_CFStringCreateWithCString(NULL, text, encoding);
	if (added)
		darwin_CFStringAppend(string, added);
	darwin_CFRelease(added);
}

void darwin_CFStringInsert(struct string *string, int64_t index, const void *added)
{
	replace_by_string(string, (size_t)index, 0, added);
}

void darwin_CFStringDelete(struct string *string, struct range range)
{
	string_replace(string, (size_t)range.start, (size_t)range.count, NULL, 0);
}

void darwin_CFStringReplace(struct string *string, struct range range, const void *by)
{
	replace_by_string(string, (size_t)range.start, (size_t)range.count, by);
}

void darwin_CFStringReplaceAll(struct string *string, const void *by)
{
	replace_by_string(string, 0, string->count, by);
}

// Facts: CFStringNormalizationForm: 0 D, 1 KD, 2 C, 3 KC.
void darwin_CFStringNormalize(struct string *string, int64_t form)
{
	size_t count;
	uint16_t *units = unicode_normalize(string->units, string->count, form & 1, form & 2, &count);
	string_replace(string, 0, string->count, units, count);
	free(units);
}

// ---- case -----------------------------------------------------------------------------------------------------------

enum string_case { CASE_LOWER, CASE_UPPER, CASE_WORDS };

static bool is_letter(uint32_t point)
{
	return unicode_lower(point) != point || unicode_upper(point) != point || point >= 0x80 || point == '\'' ||
	       (point >= '0' && point <= '9');
}

static void string_set_case(struct string *string, enum string_case wanted)
{
	bool inside = false; // a word
	for (size_t i = 0, used; i < string->count; i += used) {
		uint32_t point = string_point(string, i, string->count, &used);
		bool upper = wanted == CASE_UPPER || (wanted == CASE_WORDS && !inside);
		uint16_t units[2];
		inside = is_letter(point);
		if (point == 0xdf && upper) { // the sharp s of German is two letters
			string_replace(string, i, 1, (const uint16_t *)u"SS", 2);
			used = 2;
		} else if (point != 0xfffd) {
			size_t count = unicode_to_utf16(upper ? unicode_upper(point) : unicode_lower(point), units);
			string_replace(string, i, used, units, count);
			used = count;
		}
	}
}

void darwin_CFStringLowercase(struct string *string, const void *locale)
{
	string_set_case(string, CASE_LOWER);
}

void darwin_CFStringUppercase(struct string *string, const void *locale)
{
	string_set_case(string, CASE_UPPER);
}

void darwin_CFStringCapitalize(struct string *string, const void *locale)
{
	string_set_case(string, CASE_WORDS);
}

// ---- ends -----------------------------------------------------------------------------------------------------------

static bool is_space(uint16_t unit)
{
	return unit == ' ' || (unit >= '\t' && unit <= '\r') || unit == 0x85 || unit == 0xa0 || unit == 0x1680 ||
	       (unit >= 0x2000 && unit <= 0x200b) || unit == 0x2028 || unit == 0x2029 || unit == 0x202f ||
	       unit == 0x205f || unit == 0x3000;
}

void darwin_CFStringTrimWhitespace(struct string *string)
{
	size_t start = 0, end = string->count;
	while (start < end && is_space(string->units[start]))
		start++;
	while (end > start && is_space(string->units[end - 1]))
		end--;
	string_replace(string, end, string->count - end, NULL, 0);
	string_replace(string, 0, start, NULL, 0);
}

static bool stands_at(const struct string *string, size_t at, const void *part)
{
	for (size_t i = 0; i < string_length(part); i++)
		if (string->units[at + i] != string_unit(part, i))
			return false;
	return true;
}

void darwin_CFStringTrim(struct string *string, const void *part)
{
	size_t length = string_length(part), start = 0;
	if (length == 0)
		return;
	while (start + length <= string->count && stands_at(string, start, part))
		start += length;
	string_replace(string, 0, start, NULL, 0);
	while (length <= string->count && stands_at(string, string->count - length, part))
		string_replace(string, string->count - length, length, NULL, 0);
}

// Cuts it, or fills it up with the pad from an index of the pad on.
void darwin_CFStringPad(struct string *string, const void *pad, int64_t length, int64_t index)
{
	size_t wanted = (size_t)length;
	if (wanted < string->count)
		string_replace(string, wanted, string->count - wanted, NULL, 0);
	for (size_t at = (size_t)index; string->count < wanted && string_length(pad) > 0; at++) {
		uint16_t unit = string_unit(pad, at % string_length(pad));
		string_replace(string, string->count, 0, &unit, 1);
	}
}

// ---- lists ----------------------------------------------------------------------------------------------------------

struct string *darwin_CFStringCreateMutable(const void *allocator, int64_t most);

struct string *darwin_CFStringCreateByCombiningStrings(const void *allocator, const struct array *parts,
						       const void *between)
{
	struct string *string = darwin_CFStringCreateMutable(NULL, 0);
	for (int64_t i = 0; i < darwin_CFArrayGetCount(parts); i++) {
		if (i > 0)
			darwin_CFStringAppend(string, between);
		darwin_CFStringAppend(string, darwin_CFArrayGetValueAtIndex(parts, i));
	}
	string->changes = false;
	return string;
}
