// SPDX-License-Identifier: MIT
// Integers and floats (TOML 1.0.0, "Integer" and "Float").
//
// The digits of a float are collected behind the text of the document, without underscores and without the point, which
// moves into the exponent: strtod then rounds correctly and never meets the point of another locale.
#include "toml_internal.h"

#include <stdlib.h>

#define EXPONENT_LIMIT 100000000 // far beyond what a megabyte of digits can bring back into range

// Digits with single underscores between them, appended to the pending text. `what` names them in the error.
static bool number_parse_digits(struct toml_parser *parser, int base, const char *what, size_t *length)
{
	if (toml_lex_digit(toml_lex_peek(parser, 0), base) < 0)
		return toml_lex_expected(parser, what);
	for (;;) {
		if (!toml_text_put(parser, length, *parser->at))
			return false;
		toml_lex_advance(parser);
		if (toml_lex_peek(parser, 0) == '_') {
			toml_lex_advance(parser);
			if (toml_lex_digit(toml_lex_peek(parser, 0), base) < 0)
				return toml_lex_expected(parser, "a digit after '_'");
		}
		if (toml_lex_digit(toml_lex_peek(parser, 0), base) < 0)
			return true;
	}
}

// Nothing that could belong to a number may follow one.
static bool number_check_end(struct toml_parser *parser, const char *what)
{
	int byte = toml_lex_peek(parser, 0);
	if (toml_lex_is_bare(byte) || byte == '.' || byte == '+' || byte == ':')
		return toml_lex_expected(parser, what);
	return true;
}

static bool number_set_integer(struct toml_parser *parser, struct toml_value *value, size_t length, int base,
			       bool negative)
{
	const char *digits = parser->document->text + parser->document->text_used;
	uint64_t limit = (uint64_t)INT64_MAX + negative, number = 0;
	for (size_t i = 0; i < length; i++) {
		unsigned digit = (unsigned)toml_lex_digit(digits[i], base);
		if (number > (limit - digit) / (unsigned)base)
			return toml_error_join(parser->error, value->line, value->column,
					       "expected an integer from -9223372036854775808 to 9223372036854775807, "
					       "found one out of that range",
					       (char *)NULL);
		number = number * (unsigned)base + digit;
	}
	value->type = TOML_INTEGER;
	value->integer = negative ? (int64_t)-number : (int64_t)number;
	return true;
}

// The cursor is behind 0x, 0o or 0b.
static bool number_parse_based(struct toml_parser *parser, struct toml_value *value, int base)
{
	const char *what = base == 16  ? "a hexadecimal digit after 0x"
			   : base == 8 ? "an octal digit (0 to 7) after 0o"
				       : "a binary digit (0 or 1) after 0b";
	const char *more = base == 16  ? "a hexadecimal digit or the end of the number"
			   : base == 8 ? "an octal digit (0 to 7) or the end of the number"
				       : "a binary digit (0 or 1) or the end of the number";
	size_t length = 0;
	return number_parse_digits(parser, base, what, &length) && number_check_end(parser, more) &&
	       number_set_integer(parser, value, length, base, false);
}

// Appends e and a decimal exponent, and its NUL, to the pending text.
static bool number_put_exponent(struct toml_parser *parser, size_t *length, int64_t exponent)
{
	struct toml_phrase phrase = toml_phrase_number(exponent);
	if (!toml_text_put(parser, length, 'e'))
		return false;
	for (const char *at = phrase.text; *at; at++)
		if (!toml_text_put(parser, length, *at))
			return false;
	return toml_text_put(parser, length, 0);
}

// The exponent of a float, behind its e.
static bool number_parse_exponent(struct toml_parser *parser, size_t length, int64_t *exponent)
{
	const char *text = parser->document->text + parser->document->text_used;
	size_t end = length;
	bool negative = toml_lex_peek(parser, 0) == '-';
	if (negative || toml_lex_peek(parser, 0) == '+')
		toml_lex_advance(parser);
	if (!number_parse_digits(parser, 10, "a digit in the exponent", &end))
		return false;
	for (size_t i = length; i < end; i++)
		if (*exponent < EXPONENT_LIMIT)
			*exponent = *exponent * 10 + (text[i] - '0');
	if (negative)
		*exponent = -*exponent;
	return true;
}

