// SPDX-License-Identifier: MIT
// Messages of os_log; see format.h. Facts: Clang's __builtin_os_log_format (clang/AST/OSLog.h): a byte that sums up, the number of items,
// then each item: a byte with its kind (above) and privacy (below), a byte with its size, its bytes. A string is a pointer; before it
// comes how much of it is to be shown, if the format says so. os_log(3) for what stands in braces behind %.
#include "format.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum item_kind { ITEM_SCALAR, ITEM_COUNT, ITEM_STRING, ITEM_POINTER, ITEM_OBJECT, ITEM_WIDE_STRING, ITEM_ERRNO, ITEM_MASK };
#define SPEC_MOST 32u

struct writer {
	char *to;
	size_t room, used; // room without the zero byte
};

struct items {
	const uint8_t *at, *end;
	unsigned left;
};

struct item {
	enum item_kind kind;
	uint8_t size;
	uint64_t value;
};

struct spec { // between % and the letter
	char flags[8];
	int width, precision; // -1: none
	char letter;
};

static void put(struct writer *writer, const char *text, size_t length)
{
	if (length > writer->room - writer->used)
		length = writer->room - writer->used;
	memcpy(writer->to + writer->used, text, length);
	writer->used += length;
}

static void put_text(struct writer *writer, const char *text)
{
	put(writer, text, strlen(text));
}

static bool item_next(struct items *items, struct item *item)
{
	if (items->left == 0 || items->end - items->at < 2)
		return false;
	*item = (struct item){items->at[0] >> 4, items->at[1], 0};
	items->at += 2;
	items->left--;
	if (item->size > 8 || items->end - items->at < item->size)
		return items->left = 0, false;
	memcpy(&item->value, items->at, item->size); // the processor counts from the low end
	items->at += item->size;
	return true;
}

// The next whose kind is not one of those that come before a value.
static bool item_value(struct items *items, struct item *item, struct spec *spec)
{
	while (item_next(items, item)) {
		if (item->kind == ITEM_COUNT)
			spec->precision = (int)item->value;
		else if (item->kind != ITEM_MASK)
			return true;
	}
	return false;
}

static const char *number_parse(const char *at, struct items *items, int *number)
{
	struct item item;
	*number = 0;
	if (*at == '*') {
		// Of strings it comes as a count, with the value.
		if (items->left && items->end - items->at >= 2 && items->at[0] >> 4 == ITEM_SCALAR && item_next(items, &item))
			*number = (int)item.value;
		return at + 1;
	}
	for (; *at >= '0' && *at <= '9'; at++)
		*number = *number < 100000 ? *number * 10 + (*at - '0') : *number;
	return at;
}

static const char *spec_parse(const char *at, struct items *items, struct spec *spec)
{
	size_t flags = 0;
	*spec = (struct spec){"", -1, -1, 0};
	if (*at == '{') {
		at += strcspn(at, "}");
		at += *at == '}';
	}
	for (; *at && strchr("-+ #0'", *at); at++)
		if (flags < sizeof(spec->flags) - 1 && *at != '\'')
			spec->flags[flags++] = *at;
	spec->flags[flags] = '\0';
	if (*at == '*' || (*at >= '1' && *at <= '9'))
		at = number_parse(at, items, &spec->width);
	if (*at == '.')
		at = number_parse(at + 1, items, &spec->precision);
	at += strspn(at, "hlqjztL");
	spec->letter = *at;
	return *at ? at + 1 : at;
}

static int64_t sign_extended(const struct item *item)
{
	unsigned shift = 64 - item->size * 8u;
	return item->size == 0 || shift == 0 ? (int64_t)item->value : (int64_t)(item->value << shift) >> shift;
}

