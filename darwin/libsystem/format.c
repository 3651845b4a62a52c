// SPDX-License-Identifier: MIT
// printf; see format.h. Facts: printf(3) of Darwin; C17 7.21.6.1. What differs from Debian's C library: %D %O %U, %C %S, %p of NULL is
// 0x0, a NaN has no sign, the flag 0 counts for %s and %c, subnormal numbers of %a begin with 1, an unknown conversion is a character.
// Digits of floating-point numbers are the host's.
#include "format.h"

#include "format_spec.h"
#include "multibyte.h"

#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static size_t characters_of(const struct format_sink *sink, const char *text, size_t size)
{
	size_t count = size;
	for (size_t i = 0; sink->wide && i < size; i++)
		count -= (text[i] & 0xc0) == 0x80;
	return count;
}

static void put(struct format_sink *sink, const char *text, size_t size)
{
	sink->count += characters_of(sink, text, size);
	sink->put(sink, text, size);
}

static void put_many(struct format_sink *sink, char byte, int64_t count)
{
	char block[64];
	if (count <= 0)
		return;
	memset(block, byte, sizeof(block));
	for (; count > 0; count -= (int64_t)sizeof(block))
		put(sink, block, count < (int64_t)sizeof(block) ? (size_t)count : sizeof(block));
}

// Prefix, zeros and text in a field of the width.
static void put_field(struct format_sink *sink, const struct format_spec *spec, const char *prefix, int64_t zeros, const char *text,
		      size_t size)
{
	size_t before = strlen(prefix);
	int64_t rest = spec->width - (int64_t)(before + characters_of(sink, text, size)) - (zeros > 0 ? zeros : 0);
	if (!(spec->flags & (FORMAT_LEFT | FORMAT_ZERO)))
		put_many(sink, ' ', rest);
	if (before)
		put(sink, prefix, before);
	if ((spec->flags & (FORMAT_LEFT | FORMAT_ZERO)) == FORMAT_ZERO)
		put_many(sink, '0', rest);
	put_many(sink, '0', zeros);
	put(sink, text, size);
	if (spec->flags & FORMAT_LEFT)
		put_many(sink, ' ', rest);
}

// ---- whole numbers --------------------------------------------------------------------------------------------------

static char *digits_of(uint64_t value, unsigned base, bool upper, char *end)
{
	const char *digits = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	for (; base == 10 && value; value /= 10) // a division by a constant is quick
		*--end = (char)('0' + value % 10);
	for (; value; value /= base)
		*--end = digits[value % base];
	return end;
}

// Writes the digits with separators between groups so that they end at `end`, and says where they begin.
static char *group_digits(const struct format_sink *sink, const char *digits, size_t count, char *end)
{
	const char *group = sink->groups;
	size_t separator = strlen(sink->separator);
	for (int in_group = 0; count > 0; in_group++) {
		if (*group > 0 && *group != CHAR_MAX && in_group == *group) {
			end -= separator;
			memcpy(end, sink->separator, separator);
			in_group = 0;
			group += group[1] != 0;
		}
		*--end = digits[--count];
	}
	return end;
}

static uint64_t signed_value(const struct format_spec *spec, int64_t value)
{
	return (uint64_t)(spec->length == FORMAT_CHAR ? (signed char)value : spec->length == FORMAT_SHORT ? (short)value : value);
}

static uint64_t unsigned_value(const struct format_spec *spec, int64_t value)
{
	switch (spec->length) {
	case FORMAT_CHAR: return (unsigned char)value;
	case FORMAT_SHORT: return (unsigned short)value;
	case FORMAT_INT: return (uint32_t)value;
	default: return (uint64_t)value;
	}
}

