// SPDX-License-Identifier: MIT
// Strings compared, and found in strings. Facts: CFString.h (CFStringCompareFlags).
//
// Both sides are *folded* first: a row of code points without what the options do not regard, each with its place in the string.
#include "cfstring.h"

#include "collate.h"
#include "unicode.h"

#include <stdlib.h>
#include <string.h>

enum {
	NO_CASE = 1,
	BACKWARDS = 4,
	ANCHORED = 8,
	NON_LITERAL = 16,
	LOCALIZED = 32,
	NUMERICALLY = 64,
	NO_MARKS = 128,
	NO_WIDTH = 256,
	FORCED_ORDER = 512
};

struct folded {
	uint32_t *points;
	size_t *places; // of the character it comes from; one more: the end
	size_t count;
};

static uint32_t fold_point(uint32_t point, uint64_t options)
{
	if (options & NO_WIDTH && point >= 0xff01 && point <= 0xff5e) // the full forms of ASCII
		point = point - 0xff01 + '!';
	return options & NO_CASE ? unicode_lower(point) : point;
}

static void fold_add(struct folded *folded, uint32_t point, size_t place, uint64_t options)
{
	if (options & NO_MARKS && unicode_class_of(point))
		return;
	folded->points[folded->count] = fold_point(point, options);
	folded->places[folded->count++] = place;
}

// A character becomes 18 at most when it is taken apart (U+FDFA), 4 in canonical form.
enum { MOST_PARTS = 18 };

static struct folded fold(const void *string, struct range range, uint64_t options)
{
	size_t start = (size_t)range.start, end = start + (size_t)range.count;
	bool apart = options & (NON_LITERAL | NO_MARKS);
	size_t room = (size_t)range.count * (apart ? MOST_PARTS : 1) + 1;
	struct folded folded = {malloc(room * sizeof(uint32_t)), malloc(room * sizeof(size_t)), 0};
	if (!folded.points || !folded.places)
		abort();
	for (size_t i = start, used; i < end; i += used) {
		uint16_t units[2];
		uint32_t point = string_point(string, i, end, &used);
		size_t count = used;
		for (size_t j = 0; j < used; j++)
			units[j] = string_unit(string, i + j);
		if (!apart || point < 0x80) {
			fold_add(&folded, used == 1 ? units[0] : point, i, options);
			continue;
		}
		uint16_t *parts = unicode_normalize(units, used, false, false, &count);
		for (size_t j = 0; j < count; j++)
			fold_add(&folded, parts[j], i, options);
		free(parts);
	}
	folded.places[folded.count] = end;
	return folded;
}

static void folded_free(struct folded *folded)
{
	free(folded->points);
	free(folded->places);
}

// ---- order ----------------------------------------------------------------------------------------------------------

static bool is_digit(const struct folded *text, size_t at)
{
	return at < text->count && text->points[at] >= '0' && text->points[at] <= '9';
}

// Compares the numbers that begin there, and steps over them.
static int64_t compare_numbers(const struct folded *left, size_t *i, const struct folded *right, size_t *j)
{
	while (is_digit(left, *i) && left->points[*i] == '0')
		(*i)++;
	while (is_digit(right, *j) && right->points[*j] == '0')
		(*j)++;
	int64_t order = 0;
	for (; is_digit(left, *i) && is_digit(right, *j); (*i)++, (*j)++)
		if (order == 0 && left->points[*i] != right->points[*j])
			order = left->points[*i] < right->points[*j] ? -1 : 1;
	if (is_digit(left, *i) || is_digit(right, *j))
		order = is_digit(left, *i) ? 1 : -1;
	while (is_digit(left, *i))
		(*i)++;
	while (is_digit(right, *j))
		(*j)++;
	return order;
}

