// SPDX-License-Identifier: MIT
// Reads bytes, LEB128 numbers and strings of a range, never beyond its end.
// A number or string that does not fit sets `bad`, and what is read then is 0 or "".
#ifndef DARWIN_READER_H
#define DARWIN_READER_H

#include "macho.h"

#include <string.h>

struct reader {
	const uint8_t *at, *end;
	bool bad;
};

static inline struct reader reader_of(struct macho_range range)
{
	static const uint8_t none[1];
	const uint8_t *at = range.at ? range.at : none; // an empty range has no place
	return (struct reader){at, at + range.size, false};
}

static inline bool reader_more(const struct reader *reader)
{
	return !reader->bad && reader->at < reader->end;
}

static inline uint8_t reader_byte(struct reader *reader)
{
	if (reader->at < reader->end)
		return *reader->at++;
	reader->bad = true;
	return 0;
}

static inline uint64_t reader_uleb(struct reader *reader)
{
	uint64_t value = 0;
	for (unsigned shift = 0;; shift += 7) {
		uint8_t byte = reader_byte(reader);
		if (shift > 63 || (shift == 63 && (byte & 0x7e)))
			reader->bad = true;
		if (reader->bad)
			return 0;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
}

static inline int64_t reader_sleb(struct reader *reader)
{
	uint64_t value = 0;
	unsigned shift = 0;
	uint8_t byte;
	do {
		byte = reader_byte(reader);
		if (shift > 63)
			reader->bad = true;
		if (reader->bad)
			return 0;
		value |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	if (shift < 64 && (byte & 0x40))
		value |= ~(uint64_t)0 << shift;
	return (int64_t)value;
}

static inline const char *reader_string(struct reader *reader)
{
	const uint8_t *start = reader->at;
	const uint8_t *end = start < reader->end ? memchr(start, 0, (size_t)(reader->end - start)) : NULL;
	if (!end) {
		reader->bad = true;
		return "";
	}
	reader->at = end + 1;
	return (const char *)start;
}

#endif
