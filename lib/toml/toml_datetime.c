// SPDX-License-Identifier: MIT
// Dates and times (TOML 1.0.0, "Offset Date-Time" to "Local Time"; RFC 3339, sections 5.6 and 5.7).
#include "toml_internal.h"

static bool datetime_digits_at(const struct toml_parser *parser, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (toml_lex_digit(toml_lex_peek(parser, i), 10) < 0)
			return false;
	return true;
}

// Whether a date or a time stands at the cursor, rather than a number: four digits and '-', or two digits and ':'.
bool toml_datetime_at(const struct toml_parser *parser)
{
	return (toml_lex_peek(parser, 4) == '-' && datetime_digits_at(parser, 4)) ||
	       (toml_lex_peek(parser, 2) == ':' && datetime_digits_at(parser, 2));
}

// Exactly `count` digits with a value in a range; `what` says so in the error.
static bool datetime_field(struct toml_parser *parser, int count, int minimum, int maximum, const char *what, int *out)
{
	struct toml_position start = toml_lex_position(parser);
	int number = 0;
	for (int i = 0; i < count; i++) {
		int digit = toml_lex_digit(toml_lex_peek(parser, 0), 10);
		if (digit < 0)
			return toml_lex_expected(parser, what);
		number = number * 10 + digit;
		toml_lex_advance(parser);
	}
	if (number < minimum || number > maximum) {
		struct toml_phrase found = toml_phrase_number(number);
		return toml_error_join(parser->error, start.line, start.column, "expected ", what, ", found ", found.text,
				       (char *)NULL);
	}
	*out = number;
	return true;
}

static bool datetime_separator(struct toml_parser *parser, char separator, const char *what)
{
	if (toml_lex_peek(parser, 0) != separator)
		return toml_lex_expected(parser, what);
	toml_lex_advance(parser);
	return true;
}

static int datetime_month_days(int year, int month)
{
	static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return days[month - 1] + (month == 2 && leap);
}

static bool datetime_parse_date(struct toml_parser *parser, struct toml_datetime *out)
{
	int year, month, day;
	if (!datetime_field(parser, 4, 0, 9999, "a year of 4 digits", &year) ||
	    !datetime_separator(parser, '-', "'-' after the year") ||
	    !datetime_field(parser, 2, 1, 12, "a month from 01 to 12", &month) ||
	    !datetime_separator(parser, '-', "'-' after the month"))
		return false;
	int last = datetime_month_days(year, month);
	char what[] = "a day from 01 to ??";
	what[17] = (char)('0' + last / 10);
	what[18] = (char)('0' + last % 10);
	if (!datetime_field(parser, 2, 1, last, what, &day))
		return false;
	out->year = (uint16_t)year;
	out->month = (uint8_t)month;
	out->day = (uint8_t)day;
	return true;
}

static bool datetime_parse_fraction(struct toml_parser *parser, struct toml_datetime *out)
{
	uint32_t unit = 100000000;
	toml_lex_advance(parser);
	if (toml_lex_digit(toml_lex_peek(parser, 0), 10) < 0)
		return toml_lex_expected(parser, "a digit after '.'");
	for (int digit; (digit = toml_lex_digit(toml_lex_peek(parser, 0), 10)) >= 0; unit /= 10) {
		out->nanosecond += unit * (uint32_t)digit;
		toml_lex_advance(parser);
	}
	return true;
}

static bool datetime_parse_time(struct toml_parser *parser, struct toml_datetime *out)
{
	int hour, minute, second;
	if (!datetime_field(parser, 2, 0, 23, "an hour from 00 to 23", &hour) ||
	    !datetime_separator(parser, ':', "':' after the hour") ||
	    !datetime_field(parser, 2, 0, 59, "a minute from 00 to 59", &minute) ||
	    !datetime_separator(parser, ':', "':' and seconds after the minute") ||
	    !datetime_field(parser, 2, 0, 60, "a second from 00 to 60", &second))
		return false;
	out->hour = (uint8_t)hour;
	out->minute = (uint8_t)minute;
	out->second = (uint8_t)second;
	return toml_lex_peek(parser, 0) != '.' || datetime_parse_fraction(parser, out);
}

// Z or +hh:mm or -hh:mm, if there is one.
static bool datetime_parse_offset(struct toml_parser *parser, struct toml_datetime *out, bool *found)
{
	int byte = toml_lex_peek(parser, 0), hours, minutes;
	*found = byte == 'Z' || byte == 'z' || byte == '+' || byte == '-';
	if (!*found)
		return true;
	toml_lex_advance(parser);
	if (byte == 'Z' || byte == 'z')
		return true;
	if (!datetime_field(parser, 2, 0, 23, "an offset hour from 00 to 23", &hours) ||
	    !datetime_separator(parser, ':', "':' after the offset hour") ||
	    !datetime_field(parser, 2, 0, 59, "an offset minute from 00 to 59", &minutes))
		return false;
	out->offset_minutes = (int16_t)(byte == '-' ? -(hours * 60 + minutes) : hours * 60 + minutes);
	return true;
}

static bool datetime_check_end(struct toml_parser *parser)
{
	int byte = toml_lex_peek(parser, 0);
	if (toml_lex_is_bare(byte) || byte == '.' || byte == '+' || byte == ':')
		return toml_lex_expected(parser, "the end of the date or time");
	return true;
}

bool toml_datetime_parse(struct toml_parser *parser, struct toml_value *value)
{
	struct toml_datetime out = {0};
	bool offset = false;
	value->type = TOML_LOCAL_TIME;
	if (toml_lex_peek(parser, 2) == ':') {
		if (!datetime_parse_time(parser, &out))
			return false;
	} else {
		value->type = TOML_LOCAL_DATE;
		if (!datetime_parse_date(parser, &out))
			return false;
		int byte = toml_lex_peek(parser, 0);
		// A space is only a separator when a time follows it.
		if (byte == 'T' || byte == 't' || (byte == ' ' && toml_lex_digit(toml_lex_peek(parser, 1), 10) >= 0)) {
			toml_lex_advance(parser);
			if (!datetime_parse_time(parser, &out) || !datetime_parse_offset(parser, &out, &offset))
				return false;
			value->type = offset ? TOML_OFFSET_DATETIME : TOML_LOCAL_DATETIME;
		}
	}
	value->datetime = out;
	return datetime_check_end(parser);
}
