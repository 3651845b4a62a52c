// SPDX-License-Identifier: MIT
// CFAttributedString: a string whose parts have dictionaries. Facts: CFAttributedString.h. Runs are in order, cover the string, and two
// that touch differ.
#include "object.h"

#include <stdlib.h>
#include <string.h>

struct run {
	int64_t end;
	struct dictionary *attributes;
};
struct attributed {
	struct object head;
	struct string *string;
	struct run *runs;
	size_t count;
};

int64_t darwin_CFStringGetLength(const void *string);
struct string *darwin_CFStringCreateMutable(const void *allocator, int64_t most);
struct string *darwin_CFStringCreateMutableCopy(const void *allocator, int64_t most, const void *string);
void darwin_CFStringReplace(struct string *string, struct range range, const void *by);
struct dictionary *darwin_CFDictionaryCreateMutableCopy(const void *allocator, int64_t most,
							const struct dictionary *dictionary);
void darwin_CFDictionaryRemoveValue(struct dictionary *dictionary, const void *key);
struct string *darwin_CFStringCreateWithSubstring(const void *allocator, const void *string, struct range range);

static void attributed_destroy(struct object *object)
{
	struct attributed *attributed = (struct attributed *)object;
	for (size_t i = 0; i < attributed->count; i++)
		darwin_CFRelease(attributed->runs[i].attributes);
	free(attributed->runs);
	darwin_CFRelease(attributed->string);
}

static bool attributed_equal(const struct object *left, const struct object *right)
{
	const struct attributed *a = (const struct attributed *)left, *b = (const struct attributed *)right;
	if (!darwin_CFEqual(a->string, b->string) || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++)
		if (a->runs[i].end != b->runs[i].end || !darwin_CFEqual(a->runs[i].attributes, b->runs[i].attributes))
			return false;
	return true;
}

static uint64_t attributed_hash(const struct object *object)
{
	return darwin_CFHash(((const struct attributed *)object)->string);
}

static const struct object_type attributed_type = {.name = "CFAttributedString",
						   .destroy = attributed_destroy,
						   .equal = attributed_equal,
						   .hash = attributed_hash};

// ---- runs -----------------------------------------------------------------------------------------------------------

static int64_t length_of(const struct attributed *attributed)
{
	return attributed->count ? attributed->runs[attributed->count - 1].end : 0;
}

static bool is_inside(const struct attributed *attributed, struct range range)
{
	int64_t length = length_of(attributed);
	return range.start >= 0 && range.count >= 0 && range.start <= length && range.count <= length - range.start;
}

static void run_insert(struct attributed *attributed, size_t at, struct run run)
{
	attributed->runs = realloc(attributed->runs, (attributed->count + 1) * sizeof(run));
	if (!attributed->runs)
		abort();
	memmove(attributed->runs + at + 1, attributed->runs + at, (attributed->count - at) * sizeof(run));
	attributed->runs[at] = run;
	attributed->count++;
}

static void run_remove(struct attributed *attributed, size_t at)
{
	darwin_CFRelease(attributed->runs[at].attributes);
	attributed->count--;
	memmove(attributed->runs + at, attributed->runs + at + 1, (attributed->count - at) * sizeof(*attributed->runs));
}

static size_t run_at(const struct attributed *attributed, int64_t place)
{
	size_t i = 0;
	while (i < attributed->count && attributed->runs[i].end <= place)
		i++;
	return i;
}

// Makes a run begin there; returns its number.
static size_t split(struct attributed *attributed, int64_t place)
{
	size_t at = run_at(attributed, place);
	int64_t begin = at ? attributed->runs[at - 1].end : 0;
	if (at == attributed->count || begin == place)
		return at;
	struct dictionary *copy = darwin_CFDictionaryCreateMutableCopy(NULL, 0, attributed->runs[at].attributes);
	run_insert(attributed, at, (struct run){place, copy});
	return at + 1;
}

static void join(struct attributed *attributed)
{
	for (size_t i = 1; i < attributed->count;)
		if (attributed->runs[i - 1].end == attributed->runs[i].end)
			run_remove(attributed, i);
		else if (darwin_CFEqual(attributed->runs[i - 1].attributes, attributed->runs[i].attributes))
			run_remove(attributed, i - 1);
		else
			i++;
}

