// SPDX-License-Identifier: MIT
// Writes JSON (RFC 8259) into a text: commas, nesting and escapes are its business.
//
// struct json j = {.out = &text}; json_object(&j, NULL); json_string(&j, "name", "x"); json_end(&j);
// `key` is the member's name in an object and NULL in an array and at the top. Nesting is at most JSON_DEPTH deep.
#ifndef CLI_JSON_H
#define CLI_JSON_H

#include "text.h"

#include <stdbool.h>
#include <stdint.h>

#define JSON_DEPTH 16

struct json {
	struct text *out;
	unsigned depth;
	bool more[JSON_DEPTH + 1]; // something stands before the next value on this level
	char closing[JSON_DEPTH + 1];
};

void json_object(struct json *json, const char *key);
void json_array(struct json *json, const char *key);
// Closes the innermost object or array. A top value ends with a line feed.
void json_end(struct json *json);
// Bytes that are not UTF-8 become U+FFFD.
void json_string(struct json *json, const char *key, const char *value);
void json_number(struct json *json, const char *key, uint64_t value);
void json_signed(struct json *json, const char *key, int64_t value);
// Nanoseconds as microseconds with three digits behind the point, exactly.
void json_micros(struct json *json, const char *key, uint64_t nanoseconds);
void json_bool(struct json *json, const char *key, bool value);
void json_null(struct json *json, const char *key);

#endif
