// SPDX-License-Identifier: MIT
// Parses any bytes, then walks the whole tree and asks everything of every value; checks what must hold of any tree.
#include <gila/fuzz.h>
#include <toml/toml.h>

#include <stdlib.h>
#include <string.h>

static void fuzz_require(bool holds)
{
	if (!holds)
		abort();
}

// Every getter on one value: exactly one of the types fits (an integer is also a float).
static void fuzz_ask(const struct toml_value *value, struct toml_error *error)
{
	struct toml_datetime datetime;
	const char *text;
	size_t length;
	int64_t integer;
	double real;
	bool boolean;
	unsigned fits = 0;
	if (toml_as_string(value, &text, &length, error)) {
		fuzz_require(text[length] == 0);
		fits++;
	}
	if (toml_as_string(value, &text, NULL, error))
		fuzz_require(strlen(text) == length);
	fits += toml_as_integer(value, INT64_MIN, INT64_MAX, &integer, error);
	fits += toml_as_float(value, &real, NULL) && toml_type(value) == TOML_FLOAT;
	fits += toml_as_boolean(value, &boolean, error);
	fits += toml_as_datetime(value, &datetime, error);
	fits += toml_expect(value, TOML_ARRAY, error);
	fits += toml_expect(value, TOML_TABLE, error);
	fuzz_require(fits == 1);
	fuzz_require(toml_line(value) > 0 && toml_column(value) > 0 && toml_key_line(value) > 0);
}

static void fuzz_walk(const struct toml_value *value, unsigned depth, unsigned *budget)
{
	// Errors name the way to the value, which costs time in long arrays: not for all values of a large tree.
	struct toml_error error;
	bool name = *budget > 0 && (*budget)--;
	fuzz_require(depth <= TOML_DEPTH_LIMIT);
	fuzz_ask(value, name ? &error : NULL);
	size_t count = 0;
	for (const struct toml_value *child = toml_first(value); child; child = toml_next(child), count++) {
		size_t length;
		const char *key = toml_key(child, &length);
		fuzz_require(toml_parent(child) == value);
		fuzz_require((key != NULL) == (toml_type(value) == TOML_TABLE));
		fuzz_require(!key || (key[length] == 0 && toml_get_bytes(value, key, length) == child));
		fuzz_walk(child, depth + 1, budget);
	}
	fuzz_require(count == toml_count(value));
	if (name) {
		char path[200];
		size_t length = toml_path(value, path, sizeof path);
		fuzz_require(length < sizeof path && path[length] == 0);
		fuzz_require(!toml_error_at(&error, value, "message"));
		fuzz_require(memchr(error.message, 0, sizeof error.message) != NULL);
	}
}

int fuzz_toml(const uint8_t *data, size_t size);
int fuzz_toml(const uint8_t *data, size_t size)
{
	struct toml_error error = {0};
	struct toml_document *document = toml_parse((const char *)data, size, &error);
	if (document) {
		unsigned budget = 1000;
		fuzz_walk(toml_root(document), 0, &budget);
		fuzz_require(toml_memory(document) <= TOML_MEMORY_LIMIT);
		fuzz_require(error.line == 0);
		toml_free(document);
	} else {
		fuzz_require(error.line > 0 && error.column > 0 && error.message[0] != 0);
		fuzz_require(memchr(error.message, 0, sizeof error.message) != NULL);
	}
	return 0;
}

FUZZ_TARGET(fuzz_toml)
