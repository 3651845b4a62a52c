// SPDX-License-Identifier: MIT
// Encodings of strings: Unicode's, ASCII and Latin-1 here, all others by Debian's iconv. Facts: CFString.h, CFStringEncodingExt.h;
// names: IANA's character sets.
#include "constant.h"

#include "unicode.h"

#include <iconv.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct encoding_name {
	uint32_t number;
	const char *iana, *host;
} names[] = {
	{STRING_UTF8, "utf-8", NULL},
	{STRING_UTF16, "utf-16", NULL},
	{STRING_UTF16_BIG, "utf-16be", NULL},
	{STRING_UTF16_LITTLE, "utf-16le", NULL},
	{STRING_UTF32, "utf-32", NULL},
	{STRING_UTF32_BIG, "utf-32be", NULL},
	{STRING_UTF32_LITTLE, "utf-32le", NULL},
	{STRING_ASCII, "us-ascii", NULL},
	{STRING_LATIN1, "iso-8859-1", NULL},
	{STRING_MAC_ROMAN, "macintosh", "MACINTOSH"},
	{0x202, "iso-8859-2", "ISO-8859-2"},
	{0x203, "iso-8859-3", "ISO-8859-3"},
	{0x204, "iso-8859-4", "ISO-8859-4"},
	{0x205, "iso-8859-5", "ISO-8859-5"},
	{0x206, "iso-8859-6", "ISO-8859-6"},
	{0x207, "iso-8859-7", "ISO-8859-7"},
	{0x208, "iso-8859-8", "ISO-8859-8"},
	{0x209, "iso-8859-9", "ISO-8859-9"},
	{0x20a, "iso-8859-10", "ISO-8859-10"},
	{0x20d, "iso-8859-13", "ISO-8859-13"},
	{0x20e, "iso-8859-14", "ISO-8859-14"},
	{0x20f, "iso-8859-15", "ISO-8859-15"},
	{0x210, "iso-8859-16", "ISO-8859-16"},
	{0x400, "cp437", "CP437"},
	{0x410, "cp850", "CP850"},
	{0x420, "cp932", "CP932"},
	{STRING_WINDOWS, "windows-1252", "CP1252"},
	{0x501, "windows-1250", "CP1250"},
	{0x502, "windows-1251", "CP1251"},
	{0x503, "windows-1253", "CP1253"},
	{0x504, "windows-1254", "CP1254"},
	{0x505, "windows-1255", "CP1255"},
	{0x506, "windows-1256", "CP1256"},
	{0x507, "windows-1257", "CP1257"},
	{0x508, "windows-1258", "CP1258"},
	{0x632, "gb18030", "GB18030"},
	{0x631, "gbk", "GBK"},
	{0x820, "iso-2022-jp", "ISO-2022-JP"},
	{0x920, "euc-jp", "EUC-JP"},
	{0x930, "gb2312", "EUC-CN"},
	{0x931, "euc-tw", "EUC-TW"},
	{0x940, "euc-kr", "EUC-KR"},
	{0xa01, "shift_jis", "SHIFT_JIS"},
	{0xa02, "koi8-r", "KOI8-R"},
	{0xa03, "big5", "BIG5"},
	{0xa08, "koi8-u", "KOI8-U"},
};

static const struct encoding_name *name_find(uint32_t encoding)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].number == encoding)
			return &names[i];
	return NULL;
}

static bool is_unicode(uint32_t encoding, unsigned *width, bool *big)
{
	*big = encoding == STRING_UTF16_BIG || encoding == STRING_UTF32_BIG;
	*width = encoding == STRING_UTF16 || encoding == STRING_UTF16_BIG || encoding == STRING_UTF16_LITTLE   ? 2
		 : encoding == STRING_UTF32 || encoding == STRING_UTF32_BIG || encoding == STRING_UTF32_LITTLE ? 4
													       : 0;
	return *width;
}

// ---- bytes to units -------------------------------------------------------------------------------------------------

