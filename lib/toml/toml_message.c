// SPDX-License-Identifier: MIT
// Error messages: joined from strings, without stdio, cut at a whole character where they are too long.
#include "toml_internal.h"

#include <stdarg.h>
#include <string.h>

size_t toml_text_append(char *to, size_t used, size_t size, const char *text, bool *whole)
{
	size_t length = strlen(text), room = size - 1 - used;
	if (length > room) {
		length = room;
		while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
			length--;
		*whole = false;
	}
	memcpy(to + used, text, length);
	to[used + length] = 0;
	return used + length;
}

bool toml_error_join(struct toml_error *error, unsigned line, unsigned column, ...)
{
	if (!error)
		return false;
	error->line = line;
	error->column = column;
	error->message[0] = 0;
	size_t used = 0;
	bool whole = true;
	va_list pieces;
	va_start(pieces, column);
	for (const char *piece; whole && (piece = va_arg(pieces, const char *));)
		used = toml_text_append(error->message, used, sizeof error->message - 3, piece, &whole);
	va_end(pieces);
	if (!whole)
		memcpy(error->message + used, "...", 4);
	return false;
}

struct toml_phrase toml_phrase_number(int64_t number)
{
	struct toml_phrase phrase;
	char digits[24];
	size_t at = sizeof digits;
	uint64_t rest = number < 0 ? -(uint64_t)number : (uint64_t)number;
	digits[--at] = 0;
	do
		digits[--at] = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (number < 0)
		digits[--at] = '-';
	memcpy(phrase.text, digits + at, sizeof digits - at);
	return phrase;
}

struct toml_phrase toml_phrase_quote(const char *text, size_t length, char quote)
{
	static const char hex[] = "0123456789abcdef";
	struct toml_phrase phrase;
	size_t used = 0;
	phrase.text[used++] = quote;
	for (size_t i = 0; i < length; i++) {
		unsigned char byte = (unsigned char)text[i];
		// Room for the longest escape, "..." and the quote; UTF-8 is cut before a character, not inside it.
		if ((used + 12 > sizeof phrase.text && (byte & 0xc0) != 0x80) || used + 6 > sizeof phrase.text) {
			memcpy(phrase.text + used, "...", 3);
			used += 3;
			break;
		}
		if (byte < 0x20 || byte == 0x7f) {
			memcpy(phrase.text + used, "\\u00", 4);
			phrase.text[used + 4] = hex[byte >> 4];
			phrase.text[used + 5] = hex[byte & 15];
			used += 6;
			continue;
		}
		if (byte == (unsigned char)quote || byte == '\\')
			phrase.text[used++] = '\\';
		phrase.text[used++] = (char)byte;
	}
	phrase.text[used++] = quote;
	phrase.text[used] = 0;
	return phrase;
}
