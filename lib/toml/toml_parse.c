// SPDX-License-Identifier: MIT
// The grammar above single values: documents, headers, keys, arrays, inline tables, and who may add to which table.
//
// 1. Recursion goes one level deeper only together with the tree, whose depth toml_value_add limits.
// 2. A value is linked into the tree before it is parsed: after an error the whole document goes anyway.
// 3. A table that dotted keys made can be met by another section only below the table where that section stands, which
//    is then TOML_HEADER and lets no dotted key pass. So TOML_DOTTED needs no note of its section.
#include "toml_internal.h"

#include <string.h>

static bool parse_value(struct toml_parser *parser, struct toml_value *parent, const struct toml_name *name,
			const char *after);

// A key cannot be used as wanted because of what it already is, or how that came to be.
static bool parse_conflict(struct toml_parser *parser, const struct toml_name *name, const struct toml_value *old,
			   const char *reason)
{
	struct toml_phrase key = toml_phrase_quote(name->text, name->length, '"');
	struct toml_phrase line = toml_phrase_number(old->key_line);
	bool plain = old->type != TOML_TABLE && !(old->type == TOML_ARRAY && old->origin == TOML_HEADER);
	const char *what = plain                          ? toml_type_name(old->type)
			   : old->type == TOML_ARRAY      ? "an array of tables"
			   : old->origin == TOML_INLINE   ? "an inline table"
			   : old->origin == TOML_DOTTED   ? "a table made by dotted keys"
			   : old->origin == TOML_IMPLICIT ? "a table with tables in it"
							  : "a table with a header";
	return toml_error_join(parser->error, name->line, name->column, "key ", key.text, " is already ", what,
			       " (line ", line.text, ")", reason, (char *)NULL);
}

static struct toml_value *parse_add_table(struct toml_parser *parser, struct toml_value *parent,
					  const struct toml_name *name, enum toml_origin origin)
{
	struct toml_position position = {name->line, name->column};
	struct toml_value *table = toml_value_add(parser, parent, name, TOML_TABLE, position);
	if (table)
		table->origin = (uint8_t)origin;
	return table;
}

// The table that a part of a dotted key leads to.
static struct toml_value *parse_enter_dotted(struct toml_parser *parser, struct toml_value *table,
					     const struct toml_name *name)
{
	struct toml_value *next = toml_value_find(table, name->text, name->length);
	if (!next)
		return parse_add_table(parser, table, name, TOML_DOTTED);
	if (next->type == TOML_TABLE && (next->origin == TOML_DOTTED || next->origin == TOML_IMPLICIT)) {
		next->origin = TOML_DOTTED;
		return next;
	}
	parse_conflict(parser, name, next, "; a dotted key cannot add to it");
	return NULL;
}

// The table that a part of a header, but not its last, leads to.
static struct toml_value *parse_enter_header(struct toml_parser *parser, struct toml_value *table,
					     const struct toml_name *name)
{
	struct toml_value *next = toml_value_find(table, name->text, name->length);
	if (!next)
		return parse_add_table(parser, table, name, TOML_IMPLICIT);
	if (next->type == TOML_TABLE && next->origin != TOML_INLINE)
		return next;
	if (next->type == TOML_ARRAY && next->origin == TOML_HEADER)
		return next->list.last;
	parse_conflict(parser, name, next, "; a header cannot add to it");
	return NULL;
}

// The table that [name] defines.
static struct toml_value *parse_define_table(struct toml_parser *parser, struct toml_value *table,
					     const struct toml_name *name)
{
	struct toml_value *old = toml_value_find(table, name->text, name->length);
	if (!old)
		return parse_add_table(parser, table, name, TOML_HEADER);
	if (old->type != TOML_TABLE || old->origin != TOML_IMPLICIT) {
		parse_conflict(parser, name, old, "");
		return NULL;
	}
	old->origin = TOML_HEADER;
	old->line = old->key_line = name->line;
	old->column = old->key_column = name->column;
	return old;
}

