// SPDX-License-Identifier: MIT
// Strings made by a format: printf's, and %@ for objects, %C and %S for UTF-16, N$ for the place of an argument. Facts: CFString.h,
// "String Format Specifiers" of Apple's String Programming Guide.
//
// The format is taken apart first; then the arguments are read in their order; then all is written, so that N$ may go back.
#include "cfstring.h"

#include "unicode.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum argument_kind { ARGUMENT_NONE, ARGUMENT_INT, ARGUMENT_LONG, ARGUMENT_REAL, ARGUMENT_LONG_REAL, ARGUMENT_POINTER };
union argument {
	int64_t whole;
	long double real;
	const void *pointer;
};
#define MOST 64

struct directive {
	char text[32];		     // for printf: '%', flags, width, precision, length, conversion; * is as it was
	size_t length;		     // of the directive in the format
	int value, width, precision; // places of arguments; -1: none
	enum argument_kind kind;
};

struct arguments {
	enum argument_kind kinds[MOST];
	union argument values[MOST];
	int count, next;
};

static int place_take(const char **at)
{
	const char *p = *at;
	int number = 0;
	while (*p >= '0' && *p <= '9' && number < MOST)
		number = number * 10 + *p++ - '0';
	if (p == *at || *p != '$')
		return -1;
	*at = p + 1;
	return number - 1;
}

static enum argument_kind kind_of(char conversion, const char *length)
{
	if (strchr("aAeEfFgG", conversion))
		return *length == 'L' ? ARGUMENT_LONG_REAL : ARGUMENT_REAL;
	if (strchr("diouxX", conversion))
		return strchr("lqjzt", *length) && *length ? ARGUMENT_LONG : ARGUMENT_INT;
	if (strchr("cC", conversion))
		return ARGUMENT_INT;
	if (strchr("DOU", conversion))
		return ARGUMENT_LONG;
	return strchr("sSp@n", conversion) ? ARGUMENT_POINTER : ARGUMENT_NONE;
}

static int argument_claim(struct arguments *arguments, int place, enum argument_kind kind)
{
	if (place < 0)
		place = arguments->next++;
	if (place >= MOST)
		return -1;
	arguments->kinds[place] = kind;
	if (place >= arguments->count)
		arguments->count = place + 1;
	return place;
}

// Width or precision: digits, or an argument's place.
static int size_take(const char **at, char **to, struct arguments *arguments)
{
	if (**at == '*') {
		++*at;
		*(*to)++ = '*';
		return argument_claim(arguments, place_take(at), ARGUMENT_INT);
	}
	for (int i = 0; i < 8 && **at >= '0' && **at <= '9'; i++)
		*(*to)++ = *(*at)++;
	return -1;
}

// Of what begins with '%'. False: it is none, and stands for itself.
static bool directive_take(const char *format, struct directive *directive, struct arguments *arguments)
{
	const char *at = format + 1, *length;
	char *to = directive->text;
	*directive = (struct directive){.value = -1, .width = -1, .precision = -1};
	*to++ = '%';
	int place = place_take(&at);
	for (int i = 0; i < 6 && *at && strchr("-+ #0'", *at); i++)
		*to++ = *at++;
	directive->width = size_take(&at, &to, arguments);
	if (*at == '.') {
		*to++ = *at++;
		directive->precision = size_take(&at, &to, arguments);
	}
	length = at;
	for (int i = 0; i < 2 && *at && strchr("hlqLjzt", *at); i++)
		at++;
	if (!*at)
		return false;
	directive->kind = kind_of(*at, length);
	if (directive->kind == ARGUMENT_LONG)
		*to++ = 'l';
	else if (directive->kind == ARGUMENT_LONG_REAL)
		*to++ = 'L';
	else if (directive->kind == ARGUMENT_INT && *length == 'h') {
		*to++ = 'h';
		if (length[1] == 'h')
			*to++ = 'h';
	}
	*to++ = strchr("DOU", *at) ? (char)(*at + 32) : *at;
	directive->length = (size_t)(at + 1 - format);
	if (*at == '%')
		return true;
	if (directive->kind == ARGUMENT_NONE)
		return false;
	directive->value = argument_claim(arguments, place, directive->kind);
	return directive->value >= 0;
}

static void arguments_read(struct arguments *arguments, va_list list)
{
	for (int i = 0; i < arguments->count; i++)
		switch (arguments->kinds[i]) {
		case ARGUMENT_LONG: arguments->values[i].whole = va_arg(list, int64_t); break;
		case ARGUMENT_REAL: arguments->values[i].real = (long double)va_arg(list, double); break;
		case ARGUMENT_LONG_REAL: arguments->values[i].real = va_arg(list, long double); break;
		case ARGUMENT_POINTER: arguments->values[i].pointer = va_arg(list, const void *); break;
		default: arguments->values[i].whole = va_arg(list, int);
		}
}

