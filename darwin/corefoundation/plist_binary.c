// SPDX-License-Identifier: MIT
// Binary property lists, read. See plist.h.
//
// The trailer says where the table of offsets is; the table, where each object begins. An object is made once and shared. One that is
// being made must not be met again: the file would be inside itself.
#include "plist.h"

#include "cfstring.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD = 8, TRAILER = 32 };

struct item {
	enum { ITEM_NEW, ITEM_BEGUN, ITEM_MADE } state; // NEW to BEGUN to MADE
	const void *object;
	uint64_t unfolded; // objects in it and itself
};

struct binary {
	const uint8_t *bytes;
	uint64_t offsets, count, end; // the table; objects; where objects end
	unsigned offset_size, reference_size;
	struct item *items;
	struct plist_failure *failure;
	uint64_t most; // unfolded
};

static struct item *item_at(struct binary *binary, uint64_t index, unsigned level);

static uint64_t big(const uint8_t *bytes, unsigned size)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < size; i++)
		value = value << 8 | bytes[i];
	return value;
}

static const void *fail(struct binary *binary, const char *reason)
{
	if (!binary->failure->reason)
		binary->failure->reason = reason;
	return NULL;
}

// How many things the marker's low half or the integer behind it counts, and steps behind; each has `width` bytes.
static bool count_read(struct binary *binary, uint64_t *at, unsigned width, uint64_t *count)
{
	uint8_t marker = binary->bytes[(*at)++];
	*count = marker & 15;
	if (*count == 15) {
		unsigned size =
			*at < binary->end && (binary->bytes[*at] & 0xf0) == 0x10 ? 1u << (binary->bytes[*at] & 15) : 0;
		if (size == 0 || size > 8 || binary->end - *at <= size)
			return false;
		*count = big(binary->bytes + *at + 1, size);
		*at += 1 + size;
	}
	return *count <= (binary->end - *at) / width;
}

static const void *read_number(struct binary *binary, uint64_t at)
{
	uint8_t marker = binary->bytes[at];
	unsigned size = (marker & 15) <= 4 ? 1u << (marker & 15) : 0;
	const uint8_t *digits = binary->bytes + at + 1;
	if (size == 0 || binary->end - at <= size)
		return fail(binary, "a number is cut short");
	if (marker >> 4 == 1 && size == 16) // the upper half is the sign
		return big(digits, 8) == 0 ? number_make_unsigned(big(digits + 8, 8))
					   : number_make((int64_t)big(digits + 8, 8));
	uint64_t value = big(digits, size);
	if (marker >> 4 == 1)
		return number_make((int64_t)value); // only eight bytes have a sign
	if (size != 4 && size != 8)
		return fail(binary, "a real has no such size");
	uint32_t narrow = (uint32_t)value;
	float small;
	double real;
	memcpy(&small, &narrow, 4);
	memcpy(&real, &value, 8);
	if (size == 4)
		real = (double)small;
	return marker == 0x33 ? (const void *)darwin_CFDateCreate(NULL, real) : number_make_real(real);
}

static const void *read_bytes(struct binary *binary, uint64_t at)
{
	unsigned kind = binary->bytes[at] >> 4;
	uint64_t count;
	if (!count_read(binary, &at, kind == 6 ? 2 : 1, &count))
		return fail(binary, "bytes are cut short");
	if (kind == 4)
		return darwin_CFDataCreate(NULL, binary->bytes + at, (int64_t)count);
	size_t units;
	uint16_t *decoded = encoding_decode(binary->bytes + at, kind == 6 ? count * 2 : count,
					    kind == 6 ? STRING_UTF16_BIG : STRING_ASCII, false, &units);
	const void *string = decoded ? string_make(decoded, units) : fail(binary, "a string is no ASCII");
	free(decoded);
	return string;
}

static struct item *referred(struct binary *binary, uint64_t at, uint64_t index, unsigned level, struct item *by)
{
	struct item *item = item_at(
		binary, big(binary->bytes + at + index * binary->reference_size, binary->reference_size), level + 1);
	if (!item)
		return NULL;
	by->unfolded += item->unfolded;
	if (by->unfolded <= binary->most)
		return item;
	fail(binary, "it unfolds to too many objects");
	return NULL;
}