static int64_t compare_folded(const struct folded *left, const struct folded *right, bool numerically)
{
	size_t i = 0, j = 0;
	while (i < left->count && j < right->count) {
		if (numerically && is_digit(left, i) && is_digit(right, j)) {
			int64_t order = compare_numbers(left, &i, right, &j);
			if (order)
				return order;
			continue;
		}
		if (left->points[i] != right->points[j])
			return left->points[i] < right->points[j] ? -1 : 1;
		i++, j++;
	}
	return i < left->count ? 1 : j < right->count ? -1 : 0;
}

static int64_t compare(const void *left, struct range range, const void *right, uint64_t options)
{
	struct range all = {0, (int64_t)string_length(right)};
	struct folded a = fold(left, range, options), b = fold(right, all, options);
	int64_t order = compare_folded(&a, &b, options & NUMERICALLY);
	folded_free(&a);
	folded_free(&b);
	if (order == 0 && options & FORCED_ORDER && options & (NO_CASE | NO_MARKS | NO_WIDTH | NUMERICALLY))
		return compare(left, range, right, 0);
	return order;
}

// In the order of the locale, or the user's, if it is to be localized. What that holds for equal differs when order is forced.
int64_t darwin_CFStringCompareWithOptionsAndLocale(const void *left, const void *right, struct range range,
						   uint64_t options, const void *locale)
{
	int64_t order;
	if (!(options & LOCALIZED) || !collate(left, range, right, options, locale, &order))
		return compare(left, range, right, options);
	return order == 0 && options & FORCED_ORDER ? compare(left, range, right, 0) : order;
}

int64_t darwin_CFStringCompareWithOptions(const void *left, const void *right, struct range range, uint64_t options)
{
	return darwin_CFStringCompareWithOptionsAndLocale(left, right, range, options, NULL);
}

int64_t darwin_CFStringCompare(const void *left, const void *right, uint64_t options)
{
	struct range all = {0, (int64_t)string_length(left)};
	return darwin_CFStringCompareWithOptionsAndLocale(left, right, all, options, NULL);
}

// ---- places ---------------------------------------------------------------------------------------------------------

// Whether it stands there: whole characters only.
static bool found_at(const struct folded *text, size_t at, const struct folded *part)
{
	size_t end = at + part->count;
	if (end > text->count || memcmp(text->points + at, part->points, part->count * sizeof(*part->points)))
		return false;
	bool begins = at == 0 || text->places[at] != text->places[at - 1];
	return begins && (end == text->count || text->places[end] != text->places[end - 1]);
}

static bool find(const void *string, const void *part, struct range range, uint64_t options, struct range *result)
{
	struct range all = {0, (int64_t)string_length(part)};
	struct folded text = fold(string, range, options), wanted = fold(part, all, options);
	bool found = false, back = options & BACKWARDS;
	size_t places = wanted.count > 0 && wanted.count <= text.count ? text.count - wanted.count + 1 : 0;
	for (size_t i = 0; i < places && !found; i++) {
		size_t at = back ? places - 1 - i : i;
		found = found_at(&text, at, &wanted);
		if (found && result)
			*result = (struct range){(int64_t)text.places[at],
						 (int64_t)(text.places[at + wanted.count] - text.places[at])};
		if (options & ANCHORED)
			break;
	}
	folded_free(&text);
	folded_free(&wanted);
	return found;
}

uint8_t darwin_CFStringFindWithOptions(const void *string, const void *part, struct range range, uint64_t options,
				       struct range *result)
{
	return find(string, part, range, options, result);
}

uint8_t darwin_CFStringFindWithOptionsAndLocale(const void *string, const void *part, struct range range,
						uint64_t options, const void *locale, struct range *result)
{
	return find(string, part, range, options, result);
}

// kCFNotFound and no length if it is not there.
struct range darwin_CFStringFind(const void *string, const void *part, uint64_t options)
{
	struct range all = {0, (int64_t)string_length(string)}, result = {-1, 0};
	find(string, part, all, options, &result);
	return result;
}

