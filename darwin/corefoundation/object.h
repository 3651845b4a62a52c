// SPDX-License-Identifier: MIT
// Objects of CoreFoundation: a head with a type and a count of references, then what the type has.
//
// Facts: Apple's CoreFoundation headers (CFBase.h, CFString.h, ...). CFTypeRef is a pointer to struct object here. A constant string of a
// program (CFSTR) is a structure in its image whose first word is the address of __CFConstantStringClassReference: object_type knows it.
#ifndef DARWIN_OBJECT_H
#define DARWIN_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct object;

struct object_type {
	const char *name;
	void (*destroy)(struct object *object);				      // of what it holds; or NULL
	bool (*equal)(const struct object *left, const struct object *right); // or NULL: the same object
	uint64_t (*hash)(const struct object *object);
};

struct object {
	const struct object_type *type;
	_Atomic int64_t count;
};

// Zeroed, with one reference.
void *object_make(const struct object_type *type, size_t size);
const struct object_type *object_type(const void *object);
const void *darwin_CFRetain(const void *object);
void darwin_CFRelease(const void *object);
uint8_t darwin_CFEqual(const void *left, const void *right);

// ---- strings: UTF-16 ------------------------------------------------------------------------------------------------
struct string;
extern const struct object_type string_type;
struct string *string_make(const uint16_t *units, size_t count); // copies
struct string *string_from_utf8(const char *text, size_t size);	 // NULL: it is no UTF-8
struct string *string_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
size_t string_length(const void *string);
uint16_t string_unit(const void *string, size_t index);
// Malloced, ended by a NUL.
char *string_to_utf8(const void *string);

// ---- data, errors ---------------------------------------------------------------------------------------------------
struct data;
struct data *darwin_CFDataCreate(const void *allocator, const uint8_t *bytes, int64_t size);
const uint8_t *darwin_CFDataGetBytePtr(const struct data *data);
int64_t darwin_CFDataGetLength(const struct data *data);
struct object *error_make(const char *domain, int64_t code, const char *text);

// ---- arrays ---------------------------------------------------------------------------------------------------------
struct array;
extern const struct object_type array_type;
struct array *array_make(bool retains);
void darwin_CFArrayAppendValue(struct array *array, const void *value);
int64_t darwin_CFArrayGetCount(const struct array *array);
const void *darwin_CFArrayGetValueAtIndex(const struct array *array, int64_t index);

#endif
