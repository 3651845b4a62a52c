// SPDX-License-Identifier: MIT
// What consumers ask of a finished tree: walking, look-ups, typed values, and errors that name the value.
#include "toml_internal.h"

#include <string.h>

const struct toml_value *toml_root(const struct toml_document *document) { return document->root; }
size_t toml_memory(const struct toml_document *document) { return document->memory; }
enum toml_type toml_type(const struct toml_value *value) { return (enum toml_type)value->type; }
unsigned toml_line(const struct toml_value *value) { return value->line; }
unsigned toml_column(const struct toml_value *value) { return value->column; }
unsigned toml_key_line(const struct toml_value *value) { return value->key_line; }
unsigned toml_key_column(const struct toml_value *value) { return value->key_column; }
const struct toml_value *toml_parent(const struct toml_value *value) { return value->parent; }
const struct toml_value *toml_next(const struct toml_value *value) { return value->next; }

const char *toml_type_name(enum toml_type type)
{
	static const char *const names[] = {
		[TOML_STRING] = "a string",
		[TOML_INTEGER] = "an integer",
		[TOML_FLOAT] = "a float",
		[TOML_BOOLEAN] = "a boolean",
		[TOML_OFFSET_DATETIME] = "a date and time with offset",
		[TOML_LOCAL_DATETIME] = "a date and time",
		[TOML_LOCAL_DATE] = "a date",
		[TOML_LOCAL_TIME] = "a time",
		[TOML_ARRAY] = "an array",
		[TOML_TABLE] = "a table",
	};
	return names[type];
}

static bool read_is_list(const struct toml_value *value)
{
	return value && (value->type == TOML_ARRAY || value->type == TOML_TABLE);
}

const char *toml_key(const struct toml_value *value, size_t *length)
{
	if (length)
		*length = value->key_length;
	return value->key;
}

const struct toml_value *toml_first(const struct toml_value *container)
{
	return read_is_list(container) ? container->list.first : NULL;
}

size_t toml_count(const struct toml_value *container) { return read_is_list(container) ? container->list.count : 0; }

const struct toml_value *toml_at(const struct toml_value *array, size_t index)
{
	const struct toml_value *value = toml_first(array);
	while (value && index-- > 0)
		value = value->next;
	return value;
}

const struct toml_value *toml_get_bytes(const struct toml_value *table, const char *key, size_t length)
{
	return table && table->type == TOML_TABLE ? toml_value_find(table, key, length) : NULL;
}

const struct toml_value *toml_get(const struct toml_value *table, const char *key)
{
	return toml_get_bytes(table, key, strlen(key));
}

static bool key_is_bare(const struct toml_value *value)
{
	for (size_t i = 0; i < value->key_length; i++)
		if (!toml_lex_is_bare((unsigned char)value->key[i]))
			return false;
	return value->key_length > 0;
}

static size_t path_append_step(const struct toml_value *value, char *path, size_t used, size_t size, bool *whole)
{
	if (!value->key) {
		int64_t index = 0;
		for (const struct toml_value *v = value->parent->list.first; v != value; v = v->next)
			index++;
		used = toml_text_append(path, used, size, "[", whole);
		used = toml_text_append(path, used, size, toml_phrase_number(index).text, whole);
		return toml_text_append(path, used, size, "]", whole);
	}
	if (value->parent->parent)
		used = toml_text_append(path, used, size, ".", whole);
	struct toml_phrase quoted = toml_phrase_quote(value->key, value->key_length, '"');
	// Bare keys need no quotes; the longest are shown as quoted keys are, cut.
	bool bare = key_is_bare(value) && value->key_length < sizeof quoted.text - 12;
	return toml_text_append(path, used, size, bare ? value->key : quoted.text, whole);
}

static size_t path_write(const struct toml_value *value, char *path, size_t size, bool *whole)
{
	const struct toml_value *steps[UINT8_MAX];
	size_t count = 0, used = 0;
	path[0] = 0;
	for (; value->parent; value = value->parent)
		steps[count++] = value;
	while (*whole && count-- > 0)
		used = path_append_step(steps[count], path, used, size, whole);
	return used;
}