static const void *read_array(struct binary *binary, uint64_t at, unsigned level, struct item *mine)
{
	uint64_t count;
	if (!count_read(binary, &at, binary->reference_size, &count))
		return fail(binary, "an array is cut short");
	struct array *array = array_make(true);
	for (uint64_t i = 0; i < count && !binary->failure->reason; i++) {
		struct item *item = referred(binary, at, i, level, mine);
		if (item)
			darwin_CFArrayAppendValue(array, item->object);
	}
	return array;
}

static const void *read_dictionary(struct binary *binary, uint64_t at, unsigned level, struct item *mine)
{
	uint64_t count;
	if (!count_read(binary, &at, binary->reference_size * 2, &count))
		return fail(binary, "a dictionary is cut short");
	struct dictionary *dictionary = dictionary_make();
	for (uint64_t i = 0; i < count && !binary->failure->reason; i++) {
		struct item *key = referred(binary, at, i, level, mine);
		struct item *value = key ? referred(binary, at, count + i, level, mine) : NULL;
		if (key && object_type(key->object) != &string_type)
			fail(binary, "a key is no string");
		else if (value)
			darwin_CFDictionarySetValue(dictionary, key->object, value->object);
	}
	return dictionary;
}

static const void *read_object(struct binary *binary, uint64_t at, unsigned level, struct item *mine)
{
	uint8_t marker = binary->bytes[at];
	unsigned size = (marker & 15u) + 1;
	switch (marker >> 4) {
	case 0:
		return marker == 8   ? darwin_kCFBooleanFalse
		       : marker == 9 ? darwin_kCFBooleanTrue
				     : fail(binary, "an object is of no known kind");
	case 1:
	case 2: return read_number(binary, at);
	case 3: return marker == 0x33 ? read_number(binary, at) : fail(binary, "a date is none");
	case 4:
	case 5:
	case 6: return read_bytes(binary, at);
	case 8:
		return size > 8 || binary->end - at <= size ? fail(binary, "a UID is cut short")
							    : uid_make(big(binary->bytes + at + 1, size));
	case 10: return read_array(binary, at, level, mine);
	case 13: return read_dictionary(binary, at, level, mine);
	default: return fail(binary, "an object is of no known kind");
	}
}

static struct item *item_at(struct binary *binary, uint64_t index, unsigned level)
{
	struct item *item = index < binary->count ? &binary->items[index] : NULL;
	if (item && item->state == ITEM_MADE)
		return item;
	uint64_t at =
		item ? big(binary->bytes + binary->offsets + index * binary->offset_size, binary->offset_size) : 0;
	if (!item)
		fail(binary, "an object is not in the table");
	else if (item->state == ITEM_BEGUN)
		fail(binary, "an object is inside itself");
	else if (level > PLIST_LEVELS)
		fail(binary, "it is too deep");
	else if (at < HEAD || at >= binary->end)
		fail(binary, "an object lies outside the file");
	if (binary->failure->reason)
		return NULL;
	item->state = ITEM_BEGUN;
	item->unfolded = 1;
	item->object = read_object(binary, at, level, item);
	item->state = ITEM_MADE;
	return binary->failure->reason ? NULL : item;
}

const void *plist_read_binary(const uint8_t *bytes, size_t size, struct plist_failure *failure)
{
	struct binary binary = {.bytes = bytes, .failure = failure, .most = size * PLIST_UNFOLDED};
	if (size < HEAD + 1 + TRAILER || memcmp(bytes, "bplist0", 7) != 0)
		return fail(&binary, "the file is too short");
	const uint8_t *trailer = bytes + size - TRAILER;
	binary.offset_size = trailer[6];
	binary.reference_size = trailer[7];
	binary.count = big(trailer + 8, 8);
	binary.offsets = binary.end = big(trailer + 24, 8);
	uint64_t top = big(trailer + 16, 8);
	if (binary.offset_size < 1 || binary.offset_size > 8 || binary.reference_size < 1 ||
	    binary.reference_size > 8 || binary.offsets < HEAD + 1 || binary.offsets > size - TRAILER ||
	    binary.count == 0 || binary.count > (size - TRAILER - binary.offsets) / binary.offset_size)
		return fail(&binary, "the table of objects lies outside the file");
	binary.items = calloc(binary.count, sizeof(*binary.items));
	if (!binary.items)
		return fail(&binary, "there is no memory for it");
	struct item *item = item_at(&binary, top, 1);
	const void *object = item ? darwin_CFRetain(item->object) : NULL;
	for (uint64_t i = 0; i < binary.count; i++)
		darwin_CFRelease(binary.items[i].object);
	free(binary.items);
	return object;
}
