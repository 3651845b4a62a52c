// SPDX-License-Identifier: MIT
// Objects of CoreFoundation: a head with a type and a count of references, then what the type has.
//
// Facts: Apple's CoreFoundation headers (CFBase.h, CFString.h, ...). CFTypeRef is a pointer to struct object here. A constant string of a
// program (CFSTR) is a structure in its image whose first word is the address of __CFConstantStringClassReference: object_type knows it.
// A function whose name has Create or Copy gives a reference away; all others lend. Each type's files are named after it.
#ifndef DARWIN_OBJECT_H
#define DARWIN_OBJECT_H

#include "bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct object;
struct runtime_class;

struct object_type {
	const char *name;
	void (*destroy)(struct object *object);				      // of what it holds; or NULL
	bool (*equal)(const struct object *left, const struct object *right); // or NULL: the same object
	uint64_t (*hash)(const struct object *object);			      // needed if equal is there
	void (*describe)(const struct object *object, struct bytes *to);      // as %@ shows it; or NULL
	const struct runtime_class *class;				      // of a program's own type; or NULL
};

struct object {
	const struct object_type *type;
	_Atomic int64_t count;
};
#define OBJECT_FOREVER (INT64_MAX / 2) // the count of one that is never freed

// Zeroed, with one reference.
void *object_make(const struct object_type *type, size_t size);
const struct object_type *object_type(const void *object);
// Adds what %@ shows of it, in UTF-8.
void object_describe(const void *object, struct bytes *to);
const void *darwin_CFRetain(const void *object);
void darwin_CFRelease(const void *object);
// For who has no reference, but a lock without which it does not go: false if it is going.
bool object_try_retain(void *object);
// Ends the program, as macOS does: it changes what was made as constant.
_Noreturn void object_refuse(const char *type);
uint8_t darwin_CFEqual(const void *left, const void *right);
uint64_t darwin_CFHash(const void *object);
// FNV-1a over the bytes.
uint64_t object_hash_bytes(const void *bytes, size_t size);

struct range {
	int64_t start, count;
};

// ---- allocators -----------------------------------------------------------------------------------------------------
// What a program handed over with an allocator to free it by: kCFAllocatorNull does nothing.
void allocator_free(const void *allocator, void *memory);

// ---- strings: UTF-16 ------------------------------------------------------------------------------------------------
struct string;
extern const struct object_type string_type;
struct string *string_make(const uint16_t *units, size_t count); // copies
struct string *string_from_utf8(const char *text, size_t size);	 // NULL: it is no UTF-8
struct string *string_from_text(const char *text);		 // of Linux: what is no UTF-8 is Latin-1
struct string *string_format(const char *format, ...) __attribute__((format(printf, 1, 2)));
size_t string_length(const void *string);
uint16_t string_unit(const void *string, size_t index);
// Malloced, ended by a NUL.
char *string_to_utf8(const void *string);
bool string_is(const void *string, const char *ascii);

// ---- data, numbers, dates, errors -----------------------------------------------------------------------------------
struct data;
extern const struct object_type data_type, number_type, boolean_type, date_type, null_type;
struct data *darwin_CFDataCreate(const void *allocator, const uint8_t *bytes, int64_t size);
const uint8_t *darwin_CFDataGetBytePtr(const struct data *data);
int64_t darwin_CFDataGetLength(const struct data *data);
struct data *data_take(struct bytes *bytes); // copies, frees the bytes
extern const void *const darwin_kCFBooleanTrue, *const darwin_kCFBooleanFalse, *const darwin_kCFNull;
uint8_t darwin_CFBooleanGetValue(const void *boolean);
struct number;
struct number *number_make(int64_t value);
struct number *number_make_unsigned(uint64_t value);
struct number *number_make_real(double value);
bool number_is_wide(const struct number *number); // its whole is without sign, and over INT64_MAX
bool number_is_real(const struct number *number);
int64_t number_whole(const struct number *number);
double number_value(const struct number *number);
struct date *darwin_CFDateCreate(const void *allocator, double seconds);
double darwin_CFDateGetAbsoluteTime(const void *date);
struct object *error_make(const char *domain, int64_t code, const char *text);

// ---- arrays ---------------------------------------------------------------------------------------------------------
struct array;
extern const struct object_type array_type;
struct array *array_make(bool retains);
void array_add(struct array *array, const void *value); // takes the reference
void darwin_CFArrayAppendValue(struct array *array, const void *value);
int64_t darwin_CFArrayGetCount(const struct array *array);
const void *darwin_CFArrayGetValueAtIndex(const struct array *array, int64_t index);

// ---- dictionaries ---------------------------------------------------------------------------------------------------
struct dictionary;
extern const struct object_type dictionary_type, set_type;
struct dictionary *dictionary_make(void);					// of objects
void dictionary_put(struct dictionary *to, const char *key, const void *value); // takes the value's reference
const void *dictionary_get(const struct dictionary *from, const char *key);	// lends; NULL: it is not there
void darwin_CFDictionarySetValue(struct dictionary *dictionary, const void *key, const void *value);
const void *darwin_CFDictionaryGetValue(const struct dictionary *dictionary, const void *key);
int64_t darwin_CFDictionaryGetCount(const struct dictionary *dictionary);
void darwin_CFDictionaryGetKeysAndValues(const struct dictionary *dictionary, const void **keys, const void **values);

#endif
