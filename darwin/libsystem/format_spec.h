// SPDX-License-Identifier: MIT
// What stands between % and the conversion, and the arguments that it takes, in order or by number (%2$d).
#ifndef DARWIN_FORMAT_SPEC_H
#define DARWIN_FORMAT_SPEC_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#define FORMAT_FLAGS "-+ #0'"
enum {
	FORMAT_LEFT = 1,
	FORMAT_PLUS = 2,
	FORMAT_SPACE = 4,
	FORMAT_ALTERNATE = 8,
	FORMAT_ZERO = 16,
	FORMAT_GROUPED = 32
};
enum format_length { FORMAT_CHAR, FORMAT_SHORT, FORMAT_INT, FORMAT_LONG, FORMAT_LONG_DOUBLE };
#define FORMAT_MOST 64 // arguments by number
#define FORMAT_STAR (-2) // width or precision is an argument

struct format_spec {
	unsigned flags;
	int width, precision; // precision -1: none
	int number, width_number, precision_number; // of arguments, from 1; 0: the next
	enum format_length length;
	char conversion; // D, O, U, C, S become d, o, u, c, s; 0: the format ends here
};

union format_value {
	int64_t number;
	double real;
	long double long_float;
	void *pointer;
};
enum format_kind { FORMAT_NONE, FORMAT_NUMBER, FORMAT_WIDE_NUMBER, FORMAT_REAL, FORMAT_LONG_REAL, FORMAT_POINTER };

struct format_values {
	va_list list;
	bool by_number;
	union format_value values[FORMAT_MOST + 1];
};

// `percent` is at a %. Returns what follows the conversion.
const char *format_spec_read(const char *percent, struct format_spec *spec);
// 0, or -22: numbers that are too large, or arguments that no conversion names.
int format_values_begin(struct format_values *values, const char *format, va_list arguments);
// The argument of a conversion; takes those of width and precision, too, and puts them into the spec.
union format_value format_values_next(struct format_values *values, struct format_spec *spec);
void format_values_end(struct format_values *values);

#endif
