// SPDX-License-Identifier: MIT
// Strings, and one short line of text that is put together: what does not fit is cut off.
#ifndef LINUX_TEXT_H
#define LINUX_TEXT_H

#include <stddef.h>
#include <stdint.h>

static inline size_t text_length(const char *text)
{
	size_t length = 0;
	while (text[length])
		length++;
	return length;
}

struct text {
	uint32_t length;
	char bytes[160];
};

static inline void text_add(struct text *text, const char *more)
{
	while (*more && text->length < sizeof(text->bytes))
		text->bytes[text->length++] = *more++;
}

static inline void text_add_number(struct text *text, uint64_t number)
{
	char digits[21];
	unsigned at = sizeof(digits) - 1;
	digits[at] = 0;
	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	text_add(text, digits + at);
}

#endif
