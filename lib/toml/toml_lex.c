// SPDX-License-Identifier: MIT
// The cursor of the parser: position, UTF-8, white space, line breaks, comments, and what stands at the cursor.
//
// The whole text is checked to be UTF-8 first, so that everything behind it may take bytes over 0x7f as they are.
#include "toml_internal.h"

int toml_lex_peek(const struct toml_parser *parser, size_t ahead)
{
	return ahead < (size_t)(parser->end - parser->at) ? (unsigned char)parser->at[ahead] : -1;
}

struct toml_position toml_lex_position(const struct toml_parser *parser)
{
	return (struct toml_position){parser->line, parser->column};
}

void toml_lex_advance(struct toml_parser *parser)
{
	parser->at++;
	// The column moves with the last byte of a character, so that a whole character is one column.
	if ((toml_lex_peek(parser, 0) & 0xc0) != 0x80 || parser->at == parser->end)
		parser->column++;
}

void toml_lex_skip_space(struct toml_parser *parser)
{
	while (toml_lex_peek(parser, 0) == ' ' || toml_lex_peek(parser, 0) == '\t')
		toml_lex_advance(parser);
}

bool toml_lex_at_line_end(const struct toml_parser *parser)
{
	int byte = toml_lex_peek(parser, 0);
	return byte == '\n' || (byte == '\r' && toml_lex_peek(parser, 1) == '\n');
}

void toml_lex_skip_line_end(struct toml_parser *parser)
{
	parser->at += *parser->at == '\r' ? 2 : 1;
	parser->line++;
	parser->column = 1;
}

// Control characters that TOML allows nowhere but, for line breaks, between lines.
bool toml_lex_is_control(int byte)
{
	return (byte >= 0 && byte < 0x20 && byte != '\t') || byte == 0x7f;
}

bool toml_lex_is_bare(int byte)
{
	return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
	       byte == '-' || byte == '_';
}

int toml_lex_digit(int byte, int base)
{
	int digit = byte >= '0' && byte <= '9'   ? byte - '0'
		    : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
		    : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
						 : -1;
	return digit < base ? digit : -1;
}

bool toml_lex_skip_comment(struct toml_parser *parser)
{
	if (toml_lex_peek(parser, 0) != '#')
		return true;
	while (parser->at < parser->end && !toml_lex_at_line_end(parser)) {
		if (toml_lex_is_control(toml_lex_peek(parser, 0)))
			return toml_lex_expected(parser, "printable text in a comment");
		toml_lex_advance(parser);
	}
	return true;
}

bool toml_lex_skip_lines(struct toml_parser *parser)
{
	for (;;) {
		toml_lex_skip_space(parser);
		if (!toml_lex_skip_comment(parser))
			return false;
		if (!toml_lex_at_line_end(parser))
			return true;
		toml_lex_skip_line_end(parser);
	}
}

struct toml_phrase toml_lex_found(const struct toml_parser *parser)
{
	static const char hex[] = "0123456789abcdef";
	int byte = toml_lex_peek(parser, 0);
	size_t length = 0;
	if (byte == -1)
		return (struct toml_phrase){"end of file"};
	if (toml_lex_at_line_end(parser))
		return (struct toml_phrase){"end of line"};
	if (byte == '\r')
		return (struct toml_phrase){"a carriage return without a line feed"};
	if (byte == '\t')
		return (struct toml_phrase){"a tab"};
	if (byte == '#')
		return (struct toml_phrase){"a comment"};
	if (byte == 0xef && toml_lex_peek(parser, 1) == 0xbb && toml_lex_peek(parser, 2) == 0xbf)
		return (struct toml_phrase){"a byte order mark"};
	if (byte == '\'')
		return (struct toml_phrase){"\"'\""};
	if (toml_lex_is_control(byte)) {
		struct toml_phrase phrase = {"control character 0x.."};
		phrase.text[20] = hex[byte >> 4];
		phrase.text[21] = hex[byte & 15];
		return phrase;
	}
	// No more than toml_phrase_quote can show.
	while (length < sizeof(struct toml_phrase) && toml_lex_is_bare(toml_lex_peek(parser, length)))
		length++;
	if (length == 0)
		do
			length++;
		while ((toml_lex_peek(parser, length) & 0xc0) == 0x80 && toml_lex_peek(parser, length) != -1);
	return byte == '\\' ? (struct toml_phrase){"'\\'"} : toml_phrase_quote(parser->at, length, '\'');
}

bool toml_lex_expected(struct toml_parser *parser, const char *what)
{
	struct toml_phrase found = toml_lex_found(parser);
	return toml_error_join(parser->error, parser->line, parser->column, "expected ", what, ", found ", found.text,
			       (char *)NULL);
}

// The length of the UTF-8 character at the cursor, or 0: Unicode 15, table 3-7 (no overlong forms, no surrogates,
// nothing over U+10FFFF).
static size_t utf8_length(const struct toml_parser *parser)
{
	int lead = toml_lex_peek(parser, 0), second = toml_lex_peek(parser, 1);
	size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
	int low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
	int high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
	if (length > 1 && (second < low || second > high))
		return 0;
	for (size_t i = 2; i < length; i++) {
		int byte = toml_lex_peek(parser, i);
		if (byte < 0x80 || byte > 0xbf)
			return 0;
	}
	return length;
}

bool toml_lex_check_utf8(struct toml_parser *parser)
{
	static const char hex[] = "0123456789abcdef";
	struct toml_parser cursor = *parser;
	while (cursor.at < cursor.end) {
		size_t length = utf8_length(&cursor);
		if (length == 0) {
			char found[] = "byte 0x..";
			found[7] = hex[(unsigned char)*cursor.at >> 4];
			found[8] = hex[*cursor.at & 15];
			return toml_error_join(parser->error, cursor.line, cursor.column,
					       "expected UTF-8 text, found ", found, (char *)NULL);
		}
		cursor.line += *cursor.at == '\n';
		cursor.column = *cursor.at == '\n' ? 1 : cursor.column + 1;
		cursor.at += length;
	}
	return true;
}
