// SPDX-License-Identifier: MIT
// CFCharacterSet: sets of code points (pointset.h); predefined ones are made of Unicode's general categories when they are first asked for.
// Facts: CFCharacterSet.h.
#include "cfstring.h"
#include "pointset.h"
#include "unicode.h"

#include <stdatomic.h>
#include <stdlib.h>

struct characterset {
	struct object head;
	struct pointset points;
};

static void characterset_destroy(struct object *object)
{
	pointset_free(&((struct characterset *)object)->points);
}

static bool characterset_equal(const struct object *left, const struct object *right)
{
	const struct pointset *a = &((const struct characterset *)left)->points,
			      *b = &((const struct characterset *)right)->points;
	return pointset_contains(a, b) && pointset_contains(b, a);
}

static uint64_t characterset_hash(const struct object *object)
{
	const struct pointset *points = &((const struct characterset *)object)->points;
	return object_hash_bytes(points->edges, points->count * sizeof(*points->edges));
}

static const struct object_type characterset_type = {.name = "CFCharacterSet",
						     .destroy = characterset_destroy,
						     .equal = characterset_equal,
						     .hash = characterset_hash};

uint64_t darwin_CFCharacterSetGetTypeID(void)
{
	return (uintptr_t)&characterset_type;
}

struct characterset *darwin_CFCharacterSetCreateMutable(const void *allocator)
{
	return object_make(&characterset_type, sizeof(struct characterset));
}

// ---- predefined -----------------------------------------------------------------------------------------------------

#define BIT(name) (1u << CATEGORY_##name)
#define LETTERS (BIT(LL) | BIT(LM) | BIT(LO) | BIT(LT) | BIT(LU))
#define MARKS (BIT(MC) | BIT(ME) | BIT(MN))
#define NUMBERS (BIT(ND) | BIT(NL) | BIT(NO))
#define PUNCTUATION (BIT(PC) | BIT(PD) | BIT(PE) | BIT(PF) | BIT(PI) | BIT(PO) | BIT(PS))
#define SYMBOLS (BIT(SC) | BIT(SK) | BIT(SM) | BIT(SO))
enum { SET_DECOMPOSABLE = 9, SET_NEWLINE = 15, SET_COUNT = 16 };

static const struct {
	uint32_t categories;
	uint32_t first, end; // some points besides
} predefined[SET_COUNT] = {
	[1] = {BIT(CC) | BIT(CF), 0, 0},	       // control
	[2] = {BIT(ZS), '\t', '\t' + 1},	       // white space
	[3] = {BIT(ZS) | BIT(ZL) | BIT(ZP), '\t', '\r' + 1}, // and newline; 0x85 is added below
	[4] = {BIT(ND), 0, 0},
	[5] = {LETTERS | MARKS, 0, 0},
	[6] = {BIT(LL), 0, 0},
	[7] = {BIT(LU) | BIT(LT), 0, 0},
	[8] = {MARKS, 0, 0},
	[SET_DECOMPOSABLE] = {0, 0xac00, 0xac00 + 11172},
	[10] = {LETTERS | MARKS | NUMBERS, 0, 0},
	[11] = {PUNCTUATION, 0, 0},
	[12] = {BIT(CN), 0, 0}, // illegal
	[13] = {BIT(LT), 0, 0}, // capitalized
	[14] = {SYMBOLS, 0, 0},
	[SET_NEWLINE] = {BIT(ZL) | BIT(ZP), '\n', '\r' + 1},
};

static void add_categories(struct pointset *points, uint32_t categories)
{
	for (size_t i = 0; i < unicode_run_count; i++)
		if (categories >> (unicode_runs[i] & 31) & 1)
			pointset_append(points, unicode_runs[i] >> 5,
					i + 1 < unicode_run_count ? unicode_runs[i + 1] >> 5 : POINT_END);
}

static struct characterset *predefined_make(int64_t which)
{
	struct characterset *set = darwin_CFCharacterSetCreateMutable(NULL);
	add_categories(&set->points, predefined[which].categories);
	if (which == SET_DECOMPOSABLE)
		for (size_t i = 0; i < unicode_mapping_count; i++)
			pointset_append(&set->points, unicode_mappings[i].point, unicode_mappings[i].point + 1);
	pointset_range(&set->points, predefined[which].first, predefined[which].end, POINTSET_UNION);
	if (which == 3 || which == SET_NEWLINE)
		pointset_range(&set->points, 0x85, 0x86, POINTSET_UNION);
	set->head.count = OBJECT_FOREVER;
	return set;
}

const struct characterset *darwin_CFCharacterSetGetPredefined(int64_t which)
{
	static struct characterset *_Atomic made[SET_COUNT];
	if (which < 1 || which >= SET_COUNT)
		return NULL;
	struct characterset *none = NULL, *set = made[which];
	if (!set) {
		set = predefined_make(which);
		if (!atomic_compare_exchange_strong(&made[which], &none, set)) {
			set->head.count = 1;
			darwin_CFRelease(set);
			set = none;
		}
	}
	return set;
}

// ---- made -----------------------------------------------------------------------------------------------------------

static void change_range(struct characterset *set, struct range range, enum pointset_how how)
{
	if (range.start < 0 || range.count <= 0 || range.start >= POINT_END)
		return;
	int64_t end = range.count < (int64_t)POINT_END - range.start ? range.start + range.count : POINT_END;
	pointset_range(&set->points, (uint32_t)range.start, (uint32_t)end, how);
}

static void change_string(struct characterset *set, const void *string, enum pointset_how how)
{
	size_t length = string_length(string), used;
	for (size_t i = 0; i < length; i += used) {
		uint32_t point = string_point(string, i, length, &used);
		pointset_range(&set->points, point, point + 1, how);
	}
}