size_t toml_path(const struct toml_value *value, char *path, size_t size)
{
	bool whole = true;
	return size > 0 ? path_write(value, path, size, &whole) : 0;
}

// `path: message`, the path left out for the root and cut where it would push the message out.
static bool read_fail(struct toml_error *error, const struct toml_value *value, struct toml_position position,
		      const char *message, const char *more, const char *end)
{
	char path[92];
	bool whole = true;
	if (!error)
		return false; // saves the cost of the path
	size_t used = path_write(value, path, sizeof path, &whole);
	return toml_error_join(error, position.line, position.column, path, whole ? "" : "...", used > 0 ? ": " : "",
			       message, more, end, (char *)NULL);
}

bool toml_error_at(struct toml_error *error, const struct toml_value *value, const char *message)
{
	return read_fail(error, value, (struct toml_position){value->line, value->column}, message, "", "");
}

const struct toml_value *toml_need(const struct toml_value *table, const char *key, struct toml_error *error)
{
	const struct toml_value *value = NULL;
	if (toml_expect(table, TOML_TABLE, error) && !(value = toml_get(table, key))) {
		struct toml_phrase quoted = toml_phrase_quote(key, strlen(key), '"');
		read_fail(error, table, (struct toml_position){table->line, table->column}, "expected key ", quoted.text,
			  ", found none");
	}
	return value;
}

bool toml_check_keys(const struct toml_value *table, const char *const *known, struct toml_error *error)
{
	if (!toml_expect(table, TOML_TABLE, error))
		return false;
	for (const struct toml_value *value = table->list.first; value; value = value->next) {
		const char *const *name = known;
		while (*name && (strlen(*name) != value->key_length || memcmp(*name, value->key, value->key_length) != 0))
			name++;
		if (!*name)
			return read_fail(error, value, (struct toml_position){value->key_line, value->key_column},
					 "this key is not known here", "", "");
	}
	return true;
}

bool toml_expect(const struct toml_value *value, enum toml_type type, struct toml_error *error)
{
	if (value->type == type)
		return true;
	struct toml_position position = {value->line, value->column};
	struct toml_phrase expected = {"expected "};
	bool whole = true;
	size_t used = toml_text_append(expected.text, 9, sizeof expected.text, toml_type_name(type), &whole);
	toml_text_append(expected.text, used, sizeof expected.text, ", found ", &whole);
	return read_fail(error, value, position, expected.text, toml_type_name((enum toml_type)value->type), "");
}

bool toml_as_string(const struct toml_value *value, const char **out, size_t *length, struct toml_error *error)
{
	if (!toml_expect(value, TOML_STRING, error))
		return false;
	if (!length && strlen(value->string.text) != value->string.length)
		return toml_error_at(error, value, "expected a string without NUL characters, found one with \\u0000");
	*out = value->string.text;
	if (length)
		*length = value->string.length;
	return true;
}

bool toml_as_integer(const struct toml_value *value, int64_t minimum, int64_t maximum, int64_t *out,
		     struct toml_error *error)
{
	if (!toml_expect(value, TOML_INTEGER, error))
		return false;
	if (value->integer < minimum || value->integer > maximum) {
		char text[112] = "";
		struct toml_phrase low = toml_phrase_number(minimum), high = toml_phrase_number(maximum);
		struct toml_phrase found = toml_phrase_number(value->integer);
		const char *pieces[] = {"expected an integer from ", low.text, " to ", high.text, ", found ", found.text};
		size_t used = 0;
		bool whole = true;
		for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
			used = toml_text_append(text, used, sizeof text, pieces[i], &whole);
		return toml_error_at(error, value, text);
	}
	*out = value->integer;
	return true;
}

bool toml_as_float(const struct toml_value *value, double *out, struct toml_error *error)
{
	if (value->type == TOML_INTEGER) {
		*out = (double)value->integer;
		return true;
	}
	if (!toml_expect(value, TOML_FLOAT, error))
		return false;
	*out = value->real;
	return true;
}

