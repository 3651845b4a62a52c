// SPDX-License-Identifier: MIT
// A text that grows: what output, JSON, tables and lines are built in.
//
// Start with {0} or text_init; add with text_add, text_append, text_format; end with text_free. `data` ends with a NUL
// whenever it is not NULL. When memory runs out the program says so and ends: nothing here can fail.
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct text {
	char *data; // NULL until something was added
	size_t length, room;
};

void text_append(struct text *text, const void *data, size_t size);
void text_add(struct text *text, const char *string);
void text_add_byte(struct text *text, char byte);
void text_format(struct text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_format_list(struct text *text, const char *format, va_list list) __attribute__((format(printf, 2, 0)));
// Puts `size` bytes at `at`, or takes them out from there.
void text_insert(struct text *text, size_t at, const void *data, size_t size);
void text_remove(struct text *text, size_t at, size_t size);
// Empties it and keeps the memory.
void text_clear(struct text *text);
void text_free(struct text *text);
// "" when there is nothing.
static inline const char *text_string(const struct text *text) { return text->data ? text->data : ""; }

// Memory that is there: malloc, realloc (of NULL too) and strdup that end the program with one line on failure.
void *memory_get(size_t size);
void *memory_resize(void *memory, size_t size);
char *memory_string(const char *string, size_t length);

// Appends, printable: control bytes and what is not UTF-8 become '?'. For names that other programs chose.
void text_add_clean(struct text *text, const char *string);
// Bytes of the UTF-8 character at `at` (1 for a byte that begins none), never more than `size` (> 0).
size_t utf8_size(const char *at, size_t size);
// Characters of `size` bytes, a broken byte being one.
size_t utf8_count(const char *at, size_t size);

#endif
