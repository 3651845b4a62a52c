// SPDX-License-Identifier: MIT
// CFNumber, CFBoolean, CFNull. Facts: CFNumber.h.
#include "object.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// CFNumberType: SInt8 to SInt64 1-4, Float32 5, Float64 6, Char 7, Short 8, Int 9, Long 10, LongLong 11, Float 12, Double 13,
// CFIndex 14, NSInteger 15, CGFloat 16. 17 is CoreFoundation's own, of 128 bits: here `whole` is without sign, for property lists have such.
struct number {
	struct object head;
	int64_t type;
	int64_t whole;
	double value;
};

enum {
	TYPE_INT8 = 1,
	TYPE_INT32 = 3,
	TYPE_INT64 = 4,
	TYPE_FLOAT32 = 5,
	TYPE_FLOAT64 = 6,
	TYPE_LAST = 16,
	TYPE_WIDE = 17
};

static unsigned number_size(int64_t type)
{
	static const uint8_t sizes[] = {0, 1, 2, 4, 8, 4, 8, 1, 2, 4, 8, 8, 4, 8, 8, 8, 8};
	return type >= 0 && type <= TYPE_LAST ? sizes[type] : 0;
}

static bool type_is_real(int64_t type)
{
	return type == 5 || type == 6 || type == 12 || type == 13 || type == 16;
}

static int order_of(const struct number *a, const struct number *b)
{
	if (a->type == TYPE_WIDE && b->type == TYPE_WIDE)
		return (uint64_t)a->whole < (uint64_t)b->whole ? -1 : (uint64_t)a->whole > (uint64_t)b->whole;
	if ((a->type == TYPE_WIDE) != (b->type == TYPE_WIDE) && !type_is_real(a->type) && !type_is_real(b->type))
		return a->type == TYPE_WIDE ? 1 : -1;
	if (!type_is_real(a->type) && !type_is_real(b->type))
		return a->whole < b->whole ? -1 : a->whole > b->whole;
	if (isnan(a->value) || isnan(b->value))
		return isnan(a->value) ? (isnan(b->value) ? 0 : -1) : 1;
	return a->value < b->value ? -1 : a->value > b->value;
}

static bool number_equal(const struct object *left, const struct object *right)
{
	return order_of((const struct number *)left, (const struct number *)right) == 0;
}

static uint64_t number_hash(const struct object *object) // equal numbers of different types have the same
{
	const struct number *number = (const struct number *)object;
	return object_hash_bytes(&number->value, sizeof(number->value));
}

// The shortest decimal that reads back as the same number.
static void number_describe(const struct object *object, struct bytes *to)
{
	const struct number *number = (const struct number *)object;
	if (!type_is_real(number->type)) {
		bytes_add_format(to, number->type == TYPE_WIDE ? "%lu" : "%ld", (unsigned long)number->whole);
		return;
	}
	char text[40];
	for (int digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, number->value);
		if (strtod(text, NULL) == number->value)
			break;
	}
	bytes_add_text(to, text);
}

const struct object_type number_type = {"CFNumber", NULL, number_equal, number_hash, number_describe, NULL};

struct number *darwin_CFNumberCreate(const void *allocator, int64_t type, const void *from)
{
	unsigned size = number_size(type);
	if (size == 0)
		return NULL;
	struct number *number = object_make(&number_type, sizeof(*number));
	number->type = type;
	if (type_is_real(type)) {
		float narrow = 0;
		memcpy(size == 4 ? (void *)&narrow : (void *)&number->value, from, size);
		if (size == 4)
			number->value = (double)narrow;
		number->whole = number->value >= -0x1p63 && number->value < 0x1p63 ? (int64_t)number->value : 0;
		return number;
	}
	memcpy(&number->whole, from, size);
	if (size < 8) // the sign
		number->whole = (int64_t)((uint64_t)number->whole << (64 - 8 * size)) >> (64 - 8 * size);
	number->value = (double)number->whole;
	return number;
}

struct number *number_make(int64_t value)
{
	return darwin_CFNumberCreate(NULL, TYPE_INT64, &value);
}

struct number *number_make_unsigned(uint64_t value)
{
	struct number *number = number_make((int64_t)value);
	if (value > INT64_MAX) {
		number->type = TYPE_WIDE;
		number->value = (double)value;
	}
	return number;
}

bool number_is_wide(const struct number *number)
{
	return number->type == TYPE_WIDE;
}

