// SPDX-License-Identifier: MIT
// Bytes that grow; see bytes.h.
#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void bytes_reserve(struct bytes *bytes, size_t size)
{
	if (bytes->room - bytes->count >= size)
		return;
	bytes->room = bytes->room * 2 > bytes->count + size ? bytes->room * 2 : bytes->count + size + 64;
	bytes->at = realloc(bytes->at, bytes->room);
	if (!bytes->at)
		abort();
}

void bytes_add(struct bytes *bytes, const void *from, size_t size)
{
	bytes_reserve(bytes, size);
	if (size)
		memcpy(bytes->at + bytes->count, from, size);
	bytes->count += size;
}

void bytes_add_text(struct bytes *bytes, const char *text)
{
	bytes_add(bytes, text, strlen(text));
}

void bytes_add_format(struct bytes *bytes, const char *format, ...)
{
	va_list arguments, again;
	va_start(arguments, format);
	va_copy(again, arguments);
	int size = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (size > 0) {
		bytes_reserve(bytes, (size_t)size + 1);
		vsnprintf((char *)bytes->at + bytes->count, (size_t)size + 1, format, again);
		bytes->count += (size_t)size;
	}
	va_end(again);
}

void bytes_add_number(struct bytes *bytes, uint64_t number, unsigned size)
{
	uint8_t digits[8];
	for (unsigned i = 0; i < size; i++)
		digits[i] = (uint8_t)(number >> (8 * (size - 1 - i)));
	bytes_add(bytes, digits, size);
}