static void put_number(struct format_sink *sink, struct format_spec *spec, int64_t argument)
{
	char room[256], prefix[4] = "", *end = room + 64;
	bool is_signed = spec->conversion == 'd' || spec->conversion == 'i';
	uint64_t value = is_signed ? signed_value(spec, argument) : unsigned_value(spec, argument);
	unsigned base = spec->conversion == 'o' ? 8 : strchr("xXp", spec->conversion) ? 16 : 10;
	if (is_signed && (int64_t)value < 0) {
		prefix[0] = '-';
		value = -value;
	} else if (is_signed)
		prefix[0] = spec->flags & FORMAT_PLUS ? '+' : spec->flags & FORMAT_SPACE ? ' ' : '\0';
	if (base == 16 && (spec->conversion == 'p' || (value && (spec->flags & FORMAT_ALTERNATE))))
		strcpy(prefix, spec->conversion == 'X' ? "0X" : "0x");
	char *at = digits_of(value, base, spec->conversion == 'X', end);
	size_t size = (size_t)(end - at);
	if (base == 8 && (spec->flags & FORMAT_ALTERNATE)) {
		*--at = '0';
		size++;
	}
	if (base == 10 && (spec->flags & FORMAT_GROUPED) && sink->separator && sink->groups && strlen(sink->separator) <= 4) {
		at = group_digits(sink, at, size, room + sizeof(room));
		size = (size_t)(room + sizeof(room) - at);
	}
	if (spec->precision >= 0)
		spec->flags &= ~(unsigned)FORMAT_ZERO;
	int64_t least = spec->precision >= 0 ? spec->precision : 1;
	put_field(sink, spec, prefix, least - (int64_t)size, at, size);
}

// ---- floating-point numbers: the host's digits ----------------------------------------------------------------------

static void host_format(const struct format_spec *spec, bool with_width, char to[24])
{
	*to++ = '%';
	for (unsigned i = 0; i < 6; i++)
		if (spec->flags >> i & 1)
			*to++ = FORMAT_FLAGS[i];
	to += sprintf(to, "%s%s%s", with_width ? "*" : "", spec->precision >= 0 ? ".*" : "", spec->length == FORMAT_LONG_DOUBLE ? "L" : "");
	*to++ = spec->conversion;
	*to = '\0';
}

// A subnormal number: scaled up by 2 to the 600, the exponent of what is printed is put right.
static void put_subnormal(struct format_sink *sink, const struct format_spec *spec, double value)
{
	char format[24], text[64];
	struct format_spec plain = *spec;
	plain.flags &= ~(unsigned)(FORMAT_LEFT | FORMAT_ZERO);
	host_format(&plain, false, format);
	double scaled = ldexp(value, 600);
	int precision = spec->precision > 20 ? 20 : spec->precision;
	precision < 0 ? snprintf(text, sizeof(text), format, scaled) : snprintf(text, sizeof(text), format, precision, scaled);
	char *exponent = strpbrk(text, "pP");
	sprintf(exponent + 1, "%+d", atoi(exponent + 1) - 600);
	put_field(sink, spec, "", 0, text, strlen(text));
}

static int print_float(char *to, size_t room, const struct format_spec *spec, const union format_value *value)
{
	char format[24];
	host_format(spec, true, format);
	if (spec->length == FORMAT_LONG_DOUBLE)
		return spec->precision >= 0 ? snprintf(to, room, format, spec->width, spec->precision, value->long_float)
					    : snprintf(to, room, format, spec->width, value->long_float);
	return spec->precision >= 0 ? snprintf(to, room, format, spec->width, spec->precision, value->real)
				    : snprintf(to, room, format, spec->width, value->real);
}

static int put_float(struct format_sink *sink, struct format_spec *spec, const union format_value *value)
{
	char text[512], *whole = text;
	bool is_long = spec->length == FORMAT_LONG_DOUBLE;
	if (is_long ? isnan(value->long_float) : isnan(value->real)) {
		spec->flags &= ~(unsigned)FORMAT_ZERO;
		put_field(sink, spec, "", 0, strchr("EFGA", spec->conversion) ? "NAN" : "nan", 3);
		return 0;
	}
	if (!is_long && (spec->conversion | 0x20) == 'a' && fpclassify(value->real) == FP_SUBNORMAL) {
		put_subnormal(sink, spec, value->real);
		return 0;
	}
	int size = print_float(text, sizeof(text), spec, value);
	if (size < 0)
		return FORMAT_EOVERFLOW;
	if (size >= (int)sizeof(text)) {
		if (!(whole = malloc((size_t)size + 1)))
			return FORMAT_FAILED;
		print_float(whole, (size_t)size + 1, spec, value);
	}
	put(sink, whole, (size_t)size);
	if (whole != text)
		free(whole);
	return 0;
}

// ---- characters and strings -----------------------------------------------------------------------------------------

// Into the encoding of what is put: 0 if there is none.
static size_t encode(const struct format_sink *sink, uint32_t character, char to[4])
{
	size_t size = multibyte_encode(sink->wide || sink->utf8, character, to);
	return size == MULTIBYTE_WRONG ? 0 : size;
}

