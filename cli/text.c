// SPDX-License-Identifier: MIT
// Growing texts; see text.h.
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Noreturn void memory_out(void)
{
	fputs("gila: out of memory\n", stderr);
	_Exit(1);
}

void *memory_get(size_t size) { return memory_resize(NULL, size); }

void *memory_resize(void *memory, size_t size)
{
	void *result = realloc(memory, size ? size : 1);
	if (!result)
		memory_out();
	return result;
}

char *memory_string(const char *string, size_t length)
{
	char *copy = memory_get(length + 1);
	memcpy(copy, string, length);
	copy[length] = 0;
	return copy;
}

static void text_need(struct text *text, size_t more)
{
	if (more >= SIZE_MAX / 2 - text->length)
		memory_out();
	size_t need = text->length + more + 1;
	if (need <= text->room)
		return;
	size_t room = text->room * 2 > need ? text->room * 2 : need < 64 ? 64 : need;
	text->data = memory_resize(text->data, room);
	text->room = room;
}

void text_append(struct text *text, const void *data, size_t size)
{
	text_need(text, size);
	if (size)
		memcpy(text->data + text->length, data, size);
	text->length += size;
	text->data[text->length] = 0;
}

void text_add(struct text *text, const char *string) { text_append(text, string, strlen(string)); }

void text_add_byte(struct text *text, char byte) { text_append(text, &byte, 1); }

void text_format_list(struct text *text, const char *format, va_list list)
{
	va_list again;
	va_copy(again, list);
	int size = vsnprintf(NULL, 0, format, list);
	if (size > 0) {
		text_need(text, (size_t)size);
		vsnprintf(text->data + text->length, (size_t)size + 1, format, again);
		text->length += (size_t)size;
	}
	va_end(again);
}

void text_format(struct text *text, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	text_format_list(text, format, list);
	va_end(list);
}

void text_insert(struct text *text, size_t at, const void *data, size_t size)
{
	text_need(text, size);
	memmove(text->data + at + size, text->data + at, text->length - at);
	if (size)
		memcpy(text->data + at, data, size);
	text->length += size;
	text->data[text->length] = 0;
}

void text_remove(struct text *text, size_t at, size_t size)
{
	if (size == 0)
		return;
	memmove(text->data + at, text->data + at + size, text->length - at - size);
	text->length -= size;
	text->data[text->length] = 0;
}

void text_clear(struct text *text)
{
	text->length = 0;
	if (text->data)
		text->data[0] = 0;
}

void text_free(struct text *text)
{
	free(text->data);
	*text = (struct text){0};
}

// How many bytes the lead byte announces, and the least code point that needs them (RFC 3629).
static size_t utf8_announced(unsigned char lead, uint32_t *bits, uint32_t *least)
{
	if (lead >= 0xc2 && lead <= 0xdf) {
		*bits = lead & 0x1f, *least = 0x80;
		return 2;
	}
	if ((lead & 0xf0) == 0xe0) {
		*bits = lead & 0x0f, *least = 0x800;
		return 3;
	}
	if (lead >= 0xf0 && lead <= 0xf4) {
		*bits = lead & 0x07, *least = 0x10000;
		return 4;
	}
	return 1;
}

size_t utf8_size(const char *at, size_t size)
{
	uint32_t code = 0, least = 0;
	size_t count = utf8_announced((unsigned char)*at, &code, &least);
	if (count > size)
		return 1;
	for (size_t i = 1; i < count; i++) {
		if (((unsigned char)at[i] & 0xc0) != 0x80)
			return 1;
		code = code << 6 | ((unsigned char)at[i] & 0x3f);
	}
	if (count > 1 && (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)))
		return 1;
	return count;
}

size_t utf8_count(const char *at, size_t size)
{
	size_t count = 0;
	for (size_t i = 0; i < size; i += utf8_size(at + i, size - i))
		count++;
	return count;
}

void text_add_clean(struct text *text, const char *string)
{
	size_t size = strlen(string);
	for (size_t i = 0; i < size;) {
		size_t part = utf8_size(string + i, size - i);
		unsigned char byte = (unsigned char)string[i];
		bool control = byte < ' ' || byte == 0x7f || (part == 1 && byte >= 0x80) ||
			       (part == 2 && byte == 0xc2 && (unsigned char)string[i + 1] < 0xa0);
		if (control)
			text_add_byte(text, '?');
		else
			text_append(text, string + i, part);
		i += part;
	}
}
