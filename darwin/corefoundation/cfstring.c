// SPDX-License-Identifier: MIT
// CFString: made, read, copied; see cfstring.h.
#include "cfstring.h"

#include "unicode.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void string_destroy(struct object *object)
{
	free(((struct string *)object)->units);
	free(((struct string *)object)->text);
}

size_t string_length(const void *string)
{
	return string_is_constant(string) ? (size_t)((const struct constant_string *)string)->count
					  : ((const struct string *)string)->count;
}

uint16_t string_unit(const void *string, size_t index)
{
	const struct constant_string *constant = string;
	if (!string_is_constant(string))
		return ((const struct string *)string)->units[index];
	return constant->flags == CONSTANT_UTF16 ? ((const uint16_t *)constant->characters)[index]
						 : ((const uint8_t *)constant->characters)[index];
}

static bool string_equal(const struct object *left, const struct object *right)
{
	size_t count = string_length(left);
	if (count != string_length(right))
		return false;
	for (size_t i = 0; i < count; i++)
		if (string_unit(left, i) != string_unit(right, i))
			return false;
	return true;
}

static uint64_t string_hash(const struct object *object)
{
	uint64_t hash = 14695981039346656037u; // FNV-1a
	for (size_t i = 0; i < string_length(object); i++)
		hash = (hash ^ string_unit(object, i)) * 1099511628211u;
	return hash;
}

static void string_describe(const struct object *object, struct bytes *to)
{
	char *text = string_to_utf8(object);
	bytes_add_text(to, text);
	free(text);
}

const struct object_type string_type = {"CFString", string_destroy, string_equal, string_hash, string_describe, NULL};

struct string *string_make(const uint16_t *units, size_t count)
{
	struct string *string = object_make(&string_type, sizeof(*string));
	string->units = malloc((count + 1) * sizeof(*units));
	if (!string->units)
		abort();
	if (count)
		memcpy(string->units, units, count * sizeof(*units));
	string->count = string->room = count;
	return string;
}

static struct string *string_take(uint16_t *units, size_t count)
{
	if (!units)
		return NULL;
	struct string *string = object_make(&string_type, sizeof(*string));
	string->units = units;
	string->count = string->room = count;
	return string;
}

static struct string *string_decode(const void *bytes, size_t size, uint32_t encoding, bool external)
{
	size_t count = 0;
	uint16_t *units = encoding_decode(bytes, size, encoding, external, &count);
	return string_take(units, count);
}

struct string *string_from_utf8(const char *text, size_t size)
{
	return string_decode(text, size, STRING_UTF8, false);
}

struct string *string_from_text(const char *text)
{
	struct string *string = string_from_utf8(text, strlen(text));
	return string ? string : string_decode(text, strlen(text), STRING_LATIN1, false);
}

struct string *string_format(const char *format, ...)
{
	char *text;
	va_list arguments;
	va_start(arguments, format);
	int size = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (size < 0)
		abort();
	struct string *string = string_from_text(text);
	free(text);
	return string;
}

char *string_to_utf8(const void *string)
{
	size_t room = string_length(string) * 3 + 1, written;
	char *text = malloc(room);
	if (!text)
		abort();
	struct range all = {0, (int64_t)string_length(string)};
	encoding_encode(string, all, STRING_UTF8, '?', (uint8_t *)text, room - 1, &written);
	text[written] = '\0';
	return text;
}

