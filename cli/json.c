// SPDX-License-Identifier: MIT
// The JSON writer; see json.h.
#include "json.h"

#include <inttypes.h>
#include <string.h>

static void json_quote(struct json *json, const char *value)
{
	struct text *out = json->out;
	size_t size = strlen(value);
	text_add_byte(out, '"');
	for (size_t i = 0; i < size;) {
		size_t part = utf8_size(value + i, size - i);
		unsigned char byte = (unsigned char)value[i];
		if (byte == '"' || byte == '\\')
			text_format(out, "\\%c", byte);
		else if (byte == '\n')
			text_add(out, "\\n");
		else if (byte == '\t')
			text_add(out, "\\t");
		else if (byte < ' ' || byte == 0x7f)
			text_format(out, "\\u%04x", byte);
		else if (part == 1 && byte >= 0x80)
			text_add(out, "\\ufffd");
		else
			text_append(out, value + i, part);
		i += part;
	}
	text_add_byte(out, '"');
}

static void json_begin_value(struct json *json, const char *key)
{
	if (json->more[json->depth])
		text_add_byte(json->out, ',');
	json->more[json->depth] = true;
	if (key) {
		json_quote(json, key);
		text_add_byte(json->out, ':');
	}
}

static void json_end_value(struct json *json)
{
	if (json->depth == 0) {
		text_add_byte(json->out, '\n');
		json->more[0] = false;
	}
}

static void json_open(struct json *json, const char *key, char opening, char closing)
{
	if (json->depth == JSON_DEPTH)
		__builtin_trap(); // a mistake of the caller: nesting never depends on input
	json_begin_value(json, key);
	text_add_byte(json->out, opening);
	json->depth++;
	json->more[json->depth] = false;
	json->closing[json->depth] = closing;
}

void json_object(struct json *json, const char *key) { json_open(json, key, '{', '}'); }

void json_array(struct json *json, const char *key) { json_open(json, key, '[', ']'); }

void json_end(struct json *json)
{
	text_add_byte(json->out, json->closing[json->depth]);
	json->depth--;
	json_end_value(json);
}

void json_string(struct json *json, const char *key, const char *value)
{
	json_begin_value(json, key);
	json_quote(json, value);
	json_end_value(json);
}

void json_number(struct json *json, const char *key, uint64_t value)
{
	json_begin_value(json, key);
	text_format(json->out, "%" PRIu64, value);
	json_end_value(json);
}

void json_signed(struct json *json, const char *key, int64_t value)
{
	json_begin_value(json, key);
	text_format(json->out, "%" PRId64, value);
	json_end_value(json);
}

void json_micros(struct json *json, const char *key, uint64_t nanoseconds)
{
	json_begin_value(json, key);
	text_format(json->out, "%" PRIu64 ".%03" PRIu64, nanoseconds / 1000, nanoseconds % 1000);
	json_end_value(json);
}

void json_bool(struct json *json, const char *key, bool value)
{
	json_begin_value(json, key);
	text_add(json->out, value ? "true" : "false");
	json_end_value(json);
}

void json_null(struct json *json, const char *key)
{
	json_begin_value(json, key);
	text_add(json->out, "null");
	json_end_value(json);
}