// The cursor is behind the `length` digits of the integer part, at a point or an e.
static bool number_parse_float(struct toml_parser *parser, struct toml_value *value, size_t length, bool negative)
{
	int64_t exponent = 0, fraction = 0;
	if (toml_lex_peek(parser, 0) == '.') {
		size_t whole = length;
		toml_lex_advance(parser);
		if (!number_parse_digits(parser, 10, "a digit after '.'", &length))
			return false;
		fraction = (int64_t)(length - whole);
	}
	if (toml_lex_peek(parser, 0) == 'e' || toml_lex_peek(parser, 0) == 'E') {
		toml_lex_advance(parser);
		if (!number_parse_exponent(parser, length, &exponent))
			return false;
	}
	if (!number_check_end(parser, "a digit or the end of the float") ||
	    !number_put_exponent(parser, &length, exponent - fraction))
		return false;
	double real = strtod(parser->document->text + parser->document->text_used, NULL);
	if (__builtin_isinf(real))
		return toml_error_join(parser->error, value->line, value->column,
				       "expected a float that a 64-bit float can hold, found a larger one", (char *)NULL);
	value->type = TOML_FLOAT;
	value->real = negative ? -real : real;
	return true;
}

// inf or nan, behind its sign.
static bool number_parse_special(struct toml_parser *parser, struct toml_value *value, bool negative)
{
	static const char names[2][4] = {"inf", "nan"};
	for (int i = 0; i < 2; i++) {
		if (toml_lex_peek(parser, 0) != names[i][0] || toml_lex_peek(parser, 1) != names[i][1] ||
		    toml_lex_peek(parser, 2) != names[i][2] || toml_lex_is_bare(toml_lex_peek(parser, 3)))
			continue;
		double real = i == 0 ? __builtin_inf() : __builtin_nan("");
		value->type = TOML_FLOAT;
		value->real = negative ? -real : real;
		for (int j = 0; j < 3; j++)
			toml_lex_advance(parser);
		return number_check_end(parser, "the end of the float");
	}
	return toml_lex_expected(parser, "a digit, inf or nan");
}

bool toml_number_parse(struct toml_parser *parser, struct toml_value *value)
{
	bool negative = toml_lex_peek(parser, 0) == '-', is_signed = negative || toml_lex_peek(parser, 0) == '+';
	if (is_signed)
		toml_lex_advance(parser);
	int byte = toml_lex_peek(parser, 0), second = toml_lex_peek(parser, 1);
	if (toml_lex_digit(byte, 10) < 0)
		return number_parse_special(parser, value, negative);
	int base = byte != '0' ? 10 : second == 'x' ? 16 : second == 'o' ? 8 : second == 'b' ? 2 : 10;
	if (base != 10) {
		if (is_signed)
			return toml_error_join(parser->error, value->line, value->column,
					       "expected no sign before a number with the prefix 0x, 0o or 0b, found one",
					       (char *)NULL);
		toml_lex_advance(parser);
		toml_lex_advance(parser);
		return number_parse_based(parser, value, base);
	}
	if (byte == '0' && (toml_lex_digit(second, 10) >= 0 || second == '_'))
		return toml_error_join(parser->error, parser->line, parser->column,
				       "expected a number without leading zeros, found a leading zero", (char *)NULL);
	size_t length = 0;
	if (!number_parse_digits(parser, 10, "a digit", &length))
		return false;
	byte = toml_lex_peek(parser, 0);
	if (byte == '.' || byte == 'e' || byte == 'E')
		return number_parse_float(parser, value, length, negative);
	return number_check_end(parser, "a digit or the end of the number") &&
	       number_set_integer(parser, value, length, 10, negative);
}