bool string_is(const void *string, const char *ascii)
{
	size_t count = string_length(string);
	if (strlen(ascii) != count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (string_unit(string, i) != (uint8_t)ascii[i])
			return false;
	return true;
}

uint32_t string_point(const void *string, size_t index, size_t end, size_t *used)
{
	uint16_t unit = string_unit(string, index);
	*used = 1;
	if (unit < 0xd800 || unit > 0xdfff)
		return unit;
	if (unit < 0xdc00 && index + 1 < end) {
		uint16_t low = string_unit(string, index + 1);
		if (low >= 0xdc00 && low <= 0xdfff) {
			*used = 2;
			return 0x10000u + ((uint32_t)(unit - 0xd800) << 10) + (low - 0xdc00u);
		}
	}
	return 0xfffd;
}

// ---- what programs call: to make ------------------------------------------------------------------------------------

struct string *darwin_CFStringCreateWithBytes(const void *allocator, const uint8_t *bytes, int64_t size,
					      uint32_t encoding, uint8_t external)
{
	return size < 0 ? NULL : string_decode(bytes, (size_t)size, encoding, external);
}

struct string *darwin_CFStringCreateWithBytesNoCopy(const void *allocator, uint8_t *bytes, int64_t size,
						    uint32_t encoding, uint8_t external, const void *deallocator)
{
	struct string *string = darwin_CFStringCreateWithBytes(allocator, bytes, size, encoding, external);
	if (string)
		allocator_free(deallocator, bytes);
	return string;
}

struct string *darwin_CFStringCreateWithCString(const void *allocator, const char *text, uint32_t encoding)
{
	return string_decode(text, strlen(text), encoding, false);
}

struct string *darwin_CFStringCreateWithCStringNoCopy(const void *allocator, char *text, uint32_t encoding,
						      const void *deallocator)
{
	struct string *string = darwin_CFStringCreateWithCString(allocator, text, encoding);
	if (string)
		allocator_free(deallocator, text);
	return string;
}

struct string *darwin_CFStringCreateWithPascalString(const void *allocator, const uint8_t *text, uint32_t encoding)
{
	return string_decode(text + 1, text[0], encoding, false);
}

struct string *darwin_CFStringCreateWithCharacters(const void *allocator, const uint16_t *units, int64_t count)
{
	return count < 0 ? NULL : string_make(units, (size_t)count);
}

struct string *darwin_CFStringCreateWithCharactersNoCopy(const void *allocator, uint16_t *units, int64_t count,
							 const void *deallocator)
{
	struct string *string = darwin_CFStringCreateWithCharacters(allocator, units, count);
	if (string)
		allocator_free(deallocator, units);
	return string;
}

struct string *darwin_CFStringCreateWithFileSystemRepresentation(const void *allocator, const char *path)
{
	return string_from_text(path);
}

struct string *darwin_CFStringCreateFromExternalRepresentation(const void *allocator, const struct data *data,
							       uint32_t encoding)
{
	return string_decode(darwin_CFDataGetBytePtr(data), (size_t)darwin_CFDataGetLength(data), encoding, true);
}

static struct string *string_part(const void *string, size_t start, size_t count)
{
	struct string *part = string_make(NULL, 0);
	part->units = realloc(part->units, (count + 1) * sizeof(*part->units));
	if (!part->units)
		abort();
	for (size_t i = 0; i < count; i++)
		part->units[i] = string_unit(string, start + i);
	part->count = part->room = count;
	return part;
}

struct string *darwin_CFStringCreateWithSubstring(const void *allocator, const void *string, struct range range)
{
	size_t length = string_length(string);
	if (range.start < 0 || range.count < 0 || (size_t)range.start > length ||
	    (size_t)range.count > length - (size_t)range.start)
		return NULL;
	return string_part(string, (size_t)range.start, (size_t)range.count);
}

const void *darwin_CFStringCreateCopy(const void *allocator, const void *string)
{
	if (string_is_constant(string) || !((const struct string *)string)->changes)
		return darwin_CFRetain(string);
	return string_part(string, 0, string_length(string));
}

struct string *darwin_CFStringCreateMutable(const void *allocator, int64_t most)
{
	struct string *string = string_make(NULL, 0);
	string->changes = true;
	return string;
}

struct string *darwin_CFStringCreateMutableCopy(const void *allocator, int64_t most, const void *string)
{
	struct string *copy = string_part(string, 0, string_length(string));
	copy->changes = true;
	return copy;
}

// What CFSTR is for compilers without constant strings: one string for each text, forever.
const void *darwin_CFStringMakeConstantString(const char *text)
{
	return string_from_text(text);
}

// ---- to read --------------------------------------------------------------------------------------------------------

uint64_t darwin_CFStringGetTypeID(void)
{
	return (uintptr_t)&string_type;
}

int64_t darwin_CFStringGetLength(const void *string)
{
	return (int64_t)string_length(string);
}

uint16_t darwin_CFStringGetCharacterAtIndex(const void *string, int64_t index)
{
	return string_unit(string, (size_t)index);
}

void darwin_CFStringGetCharacters(const void *string, struct range range, uint16_t *to)
{
	for (int64_t i = 0; i < range.count; i++)
		to[i] = string_unit(string, (size_t)(range.start + i));
}

const uint16_t *darwin_CFStringGetCharactersPtr(const void *string)
{
	const struct constant_string *constant = string;
	if (!string_is_constant(string))
		return ((const struct string *)string)->units;
	return constant->flags == CONSTANT_UTF16 ? constant->characters : NULL;
}

uint8_t darwin_CFStringGetCString(const void *string, char *to, int64_t room, uint32_t encoding)
{
	size_t written, count = string_length(string);
	if (room <= 0)
		return 0;
	struct range all = {0, (int64_t)count};
	bool whole = encoding_encode(string, all, encoding, 0, (uint8_t *)to, (size_t)room - 1, &written) == count;
	to[whole ? written : 0] = '\0';
	return whole;
}

// Only of ASCII: then each of the encodings has the same bytes. A string that changes has none, for it would not last.
const char *darwin_CFStringGetCStringPtr(const void *string, uint32_t encoding)
{
	bool wide = (encoding & 0xffff) == STRING_UTF16 && encoding != STRING_UTF8;
	for (size_t i = 0; i < string_length(string); i++)
		if (string_unit(string, i) >= 0x80 || string_unit(string, i) == 0)
			return NULL;
	if (wide)
		return NULL;
	if (string_is_constant(string))
		return ((const struct constant_string *)string)->flags == CONSTANT_BYTES
			       ? ((const struct constant_string *)string)->characters
			       : NULL;
	struct string *mine = (struct string *)(uintptr_t)string;
	if (mine->changes)
		return NULL;
	char *none = NULL, *text = mine->text;
	if (!text) {
		text = string_to_utf8(string);
		if (!atomic_compare_exchange_strong(&mine->text, &none, text)) {
			free(text);
			text = none;
		}
	}
	return text;
}

const uint8_t *darwin_CFStringGetPascalStringPtr(const void *string, uint32_t encoding)
{
	return NULL; // no string is kept like that
}

int64_t darwin_CFStringGetBytes(const void *string, struct range range, uint32_t encoding, uint8_t loss,
				uint8_t external, uint8_t *to, int64_t room, int64_t *used)
{
	size_t written;
	int64_t converted =
		(int64_t)encoding_encode(string, range, encoding, loss, to, to ? (size_t)room : SIZE_MAX, &written);
	if (used)
		*used = (int64_t)written;
	return converted;
}

// Facts: CFStringCreateExternalRepresentation(): UTF-16 and UTF-32 of the machine's own order begin with a byte order mark.
struct data *darwin_CFStringCreateExternalRepresentation(const void *allocator, const void *string, uint32_t encoding,
							 uint8_t loss)
{
	size_t count = string_length(string), written, room = count * 4 + 4,
	       mark = encoding == STRING_UTF16	 ? 2
		      : encoding == STRING_UTF32 ? 4
						 : 0;
	uint8_t *bytes = malloc(room + mark);
	if (!bytes)
		return NULL;
	memcpy(bytes, "\xff\xfe\0", mark);
	struct range all = {0, (int64_t)count};
	bool whole = encoding_encode(string, all, encoding, loss, bytes + mark, room, &written) == count;
	struct data *data = whole ? darwin_CFDataCreate(allocator, bytes, (int64_t)(written + mark)) : NULL;
	free(bytes);
	return data;
}

uint8_t darwin_CFStringGetFileSystemRepresentation(const void *string, char *to, int64_t room)
{
	return darwin_CFStringGetCString(string, to, room, STRING_UTF8);
}

int64_t darwin_CFStringGetMaximumSizeOfFileSystemRepresentation(const void *string)
{
	return (int64_t)string_length(string) * 3 + 1;
}

// Of an object that is a string or has one inside: 0 unless it is a number.
int32_t darwin_CFStringGetIntValue(const void *string)
{
	char *text = string_to_utf8(string);
	long value = strtol(text, NULL, 10);
	free(text);
	return value > INT32_MAX ? INT32_MAX : value < INT32_MIN ? INT32_MIN : (int32_t)value;
}

double darwin_CFStringGetDoubleValue(const void *string)
{
	char *text = string_to_utf8(string);
	double value = strtod(text, NULL);
	free(text);
	return value;
}

uint64_t darwin_CFStringHashCString(const uint8_t *text, int64_t size)
{
	return object_hash_bytes(text, (size_t)size);
}