// Takes a byte order mark away. Only the encodings without an order of their own heed it.
static size_t mark_take(const uint8_t *bytes, size_t size, uint32_t encoding, unsigned width, bool *big)
{
	static const uint8_t utf8[] = {0xef, 0xbb, 0xbf};
	if (encoding == STRING_UTF8)
		return size >= 3 && memcmp(bytes, utf8, 3) == 0 ? 3 : 0;
	if (width == 0 || size < width)
		return 0;
	uint8_t little[4] = {0xff, 0xfe, 0, 0}, large[4] = {0, 0, 0xfe, 0xff};
	if (memcmp(bytes, little, width) == 0 && !*big)
		return width;
	if (memcmp(bytes, large + 4 - width, width) == 0 &&
	    (*big || encoding == STRING_UTF16 || encoding == STRING_UTF32)) {
		*big = true;
		return width;
	}
	return 0;
}

static bool decode_wide(const uint8_t *bytes, size_t size, unsigned width, bool big, uint16_t *units, size_t *count)
{
	if (size % width)
		return false;
	for (size_t i = 0; i < size; i += width) {
		uint32_t value = 0;
		for (unsigned j = 0; j < width; j++)
			value |= (uint32_t)bytes[i + j] << (8 * (big ? width - 1 - j : j));
		if (value > 0x10ffff)
			return false;
		if (width == 2)
			units[(*count)++] = (uint16_t)value;
		else
			*count += unicode_to_utf16(value, units + *count);
	}
	return true;
}

static bool decode_utf8(const uint8_t *bytes, size_t size, uint16_t *units, size_t *count)
{
	for (size_t at = 0; at < size;) {
		uint32_t point;
		size_t used = unicode_from_utf8((const char *)bytes + at, size - at, &point);
		if (used == 0)
			return false;
		at += used;
		*count += unicode_to_utf16(point, units + *count);
	}
	return true;
}

static bool decode_host(const uint8_t *bytes, size_t size, const char *host, uint16_t *units, size_t *count)
{
	iconv_t from = iconv_open("UTF-16LE", host);
	if (from == (iconv_t)-1)
		return false;
	char *in = (char *)(uintptr_t)bytes, *out = (char *)units;
	size_t left = size, room = size * 4 + 4;
	bool fine = iconv(from, &in, &left, &out, &room) != (size_t)-1;
	iconv_close(from);
	*count = (size_t)(out - (char *)units) / 2;
	return fine;
}

uint16_t *encoding_decode(const uint8_t *bytes, size_t size, uint32_t encoding, bool external, size_t *count)
{
	const struct encoding_name *name = name_find(encoding);
	unsigned width;
	bool big, fine = name || encoding == STRING_NON_LOSSY;
	uint16_t *units =
		size > SIZE_MAX / 8 ? NULL : malloc(size * 4 + 4); // no encoding has more than two units a byte
	if (!units)
		return NULL;
	is_unicode(encoding, &width, &big);
	size_t mark = external || encoding == STRING_UTF16 || encoding == STRING_UTF32
			      ? mark_take(bytes, size, encoding, width, &big)
			      : 0;
	bytes = mark ? bytes + mark : bytes;
	size -= mark;
	*count = 0;
	if (width)
		fine = decode_wide(bytes, size, width, big, units, count);
	else if (encoding == STRING_UTF8)
		fine = decode_utf8(bytes, size, units, count);
	else if (name && name->host)
		fine = decode_host(bytes, size, name->host, units, count);
	else
		for (size_t i = 0; i < size && fine; i++) {
			fine = encoding == STRING_LATIN1 || bytes[i] < 0x80;
			units[(*count)++] = bytes[i];
		}
	if (!fine) {
		free(units);
		return NULL;
	}
	return units;
}

// ---- units to bytes -------------------------------------------------------------------------------------------------