// The element that [[name]] adds.
static struct toml_value *parse_define_element(struct toml_parser *parser, struct toml_value *table,
					       const struct toml_name *name)
{
	struct toml_position position = {name->line, name->column};
	struct toml_value *array = toml_value_find(table, name->text, name->length);
	if (!array) {
		array = toml_value_add(parser, table, name, TOML_ARRAY, position);
		if (!array)
			return NULL;
		array->origin = TOML_HEADER;
	} else if (array->type != TOML_ARRAY || array->origin != TOML_HEADER) {
		parse_conflict(parser, name, array, array->type == TOML_ARRAY ? "; a header cannot add to it" : "");
		return NULL;
	}
	struct toml_value *element = toml_value_add(parser, array, NULL, TOML_TABLE, position);
	if (element)
		element->origin = TOML_HEADER;
	return element;
}

// [a.b] or [[a.b]]: returns the table that the lines below it fill, or NULL.
static struct toml_value *parse_header(struct toml_parser *parser)
{
	struct toml_value *table = parser->document->root;
	struct toml_name name;
	bool array = toml_lex_peek(parser, 1) == '[';
	for (int i = 0; i < (array ? 2 : 1); i++)
		toml_lex_advance(parser);
	for (;;) {
		toml_lex_skip_space(parser);
		if (!toml_string_parse_key(parser, &name))
			return NULL;
		toml_lex_skip_space(parser);
		if (toml_lex_peek(parser, 0) != '.')
			break;
		toml_lex_advance(parser);
		table = parse_enter_header(parser, table, &name);
		if (!table)
			return NULL;
	}
	if (toml_lex_peek(parser, 0) != ']' || (array && toml_lex_peek(parser, 1) != ']')) {
		// For `[[a]` the second bracket is what is missing.
		if (toml_lex_peek(parser, 0) == ']')
			toml_lex_advance(parser);
		toml_lex_expected(parser, array ? "'.' or ']]' in a header" : "'.' or ']' in a header");
		return NULL;
	}
	for (int i = 0; i < (array ? 2 : 1); i++)
		toml_lex_advance(parser);
	return array ? parse_define_element(parser, table, &name) : parse_define_table(parser, table, &name);
}

// a.b.c = value
static bool parse_pair(struct toml_parser *parser, struct toml_value *table)
{
	struct toml_name name;
	for (;;) {
		if (!toml_string_parse_key(parser, &name))
			return false;
		toml_lex_skip_space(parser);
		if (toml_lex_peek(parser, 0) != '.')
			break;
		toml_lex_advance(parser);
		toml_lex_skip_space(parser);
		table = parse_enter_dotted(parser, table, &name);
		if (!table)
			return false;
	}
	struct toml_phrase key = toml_phrase_quote(name.text, name.length, '"');
	if (toml_lex_peek(parser, 0) != '=') {
		struct toml_phrase found = toml_lex_found(parser);
		return toml_error_join(parser->error, parser->line, parser->column, "expected '=' after key ", key.text,
				       ", found ", found.text, (char *)NULL);
	}
	toml_lex_advance(parser);
	toml_lex_skip_space(parser);
	const struct toml_value *old = toml_value_find(table, name.text, name.length);
	if (old)
		return parse_conflict(parser, &name, old, "");
	return parse_value(parser, table, &name, "a value after '='");
}

static bool parse_array(struct toml_parser *parser, struct toml_value *array)
{
	array->type = TOML_ARRAY;
	array->origin = TOML_INLINE;
	toml_lex_advance(parser);
	for (;;) {
		if (!toml_lex_skip_lines(parser))
			return false;
		if (toml_lex_peek(parser, 0) == ']')
			break;
		if (!parse_value(parser, array, NULL, "a value or ']' in an array") || !toml_lex_skip_lines(parser))
			return false;
		if (toml_lex_peek(parser, 0) == ']')
			break;
		if (toml_lex_peek(parser, 0) != ',')
			return toml_lex_expected(parser, "',' or ']' after an element of an array");
		toml_lex_advance(parser);
	}
	toml_lex_advance(parser);
	return true;
}

static bool parse_inline_table(struct toml_parser *parser, struct toml_value *table)
{
	table->type = TOML_TABLE;
	table->origin = TOML_INLINE;
	toml_lex_advance(parser);
	toml_lex_skip_space(parser);
	while (toml_lex_peek(parser, 0) != '}') {
		if (!parse_pair(parser, table))
			return false;
		toml_lex_skip_space(parser);
		if (toml_lex_peek(parser, 0) == '}')
			break;
		if (toml_lex_peek(parser, 0) != ',')
			return toml_lex_expected(parser, "',' or '}' on the same line of an inline table");
		toml_lex_advance(parser);
		toml_lex_skip_space(parser);
		if (toml_lex_peek(parser, 0) == '}')
			return toml_lex_expected(parser, "a key after ',' in an inline table");
	}
	toml_lex_advance(parser);
	return true;
}

