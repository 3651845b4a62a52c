// SPDX-License-Identifier: MIT
// String functions that Linux' C library does not have, or that set errno. Facts: strlcpy(3), strnstr(3), strtol(3) of Darwin.
#include "errno.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

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

void *darwin_memset_pattern4(void *to, const void *pattern, size_t size)
{
	char *at = to;
	for (; size >= 4; size -= 4, at += 4)
		memcpy(at, pattern, 4);
	return memcpy(at, pattern, size);
}

void *darwin_memset_pattern8(void *to, const void *pattern, size_t size)
{
	char *at = to;
	for (; size >= 8; size -= 8, at += 8)
		memcpy(at, pattern, 8);
	return memcpy(at, pattern, size);
}

// Facts: C11 K.3.7.4.1: RSIZE_MAX is half of what there can be.
int darwin_memset_s(void *to, size_t room, int byte, size_t size)
{
	if (!to || room > SIZE_MAX >> 1)
		return DARWIN_EINVAL;
	memset(to, byte, size < room ? size : room);
	__asm__ volatile("" ::"r"(to) : "memory"); // nobody takes it away as useless
	return size > room ? 84 : 0;		   // EOVERFLOW
}

int darwin_timingsafe_bcmp(const void *one, const void *other, size_t size)
{
	const volatile unsigned char *a = one, *b = other;
	unsigned char differs = 0;
	for (size_t i = 0; i < size; i++)
		differs |= a[i] ^ b[i];
	return differs != 0;
}

size_t darwin_wcslcpy(wchar_t *to, const wchar_t *from, size_t room)
{
	size_t length = wcslen(from);
	if (room > 0) {
		size_t copied = length < room - 1 ? length : room - 1;
		wmemcpy(to, from, copied);
		to[copied] = 0;
	}
	return length;
}

size_t darwin_wcslcat(wchar_t *to, const wchar_t *from, size_t room)
{
	size_t length = wcsnlen(to, room);
	return length == room ? length + wcslen(from) : length + darwin_wcslcpy(to + length, from, room - length);
}

int darwin_fls(int value)
{
	return value ? 32 - __builtin_clz((unsigned)value) : 0;
}

int darwin_flsl(long value)
{
	return value ? 64 - __builtin_clzl((unsigned long)value) : 0;
}

int darwin_isascii(int c)
{
	return (unsigned)c < 0x80;
}

int darwin_digittoint(int c)
{
	return c >= '0' && c <= '9' ? c - '0' : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10 : 0;
}

// Facts: strmode(3): eleven characters and a 0.
void darwin_strmode(int mode, char *to)
{
	static const char types[] = "?pc?d?b?-?l?s?w?"; // by S_IFMT, with S_IFWHT
	*to++ = types[mode >> 12 & 15];
	for (int i = 8; i >= 0; i--)
		*to++ = mode >> i & 1 ? "xwr"[i % 3] : '-';
	if (mode & 04000)
		to[-7] = mode & 0100 ? 's' : 'S';
	if (mode & 02000)
		to[-4] = mode & 010 ? 's' : 'S';
	if (mode & 01000)
		to[-1] = mode & 1 ? 't' : 'T';
	strcpy(to, " ");
}
