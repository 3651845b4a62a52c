// SPDX-License-Identifier: MIT
// What scenarios use of the C library; in the kernel and in clients. Output is lines of the log.
#include "stage.h"

#include <kernel/core/base.h>
#include <stdio.h>

int vprintf(const char *restrict format, va_list list)
{
	char text[512];
	size_t length = format_text_list(text, sizeof(text), format, list);
	stage_put(text, length < sizeof(text) ? length : sizeof(text) - 1);
	return (int)length;
}

int printf(const char *restrict format, ...)
{
	va_list list;
	va_start(list, format);
	int length = vprintf(format, list);
	va_end(list);
	return length;
}

int snprintf(char *restrict to, size_t room, const char *restrict format, ...)
{
	va_list list;
	va_start(list, format);
	size_t length = format_text_list(to, room, format, list);
	va_end(list);
	return (int)length;
}

size_t strlen(const char *text)
{
	size_t length = 0;
	while (text[length])
		length++;
	return length;
}

int strcmp(const char *a, const char *b)
{
	for (; *a && *a == *b; a++, b++)
		continue;
	return (unsigned char)*a - (unsigned char)*b;
}

void test_fail(const char *file, int line, const char *expression)
{
	printf("%s:%d: %s is false\n", file, line, expression);
	sim_fail();
}

void test_fail_values(const char *file, int line, const char *expression, uint64_t left, uint64_t right)
{
	printf("%s:%d: %s: %lu (0x%lx) is not %lu (0x%lx)\n", file, line, expression, left, left, right, right);
	sim_fail();
}
