// SPDX-License-Identifier: MIT
// Printing with Darwin's formats, for other parts of libSystem, too.
#ifndef DARWIN_PRINTF_H
#define DARWIN_PRINTF_H

#include "locales.h"
#include "stdio.h"

#include <stdarg.h>

// As vfprintf and vsnprintf, vasprintf, in a locale.
int print_to_stream(struct darwin_file *stream, struct darwin_locale *locale, const char *format, va_list arguments);
int print_to_text(char *to, size_t room, struct darwin_locale *locale, const char *format, va_list arguments);
int print_to_block(char **to, struct darwin_locale *locale, const char *format, va_list arguments);
// The same for wide characters; with text, -1 if there is no room.
int print_wide_to_stream(struct darwin_file *stream, struct darwin_locale *locale, const wchar_t *format, va_list arguments);
int print_wide_to_text(wchar_t *to, size_t room, struct darwin_locale *locale, const wchar_t *format, va_list arguments);

#endif