uint8_t darwin_CFStringHasPrefix(const void *string, const void *part)
{
	struct range all = {0, (int64_t)string_length(string)};
	return string_length(part) == 0 || find(string, part, all, ANCHORED, NULL);
}

uint8_t darwin_CFStringHasSuffix(const void *string, const void *part)
{
	struct range all = {0, (int64_t)string_length(string)};
	return string_length(part) == 0 || find(string, part, all, ANCHORED | BACKWARDS, NULL);
}

struct string *darwin_CFStringCreateWithSubstring(const void *allocator, const void *string, struct range range);

struct array *darwin_CFStringCreateArrayBySeparatingStrings(const void *allocator, const void *string,
							    const void *separator)
{
	struct array *parts = array_make(true);
	struct range rest = {0, (int64_t)string_length(string)}, found;
	int64_t length = rest.count;
	while (find(string, separator, rest, 0, &found)) {
		struct range part = {rest.start, found.start - rest.start};
		array_add(parts, darwin_CFStringCreateWithSubstring(NULL, string, part));
		rest.start = found.start + found.count;
		rest.count = length - rest.start;
	}
	array_add(parts, darwin_CFStringCreateWithSubstring(NULL, string, rest));
	return parts;
}

struct data *darwin_CFDataCreate(const void *allocator, const uint8_t *bytes, int64_t size);

// Its values are pointers to ranges, which are kept in objects of data: as the real one, readable as CFRange *.
struct array *ranges_make(void);
void ranges_add(struct array *ranges, struct range range);

struct array *darwin_CFStringCreateArrayWithFindResults(const void *allocator, const void *string, const void *part,
							struct range range, uint64_t options)
{
	struct array *ranges = NULL;
	struct range rest = range, found;
	int64_t end = range.start + range.count;
	while (find(string, part, rest, options, &found)) {
		if (!ranges)
			ranges = ranges_make();
		ranges_add(ranges, found);
		if (options & BACKWARDS)
			rest.count = found.start - rest.start;
		else
			rest = (struct range){found.start + found.count, end - found.start - found.count};
	}
	return ranges;
}

void darwin_CFStringReplace(struct string *string, struct range range, const void *by);

int64_t darwin_CFStringFindAndReplace(struct string *string, const void *part, const void *by, struct range range,
				      uint64_t options)
{
	int64_t replaced = 0, change = (int64_t)string_length(by);
	struct range rest = range, found;
	while (find(string, part, rest, options, &found)) {
		int64_t end = rest.start + rest.count;
		darwin_CFStringReplace(string, found, by);
		if (options & BACKWARDS)
			rest.count = found.start - rest.start;
		else
			rest = (struct range){found.start + change, end - found.start - found.count};
		replaced++;
		if (options & ANCHORED)
			break;
	}
	return replaced;
}

// The letter with its marks, or the surrogate with its other half.
struct range darwin_CFStringGetRangeOfComposedCharactersAtIndex(const void *string, int64_t index)
{
	size_t length = string_length(string), start = (size_t)index, end = start + 1, used;
	if (start >= length)
		return (struct range){index, 0};
	while (start > 0 &&
	       (unicode_class_of(string_unit(string, start)) || (string_unit(string, start) & 0xfc00) == 0xdc00))
		start--;
	while (end < length && (unicode_class_of(string_point(string, end, length, &used)) ||
				(string_unit(string, end) & 0xfc00) == 0xdc00))
		end++;
	return (struct range){(int64_t)start, (int64_t)(end - start)};
}

void darwin_CFStringFold(struct string *string, uint64_t options, const void *locale)
{
	struct range all = {0, (int64_t)string->count};
	struct folded folded = fold(string, all, options);
	uint16_t *units = malloc(folded.count * 4 + 2);
	size_t count = 0;
	if (!units)
		abort();
	for (size_t i = 0; i < folded.count; i++)
		count += unicode_to_utf16(folded.points[i], units + count);
	string_replace(string, 0, string->count, units, count);
	folded_free(&folded);
	free(units);
}
