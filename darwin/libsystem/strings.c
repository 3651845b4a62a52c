// SPDX-License-Identifier: MIT
// String functions that Linux' C library does not have, or that set errno. Facts: strlcpy(3), strnstr(3), strtol(3) of Darwin.
#include "errno.h"

#include <stdlib.h>
#include <string.h>

size_t darwin_strlcpy(char *to, const char *from, size_t room)
{
	size_t length = strlen(from);
	if (room > 0) {
		size_t copied = length < room - 1 ? length : room - 1;
		memcpy(to, from, copied);
		to[copied] = '\0';
	}
	return length;
}

size_t darwin_strlcat(char *to, const char *from, size_t room)
{
	size_t length = strnlen(to, room);
	return length == room ? length + strlen(from) : length + darwin_strlcpy(to + length, from, room - length);
}

char *darwin_strnstr(const char *text, const char *wanted, size_t size)
{
	size_t length = strlen(wanted), room = strnlen(text, size);
	for (size_t i = 0; i + length <= room; i++)
		if (memcmp(text + i, wanted, length) == 0)
			return (char *)(uintptr_t)(text + i);
	return NULL;
}

// errno of the host before and after: only a failure is passed on.
#define NUMBER(type, name, host, ...)                                                                                  \
	type name                                                                                                      \
	{                                                                                                              \
		errno = 0;                                                                                             \
		type value = host(__VA_ARGS__);                                                                        \
		if (errno)                                                                                             \
			errno_result(-1);                                                                              \
		return value;                                                                                          \
	}
NUMBER(long, darwin_strtol(const char *text, char **end, int base), strtol, text, end, base)
NUMBER(unsigned long, darwin_strtoul(const char *text, char **end, int base), strtoul, text, end, base)
NUMBER(double, darwin_strtod(const char *text, char **end), strtod, text, end)
NUMBER(float, darwin_strtof(const char *text, char **end), strtof, text, end)
