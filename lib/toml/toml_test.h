// SPDX-License-Identifier: MIT
// Helpers of the tests of lib/toml: `parses(text, tree)` and `rejects(text, line, column, message)` print what they got
// when it is not what was wanted. A tree is written as {key=value,...} with [...] for arrays; strings and keys that are
// not bare stand in double quotes, a byte below 0x20 as \xNN.
#ifndef TOML_TEST_H
#define TOML_TEST_H

#include <toml/toml.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Parses a copy without a NUL behind it, so that a read past the end is seen by the address sanitizer.
static inline struct toml_document *parse_bytes(const char *text, size_t length, struct toml_error *error)
{
	char *copy = calloc(length > 0 ? length : 1, 1);
	if (!copy)
		abort();
	memcpy(copy, text, length);
	struct toml_document *document = toml_parse(copy, length, error);
	memset(copy, 'x', length);
	free(copy);
	return document;
}

static inline struct toml_document *parse(const char *text)
{
	struct toml_error error;
	struct toml_document *document = parse_bytes(text, strlen(text), &error);
	if (!document)
		printf("%s\n  is refused: %u:%u: %s\n", text, error.line, error.column, error.message);
	return document;
}

static inline void write_text(FILE *out, const char *text, size_t length)
{
	fputc('"', out);
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] < 0x20)
			fprintf(out, "\\x%02x", text[i]);
		else
			fputc(text[i], out);
	fputc('"', out);
}

static inline void write_datetime(FILE *out, enum toml_type type, const struct toml_datetime *d)
{
	if (type != TOML_LOCAL_TIME)
		fprintf(out, "%04u-%02u-%02u", d->year, d->month, d->day);
	if (type == TOML_OFFSET_DATETIME || type == TOML_LOCAL_DATETIME)
		fputc('T', out);
	if (type != TOML_LOCAL_DATE)
		fprintf(out, "%02u:%02u:%02u.%09u", d->hour, d->minute, d->second, d->nanosecond);
	if (type == TOML_OFFSET_DATETIME)
		fprintf(out, "%+d", d->offset_minutes);
}

static inline void write_scalar(FILE *out, const struct toml_value *value)
{
	const char *text = "";
	size_t length = 0;
	int64_t integer;
	double real;
	bool boolean;
	struct toml_datetime datetime;
	if (toml_as_string(value, &text, &length, NULL))
		write_text(out, text, length);
	else if (toml_as_integer(value, INT64_MIN, INT64_MAX, &integer, NULL))
		fprintf(out, "%lld", (long long)integer);
	else if (toml_as_float(value, &real, NULL))
		fprintf(out, "%.17gf", real);
	else if (toml_as_boolean(value, &boolean, NULL))
		fputs(boolean ? "true" : "false", out);
	else if (toml_as_datetime(value, &datetime, NULL))
		write_datetime(out, toml_type(value), &datetime);
}

static inline void write_tree(FILE *out, const struct toml_value *value)
{
	bool table = toml_type(value) == TOML_TABLE;
	if (!table && toml_type(value) != TOML_ARRAY) {
		write_scalar(out, value);
		return;
	}
	fputc(table ? '{' : '[', out);
	for (const struct toml_value *child = toml_first(value); child; child = toml_next(child)) {
		size_t length, bare;
		const char *key = toml_key(child, &length);
		if (table) {
			bare = strspn(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");
			if (bare == length && length > 0)
				fputs(key, out);
			else
				write_text(out, key, length);
			fputc('=', out);
		}
		write_tree(out, child);
		if (toml_next(child))
			fputc(',', out);
	}
	fputc(table ? '}' : ']', out);
}

static inline bool parses_bytes(const char *text, size_t length, const char *tree)
{
	struct toml_error error;
	struct toml_document *document = parse_bytes(text, length, &error);
	char *found = NULL;
	size_t size = 0;
	if (!document) {
		printf("%s\n  is refused: %u:%u: %s\n", text, error.line, error.column, error.message);
		return false;
	}
	FILE *out = open_memstream(&found, &size);
	if (!out)
		abort();
	write_tree(out, toml_root(document));
	fclose(out);
	toml_free(document);
	bool same = strcmp(found, tree) == 0;
	if (!same)
		printf("%s\n  is wanted as %s\n  but found as %s\n", text, tree, found);
	free(found);
	return same;
}

static inline bool parses(const char *text, const char *tree) { return parses_bytes(text, strlen(text), tree); }

static inline bool error_is(const struct toml_error *error, unsigned line, unsigned column, const char *message)
{
	if (error->line == line && error->column == column && strcmp(error->message, message) == 0)
		return true;
	printf("  wanted %u:%u: %s\n  found  %u:%u: %s\n", line, column, message, error->line, error->column, error->message);
	return false;
}

static inline bool rejects_bytes(const char *text, size_t length, unsigned line, unsigned column, const char *message)
{
	struct toml_error error = {0};
	struct toml_document *document = parse_bytes(text, length, &error);
	if (!document && error_is(&error, line, column, message))
		return true;
	printf("%s\n  %s\n", text, document ? "is accepted" : "gives another error");
	toml_free(document);
	return false;
}

static inline bool rejects(const char *text, unsigned line, unsigned column, const char *message)
{
	return rejects_bytes(text, strlen(text), line, column, message);
}

#endif
