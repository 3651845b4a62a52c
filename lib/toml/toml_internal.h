// SPDX-License-Identifier: MIT
// What the files of lib/toml share; nothing of it is for consumers. A map:
//
//   toml_parse.c     documents, headers, dotted keys, arrays, inline tables, and the rules on redefinition
//   toml_string.c    keys and the four kinds of strings
//   toml_number.c    integers and floats        toml_datetime.c   dates and times
//   toml_lex.c       the cursor: position, UTF-8, white space, comments, "found ..."
//   toml_tree.c      memory, values, the index of a table
//   toml_message.c   error messages             toml_read.c       everything that a consumer asks of a value
//
// A function that returns false has filled parser->error.
#ifndef TOML_INTERNAL_H
#define TOML_INTERNAL_H

#include <toml/toml.h>

// How a table or array came to be, which decides who may still add to it.
enum toml_origin {
	TOML_IMPLICIT, // table: on the way to a header's last key; a header may yet define it, a dotted key take it over
	TOML_HEADER,   // table: defined by [x] or [[x]].  array: made by [[x]], which may add elements
	TOML_DOTTED,   // table: on the way to a dotted key's last part; dotted keys may add, headers only tables below
	TOML_INLINE,   // complete where it was written: {...} or [...]
};

// A node of the index of a table: a crit-bit tree, where each branch tests the first bit in which its keys differ. That
// bounds look-ups by the length of the key without a hash that a hostile file could defeat. One child of a slot is set.
struct toml_slot {
	struct toml_branch *branch;
	struct toml_value *leaf;
};

struct toml_branch {
	struct toml_slot side[2];
	uint32_t position; // byte of the key
	uint16_t mask;     // bit of that byte, or 0x100: whether the key has that byte at all
};

struct toml_value {
	uint8_t type;   // enum toml_type
	uint8_t origin; // enum toml_origin
	uint8_t depth;  // 0 for the root
	uint32_t line, column;
	uint32_t key_line, key_column;
	uint32_t key_length;
	const char *key; // NULL in an array
	struct toml_value *parent, *next;
	union {
		struct {
			const char *text;
			size_t length;
		} string;
		int64_t integer;
		double real;
		bool boolean;
		struct toml_datetime datetime;
		struct {
			struct toml_value *first, *last;
			size_t count;
			struct toml_slot index; // tables only
		} list;
	};
};

struct toml_block {
	struct toml_block *next;
	size_t used, size; // bytes behind this header
};

struct toml_document {
	struct toml_value *root;
	struct toml_block *blocks;
	size_t memory;
	struct toml_limits limits;
	// Decoded keys and strings, one after the other, each with a NUL. Decoding never lengthens, and a key or string is
	// followed or enclosed by at least one byte of syntax, so the length of the input is room enough.
	char *text;
	size_t text_used, text_size;
};

struct toml_parser {
	const char *at, *end;
	unsigned line, column;
	struct toml_document *document;
	struct toml_error *error;
};

struct toml_name {
	const char *text;
	uint32_t length;
	unsigned line, column;
};

struct toml_position {
	unsigned line, column;
};

// A piece of a message.
struct toml_phrase {
	char text[64];
};

// ---- toml_message.c ----
// Joins strings, up to a NULL, into the message. Always false.
bool toml_error_join(struct toml_error *error, unsigned line, unsigned column, ...) __attribute__((sentinel));
struct toml_phrase toml_phrase_number(int64_t number);
// The text between two `quote` characters, with escapes for what would not print, cut where it is long.
struct toml_phrase toml_phrase_quote(const char *text, size_t length, char quote);
// Appends as much of a string as fits, whole UTF-8 characters only, and returns the new length; false in *whole if cut.
size_t toml_text_append(char *to, size_t used, size_t size, const char *text, bool *whole);

// ---- toml_tree.c ----
struct toml_document *toml_document_create(size_t length, const struct toml_limits *limits, struct toml_error *error);
// A value below `parent`, under `name` (NULL in an array; the caller has checked that the key is new).
struct toml_value *toml_value_add(struct toml_parser *parser, struct toml_value *parent, const struct toml_name *name,
				  enum toml_type type, struct toml_position position);
struct toml_value *toml_value_find(const struct toml_value *table, const char *key, size_t length);
// One byte more behind the text that toml_text_finish has not yet closed.
bool toml_text_put(struct toml_parser *parser, size_t *length, char byte);
// Closes the pending `length` bytes with a NUL and returns them.
const char *toml_text_finish(struct toml_parser *parser, size_t length);

// ---- toml_lex.c ----
bool toml_lex_check_utf8(struct toml_parser *parser);
int toml_lex_peek(const struct toml_parser *parser, size_t ahead); // a byte, or -1 behind the end
void toml_lex_advance(struct toml_parser *parser);                 // one byte, which is no line break
void toml_lex_skip_space(struct toml_parser *parser);
bool toml_lex_at_line_end(const struct toml_parser *parser); // LF or CR LF
void toml_lex_skip_line_end(struct toml_parser *parser);
bool toml_lex_skip_comment(struct toml_parser *parser); // if there is one; up to the end of its line
// White space, comments and line breaks.
bool toml_lex_skip_lines(struct toml_parser *parser);
struct toml_position toml_lex_position(const struct toml_parser *parser);
bool toml_lex_is_control(int byte);
bool toml_lex_is_bare(int byte);
int toml_lex_digit(int byte, int base); // its value, or -1
// What stands at the cursor, for "..., found %s".
struct toml_phrase toml_lex_found(const struct toml_parser *parser);
// "expected <what>, found <what stands at the cursor>", at the cursor.
bool toml_lex_expected(struct toml_parser *parser, const char *what);

// ---- toml_string.c, toml_number.c, toml_datetime.c ----
bool toml_string_parse(struct toml_parser *parser, struct toml_value *value);
bool toml_string_parse_key(struct toml_parser *parser, struct toml_name *name);
bool toml_number_parse(struct toml_parser *parser, struct toml_value *value);
bool toml_datetime_at(const struct toml_parser *parser);
bool toml_datetime_parse(struct toml_parser *parser, struct toml_value *value);

#endif
