// SPDX-License-Identifier: MIT
// CFString. Encodings: UTF-8, ASCII, Latin-1 and UTF-16, as CFStringEncodings in CFString.h numbers them.
#include "cfstring.h"

#include "unicode.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct string {
	struct object head;
	size_t count;
	uint16_t *units;
	bool changes;
};
// A constant of a program; Facts: clang's CodeGenModule::GetAddrOfConstantCFString: class, flags, characters, length.
struct constant {
	const void *class;
	uint32_t flags, pad; // 0x7c8: bytes; 0x7d0: UTF-16
	const void *characters;
	int64_t count;
};
enum { CONSTANT_UTF16 = 0x7d0 };

static void string_destroy(struct object *object)
{
	free(((struct string *)object)->units);
}

static bool is_constant(const void *string)
{
	return *(const void *const *)string == darwin_CFConstantStringClassReference;
}

size_t string_length(const void *string)
{
	return is_constant(string) ? (size_t)((const struct constant *)string)->count
				   : ((const struct string *)string)->count;
}

uint16_t string_unit(const void *string, size_t index)
{
	const struct constant *constant = string;
	if (!is_constant(string))
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

const struct object_type string_type = {"CFString", string_destroy, string_equal, string_hash};

struct string *string_make(const uint16_t *units, size_t count)
{
	struct string *string = object_make(&string_type, sizeof(*string));
	string->units = malloc((count + 1) * sizeof(*units));
	if (!string->units)
		abort();
	if (count)
		memcpy(string->units, units, count * sizeof(*units));
	string->count = count;
	return string;
}

struct string *string_from_utf8(const char *text, size_t size)
{
	uint16_t *units = malloc((size + 1) * sizeof(*units));
	size_t count = 0;
	if (!units)
		return NULL;
	for (size_t at = 0; at < size;) {
		uint32_t point;
		size_t used = unicode_from_utf8(text + at, size - at, &point);
		if (used == 0) {
			free(units);
			return NULL;
		}
		at += used;
		count += unicode_to_utf16(point, units + count);
	}
	struct string *string = string_make(units, count);
	free(units);
	return string;
}

struct string *string_format(const char *format, ...)
{
	char text[1024];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return string_from_utf8(text, strlen(text));
}

// The code point at the index; sets how many units it has. A lone surrogate is U+FFFD.
static uint32_t point_at(const void *string, size_t index, size_t end, size_t *used)
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

// One code point in an encoding. 0: it cannot be written.
static size_t encode(uint32_t point, uint32_t encoding, uint8_t *to)
{
	switch (encoding) {
	case STRING_UTF8: return unicode_to_utf8(point, (char *)to);
	case STRING_UTF16:
	case STRING_UTF16_LITTLE: {
		uint16_t units[2];
		size_t count = unicode_to_utf16(point, units);
		memcpy(to, units, count * 2);
		return count * 2;
	}
	case STRING_ASCII:
	case STRING_LATIN1: to[0] = (uint8_t)point; return point < (encoding == STRING_ASCII ? 0x80 : 0x100);
	default: return 0;
	}
}

// Writes as much of the range as fits, whole characters. `loss`: stands in for what the encoding does not have; 0: it ends there.
static size_t string_write(const void *string, size_t from, size_t end, uint32_t encoding, uint8_t loss, uint8_t *to,
			   size_t room, size_t *written)
{
	size_t index = from;
	*written = 0;
	while (index < end) {
		uint8_t bytes[4];
		size_t used, size = encode(point_at(string, index, end, &used), encoding, bytes);
		if (size == 0 && loss)
			bytes[0] = loss, size = 1;
		if (size == 0 || (to && *written + size > room))
			break;
		if (to)
			memcpy(to + *written, bytes, size);
		*written += size;
		index += used;
	}
	return index - from;
}

char *string_to_utf8(const void *string)
{
	size_t room = string_length(string) * 3 + 1, written;
	char *text = malloc(room);
	if (!text)
		abort();
	string_write(string, 0, string_length(string), STRING_UTF8, '?', (uint8_t *)text, room - 1, &written);
	text[written] = '\0';
	return text;
}

// ---- what programs call ---------------------------------------------------------------------------------------------

struct string *darwin_CFStringCreateWithBytes(const void *allocator, const uint8_t *bytes, int64_t size,
					      uint32_t encoding, uint8_t external)
{
	(void)allocator, (void)external;
	if (encoding == STRING_UTF8)
		return string_from_utf8((const char *)bytes, (size_t)size);
	if (encoding == STRING_UTF16 || encoding == STRING_UTF16_LITTLE)
		return string_make((const uint16_t *)bytes, (size_t)size / 2);
	if (encoding != STRING_ASCII && encoding != STRING_LATIN1)
		return NULL;
	struct string *string = string_make(NULL, 0);
	string->units = realloc(string->units, ((size_t)size + 1) * 2);
	for (int64_t i = 0; i < size; i++)
		string->units[i] = bytes[i];
	string->count = (size_t)size;
	return string;
}

struct string *darwin_CFStringCreateWithCString(const void *allocator, const char *text, uint32_t encoding)
{
	return darwin_CFStringCreateWithBytes(allocator, (const uint8_t *)text, (int64_t)strlen(text), encoding, 0);
}

struct string *darwin_CFStringCreateWithCharacters(const void *allocator, const uint16_t *units, int64_t count)
{
	(void)allocator;
	return string_make(units, (size_t)count);
}

const void *darwin_CFStringCreateCopy(const void *allocator, const void *string)
{
	(void)allocator;
	if (is_constant(string) || !((const struct string *)string)->changes)
		return darwin_CFRetain(string);
	return string_make(((const struct string *)string)->units, string_length(string));
}

struct string *darwin_CFStringCreateMutableCopy(const void *allocator, int64_t most, const void *string)
{
	(void)allocator, (void)most;
	size_t count = string_length(string);
	struct string *copy = string_make(NULL, 0);
	copy->units = realloc(copy->units, (count + 1) * 2);
	for (size_t i = 0; i < count; i++)
		copy->units[i] = string_unit(string, i);
	copy->count = count;
	copy->changes = true;
	return copy;
}

int64_t darwin_CFStringGetLength(const void *string)
{
	return (int64_t)string_length(string);
}

uint16_t darwin_CFStringGetCharacterAtIndex(const void *string, int64_t index)
{
	return string_unit(string, (size_t)index);
}

void darwin_CFStringGetCharacters(const void *string, int64_t start, int64_t count, uint16_t *to)
{
	for (int64_t i = 0; i < count; i++)
		to[i] = string_unit(string, (size_t)(start + i));
}

uint8_t darwin_CFStringGetCString(const void *string, char *to, int64_t room, uint32_t encoding)
{
	size_t written, count = string_length(string);
	if (room <= 0)
		return 0;
	bool whole = string_write(string, 0, count, encoding, 0, (uint8_t *)to, (size_t)room - 1, &written) == count;
	to[whole ? written : 0] = '\0';
	return whole;
}

int64_t darwin_CFStringGetBytes(const void *string, int64_t start, int64_t count, uint32_t encoding, uint8_t loss,
				uint8_t external, uint8_t *to, int64_t room, int64_t *used)
{
	size_t written;
	(void)external;
	int64_t converted = (int64_t)string_write(string, (size_t)start, (size_t)(start + count), encoding, loss, to,
						  (size_t)room, &written);
	if (used)
		*used = (int64_t)written;
	return converted;
}

int64_t darwin_CFStringGetMaximumSizeForEncoding(int64_t count, uint32_t encoding)
{
	return count * (encoding == STRING_UTF8					      ? 3
			: encoding == STRING_UTF16 || encoding == STRING_UTF16_LITTLE ? 2
										      : 1);
}

struct data *darwin_CFStringCreateExternalRepresentation(const void *allocator, const void *string, uint32_t encoding,
							 uint8_t loss)
{
	size_t count = string_length(string), written;
	uint8_t *bytes = malloc(count * 4 + 1);
	if (!bytes)
		return NULL;
	bool whole = string_write(string, 0, count, encoding, loss, bytes, count * 4, &written) == count;
	struct data *data = whole ? darwin_CFDataCreate(allocator, bytes, (int64_t)written) : NULL;
	free(bytes);
	return data;
}

// Facts: CFStringNormalizationForm: 0 D, 1 KD, 2 C, 3 KC.
void darwin_CFStringNormalize(struct string *string, int64_t form)
{
	size_t count;
	uint16_t *units = unicode_normalize(string->units, string->count, form & 1, form & 2, &count);
	free(string->units);
	string->units = units;
	string->count = count;
}

// Options: 1 without regard to case. -1, 0 or 1.
int64_t darwin_CFStringCompare(const void *left, const void *right, uint64_t options)
{
	size_t lefts = string_length(left), rights = string_length(right);
	for (size_t i = 0; i < lefts && i < rights; i++) {
		uint16_t a = string_unit(left, i), b = string_unit(right, i);
		if (options & 1) {
			a = a >= 'A' && a <= 'Z' ? a + 32 : a;
			b = b >= 'A' && b <= 'Z' ? b + 32 : b;
		}
		if (a != b)
			return a < b ? -1 : 1;
	}
	return lefts == rights ? 0 : lefts < rights ? -1 : 1;
}