// ---- made -----------------------------------------------------------------------------------------------------------

uint64_t darwin_CFAttributedStringGetTypeID(void)
{
	return (uintptr_t)&attributed_type;
}

struct attributed *darwin_CFAttributedStringCreate(const void *allocator, const void *string,
						   const struct dictionary *attributes)
{
	struct attributed *attributed = object_make(&attributed_type, sizeof(*attributed));
	attributed->string = darwin_CFStringCreateMutableCopy(NULL, 0, string);
	if (string_length(string))
		run_insert(attributed, 0,
			   (struct run){(int64_t)string_length(string),
					attributes ? darwin_CFDictionaryCreateMutableCopy(NULL, 0, attributes)
						   : dictionary_make()});
	return attributed;
}

struct attributed *darwin_CFAttributedStringCreateMutable(const void *allocator, int64_t most)
{
	struct string *empty = string_make(NULL, 0);
	struct attributed *attributed = darwin_CFAttributedStringCreate(NULL, empty, NULL);
	darwin_CFRelease(empty);
	return attributed;
}

struct attributed *darwin_CFAttributedStringCreateWithSubstring(const void *allocator, const struct attributed *from,
								struct range range)
{
	if (!is_inside(from, range))
		return NULL;
	struct string *text = darwin_CFStringCreateWithSubstring(NULL, from->string, range);
	struct attributed *part = darwin_CFAttributedStringCreateMutable(NULL, 0);
	darwin_CFRelease(part->string);
	part->string = darwin_CFStringCreateMutableCopy(NULL, 0, text);
	darwin_CFRelease(text);
	int64_t end = range.start + range.count;
	for (size_t i = run_at(from, range.start); range.count && i < from->count; i++) {
		int64_t run_end = from->runs[i].end < end ? from->runs[i].end : end;
		run_insert(part, part->count,
			   (struct run){run_end - range.start,
					darwin_CFDictionaryCreateMutableCopy(NULL, 0, from->runs[i].attributes)});
		if (run_end == end)
			break;
	}
	return part;
}

struct attributed *darwin_CFAttributedStringCreateCopy(const void *allocator, const struct attributed *from)
{
	return darwin_CFAttributedStringCreateWithSubstring(NULL, from, (struct range){0, length_of(from)});
}

struct attributed *darwin_CFAttributedStringCreateMutableCopy(const void *allocator, int64_t most,
							      const struct attributed *from)
{
	return darwin_CFAttributedStringCreateCopy(NULL, from);
}

// ---- asked ----------------------------------------------------------------------------------------------------------

const void *darwin_CFAttributedStringGetString(const struct attributed *attributed)
{
	return attributed->string;
}

int64_t darwin_CFAttributedStringGetLength(const struct attributed *attributed)
{
	return length_of(attributed);
}

const void *darwin_CFAttributedStringGetAttributes(const struct attributed *attributed, int64_t place,
						   struct range *range)
{
	size_t at = run_at(attributed, place);
	if (place < 0 || at == attributed->count)
		return NULL;
	int64_t begin = at ? attributed->runs[at - 1].end : 0;
	if (range)
		*range = (struct range){begin, attributed->runs[at].end - begin};
	return attributed->runs[at].attributes;
}

const void *darwin_CFAttributedStringGetAttribute(const struct attributed *attributed, int64_t place, const void *key,
						  struct range *range)
{
	const struct dictionary *attributes = darwin_CFAttributedStringGetAttributes(attributed, place, range);
	return attributes ? darwin_CFDictionaryGetValue(attributes, key) : NULL;
}

static bool same_value(const struct attributed *attributed, size_t at, const void *key, const void *value)
{
	const void *other = darwin_CFDictionaryGetValue(attributed->runs[at].attributes, key);
	return other == value || (other && value && darwin_CFEqual(other, value));
}

