// SPDX-License-Identifier: MIT
// Conversions of printf and their arguments; see format_spec.h. Facts: printf(3) of Darwin, C17 7.21.6.1, POSIX fprintf (n$).
#include "format_spec.h"

#include <limits.h>
#include <string.h>

static const char *read_decimal(const char *at, int *value)
{
	int64_t sum = 0;
	for (; *at >= '0' && *at <= '9'; at++)
		if (sum < INT_MAX)
			sum = sum * 10 + (*at - '0');
	*value = sum > INT_MAX ? INT_MAX : (int)sum;
	return at;
}

// n$: the number and what follows, or 0 and where it began.
static const char *read_number(const char *at, int *number)
{
	const char *end = read_decimal(at, number);
	if (end > at && *end == '$')
		return end + 1;
	*number = 0;
	return at;
}

static const char *read_length(const char *at, enum format_length *length)
{
	*length = FORMAT_INT;
	switch (*at) {
	case 'h': *length = at[1] == 'h' ? FORMAT_CHAR : FORMAT_SHORT; return at + 1 + (at[1] == 'h');
	case 'l': *length = FORMAT_LONG; return at + 1 + (at[1] == 'l');
	case 'q': case 'j': case 't': case 'z': *length = FORMAT_LONG; return at + 1;
	case 'L': *length = FORMAT_LONG_DOUBLE; return at + 1;
	default: return at;
	}
}

const char *format_spec_read(const char *percent, struct format_spec *spec)
{
	const char *at = percent + 1, *flag;
	*spec = (struct format_spec){.precision = -1};
	at = read_number(at, &spec->number);
	for (; (uint8_t)(*at - ' ') <= '0' - ' ' && (flag = strchr(FORMAT_FLAGS, *at)); at++)
		spec->flags |= 1u << (flag - FORMAT_FLAGS);
	if (*at == '*') {
		spec->width = FORMAT_STAR;
		at = read_number(at + 1, &spec->width_number);
	} else
		at = read_decimal(at, &spec->width);
	if (*at == '.') {
		if (*++at == '*') {
			spec->precision = FORMAT_STAR;
			at = read_number(at + 1, &spec->precision_number);
		} else
			at = read_decimal(at, &spec->precision);
	}
	at = read_length(at, &spec->length);
	spec->conversion = *at;
	if (*at >= 'C' && *at <= 'U' && strchr("DOUCS", *at)) {
		spec->conversion |= 0x20;
		spec->length = FORMAT_LONG;
	}
	if (spec->conversion == 'p')
		spec->length = FORMAT_LONG;
	return *at ? at + 1 : at;
}

static enum format_kind kind_of(const struct format_spec *spec)
{
	if (spec->conversion && strchr("dioux", spec->conversion | 0x20))
		return spec->length >= FORMAT_LONG ? FORMAT_WIDE_NUMBER : FORMAT_NUMBER;
	if (spec->conversion && strchr("aefg", spec->conversion | 0x20))
		return spec->length == FORMAT_LONG_DOUBLE ? FORMAT_LONG_REAL : FORMAT_REAL;
	switch (spec->conversion) {
	case 'c': return FORMAT_NUMBER;
	case 'p': case 's': case 'n': return FORMAT_POINTER;
	default: return FORMAT_NONE;
	}
}

static union format_value take(va_list *list, enum format_kind kind)
{
	switch (kind) {
	case FORMAT_NONE: return (union format_value){0};
	case FORMAT_NUMBER: return (union format_value){.number = va_arg(*list, int)};
	case FORMAT_WIDE_NUMBER: return (union format_value){.number = va_arg(*list, int64_t)};
	case FORMAT_REAL: return (union format_value){.real = va_arg(*list, double)};
	case FORMAT_LONG_REAL: return (union format_value){.long_float = va_arg(*list, long double)};
	case FORMAT_POINTER: return (union format_value){.pointer = va_arg(*list, void *)};
	}
	return (union format_value){0};
}

static bool note_kind(enum format_kind kinds[FORMAT_MOST + 1], int number, enum format_kind kind, int *most)
{
	if (number > FORMAT_MOST)
		return false;
	if (number > 0 && kind != FORMAT_NONE)
		kinds[number] = kind;
	*most = number > *most ? number : *most;
	return true;
}

// Reads all that conversions name, in order of the numbers.
static int values_by_number(struct format_values *values, const char *format)
{
	enum format_kind kinds[FORMAT_MOST + 1] = {FORMAT_NONE};
	int most = 0;
	while (*(format = strchrnul(format, '%'))) {
		struct format_spec spec;
		format = format_spec_read(format, &spec);
		if (!note_kind(kinds, spec.number, kind_of(&spec), &most) ||
		    !note_kind(kinds, spec.width_number, FORMAT_NUMBER, &most) ||
		    !note_kind(kinds, spec.precision_number, FORMAT_NUMBER, &most))
			return -22;
	}
	values->by_number = most > 0;
	for (int i = 1; i <= most; i++) // those that nobody names are taken to be of type int: printf(3)
		values->values[i] = take(&values->list, kinds[i] == FORMAT_NONE ? FORMAT_NUMBER : kinds[i]);
	return 0;
}

int format_values_begin(struct format_values *values, const char *format, va_list arguments)
{
	va_copy(values->list, arguments);
	values->by_number = false;
	return strchr(format, '$') ? values_by_number(values, format) : 0;
}

static union format_value value_of(struct format_values *values, int number, enum format_kind kind)
{
	return values->by_number && number > 0 ? values->values[number] : take(&values->list, kind);
}

union format_value format_values_next(struct format_values *values, struct format_spec *spec)
{
	if (spec->width == FORMAT_STAR) {
		int64_t width = value_of(values, spec->width_number, FORMAT_NUMBER).number;
		if (width < 0)
			spec->flags |= FORMAT_LEFT;
		width = width < 0 ? -width : width;
		spec->width = width > INT_MAX ? INT_MAX : (int)width;
	}
	if (spec->precision == FORMAT_STAR) {
		int64_t precision = value_of(values, spec->precision_number, FORMAT_NUMBER).number;
		spec->precision = precision < 0 ? -1 : (int)precision;
	}
	return value_of(values, spec->number, kind_of(spec));
}

void format_values_end(struct format_values *values)
{
	va_end(values->list);
}
