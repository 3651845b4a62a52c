// SPDX-License-Identifier: MIT
// TOML 1.0.0 (https://toml.io/en/v1.0.0): text in, a tree of values out.
//
// To read a file:   document = toml_parse(text, length, &error), then toml_get_* on toml_root(document); toml_free.
// To walk it:       for (v = toml_first(table_or_array); v; v = toml_next(v)) ... toml_key(v, NULL)
// To complain:      toml_error_at(&error, value, "expected 'boot' or 'demand'"), then print file:line:column: message.
//
// 1. The document owns every value, key and string; all of them die with toml_free. The input may be freed at once.
// 2. Nothing changes after toml_parse: any number of threads may read.
// 3. Every value knows where it stands: lines and columns count from 1, columns in Unicode characters (a tab is one).
// 4. The tree is at most toml_limits.depth deep, so consumers may walk it recursively.
// 5. Parsing costs O(length of the text), looking a key up O(length of the keys), also for hostile input.
// 6. `error` may be NULL everywhere; it is written only on failure.
#ifndef TOML_TOML_H
#define TOML_TOML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TOML_CHECKED __attribute__((warn_unused_result))

struct toml_document;
struct toml_value;

enum toml_type {
	TOML_STRING,
	TOML_INTEGER,
	TOML_FLOAT,
	TOML_BOOLEAN,
	TOML_OFFSET_DATETIME,
	TOML_LOCAL_DATETIME,
	TOML_LOCAL_DATE,
	TOML_LOCAL_TIME,
	TOML_ARRAY,
	TOML_TABLE,
};

// The fields that a date or time type lacks are 0. A fraction finer than a nanosecond is cut off.
struct toml_datetime {
	uint16_t year; // 0 to 9999
	uint8_t month; // 1 to 12
	uint8_t day;   // 1 to 31, valid for the month
	uint8_t hour, minute;
	uint8_t second; // 0 to 60: RFC 3339 has leap seconds
	uint32_t nanosecond;
	int16_t offset_minutes; // east of UTC
};

struct toml_error {
	unsigned line, column;
	char message[160]; // ends with "..." where it was too long
};

struct toml_limits {
	size_t input;   // bytes of text
	unsigned depth; // levels of tables and arrays below the root, whichever syntax made them; at most 255
	size_t memory;  // bytes allocated for one document
};

#define TOML_INPUT_LIMIT ((size_t)1 << 20)
#define TOML_DEPTH_LIMIT 64u
#define TOML_MEMORY_LIMIT ((size_t)64 << 20)

// Parses `length` bytes. Returns a document that the caller frees, or NULL with `error` filled. A float too large for a
// double is refused, a UTF-8 byte order mark at the start is skipped, a line break in a multi-line string is "\n".
struct toml_document *toml_parse(const char *text, size_t length, struct toml_error *error) TOML_CHECKED;

// The same with other limits than the three above.
struct toml_document *toml_parse_within(const char *text, size_t length, const struct toml_limits *limits,
					struct toml_error *error) TOML_CHECKED;

// Frees a document and all that came from it. NULL is allowed.
void toml_free(struct toml_document *document);

// The table of the whole document; never NULL.
const struct toml_value *toml_root(const struct toml_document *document);

// Bytes that the document has allocated, as counted against toml_limits.memory.
size_t toml_memory(const struct toml_document *document);

// ---- Any value -----------------------------------------------------------------------------------------------------

enum toml_type toml_type(const struct toml_value *value);

// "a string", "an integer", ... for messages.
const char *toml_type_name(enum toml_type type);

// Where the value stands; for a table made by a header, the last key of its header. The root stands at 1:1.
unsigned toml_line(const struct toml_value *value);
unsigned toml_column(const struct toml_value *value);

// Where the key of the value stands; as toml_line and toml_column for an element of an array.
unsigned toml_key_line(const struct toml_value *value);
unsigned toml_key_column(const struct toml_value *value);

// The key under which a table holds the value, NUL-terminated; NULL for the root and the elements of arrays. The length
// counts bytes and goes to *length unless that is NULL (a key may contain NUL).
const char *toml_key(const struct toml_value *value, size_t *length);

// The table or array that holds the value; NULL for the root.
const struct toml_value *toml_parent(const struct toml_value *value);