static size_t encode_host(uint32_t point, const char *host, uint8_t *to)
{
	static __thread iconv_t into;
	static __thread const char *into_name;
	if (into_name != host) { // a thread seldom needs two at once
		if (into_name)
			iconv_close(into);
		into = iconv_open(host, "UTF-32LE");
		into_name = into == (iconv_t)-1 ? NULL : host;
	}
	if (!into_name)
		return 0;
	char *in = (char *)&point, *out = (char *)to;
	size_t left = 4, room = 16;
	if (iconv(into, &in, &left, &out, &room) == (size_t)-1 || iconv(into, NULL, NULL, &out, &room) == (size_t)-1) {
		iconv(into, NULL, NULL, NULL, NULL);
		return 0;
	}
	return (size_t)(out - (char *)to);
}

// One code point in an encoding, at most 16 bytes. 0: it cannot be written.
static size_t encode(uint32_t point, uint32_t encoding, const char *host, uint8_t to[16])
{
	unsigned width;
	bool big;
	if (encoding == STRING_UTF8)
		return unicode_to_utf8(point, (char *)to);
	if (is_unicode(encoding, &width, &big)) {
		uint16_t units[2];
		size_t count = width == 2 ? unicode_to_utf16(point, units) : 1;
		for (size_t i = 0; i < count; i++)
			for (unsigned j = 0; j < width; j++)
				to[i * width + j] =
					(uint8_t)((width == 2 ? units[i] : point) >> (8 * (big ? width - 1 - j : j)));
		return count * width;
	}
	if (host)
		return encode_host(point, host, to);
	to[0] = (uint8_t)point;
	return point < (encoding == STRING_LATIN1 ? 0x100 : 0x80);
}

size_t encoding_encode(const void *string, struct range range, uint32_t encoding, uint8_t loss, uint8_t *to,
		       size_t room, size_t *written)
{
	const struct encoding_name *name = name_find(encoding);
	size_t index = (size_t)range.start, end = index + (size_t)range.count;
	*written = 0;
	if (!name && encoding != STRING_NON_LOSSY)
		return 0;
	while (index < end) {
		uint8_t bytes[16];
		size_t used, size = encode(string_point(string, index, end, &used), encoding, name ? name->host : NULL,
					   bytes);
		if (size == 0 && loss)
			bytes[0] = loss, size = 1;
		if (size == 0 || *written + size > room)
			break;
		if (to)
			memcpy(to + *written, bytes, size);
		*written += size;
		index += used;
	}
	return index - (size_t)range.start;
}

// ---- what programs ask about encodings ------------------------------------------------------------------------------

int64_t darwin_CFStringGetMaximumSizeForEncoding(int64_t count, uint32_t encoding)
{
	unsigned width;
	bool big, single = encoding == STRING_MAC_ROMAN || encoding == STRING_ASCII || (encoding >= 0x201 && encoding <= 0x210) ||
			   encoding == 0x400 || encoding == 0x410 || (encoding >= STRING_WINDOWS && encoding <= 0x508);
	int64_t factor = encoding == STRING_UTF8 ? 3 : is_unicode(encoding, &width, &big) ? width : single ? 1 : 4;
	return count > INT64_MAX / factor ? -1 : count * factor;
}

uint32_t darwin_CFStringGetSystemEncoding(void)
{
	return STRING_MAC_ROMAN; // as macOS says in any Western language
}

uint32_t darwin_CFStringGetFastestEncoding(const void *string)
{
	for (size_t i = 0; i < string_length(string); i++)
		if (string_unit(string, i) >= 0x80)
			return STRING_UTF16;
	return STRING_ASCII;
}

uint32_t darwin_CFStringGetSmallestEncoding(const void *string)
{
	return darwin_CFStringGetFastestEncoding(string);
}

uint8_t darwin_CFStringIsEncodingAvailable(uint32_t encoding)
{
	const struct encoding_name *name = name_find(encoding);
	iconv_t host = name && name->host ? iconv_open("UTF-16LE", name->host) : (iconv_t)-1;
	bool there = name && (!name->host || host != (iconv_t)-1);
	if (host != (iconv_t)-1)
		iconv_close(host);
	return there;
}