static size_t parse_word_length(const struct toml_parser *parser)
{
	size_t length = 0;
	while (toml_lex_is_bare(toml_lex_peek(parser, length)))
		length++;
	return length;
}

// true, false, inf, nan; `after` says what was expected where none of them stands.
static bool parse_word(struct toml_parser *parser, struct toml_value *value, const char *after)
{
	size_t length = parse_word_length(parser);
	bool is_true = length == 4 && memcmp(parser->at, "true", 4) == 0;
	bool is_false = length == 5 && memcmp(parser->at, "false", 5) == 0;
	if (length == 3 && (memcmp(parser->at, "inf", 3) == 0 || memcmp(parser->at, "nan", 3) == 0))
		return toml_number_parse(parser, value);
	if (!is_true && !is_false) {
		struct toml_phrase found = toml_lex_found(parser);
		return toml_error_join(parser->error, parser->line, parser->column, "expected ", after, ", found ",
				       found.text, length > 0 ? " (strings need quotes)" : "", (char *)NULL);
	}
	value->type = TOML_BOOLEAN;
	value->boolean = is_true;
	while (length-- > 0)
		toml_lex_advance(parser);
	return true;
}

static bool parse_value(struct toml_parser *parser, struct toml_value *parent, const struct toml_name *name,
			const char *after)
{
	struct toml_value *value = toml_value_add(parser, parent, name, TOML_BOOLEAN, toml_lex_position(parser));
	if (!value)
		return false;
	switch (toml_lex_peek(parser, 0)) {
	case '"':
	case '\'':
		return toml_string_parse(parser, value);
	case '[':
		return parse_array(parser, value);
	case '{':
		return parse_inline_table(parser, value);
	case '0' ... '9':
		if (toml_datetime_at(parser))
			return toml_datetime_parse(parser, value);
		return toml_number_parse(parser, value);
	case '+':
	case '-':
		return toml_number_parse(parser, value);
	default:
		return parse_word(parser, value, after);
	}
}

static bool parse_document(struct toml_parser *parser)
{
	struct toml_value *section = parser->document->root;
	for (;;) {
		if (!toml_lex_skip_lines(parser))
			return false;
		if (parser->at == parser->end)
			return true;
		bool header = toml_lex_peek(parser, 0) == '[';
		if (header) {
			section = parse_header(parser);
			if (!section)
				return false;
		} else if (!parse_pair(parser, section)) {
			return false;
		}
		toml_lex_skip_space(parser);
		if (!toml_lex_skip_comment(parser))
			return false;
		if (parser->at < parser->end && !toml_lex_at_line_end(parser))
			return toml_lex_expected(parser, header ? "end of line after a header"
								: "end of line after a value");
	}
}

struct toml_document *toml_parse_within(const char *text, size_t length, const struct toml_limits *limits,
					struct toml_error *error)
{
	if (length > limits->input || length > INT32_MAX) {
		struct toml_phrase most = toml_phrase_number((int64_t)limits->input);
		struct toml_phrase size = toml_phrase_number((int64_t)length);
		toml_error_join(error, 1, 1, "expected at most ", most.text, " bytes, found ", size.text, (char *)NULL);
		return NULL;
	}
	struct toml_limits bounded = *limits;
	if (bounded.depth > UINT8_MAX)
		bounded.depth = UINT8_MAX;
	struct toml_document *document = toml_document_create(length, &bounded, error);
	if (!document)
		return NULL;
	struct toml_parser parser = {text, text + length, 1, 1, document, error};
	if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		parser.at += 3;
	if (!toml_lex_check_utf8(&parser) || !parse_document(&parser)) {
		toml_free(document);
		return NULL;
	}
	return document;
}

struct toml_document *toml_parse(const char *text, size_t length, struct toml_error *error)
{
	static const struct toml_limits limits = {TOML_INPUT_LIMIT, TOML_DEPTH_LIMIT, TOML_MEMORY_LIMIT};
	return toml_parse_within(text, length, &limits, error);
}
