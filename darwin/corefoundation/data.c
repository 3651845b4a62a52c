// SPDX-License-Identifier: MIT
// CFData, CFDate, CFNumber, CFBoolean, CFNull, CFError: values that do not change.
#include "object.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

// ---- CFData ---------------------------------------------------------------------------------------------------------

struct data {
	struct object head;
	int64_t size;
	uint8_t bytes[];
};

static bool data_equal(const struct object *left, const struct object *right)
{
	const struct data *a = (const struct data *)left, *b = (const struct data *)right;
	return a->size == b->size && memcmp(a->bytes, b->bytes, (size_t)a->size) == 0;
}

static const struct object_type data_type = {"CFData", NULL, data_equal, NULL};

struct data *darwin_CFDataCreate(const void *allocator, const uint8_t *bytes, int64_t size)
{
	(void)allocator;
	struct data *data = object_make(&data_type, sizeof(*data) + (size_t)size);
	data->size = size;
	if (size)
		memcpy(data->bytes, bytes, (size_t)size);
	return data;
}

const uint8_t *darwin_CFDataGetBytePtr(const struct data *data)
{
	return data->bytes;
}

int64_t darwin_CFDataGetLength(const struct data *data)
{
	return data->size;
}

// ---- CFDate: seconds since 2001-01-01 00:00:00 UTC ------------------------------------------------------------------

#define EPOCH_2001 978307200.0

struct date {
	struct object head;
	double seconds;
};

static bool date_equal(const struct object *left, const struct object *right)
{
	return ((const struct date *)left)->seconds == ((const struct date *)right)->seconds;
}

static const struct object_type date_type = {"CFDate", NULL, date_equal, NULL};

struct date *darwin_CFDateCreate(const void *allocator, double seconds)
{
	(void)allocator;
	struct date *date = object_make(&date_type, sizeof(*date));
	date->seconds = seconds;
	return date;
}

double darwin_CFDateGetAbsoluteTime(const struct date *date)
{
	return date->seconds;
}

double darwin_CFAbsoluteTimeGetCurrent(void)
{
	struct timeval now;
	gettimeofday(&now, NULL);
	return (double)now.tv_sec + (double)now.tv_usec / 1e6 - EPOCH_2001;
}

// ---- CFError --------------------------------------------------------------------------------------------------------

struct error {
	struct object head;
	int64_t code;
	struct string *domain, *text;
};

static void error_destroy(struct object *object)
{
	struct error *error = (struct error *)object;
	darwin_CFRelease(error->domain);
	darwin_CFRelease(error->text);
}

static const struct object_type error_type = {"CFError", error_destroy, NULL, NULL};

struct object *error_make(const char *domain, int64_t code, const char *text)
{
	struct error *error = object_make(&error_type, sizeof(*error));
	error->code = code;
	error->domain = string_format("%s", domain);
	error->text = string_format("%s", text);
	return &error->head;
}

int64_t darwin_CFErrorGetCode(const struct error *error)
{
	return error->code;
}

const void *darwin_CFErrorGetDomain(const struct error *error)
{
	return error->domain;
}

const void *darwin_CFErrorCopyDescription(const struct error *error)
{
	return darwin_CFRetain(error->text);
}

// ---- CFNumber -------------------------------------------------------------------------------------------------------

struct number {
	struct object head;
	bool real;
	int64_t whole;
	double value;
};

static bool number_equal(const struct object *left, const struct object *right)
{
	const struct number *a = (const struct number *)left, *b = (const struct number *)right;
	return a->real || b->real ? a->value == b->value : a->whole == b->whole;
}

static const struct object_type number_type = {"CFNumber", NULL, number_equal, NULL};

// Facts: CFNumberType: SInt8 to SInt64 1-4, Float32 5, Float64 6, Char 7, Short 8, Int 9, Long 10, LongLong 11, Float 12, Double 13, CFIndex 14.
static unsigned number_size(int64_t type)
{
	static const uint8_t sizes[] = {0, 1, 2, 4, 8, 4, 8, 1, 2, 4, 8, 8, 4, 8, 8, 8, 8};
	return type >= 0 && type < (int64_t)sizeof(sizes) ? sizes[type] : 0;
}

static bool number_real(int64_t type)
{
	return type == 5 || type == 6 || type == 12 || type == 13;
}

struct number *darwin_CFNumberCreate(const void *allocator, int64_t type, const void *from)
{
	(void)allocator;
	struct number *number = object_make(&number_type, sizeof(*number));
	unsigned size = number_size(type);
	number->real = number_real(type);
	if (number->real) {
		float narrow = 0;
		memcpy(size == 4 ? (void *)&narrow : (void *)&number->value, from, size);
		if (size == 4)
			number->value = (double)narrow;
		number->whole = isfinite(number->value) ? (int64_t)number->value : 0;
		return number;
	}
	memcpy(&number->whole, from, size);
	if (size > 0 && size < 8) // the sign
		number->whole = (int64_t)((uint64_t)number->whole << (64 - 8 * size)) >> (64 - 8 * size);
	number->value = (double)number->whole;
	return number;
}

uint8_t darwin_CFNumberGetValue(const struct number *number, int64_t type, void *to)
{
	unsigned size = number_size(type);
	float narrow = (float)number->value;
	if (number_real(type))
		memcpy(to, size == 4 ? (const void *)&narrow : (const void *)&number->value, size);
	else
		memcpy(to, &number->whole, size);
	return number_real(type) || !number->real || (double)number->whole == number->value;
}

// ---- CFBoolean, CFNull: one object for each value, which is never freed ---------------------------------------------

struct boolean {
	struct object head;
	uint8_t value;
};
static const struct object_type boolean_type = {"CFBoolean", NULL, NULL, NULL},
				null_type = {"CFNull", NULL, NULL, NULL};
static struct boolean is_true = {{&boolean_type, INT64_MAX / 2}, 1}, is_false = {{&boolean_type, INT64_MAX / 2}, 0};
static struct object is_null = {&null_type, INT64_MAX / 2};
const void *darwin_kCFBooleanTrue = &is_true, *darwin_kCFBooleanFalse = &is_false, *darwin_kCFNull = &is_null;

uint8_t darwin_CFBooleanGetValue(const struct boolean *boolean)
{
	return boolean->value;
}