bool toml_as_boolean(const struct toml_value *value, bool *out, struct toml_error *error)
{
	if (!toml_expect(value, TOML_BOOLEAN, error))
		return false;
	*out = value->boolean;
	return true;
}

bool toml_as_choice(const struct toml_value *value, const char *const *choices, unsigned *out, struct toml_error *error)
{
	const char *text;
	if (!toml_as_string(value, &text, NULL, error))
		return false;
	for (unsigned i = 0; choices[i]; i++)
		if (strcmp(choices[i], text) == 0) {
			*out = i;
			return true;
		}
	char expected[112];
	struct toml_phrase found = toml_phrase_quote(text, strlen(text), '"');
	bool whole = true;
	size_t used = toml_text_append(expected, 0, sizeof expected, "expected ", &whole);
	for (unsigned i = 0; choices[i] && whole; i++) {
		const char *joint = i == 0 ? "" : choices[i + 1] ? ", " : " or ";
		used = toml_text_append(expected, used, sizeof expected, joint, &whole);
		used = toml_text_append(expected, used, sizeof expected,
					toml_phrase_quote(choices[i], strlen(choices[i]), '"').text, &whole);
	}
	toml_text_append(expected, used, sizeof expected, ", found ", &whole);
	return read_fail(error, value, (struct toml_position){value->line, value->column}, expected, found.text, "");
}

bool toml_as_datetime(const struct toml_value *value, struct toml_datetime *out, struct toml_error *error)
{
	if (value->type < TOML_OFFSET_DATETIME || value->type > TOML_LOCAL_TIME)
		return read_fail(error, value, (struct toml_position){value->line, value->column},
				 "expected a date or time, found ", toml_type_name((enum toml_type)value->type), "");
	*out = value->datetime;
	return true;
}

bool toml_get_string(const struct toml_value *table, const char *key, const char **out, struct toml_error *error)
{
	const struct toml_value *value = toml_get(table, key);
	return !value || toml_as_string(value, out, NULL, error);
}

bool toml_get_integer(const struct toml_value *table, const char *key, int64_t minimum, int64_t maximum, int64_t *out,
		      struct toml_error *error)
{
	const struct toml_value *value = toml_get(table, key);
	return !value || toml_as_integer(value, minimum, maximum, out, error);
}

bool toml_get_float(const struct toml_value *table, const char *key, double *out, struct toml_error *error)
{
	const struct toml_value *value = toml_get(table, key);
	return !value || toml_as_float(value, out, error);
}

bool toml_get_boolean(const struct toml_value *table, const char *key, bool *out, struct toml_error *error)
{
	const struct toml_value *value = toml_get(table, key);
	return !value || toml_as_boolean(value, out, error);
}

bool toml_get_choice(const struct toml_value *table, const char *key, const char *const *choices, unsigned *out,
		     struct toml_error *error)
{
	const struct toml_value *value = toml_get(table, key);
	return !value || toml_as_choice(value, choices, out, error);
}

bool toml_get_datetime(const struct toml_value *table, const char *key, struct toml_datetime *out,
		       struct toml_error *error)
{
	const struct toml_value *value = toml_get(table, key);
	return !value || toml_as_datetime(value, out, error);
}

static bool read_get_list(const struct toml_value *table, const char *key, enum toml_type type,
			  const struct toml_value **out, struct toml_error *error)
{
	const struct toml_value *value = toml_get(table, key);
	if (!value)
		return true;
	if (!toml_expect(value, type, error))
		return false;
	*out = value;
	return true;
}

bool toml_get_array(const struct toml_value *table, const char *key, const struct toml_value **out,
		    struct toml_error *error)
{
	return read_get_list(table, key, TOML_ARRAY, out, error);
}

bool toml_get_table(const struct toml_value *table, const char *key, const struct toml_value **out,
		    struct toml_error *error)
{
	return read_get_list(table, key, TOML_TABLE, out, error);
}