static void put_number(struct writer *writer, const struct spec *spec, const struct item *item)
{
	char format[SPEC_MOST], text[512];
	double real;
	float small;
	int width = spec->width > 400 ? 400 : spec->width < 0 ? 0 : spec->width;
	int precision = spec->precision > 80 ? 80 : spec->precision;
	bool is_real = strchr("aAeEfFgG", spec->letter) != NULL, is_char = spec->letter == 'c' || spec->letter == 'C';
	bool is_signed = spec->letter == 'd' || spec->letter == 'i' || spec->letter == 'D';
	char letter = spec->letter == 'D' ? 'd' : spec->letter == 'U' ? 'u' : spec->letter == 'O' ? 'o' : spec->letter;
	snprintf(format, sizeof(format), "%%%s*.*%s%c", spec->flags, is_real || is_char ? "" : "ll", is_char ? 'c' : letter);
	if (is_real) {
		memcpy(&real, &item->value, sizeof(real));
		memcpy(&small, &item->value, sizeof(small));
		snprintf(text, sizeof(text), format, width, precision, item->size == 4 ? (double)small : real);
	} else if (is_char)
		snprintf(text, sizeof(text), format, width, precision, (int)item->value);
	else if (is_signed)
		snprintf(text, sizeof(text), format, width, precision, (long long)sign_extended(item));
	else
		snprintf(text, sizeof(text), format, width, precision, (unsigned long long)item->value);
	put_text(writer, text);
}

static void put_string(struct writer *writer, const struct spec *spec, const char *text)
{
	size_t length = spec->precision >= 0 ? strnlen(text, (size_t)spec->precision) : strlen(text);
	size_t width = spec->width > 0 ? (size_t)spec->width : 0, pad = width > length ? width - length : 0;
	bool left = strchr(spec->flags, '-') != NULL;
	for (size_t i = 0; i < pad && !left && writer->used < writer->room; i++)
		put(writer, " ", 1);
	put(writer, text, length);
	for (size_t i = 0; i < pad && left && writer->used < writer->room; i++)
		put(writer, " ", 1);
}

static void put_wide(struct writer *writer, const struct spec *spec, const wchar_t *text)
{
	char bytes[8];
	for (int i = 0; (spec->precision < 0 || i < spec->precision) && text[i]; i++) {
		uint32_t c = (uint32_t)text[i];
		int length = c < 0x80 ? snprintf(bytes, sizeof(bytes), "%c", (int)c) : snprintf(bytes, sizeof(bytes), "\\u%04x", c & 0xffff);
		put(writer, bytes, (size_t)length);
	}
}

static void put_bytes(struct writer *writer, const struct spec *spec, const uint8_t *bytes)
{
	char text[4];
	for (int i = 0; i < spec->precision && writer->used < writer->room; i++) {
		snprintf(text, sizeof(text), "%s%02x", i ? " " : "", bytes[i]);
		put_text(writer, text);
	}
}

static void put_item(struct writer *writer, const struct spec *spec, const struct item *item, const char *error)
{
	char text[24];
	const void *pointer = (const void *)(uintptr_t)item->value;
	switch (item->kind) {
	case ITEM_STRING: put_string(writer, spec, pointer ? pointer : "(null)"); return;
	case ITEM_WIDE_STRING: put_wide(writer, spec, pointer ? pointer : L"(null)"); return;
	case ITEM_ERRNO: put_text(writer, error); return;
	case ITEM_POINTER:
		if (pointer)
			put_bytes(writer, spec, pointer);
		return;
	default: break;
	}
	if (spec->letter && strchr("dDiuUoOxXcCaAeEfFgG", spec->letter)) {
		put_number(writer, spec, item);
		return;
	}
	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)item->value); // %p, and what is no C
	put_text(writer, item->kind == ITEM_OBJECT && !pointer ? "(null)" : text);
}

size_t oslog_format(char *to, size_t room, const char *format, const uint8_t *buffer, size_t size, const char *error)
{
	struct writer writer = {to, room - 1, 0};
	struct items items = {buffer + 2, buffer + size, size >= 2 ? buffer[1] : 0};
	while (*format) {
		size_t plain = strcspn(format, "%");
		put(&writer, format, plain);
		format += plain;
		if (!*format)
			break;
		if (format[1] == '%') {
			put(&writer, "%", 1);
			format += 2;
			continue;
		}
		struct spec spec;
		struct item item;
		format = spec_parse(format + 1, &items, &spec);
		if (item_value(&items, &item, &spec))
			put_item(&writer, &spec, &item, error);
		else
			put_text(&writer, "<missing>");
	}
	to[writer.used] = '\0';
	return writer.used;
}
