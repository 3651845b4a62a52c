// SPDX-License-Identifier: MIT
// Formats of printf as Darwin has them. To print, make a sink and call format_write.
#ifndef DARWIN_FORMAT_H
#define DARWIN_FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct format_sink {
	void (*put)(struct format_sink *sink, const char *text, size_t size); // false through `failed`
	bool wide;	       // counts and widths are of characters; what is put, and the format, is UTF-8
	bool utf8;	       // characters of the program are UTF-8, else bytes
	bool failed;	       // put cannot go on
	const char *separator; // between thousands, with the sizes of groups as in struct lconv
	const char *groups;
	size_t count; // bytes (or characters) so far
};

enum { FORMAT_EILSEQ = -92, FORMAT_EOVERFLOW = -84, FORMAT_EINVAL = -22, FORMAT_FAILED = -1 };
// How much was put, or one of the above.
int format_write(struct format_sink *sink, const char *format, va_list arguments);

#endif
