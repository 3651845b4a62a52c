// SPDX-License-Identifier: MIT
// The inside of CFString, for its files: cfstring.c makes and reads, encoding.c converts, change.c changes, find.c compares and finds,
// format.c puts together. Facts: CFString.h, CFStringEncodingExt.h.
#ifndef DARWIN_CF_STRING_H
#define DARWIN_CF_STRING_H

#include "object.h"

enum {
	STRING_MAC_ROMAN = 0,
	STRING_UTF16 = 0x100,
	STRING_LATIN1 = 0x201,
	STRING_WINDOWS = 0x500,
	STRING_ASCII = 0x600,
	STRING_NON_LOSSY = 0xbff,
	STRING_UTF8 = 0x08000100,
	STRING_UTF32 = 0x0c000100,
	STRING_UTF16_BIG = 0x10000100,
	STRING_UTF16_LITTLE = 0x14000100,
	STRING_UTF32_BIG = 0x18000100,
	STRING_UTF32_LITTLE = 0x1c000100,
	STRING_INVALID = 0xffffffff
};

struct string {
	struct object head;
	size_t count, room;
	uint16_t *units;
	bool changes;
	char *_Atomic text; // CFStringGetCStringPtr's, when it was asked for
};

// Facts: clang's CodeGenModule::GetAddrOfConstantCFString: class, flags, characters, length.
struct constant_string {
	const void *class;
	uint32_t flags, pad;
	const void *characters;
	int64_t count;
};
enum { CONSTANT_BYTES = 0x7c8, CONSTANT_UTF16 = 0x7d0 };

extern uint64_t darwin_CFConstantStringClassReference[16];

static inline bool string_is_constant(const void *object)
{
	return *(const void *const *)object == darwin_CFConstantStringClassReference;
}

// Replaces a range by units; the string must be one that changes.
void string_replace(struct string *string, size_t start, size_t count, const uint16_t *units, size_t unit_count);
// The code point at the index; sets how many units it has. A lone surrogate is U+FFFD.
uint32_t string_point(const void *string, size_t index, size_t end, size_t *used);
// Decodes bytes: UTF-16, malloced. NULL: they are not in that encoding, or it is not known. `external`: a byte order mark is none of them.
uint16_t *encoding_decode(const uint8_t *bytes, size_t size, uint32_t encoding, bool external, size_t *count);
// Encodes as much of the range as fits, whole characters; returns how many units that is. `to` NULL: only counts.
// `loss`: stands in for what the encoding does not have; 0: it ends there.
size_t encoding_encode(const void *string, struct range range, uint32_t encoding, uint8_t loss, uint8_t *to,
		       size_t room, size_t *written);

#endif