struct number *number_make_real(double value)
{
	return darwin_CFNumberCreate(NULL, TYPE_FLOAT64, &value);
}

bool number_is_real(const struct number *number)
{
	return type_is_real(number->type);
}

int64_t number_whole(const struct number *number)
{
	return number->whole;
}

double number_value(const struct number *number)
{
	return number->value;
}

static bool fits(int64_t whole, unsigned size)
{
	return size == 8 || (whole >= -(1LL << (8 * size - 1)) && whole < 1LL << (8 * size - 1));
}

// False: it is there, but is not the same number any more.
uint8_t darwin_CFNumberGetValue(const void *object, int64_t type, void *to)
{
	if (object_type(object) == &boolean_type) { // as a number it is 0 or 1
		struct number *number = number_make(darwin_CFBooleanGetValue(object));
		uint8_t same = darwin_CFNumberGetValue(number, type, to);
		darwin_CFRelease(number);
		return same;
	}
	const struct number *number = object;
	unsigned size = number_size(type);
	float narrow = (float)number->value;
	if (type_is_real(type)) {
		memcpy(to, size == 4 ? (const void *)&narrow : (const void *)&number->value, size);
		return size == 8 ? type_is_real(number->type) ||
					   (fabs(number->value) < 0x1p63 && (int64_t)number->value == number->whole)
				 : (double)narrow == number->value || isnan(number->value);
	}
	memcpy(to, &number->whole, size);
	return fits(number->whole, size) && number->type != TYPE_WIDE &&
	       (!type_is_real(number->type) || (double)number->whole == number->value);
}

// The type in which it is kept: sizes, not C's names.
int64_t darwin_CFNumberGetType(const struct number *number)
{
	static const uint8_t kept[] = {0, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 4, 5, 6, 4, 4, 6, 17};
	return object_type(number) == &boolean_type ? TYPE_INT8 : kept[number->type];
}

int64_t darwin_CFNumberGetByteSize(const struct number *number)
{
	return number->type == TYPE_WIDE ? 16 : number_size(darwin_CFNumberGetType(number));
}

uint8_t darwin_CFNumberIsFloatType(const struct number *number)
{
	return type_is_real(number->type);
}

int64_t darwin_CFNumberCompare(const struct number *left, const struct number *right, void *context)
{
	return order_of(left, right);
}

uint64_t darwin_CFNumberGetTypeID(void)
{
	return (uintptr_t)&number_type;
}

static struct number number_nan = {{&number_type, OBJECT_FOREVER}, TYPE_FLOAT64, 0, NAN},
		     number_up = {{&number_type, OBJECT_FOREVER}, TYPE_FLOAT64, 0, INFINITY},
		     number_down = {{&number_type, OBJECT_FOREVER}, TYPE_FLOAT64, 0, -INFINITY};
const void *const darwin_kCFNumberNaN = &number_nan, *const darwin_kCFNumberPositiveInfinity = &number_up,
		  *const darwin_kCFNumberNegativeInfinity = &number_down;

// ---- CFBoolean, CFNull: one object for each value, which is never freed ---------------------------------------------

struct boolean {
	struct object head;
	uint8_t value;
};

static void boolean_describe(const struct object *object, struct bytes *to)
{
	bytes_add_text(to, ((const struct boolean *)object)->value ? "1" : "0");
}

static void null_describe(const struct object *object, struct bytes *to)
{
	bytes_add_text(to, "<null>");
}

const struct object_type boolean_type = {.name = "CFBoolean", .describe = boolean_describe},
			 null_type = {.name = "CFNull", .describe = null_describe};
static struct boolean is_true = {{&boolean_type, OBJECT_FOREVER}, 1}, is_false = {{&boolean_type, OBJECT_FOREVER}, 0};
static struct object is_null = {&null_type, OBJECT_FOREVER};
const void *const darwin_kCFBooleanTrue = &is_true, *const darwin_kCFBooleanFalse = &is_false,
		  *const darwin_kCFNull = &is_null;

uint8_t darwin_CFBooleanGetValue(const void *boolean)
{
	return object_type(boolean) == &number_type ? number_value(boolean) != 0
						    : ((const struct boolean *)boolean)->value;
}

uint64_t darwin_CFBooleanGetTypeID(void)
{
	return (uintptr_t)&boolean_type;
}

uint64_t darwin_CFNullGetTypeID(void)
{
	return (uintptr_t)&null_type;
}
