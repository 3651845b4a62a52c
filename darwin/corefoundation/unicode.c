// SPDX-License-Identifier: MIT
// UTF-8, UTF-16 and normal forms; see unicode.h.
#include "unicode.h"

#include <stdlib.h>
#include <string.h>

enum {
	HANGUL = 0xac00,
	HANGUL_L = 0x1100,
	HANGUL_V = 0x1161,
	HANGUL_T = 0x11a7,
	L_COUNT = 19,
	V_COUNT = 21,
	T_COUNT = 28
};

size_t unicode_from_utf8(const char *text, size_t size, uint32_t *point)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	uint8_t first = (uint8_t)text[0];
	size_t length = first < 0x80			? 1
			: first >= 0xf0 && first < 0xf8 ? 4
			: first >= 0xe0 && first < 0xf0 ? 3
			: first >= 0xc0 && first < 0xe0 ? 2
							: 0;
	if (length == 0 || length > size)
		return 0;
	uint32_t value = length == 1 ? first : first & (0x7fu >> length);
	for (size_t i = 1; i < length; i++) {
		if (((uint8_t)text[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | ((uint8_t)text[i] & 0x3f);
	}
	if (value < least[length] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*point = value;
	return length;
}

size_t unicode_to_utf8(uint32_t point, char to[4])
{
	static const uint8_t marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
	for (size_t i = length; i-- > 1; point >>= 6)
		to[i] = (char)(0x80 | (point & 0x3f));
	to[0] = (char)(marks[length] | point);
	return length;
}

size_t unicode_to_utf16(uint32_t point, uint16_t to[2])
{
	if (point < 0x10000) {
		to[0] = (uint16_t)point;
		return 1;
	}
	to[0] = (uint16_t)(0xd800 + ((point - 0x10000) >> 10));
	to[1] = (uint16_t)(0xdc00 + ((point - 0x10000) & 0x3ff));
	return 2;
}

// ---- normal forms ---------------------------------------------------------------------------------------------------

static const struct unicode_mapping *mapping_find(const struct unicode_mapping *table, size_t count, uint32_t point)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (table[middle].point == point)
			return &table[middle];
		if (table[middle].point < point)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

uint8_t unicode_class_of(uint32_t point)
{
	size_t low = 0, high = unicode_class_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (point >= unicode_classes[middle].first && point <= unicode_classes[middle].last)
			return unicode_classes[middle].class;
		if (unicode_classes[middle].last < point)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

struct points {
	uint32_t *at;
	size_t count, room;
};

static void points_add(struct points *points, uint32_t point)
{
	if (points->count == points->room) {
		points->room = points->room * 2 + 32;
		points->at = realloc(points->at, points->room * sizeof(*points->at));
		if (!points->at)
			abort();
	}
	points->at[points->count++] = point;
}

static void decompose(struct points *points, uint32_t point, bool compatible)
{
	if (point >= HANGUL && point < HANGUL + L_COUNT * V_COUNT * T_COUNT) {
		uint32_t index = point - HANGUL;
		points_add(points, HANGUL_L + index / (V_COUNT * T_COUNT));
		points_add(points, HANGUL_V + index % (V_COUNT * T_COUNT) / T_COUNT);
		if (index % T_COUNT)
			points_add(points, HANGUL_T + index % T_COUNT);
		return;
	}
	const struct unicode_mapping *mapping = mapping_find(unicode_mappings, unicode_mapping_count, point);
	if (!mapping && compatible)
		mapping = mapping_find(unicode_compatible, unicode_compatible_count, point);
	for (unsigned i = 0; mapping && i < mapping->count; i++)
		decompose(points, unicode_parts[mapping->at + i], compatible);
	if (!mapping)
		points_add(points, point);
}

// Marks behind a letter in the order of their classes; those of one class keep theirs.
static void order(struct points *points)
{
	for (size_t i = 1; i < points->count; i++) {
		uint32_t point = points->at[i];
		uint8_t class = unicode_class_of(point);
		size_t at = i;
		while (class > 0 && at > 0 && unicode_class_of(points->at[at - 1]) > class) {
			points->at[at] = points->at[at - 1];
			at--;
		}
		points->at[at] = point;
	}
}

static uint32_t pair_find(uint32_t first, uint32_t second)
{
	if (first >= HANGUL_L && first < HANGUL_L + L_COUNT && second >= HANGUL_V && second < HANGUL_V + V_COUNT)
		return HANGUL + ((first - HANGUL_L) * V_COUNT + (second - HANGUL_V)) * T_COUNT;
	if (first >= HANGUL && first < HANGUL + L_COUNT * V_COUNT * T_COUNT && (first - HANGUL) % T_COUNT == 0 &&
	    second > HANGUL_T && second < HANGUL_T + T_COUNT)
		return first + (second - HANGUL_T);
	size_t low = 0, high = unicode_pair_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct unicode_pair *pair = &unicode_pairs[middle];
		if (pair->first == first && pair->second == second)
			return pair->whole;
		if (pair->first < first || (pair->first == first && pair->second < second))
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

static void compose(struct points *points)
{
	size_t starter = SIZE_MAX, out = 0;
	uint8_t last = 0; // class of what stands last behind the starter
	for (size_t i = 0; i < points->count; i++) {
		uint32_t point = points->at[i], whole;
		uint8_t class = unicode_class_of(point);
		bool blocked = starter == SIZE_MAX || (out > starter + 1 && (last >= class || last == 0));
		if (!blocked && (whole = pair_find(points->at[starter], point))) {
			points->at[starter] = whole;
			continue;
		}
		if (class == 0)
			starter = out;
		last = class;
		points->at[out++] = point;
	}
	points->count = out;
}

uint16_t *unicode_normalize(const uint16_t *units, size_t count, bool compatible, bool composed, size_t *result_count)
{
	struct points points = {0};
	for (size_t i = 0; i < count; i++) {
		uint32_t point = units[i];
		if (point >= 0xd800 && point < 0xdc00 && i + 1 < count && units[i + 1] >= 0xdc00 &&
		    units[i + 1] < 0xe000) {
			point = 0x10000 + ((point - 0xd800) << 10) + (units[i + 1] - 0xdc00u);
			i++;
		}
		decompose(&points, point, compatible);
	}
	order(&points);
	if (composed)
		compose(&points);
	uint16_t *result = malloc((points.count * 2 + 1) * sizeof(*result));
	if (!result)
		abort();
	*result_count = 0;
	for (size_t i = 0; i < points.count; i++)
		*result_count += unicode_to_utf16(points.at[i], result + *result_count);
	free(points.at);
	return result;
}

// ---- case -----------------------------------------------------------------------------------------------------------

static uint32_t case_find(const struct unicode_case *table, size_t count, uint32_t point)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (table[middle].point == point)
			return table[middle].other;
		if (table[middle].point < point)
			low = middle + 1;
		else
			high = middle;
	}
	return point;
}

uint32_t unicode_lower(uint32_t point)
{
	if (point < 0x80)
		return point >= 'A' && point <= 'Z' ? point + 32 : point;
	return case_find(unicode_lowers, unicode_lower_count, point);
}

uint32_t unicode_upper(uint32_t point)
{
	if (point < 0x80)
		return point >= 'a' && point <= 'z' ? point - 32 : point;
	return case_find(unicode_uppers, unicode_upper_count, point);
}