// As far as it has the same value, within the limits.
const void *darwin_CFAttributedStringGetAttributeAndLongestEffectiveRange(const struct attributed *attributed,
									  int64_t place, const void *key,
									  struct range limits, struct range *range)
{
	size_t first = run_at(attributed, place), last = first;
	if (place < 0 || first == attributed->count)
		return NULL;
	const void *value = darwin_CFDictionaryGetValue(attributed->runs[first].attributes, key);
	while (first > 0 && same_value(attributed, first - 1, key, value))
		first--;
	while (last + 1 < attributed->count && same_value(attributed, last + 1, key, value))
		last++;
	int64_t begin = first ? attributed->runs[first - 1].end : 0, end = attributed->runs[last].end;
	int64_t limit = limits.start + limits.count;
	begin = begin > limits.start ? begin : limits.start;
	end = end < limit ? end : limit;
	if (range)
		*range = (struct range){begin, end - begin};
	return value;
}

// ---- changed --------------------------------------------------------------------------------------------------------

void darwin_CFAttributedStringSetAttribute(struct attributed *attributed, struct range range, const void *key,
					   const void *value)
{
	if (!is_inside(attributed, range) || !range.count)
		return;
	size_t first = split(attributed, range.start), last = split(attributed, range.start + range.count);
	for (size_t i = first; i < last; i++)
		darwin_CFDictionarySetValue(attributed->runs[i].attributes, key, value);
	join(attributed);
}

void darwin_CFAttributedStringRemoveAttribute(struct attributed *attributed, struct range range, const void *key)
{
	if (!is_inside(attributed, range) || !range.count)
		return;
	size_t first = split(attributed, range.start), last = split(attributed, range.start + range.count);
	for (size_t i = first; i < last; i++)
		darwin_CFDictionaryRemoveValue(attributed->runs[i].attributes, key);
	join(attributed);
}

void darwin_CFAttributedStringSetAttributes(struct attributed *attributed, struct range range,
					    const struct dictionary *attributes, uint8_t clear)
{
	if (!is_inside(attributed, range) || !range.count)
		return;
	size_t first = split(attributed, range.start), last = split(attributed, range.start + range.count);
	size_t count = (size_t)darwin_CFDictionaryGetCount(attributes);
	const void **keys = malloc((2 * count + 1) * sizeof(*keys));
	if (!keys)
		abort();
	darwin_CFDictionaryGetKeysAndValues(attributes, keys, keys + count);
	for (size_t i = first; i < last; i++) {
		if (clear) {
			darwin_CFRelease(attributed->runs[i].attributes);
			attributed->runs[i].attributes = dictionary_make();
		}
		for (size_t j = 0; j < count; j++)
			darwin_CFDictionarySetValue(attributed->runs[i].attributes, keys[j], keys[count + j]);
	}
	free(keys);
	join(attributed);
}

// What comes has the attributes of the first character that goes, or at an empty place of the one before it.
void darwin_CFAttributedStringReplaceString(struct attributed *attributed, struct range range, const void *by)
{
	int64_t added = (int64_t)string_length(by);
	if (!is_inside(attributed, range))
		return;
	const struct dictionary *like = darwin_CFAttributedStringGetAttributes(
		attributed, range.count || !range.start ? range.start : range.start - 1, NULL);
	struct dictionary *attributes = like ? darwin_CFDictionaryCreateMutableCopy(NULL, 0, like) : dictionary_make();
	size_t first = split(attributed, range.start), last = split(attributed, range.start + range.count);
	for (size_t i = first; i < last; i++)
		run_remove(attributed, first);
	for (size_t i = first; i < attributed->count; i++)
		attributed->runs[i].end += added - range.count;
	if (added)
		run_insert(attributed, first, (struct run){range.start + added, attributes});
	else
		darwin_CFRelease(attributes);
	darwin_CFStringReplace(attributed->string, range, by);
	join(attributed);
}

void darwin_CFAttributedStringReplaceAttributedString(struct attributed *attributed, struct range range,
						      const struct attributed *by)
{
	if (!is_inside(attributed, range))
		return;
	darwin_CFAttributedStringReplaceString(attributed, range, by->string);
	for (size_t i = 0; i < by->count; i++) {
		int64_t begin = i ? by->runs[i - 1].end : 0;
		darwin_CFAttributedStringSetAttributes(
			attributed, (struct range){range.start + begin, by->runs[i].end - begin}, by->runs[i].attributes,
			1);
	}
}

// Changes between them are seen at once here; nothing is put off.
void darwin_CFAttributedStringBeginEditing(struct attributed *attributed)
{
}

void darwin_CFAttributedStringEndEditing(struct attributed *attributed)
{
}