static int put_character(struct format_sink *sink, const struct format_spec *spec, int64_t argument)
{
	char text[4] = {(char)argument};
	size_t size = 1;
	bool wide = spec->length >= FORMAT_LONG;
	if ((wide || sink->wide) && (size = encode(sink, wide ? (uint32_t)argument : (uint8_t)argument, text)) == 0)
		return FORMAT_EILSEQ;
	put_field(sink, spec, "", 0, text, size);
	return 0;
}

// The next character of a string in either form: bytes read, 0 at the end, or MULTIBYTE_WRONG.
static size_t next_character(const struct format_sink *sink, bool wide, const void *at, uint32_t *character)
{
	struct multibyte_state state = {0};
	if (wide)
		return (*character = *(const uint32_t *)at) ? sizeof(uint32_t) : 0;
	size_t used = multibyte_decode(sink->utf8, at, strnlen(at, 4) + 1, character, &state);
	return used == MULTIBYTE_SHORT ? MULTIBYTE_WRONG : used;
}

// Once to measure (sink->put is not called), once to put. The precision is of bytes, or of characters of a wide sink.
static int64_t convert_string(struct format_sink *sink, bool wide, const char *at, int precision, bool really)
{
	int64_t total = 0;
	for (uint32_t character; precision < 0 || total < precision;) {
		char text[4];
		size_t used = next_character(sink, wide, at, &character);
		if (used == 0)
			break;
		size_t size = used == MULTIBYTE_WRONG ? 0 : encode(sink, character, text);
		if (size == 0)
			return FORMAT_EILSEQ;
		int64_t counted = sink->wide ? 1 : (int64_t)size;
		if (precision >= 0 && total + counted > precision)
			break;
		if (really)
			put(sink, text, size);
		total += counted;
		at += used;
	}
	return total;
}

static int put_string(struct format_sink *sink, const struct format_spec *spec, const char *text)
{
	bool wide = spec->length >= FORMAT_LONG && text;
	if (!text)
		text = "(null)";
	if (!wide && !sink->wide) {
		size_t size = spec->precision >= 0 ? strnlen(text, (size_t)spec->precision) : strlen(text);
		put_field(sink, spec, "", 0, text, size);
		return 0;
	}
	int64_t size = convert_string(sink, wide, text, spec->precision, false);
	if (size < 0)
		return (int)size;
	char padding = (spec->flags & (FORMAT_LEFT | FORMAT_ZERO)) == FORMAT_ZERO ? '0' : ' ';
	if (!(spec->flags & FORMAT_LEFT))
		put_many(sink, padding, spec->width - size);
	convert_string(sink, wide, text, spec->precision, true);
	if (spec->flags & FORMAT_LEFT)
		put_many(sink, ' ', spec->width - size);
	return 0;
}

// ---- the whole ------------------------------------------------------------------------------------------------------

static void store_count(const struct format_sink *sink, const struct format_spec *spec, void *to)
{
	switch (spec->length) {
	case FORMAT_CHAR: *(signed char *)to = (signed char)sink->count; return;
	case FORMAT_SHORT: *(short *)to = (short)sink->count; return;
	case FORMAT_INT: *(int *)to = (int)sink->count; return;
	default: *(int64_t *)to = (int64_t)sink->count; return;
	}
}

static int put_conversion(struct format_sink *sink, struct format_spec *spec, const union format_value *value)
{
	switch (spec->conversion) {
	case 'd': case 'i': case 'u': case 'o': case 'x': case 'X': case 'p': put_number(sink, spec, value->number); return 0;
	case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case 'a': case 'A': return put_float(sink, spec, value);
	case 'c': return put_character(sink, spec, value->number);
	case 's': return put_string(sink, spec, value->pointer);
	case 'n': store_count(sink, spec, value->pointer); return 0;
	default: put_field(sink, spec, "", 0, &spec->conversion, 1); return 0;
	}
}

int format_write(struct format_sink *sink, const char *format, va_list arguments)
{
	struct format_values values;
	int error = format_values_begin(&values, format, arguments);
	while (!error && !sink->failed) {
		const char *percent = strchrnul(format, '%');
		if (percent > format)
			put(sink, format, (size_t)(percent - format));
		if (!*percent)
			break;
		struct format_spec spec;
		format = format_spec_read(percent, &spec);
		if (spec.conversion == '\0')
			break;
		union format_value value = format_values_next(&values, &spec);
		error = put_conversion(sink, &spec, &value);
		if (!error && sink->count > INT_MAX)
			error = FORMAT_EOVERFLOW;
	}
	format_values_end(&values);
	return error ? error : sink->failed ? FORMAT_FAILED : (int)sink->count;
}