struct characterset *darwin_CFCharacterSetCreateWithCharactersInRange(const void *allocator, struct range range)
{
	struct characterset *set = darwin_CFCharacterSetCreateMutable(allocator);
	change_range(set, range, POINTSET_UNION);
	return set;
}

struct characterset *darwin_CFCharacterSetCreateWithCharactersInString(const void *allocator, const void *string)
{
	struct characterset *set = darwin_CFCharacterSetCreateMutable(allocator);
	change_string(set, string, POINTSET_UNION);
	return set;
}

// Bytes that are missing at the end of plane 0 are 0.
struct characterset *darwin_CFCharacterSetCreateWithBitmapRepresentation(const void *allocator, const struct data *data)
{
	struct characterset *set = darwin_CFCharacterSetCreateMutable(allocator);
	size_t size = (size_t)darwin_CFDataGetLength(data);
	uint8_t *bytes = calloc(1, size > POINTSET_PLANE ? size : POINTSET_PLANE);
	if (!bytes)
		abort();
	for (size_t i = 0; i < size; i++)
		bytes[i] = darwin_CFDataGetBytePtr(data)[i];
	bool read = pointset_from_bitmap(bytes, size > POINTSET_PLANE ? size : POINTSET_PLANE, &set->points);
	free(bytes);
	if (read)
		return set;
	darwin_CFRelease(set);
	return NULL;
}

struct data *darwin_CFCharacterSetCreateBitmapRepresentation(const void *allocator, const struct characterset *set)
{
	size_t size;
	uint8_t *bytes = pointset_to_bitmap(&set->points, &size);
	struct data *data = darwin_CFDataCreate(NULL, bytes, (int64_t)size);
	free(bytes);
	return data;
}

struct characterset *darwin_CFCharacterSetCreateMutableCopy(const void *allocator, const struct characterset *set)
{
	struct characterset *copy = darwin_CFCharacterSetCreateMutable(allocator);
	copy->points = pointset_copy(&set->points);
	return copy;
}

struct characterset *darwin_CFCharacterSetCreateCopy(const void *allocator, const struct characterset *set)
{
	return darwin_CFCharacterSetCreateMutableCopy(allocator, set);
}

void darwin_CFCharacterSetInvert(struct characterset *set)
{
	struct pointset nothing = {0};
	pointset_combine(&set->points, &nothing, POINTSET_OTHERS);
}

struct characterset *darwin_CFCharacterSetCreateInvertedSet(const void *allocator, const struct characterset *set)
{
	struct characterset *copy = darwin_CFCharacterSetCreateMutableCopy(allocator, set);
	darwin_CFCharacterSetInvert(copy);
	return copy;
}

void darwin_CFCharacterSetAddCharactersInRange(struct characterset *set, struct range range)
{
	change_range(set, range, POINTSET_UNION);
}

void darwin_CFCharacterSetRemoveCharactersInRange(struct characterset *set, struct range range)
{
	change_range(set, range, POINTSET_WITHOUT);
}

void darwin_CFCharacterSetAddCharactersInString(struct characterset *set, const void *string)
{
	change_string(set, string, POINTSET_UNION);
}

void darwin_CFCharacterSetRemoveCharactersInString(struct characterset *set, const void *string)
{
	change_string(set, string, POINTSET_WITHOUT);
}

void darwin_CFCharacterSetUnion(struct characterset *set, const struct characterset *other)
{
	pointset_combine(&set->points, &other->points, POINTSET_UNION);
}

void darwin_CFCharacterSetIntersect(struct characterset *set, const struct characterset *other)
{
	pointset_combine(&set->points, &other->points, POINTSET_COMMON);
}

// ---- asked ----------------------------------------------------------------------------------------------------------

uint8_t darwin_CFCharacterSetIsLongCharacterMember(const struct characterset *set, uint32_t point)
{
	return pointset_has(&set->points, point);
}

uint8_t darwin_CFCharacterSetIsCharacterMember(const struct characterset *set, uint16_t unit)
{
	return pointset_has(&set->points, unit);
}

uint8_t darwin_CFCharacterSetIsSupersetOfSet(const struct characterset *set, const struct characterset *part)
{
	return pointset_contains(&set->points, &part->points);
}

uint8_t darwin_CFCharacterSetHasMemberInPlane(const struct characterset *set, int64_t plane)
{
	struct pointset points = pointset_copy(&set->points);
	if (plane >= 0 && plane <= 16)
		pointset_range(&points, (uint32_t)plane << 16, (uint32_t)(plane + 1) << 16, POINTSET_COMMON);
	bool any = plane >= 0 && plane <= 16 && points.count > 0;
	pointset_free(&points);
	return any;
}

// The first character of the range that is in the set, or with kCFCompareBackwards the last; with kCFCompareAnchored only at that end.
uint8_t darwin_CFStringFindCharacterFromSet(const void *string, const struct characterset *set, struct range range,
					    uint64_t options, struct range *result)
{
	enum { BACKWARDS = 4, ANCHORED = 8 };
	size_t end = (size_t)(range.start + range.count), used;
	struct range found = {-1, 0};
	bool looking = range.start >= 0 && range.count >= 0 && end <= string_length(string);
	for (size_t i = (size_t)range.start; looking && i < end; i += used) {
		uint32_t point = string_point(string, i, end, &used);
		bool is_end = options & BACKWARDS ? i + used == end : i == (size_t)range.start;
		if (pointset_has(&set->points, point) && (is_end || !(options & ANCHORED)))
			found = (struct range){(int64_t)i, (int64_t)used};
		looking = options & BACKWARDS || (found.start < 0 && !(options & ANCHORED));
	}
	if (found.start >= 0 && result)
		*result = found;
	return found.start >= 0;
}