struct string *darwin_CFStringConvertEncodingToIANACharSetName(uint32_t encoding)
{
	const struct encoding_name *name = name_find(encoding);
	return name ? string_format("%s", name->iana) : NULL;
}

uint32_t darwin_CFStringConvertIANACharSetNameToEncoding(const void *string)
{
	char *text = string_to_utf8(string);
	uint32_t found = STRING_INVALID;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names) && found == STRING_INVALID; i++)
		if (strcasecmp(names[i].iana, text) == 0)
			found = names[i].number;
	free(text);
	return found;
}

// Facts: NSString.h, NSStringEncoding: small numbers of its own for the old ones, the same numbers for all others.
static const struct {
	uint32_t number;
	uint64_t foundation;
} foundation_numbers[] = {{STRING_ASCII, 1},  {STRING_UTF8, 4}, {STRING_LATIN1, 5},    {0xa01, 8},  {0x202, 9},
			  {STRING_UTF16, 10}, {0x502, 11},	{STRING_WINDOWS, 12},  {0x503, 13}, {0x504, 14},
			  {0x501, 15},	      {0x820, 21},	{STRING_MAC_ROMAN, 30}};

uint64_t darwin_CFStringConvertEncodingToNSStringEncoding(uint32_t encoding)
{
	for (size_t i = 0; i < sizeof(foundation_numbers) / sizeof(*foundation_numbers); i++)
		if (foundation_numbers[i].number == encoding)
			return foundation_numbers[i].foundation;
	return 0x80000000u | encoding;
}

uint32_t darwin_CFStringConvertNSStringEncodingToEncoding(uint64_t foundation)
{
	for (size_t i = 0; i < sizeof(foundation_numbers) / sizeof(*foundation_numbers); i++)
		if (foundation_numbers[i].foundation == foundation)
			return foundation_numbers[i].number;
	return foundation & 0x80000000u ? (uint32_t)(foundation & 0x7fffffff) : STRING_INVALID;
}

// What is here, ended by kCFStringEncodingInvalidId.
const uint32_t *darwin_CFStringGetListOfAvailableEncodings(void)
{
	static uint32_t list[sizeof(names) / sizeof(*names) + 1]; // the same whoever fills it in
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		list[i] = names[i].number;
	list[sizeof(names) / sizeof(*names)] = STRING_INVALID;
	return list;
}

// Its IANA name, where macOS has a name for people. Lent for ever.
const void *darwin_CFStringGetNameOfEncoding(uint32_t encoding)
{
	static struct string *_Atomic made[sizeof(names) / sizeof(*names)];
	const struct encoding_name *name = name_find(encoding);
	if (!name)
		return NULL;
	struct string *none = NULL, *text = made[name - names];
	if (!text) {
		text = string_from_text(name->iana);
		if (!atomic_compare_exchange_strong(&made[name - names], &none, text)) {
			darwin_CFRelease(text);
			text = none;
		}
	}
	return text;
}

// The encoding of old Macs that has the most of its letters: Roman for what is Western or all of Unicode.
uint32_t darwin_CFStringGetMostCompatibleMacStringEncoding(uint32_t encoding)
{
	static const struct {
		uint32_t encoding, mac;
	} known[] = {{0x202, 29}, {0x501, 29},	{0x205, 7}, {0x502, 7}, {0xa02, 7}, {0x207, 6},	 {0x503, 6},  {0x208, 5},
		     {0x505, 5},  {0x206, 4},	{0x506, 4}, {0x209, 35}, {0x504, 35}, {0x420, 1}, {0xa01, 1}, {0x920, 1},
		     {0x820, 1},  {0x940, 3},	{0x930, 25}, {0x631, 25}, {0x632, 25}, {0xa03, 2}, {0x931, 2}};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (known[i].encoding == encoding)
			return known[i].mac;
	return STRING_MAC_ROMAN;
}