// Writes the way from the root, as in `seat."fs/root".uses[2]`, cut to `size` bytes with its NUL, and returns the
// length written. Empty for the root. Costs O(elements) for each array on the way: meant for messages.
size_t toml_path(const struct toml_value *value, char *path, size_t size);

// ---- Tables and arrays ---------------------------------------------------------------------------------------------

// The values of a table in the order in which they first appear in the file, or the elements of an array. NULL at the
// end, and for a value (or NULL) that is neither.
const struct toml_value *toml_first(const struct toml_value *container);
const struct toml_value *toml_next(const struct toml_value *value);

// How many values a table or array holds; 0 for anything else.
size_t toml_count(const struct toml_value *container);

// Element `index` of an array, counted from 0, or NULL. Costs O(index): to visit all, use toml_first and toml_next.
const struct toml_value *toml_at(const struct toml_value *array, size_t index);

// The value under a key, or NULL if there is none or `table` is NULL or no table.
const struct toml_value *toml_get(const struct toml_value *table, const char *key);
const struct toml_value *toml_get_bytes(const struct toml_value *table, const char *key, size_t length);

// As toml_get, but a missing key is an error that names the table and the key.
const struct toml_value *toml_need(const struct toml_value *table, const char *key,
				   struct toml_error *error) TOML_CHECKED;

// Refuses a table with a key that is not in `known` (ends with NULL); the error stands at that key.
bool toml_check_keys(const struct toml_value *table, const char *const *known, struct toml_error *error) TOML_CHECKED;

// ---- Typed values --------------------------------------------------------------------------------------------------
// Each returns false, with an error like `restart.cap: expected an integer, found a string`, when the value has another
// type; then *out is untouched.

// NUL-terminated UTF-8. With `length` NULL, a string that contains a NUL is refused.
bool toml_as_string(const struct toml_value *value, const char **out, size_t *length,
		    struct toml_error *error) TOML_CHECKED;
// From minimum to maximum, both included.
bool toml_as_integer(const struct toml_value *value, int64_t minimum, int64_t maximum, int64_t *out,
		     struct toml_error *error) TOML_CHECKED;
// An integer is taken too.
bool toml_as_float(const struct toml_value *value, double *out, struct toml_error *error) TOML_CHECKED;
bool toml_as_boolean(const struct toml_value *value, bool *out, struct toml_error *error) TOML_CHECKED;
// The index of a string in `choices` (ends with NULL).
bool toml_as_choice(const struct toml_value *value, const char *const *choices, unsigned *out,
		    struct toml_error *error) TOML_CHECKED;
// Any of the four date and time types; toml_type says which.
bool toml_as_datetime(const struct toml_value *value, struct toml_datetime *out, struct toml_error *error) TOML_CHECKED;
// Tables and arrays need no conversion: this only checks the type, whichever it is.
bool toml_expect(const struct toml_value *value, enum toml_type type, struct toml_error *error) TOML_CHECKED;

// The same for a key of a table. A missing key is no error and leaves *out as it is: put the default there first.
bool toml_get_string(const struct toml_value *table, const char *key, const char **out,
		     struct toml_error *error) TOML_CHECKED;
bool toml_get_integer(const struct toml_value *table, const char *key, int64_t minimum, int64_t maximum, int64_t *out,
		      struct toml_error *error) TOML_CHECKED;
bool toml_get_float(const struct toml_value *table, const char *key, double *out, struct toml_error *error) TOML_CHECKED;
bool toml_get_boolean(const struct toml_value *table, const char *key, bool *out, struct toml_error *error) TOML_CHECKED;
bool toml_get_choice(const struct toml_value *table, const char *key, const char *const *choices, unsigned *out,
		     struct toml_error *error) TOML_CHECKED;
bool toml_get_datetime(const struct toml_value *table, const char *key, struct toml_datetime *out,
		       struct toml_error *error) TOML_CHECKED;
bool toml_get_array(const struct toml_value *table, const char *key, const struct toml_value **out,
		    struct toml_error *error) TOML_CHECKED;
bool toml_get_table(const struct toml_value *table, const char *key, const struct toml_value **out,
		    struct toml_error *error) TOML_CHECKED;

// Fills an error at a value for a consumer's own check: position, then `path: message`. Always returns false.
bool toml_error_at(struct toml_error *error, const struct toml_value *value, const char *message);

#endif
