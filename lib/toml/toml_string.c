// SPDX-License-Identifier: MIT
// Keys and the four kinds of strings (TOML 1.0.0, "Keys" and "String").
#include "toml_internal.h"

// Appends one Unicode character as UTF-8.
static bool string_put_character(struct toml_parser *parser, size_t *length, uint32_t code)
{
	char bytes[4];
	size_t count = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	for (size_t i = count - 1; i > 0; i--, code >>= 6)
		bytes[i] = (char)(0x80 | (code & 0x3f));
	bytes[0] = (char)(lead[count] | code);
	for (size_t i = 0; i < count; i++)
		if (!toml_text_put(parser, length, bytes[i]))
			return false;
	return true;
}

// \uXXXX or \UXXXXXXXX; the cursor is at the u.
static bool string_parse_unicode(struct toml_parser *parser, size_t *length)
{
	struct toml_position start = {parser->line, parser->column - 1};
	bool is_long = toml_lex_peek(parser, 0) == 'U';
	const char *escape = parser->at - 1;
	uint32_t code = 0;
	toml_lex_advance(parser);
	for (int i = 0; i < (is_long ? 8 : 4); i++) {
		int digit = toml_lex_digit(toml_lex_peek(parser, 0), 16);
		if (digit < 0)
			return toml_lex_expected(parser, is_long ? "8 hexadecimal digits after \\U"
								 : "4 hexadecimal digits after \\u");
		code = code << 4 | (uint32_t)digit;
		toml_lex_advance(parser);
	}
	if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
		char found[11] = {0};
		for (int i = 0; escape + i < parser->at; i++)
			found[i] = escape[i];
		return toml_error_join(parser->error, start.line, start.column,
				       "expected the number of a Unicode character, found ", found,
				       code > 0x10ffff ? ", which is over \\U0010FFFF" : ", which is a surrogate",
				       (char *)NULL);
	}
	return string_put_character(parser, length, code);
}

// Skips white space and line breaks after a backslash at the end of a line; false when it is not at the end of a line.
static bool string_skip_line_fold(struct toml_parser *parser)
{
	struct toml_parser before = *parser;
	toml_lex_skip_space(parser);
	if (!toml_lex_at_line_end(parser)) {
		*parser = before;
		return false;
	}
	while (toml_lex_at_line_end(parser)) {
		toml_lex_skip_line_end(parser);
		toml_lex_skip_space(parser);
	}
	return true;
}

static bool string_parse_escape(struct toml_parser *parser, size_t *length, bool multiline)
{
	static const char letters[] = "btnfr\"\\", meanings[] = "\b\t\n\f\r\"\\";
	toml_lex_advance(parser);
	int byte = toml_lex_peek(parser, 0);
	if (byte == 'u' || byte == 'U')
		return string_parse_unicode(parser, length);
	if (multiline && string_skip_line_fold(parser))
		return true;
	for (int i = 0; letters[i]; i++)
		if (byte == letters[i]) {
			toml_lex_advance(parser);
			return toml_text_put(parser, length, meanings[i]);
		}
	return toml_lex_expected(parser, multiline ? "one of b t n f r \" \\ u U or end of line after '\\'"
						   : "one of b t n f r \" \\ u U after '\\'");
}

static bool string_unclosed(struct toml_parser *parser, char quote, bool multiline, struct toml_position start)
{
	struct toml_phrase found = toml_lex_found(parser);
	struct toml_phrase line = toml_phrase_number(start.line), column = toml_phrase_number(start.column);
	char close[] = {quote, quote, quote, 0};
	if (!multiline)
		close[1] = 0;
	return toml_error_join(parser->error, parser->line, parser->column, "expected ", close,
			       " to close the string that starts at ", line.text, ":", column.text, ", found ", found.text,
			       (char *)NULL);
}

// A byte that stands for itself, or a line break in a multi-line string.
static bool string_parse_plain(struct toml_parser *parser, size_t *length, char quote, bool multiline,
			       struct toml_position start)
{
	int byte = toml_lex_peek(parser, 0);
	if (byte == -1 || (!multiline && toml_lex_at_line_end(parser)))
		return string_unclosed(parser, quote, multiline, start);
	if (toml_lex_at_line_end(parser)) {
		toml_lex_skip_line_end(parser);
		return toml_text_put(parser, length, '\n');
	}
	if (toml_lex_is_control(byte))
		return toml_lex_expected(parser, quote == '"' ? "text or an escape such as \\u001f in a string"
							      : "text without control characters in a literal string");
	toml_lex_advance(parser);
	return toml_text_put(parser, length, (char)byte);
}

static bool string_parse_line(struct toml_parser *parser, size_t *length)
{
	struct toml_position start = toml_lex_position(parser);
	char quote = *parser->at;
	toml_lex_advance(parser);
	while (toml_lex_peek(parser, 0) != quote)
		if (quote == '"' && toml_lex_peek(parser, 0) == '\\'
			    ? !string_parse_escape(parser, length, false)
			    : !string_parse_plain(parser, length, quote, false, start))
			return false;
	toml_lex_advance(parser);
	return true;
}

static bool string_parse_multiline(struct toml_parser *parser, size_t *length)
{
	struct toml_position start = toml_lex_position(parser);
	char quote = *parser->at;
	for (int i = 0; i < 3; i++)
		toml_lex_advance(parser);
	if (toml_lex_at_line_end(parser))
		toml_lex_skip_line_end(parser);
	for (;;) {
		// One or two quotes are text, also right before the three that close.
		int quotes = 0;
		while (quotes < 5 && toml_lex_peek(parser, 0) == quote) {
			quotes++;
			toml_lex_advance(parser);
		}
		for (int i = quotes < 3 ? 0 : 3; i < quotes; i++)
			if (!toml_text_put(parser, length, quote))
				return false;
		if (quotes >= 3)
			return true;
		if (quotes > 0)
			continue;
		if (quote == '"' && toml_lex_peek(parser, 0) == '\\'
			    ? !string_parse_escape(parser, length, true)
			    : !string_parse_plain(parser, length, quote, true, start))
			return false;
	}
}

static bool string_is_multiline(const struct toml_parser *parser)
{
	int quote = toml_lex_peek(parser, 0);
	return toml_lex_peek(parser, 1) == quote && toml_lex_peek(parser, 2) == quote;
}

bool toml_string_parse(struct toml_parser *parser, struct toml_value *value)
{
	size_t length = 0;
	if (string_is_multiline(parser) ? !string_parse_multiline(parser, &length) : !string_parse_line(parser, &length))
		return false;
	value->type = TOML_STRING;
	value->string.length = length;
	value->string.text = toml_text_finish(parser, length);
	return true;
}

bool toml_string_parse_key(struct toml_parser *parser, struct toml_name *name)
{
	int byte = toml_lex_peek(parser, 0);
	size_t length = 0;
	name->line = parser->line;
	name->column = parser->column;
	if (byte == '"' || byte == '\'') {
		if (string_is_multiline(parser))
			return toml_error_join(parser->error, parser->line, parser->column,
					       "expected a key, found a multi-line string, which cannot be one",
					       (char *)NULL);
		if (!string_parse_line(parser, &length))
			return false;
	} else {
		if (!toml_lex_is_bare(byte))
			return toml_lex_expected(parser, "a key");
		for (; toml_lex_is_bare(toml_lex_peek(parser, 0)); toml_lex_advance(parser))
			if (!toml_text_put(parser, &length, *parser->at))
				return false;
	}
	name->length = (uint32_t)length;
	name->text = toml_text_finish(parser, length);
	return true;
}