static void add_units(struct bytes *to, const uint16_t *units, size_t count)
{
	struct string *string = string_make(units, count);
	object_describe(string, to);
	darwin_CFRelease(string);
}

static void add_by_printf(struct bytes *to, const struct directive *directive, const union argument *value, int *sizes,
			  int count)
{
	char *text = NULL;
	int length = -1;
#define PRINT(argument)                                                                                                \
	(count == 0   ? asprintf(&text, directive->text, argument)                                                     \
	 : count == 1 ? asprintf(&text, directive->text, sizes[0], argument)                                           \
		      : asprintf(&text, directive->text, sizes[0], sizes[1], argument))
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	switch (directive->kind) {
	case ARGUMENT_LONG: length = PRINT(value->whole); break;
	case ARGUMENT_REAL: length = PRINT((double)value->real); break;
	case ARGUMENT_LONG_REAL: length = PRINT(value->real); break;
	case ARGUMENT_POINTER: length = PRINT(value->pointer); break;
	default: length = PRINT((int)value->whole);
	}
#pragma GCC diagnostic pop
	if (length >= 0)
		bytes_add(to, text, (size_t)length);
	free(text);
}

static void directive_write(struct directive *directive, struct arguments *arguments, struct bytes *to)
{
	size_t end = strlen(directive->text) - 1;
	char conversion = directive->text[end];
	if (directive->value < 0) {
		bytes_add_text(to, "%");
		return;
	}
	const union argument *value = &arguments->values[directive->value];
	int sizes[2], count = 0;
	if (directive->width >= 0)
		sizes[count++] = (int)arguments->values[directive->width].whole;
	if (directive->precision >= 0)
		sizes[count++] = (int)arguments->values[directive->precision].whole;
	const uint16_t *units = value->pointer;
	uint16_t unit = (uint16_t)value->whole;
	size_t length = 0;
	if (conversion == 'C') {
		add_units(to, &unit, 1);
	} else if (conversion == 'S' && units) {
		while (units[length])
			length++;
		add_units(to, units, length);
	} else if (conversion == '@' || conversion == 'S') {
		struct bytes text = {0};
		object_describe(value->pointer, &text);
		bytes_add(&text, "", 1);
		union argument shown = {.pointer = text.at};
		directive->text[end] = 's';
		add_by_printf(to, directive, &shown, sizes, count);
		free(text.at);
	} else if (conversion == 'p') { // Darwin's printf shows 0x0
		bytes_add_format(to, "0x%lx", (unsigned long)(uintptr_t)value->pointer);
	} else if (conversion != 'n') {
		add_by_printf(to, directive, value, sizes, count);
	}
}

struct string *darwin_CFStringCreateWithFormatAndArguments(const void *allocator, const void *options,
							   const void *format, va_list list)
{
	static const char nothing[] = "";
	struct arguments arguments = {.next = 0};
	struct directive *directives = calloc(MOST * 2, sizeof(*directives));
	char *text = string_to_utf8(format);
	struct bytes to = {0};
	int count = 0;
	if (!directives)
		abort();
	for (const char *at = text; (at = strchr(at, '%')) && count < MOST * 2;) {
		bool taken = directive_take(at, &directives[count], &arguments);
		at += taken ? directives[count].length : 1;
		directives[count].length = taken ? directives[count].length : 0;
		count++;
	}
	arguments_read(&arguments, list);
	const char *at = text;
	for (int i = 0; i < count; i++) {
		const char *begins = strchr(at, '%');
		bytes_add(&to, at, (size_t)(begins - at));
		if (directives[i].length)
			directive_write(&directives[i], &arguments, &to);
		else
			bytes_add_text(&to, "%");
		at = begins + (directives[i].length ? directives[i].length : 1);
	}
	bytes_add_text(&to, at);
	bytes_add(&to, nothing, 1);
	struct string *string = string_from_text((const char *)to.at);
	free(to.at);
	free(text);
	free(directives);
	return string;
}

struct string *darwin_CFStringCreateWithFormat(const void *allocator, const void *options, const void *format, ...)
{
	va_list list;
	va_start(list, format);
	struct string *string = darwin_CFStringCreateWithFormatAndArguments(allocator, options, format, list);
	va_end(list);
	return string;
}

void darwin_CFStringAppend(struct string *string, const void *added);

void darwin_CFStringAppendFormatAndArguments(struct string *string, const void *options, const void *format,
					     va_list list)
{
	struct string *added = darwin_CFStringCreateWithFormatAndArguments(NULL, options, format, list);
	darwin_CFStringAppend(string, added);
	darwin_CFRelease(added);
}

void darwin_CFStringAppendFormat(struct string *string, const void *options, const void *format, ...)
{
	va_list list;
	va_start(list, format);
	darwin_CFStringAppendFormatAndArguments(string, options, format, list);
	va_end(list);
}
